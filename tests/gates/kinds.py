"""What the tests need to know about the two kinds of gates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath

from stgref.gates import BinaryConcreteStochasticGates, GaussianStochasticGates

Formula = Callable[..., mpmath.mpf]


@dataclass(frozen=True)
class Kind:
    """A kind of gates: its class, its names, and its law as textbook formulas for mpmath.

    Attributes
    ----------
    sample, at_test, active : callable
        The gate before clipping, of ``(noise, *theta)`` and of ``theta``, and the probability that it is open.
    """

    name: str
    cls: Any
    parameter: str
    options: dict[str, float]
    sample: Formula
    at_test: Formula
    active: Formula

    @property
    def names(self) -> tuple[str, ...]:
        return (self.parameter, *self.options)


def stretched(s: mpmath.mpf, lower: mpmath.mpf, upper: mpmath.mpf) -> mpmath.mpf:
    return s * (upper - lower) + lower


def sigmoid(x: mpmath.mpf) -> mpmath.mpf:
    return 1 / (1 + mpmath.exp(-x))


BINARY_CONCRETE = Kind(
    "binary-concrete",
    BinaryConcreteStochasticGates,
    "log_alpha_param",
    {"temperature": 2 / 3, "lower_bound": -0.1, "upper_bound": 1.1},
    sample=lambda n, a, t, l, u: stretched(sigmoid((n + a) / t), l, u),
    at_test=lambda a, _, l, u: stretched(sigmoid(a), l, u),
    active=lambda a, t, l, u: sigmoid(a - t * mpmath.log(-l / u)),
)
GAUSSIAN = Kind(
    "gaussian",
    GaussianStochasticGates,
    "mu",
    {"std": 0.5},
    sample=lambda n, mu, std: mu + std * n,
    at_test=lambda mu, _: mu,
    active=lambda mu, std: mpmath.erfc(-mu / std / mpmath.sqrt(2)) / 2,
)
KINDS = (BINARY_CONCRETE, GAUSSIAN)
