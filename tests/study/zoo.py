"""Problems and estimators that worker processes can import."""

import os
import signal
from pathlib import Path

import numpy as np

from stgref import estimators

PHI = np.array([0.3, -1.0, 2.0])
F = estimators.objectives.Quadratic([0.45, 0.3, 0.2])
MANY = ["score_function", "arm", "disarm", ("rloo", {"k": 3}), ("reinmax", {"temperature": 0.5})]


def own(objective, logits, noise, scale=1.0):
    """The score-function estimator, as a user writes it."""
    b = (logits + noise > 0).astype(float)
    return scale * objective(b)[:, None] * (b - 1.0 / (1.0 + np.exp(-logits)))


def fails_late(objective, logits, noise):
    """Works when it is tried, and not in a full block."""
    if len(noise) > 100:
        raise ZeroDivisionError("not today")
    return own(objective, logits, noise)


class Wrapped:
    """F as something else; its closed forms are those of F, so that studies of both have the same bits."""

    exact_value, exact_gradient = staticmethod(F.exact_value), staticmethod(F.exact_gradient)


class KillsItsWorker(Wrapped):
    """An objective whose first worker is killed in the middle of the study: the file says whether it was."""

    def __init__(self, path, master):
        self.path, self.master, self.calls = path, master, 0

    def __call__(self, b):
        self.calls += 1
        if os.getpid() != self.master and self.calls > 3 and not Path(self.path).exists():
            Path(self.path).write_text("killed", encoding="utf-8")
            os.kill(os.getpid(), signal.SIGKILL)
        return F(b)


class Stops(Wrapped):
    """An objective that raises KeyboardInterrupt once, after a few calls."""

    def __init__(self, after):
        self.left = after

    def __call__(self, b):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        return F(b)
