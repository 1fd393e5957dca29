"""Where the laws are tested: special values of every argument, and random ones over the whole stated domain."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

Rng = np.random.Generator


def both_signs(*values: float) -> list[float]:
    return [0.0, *values, *(-v for v in values)]


#: Values worth a visit: bulk, tails, where exponentials over- or underflow, where formulas change branch.
SPECIAL: dict[str, list[float]] = {
    "log_alpha": both_signs(
        1e-300, 1e-8, 1e-3, 0.5, 1.0, 2.3978952727983707, 5.0, 20.0, 37.0, 50.0, 100.0, 700.0, 745.0, 1e3, 1e4
    ),
    "temperature": [
        *(1e-3, 0.01, 0.1, 1 / 3, 0.5, 2 / 3, 0.9),
        *(1 - 2e-7, 1.0, 1 + 2e-7),
        *(1.5, 2.0, 5.0, 10.0, 100.0),
    ],
    "lower": [-10.0, -2.0, -1.0, -0.2, -0.1, -1e-3, -1e-6],
    "upper": [1.000001, 1.001, 1.05, 1.1, 2.0, 3.0, 11.0],
    "mu": [*both_signs(1e-300, 1e-8, 1e-3, 0.25, 2.0, 5.0), 0.5, 0.75, 0.999, 1.0, 1.001],
    "std": [1e-3, 0.01, 0.1, 0.25, 0.5, 1.0, 2.0, 10.0],
    "ratio": both_signs(1e-3, 0.5, 1.0, 2.0, 5.0, 6.0, 8.3, 10.0, 20.0, 37.0, 40.0, 100.0, 1e3, 1e4),
    "loc": both_signs(1e-8, 0.1, 1.0, 10.0, 1e3),
    "scale": [1e-3, 0.1, 0.5, 1.0, 2.0, 10.0, 1e3],
    "noise": both_signs(1e-300, 1e-8, 0.1, 1.0, 5.0, 20.0, 36.7, 37.5, 40.0),
    "p": [
        *(
            0.0,
            1e-300,
            1e-100,
            1e-38,
            1e-20,
            1e-8,
            0.01,
            0.1,
            0.25,
            0.3,
            0.4999,
            0.5,
            0.5003,
            0.65,
            0.75,
            0.9,
            0.99,
        ),
        *(1 - 1e-6, 1 - 2.0**-24, 1 - 1e-12, 1 - 2.0**-53, 1.0),
    ],
    "x01": [5e-324, 1e-300, 1e-38, 1e-20, 1e-8, 1e-3, 0.1, 0.5, 0.9, 0.999, 1 - 2.0**-24, 1 - 2.0**-53],
    "shape": [
        *(0.01, 0.1, 0.25, 1 / 3, 0.5, 1 - 2e-7, 1 - 2.0**-50, 1.0, 1 + 2.0**-40, 1 + 2e-7),
        *(1.5, 2.0, 3.0, 10.0, 22.5, 23.0, 50.0, 100.0),
    ],
    "u": [
        5e-324,
        1e-310,
        1e-300,
        1e-100,
        1e-38,
        1e-20,
        1e-8,
        1e-3,
        0.25,
        0.5,
        0.75,
        0.999,
        1 - 2.0**-24,
        1 - 2.0**-53,
    ],
    "outside": [-1e3, -0.5, -1e-300, 1 + 2.0**-23, 1.5, 1e3],
    "logits": both_signs(1e-300, 1e-8, 1e-3, 0.5, 1.0, 5.0, 17.0, 20.0, 37.0, 100.0, 700.0, 745.0, 1e3, 1e4),
}


def signed_log(rng: Rng, low: float, high: float) -> float:
    return float(rng.choice([-1.0, 1.0]) * 10 ** rng.uniform(low, high))


def draw_real(rng: Rng, largest: float) -> float:
    """Return a real number: bulk, moderate, or of any order of magnitude."""
    kind = rng.integers(3)
    if kind == 0:
        return float(rng.normal() * 2)
    return float(rng.uniform(-40, 40)) if kind == 1 else signed_log(rng, -8, math.log10(largest))


def draw_unit(rng: Rng) -> float:
    """Return a number of (0, 1): anywhere, or extremely near an end."""
    kind = rng.integers(3)
    if kind == 0:
        return float(rng.uniform())
    return float(10 ** rng.uniform(-300, 0)) if kind == 1 else float(1 - 10 ** rng.uniform(-16, 0))


DRAW: dict[str, Callable[[Rng], float]] = {
    "log_alpha": lambda rng: draw_real(rng, 1e4),
    "logits": lambda rng: draw_real(rng, 1e4),
    "temperature": lambda rng: float(10 ** rng.uniform(-3, 2)),
    "lower": lambda rng: float(-(10 ** rng.uniform(-6, 1))),
    "upper": lambda rng: float(1 + 10 ** rng.uniform(-6, 1)),
    "ratio": lambda rng: draw_real(rng, 1e4),
    "mu": lambda rng: float(rng.normal() + 0.5),
    "std": lambda rng: float(10 ** rng.uniform(-3, 1)),
    "loc": lambda rng: signed_log(rng, -8, 3),
    "scale": lambda rng: float(10 ** rng.uniform(-3, 3)),
    "noise": lambda rng: float(rng.logistic()) if rng.integers(2) else float(rng.uniform(-40, 40)),
    "p": draw_unit,
    "x01": draw_unit,
    "shape": lambda rng: float(10 ** rng.uniform(-2, 2)),
    "u": draw_unit,
    "outside": lambda rng: float(rng.choice([-1.0, 1.0]) * rng.exponential()) * 2,
}

#: What a rounded argument must satisfy to be in the domain.
VALID: dict[str, Callable[[float], bool]] = {
    "temperature": lambda v: v > 0,
    "lower": lambda v: v < 0,
    "upper": lambda v: v > 1,
    "std": lambda v: v > 0,
    "scale": lambda v: v > 0,
    "p": lambda v: 0 <= v <= 1,
    "a": lambda v: 0.01 * (1 - 2.0**-24) <= v <= 100,
    "b": lambda v: 0.01 * (1 - 2.0**-24) <= v <= 100,
    "u": lambda v: 0 < v < 1,
}


def pick(name: str, rng: Rng) -> float:
    """Return a special or a random value of an argument."""
    return float(rng.choice(SPECIAL[name])) if rng.integers(2) else DRAW[name](rng)
