"""What the tests need to know about the kinds of gates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import array_api_compat
import mpmath
import numpy as np

from stgref.gates import BinaryConcreteStochasticGates, GaussianStochasticGates, KumaraswamyStochasticGates

Formula = Callable[..., mpmath.mpf]


@dataclass(frozen=True)
class Kind:
    """A kind of gates: its class, its names, and its law as textbook formulas for mpmath.

    Attributes
    ----------
    trained : dict
        The names of the trained parameters, with the means of those of new gates.
    sample, at_test, active : callable
        The gate before clipping, of ``(noise, *theta)`` and of ``theta``, and the probability that it is open.
    of : callable
        From any real numbers to trained parameters of gates, that are the more open the larger the numbers are.
    noise : callable
        From any real numbers to base noise.
    """

    name: str
    cls: Any
    trained: dict[str, float]
    options: dict[str, float]
    sample: Formula
    at_test: Formula
    active: Formula
    of: Callable[[Any], tuple[Any, ...]] = lambda values: (values,)
    noise: Callable[[Any], Any] = lambda values: values

    def __str__(self) -> str:
        return self.name

    @property
    def parameter(self) -> str:
        """The first trained parameter."""
        return next(iter(self.trained))

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.trained, *self.options)

    def make(self, values: Any, **settings: Any) -> Any:
        """Return gates with the parameters that `of` makes of ``values``."""
        return self.cls.from_pretrained(*self.of(values), **settings)

    def values(self, numbers: Any) -> dict[str, Any]:
        """Return the trained parameters that `of` makes of ``numbers``, by name."""
        return dict(zip(self.trained, self.of(numbers), strict=True))


def stretched(s: mpmath.mpf, lower: mpmath.mpf, upper: mpmath.mpf) -> mpmath.mpf:
    return s * (upper - lower) + lower


def sigmoid(x: mpmath.mpf) -> mpmath.mpf:
    return 1 / (1 + mpmath.exp(-x))


BINARY_CONCRETE = Kind(
    "binary-concrete",
    BinaryConcreteStochasticGates,
    {"log_alpha_param": 0.0},
    {"temperature": 2 / 3, "lower_bound": -0.1, "upper_bound": 1.1},
    sample=lambda n, a, t, l, u: stretched(sigmoid((n + a) / t), l, u),
    at_test=lambda a, _, l, u: stretched(sigmoid(a), l, u),
    active=lambda a, t, l, u: sigmoid(a - t * mpmath.log(-l / u)),
)
GAUSSIAN = Kind(
    "gaussian",
    GaussianStochasticGates,
    {"mu": 0.5},
    {"std": 0.5},
    sample=lambda n, mu, std: mu + std * n,
    at_test=lambda mu, _: mu,
    active=lambda mu, std: mpmath.erfc(-mu / std / mpmath.sqrt(2)) / 2,
)


def kumaraswamy(n: mpmath.mpf, a: mpmath.mpf, b: mpmath.mpf, l: mpmath.mpf, u: mpmath.mpf) -> mpmath.mpf:
    return stretched((1 - (1 - n) ** (1 / b)) ** (1 / a), l, u)


def shapes(values: Any) -> tuple[Any, Any]:
    """Both of [0.01, 100], however large the values."""
    values = values if array_api_compat.is_array_api_obj(values) else np.asarray(values, float)
    xp = array_api_compat.array_namespace(values)
    s = values / (1.0 + xp.abs(values) / 4.6)
    return xp.exp(s), xp.exp(-0.5 * s)


def uniform(values: Any) -> Any:
    values = values if array_api_compat.is_array_api_obj(values) else np.asarray(values, float)
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + array_api_compat.array_namespace(values).exp(-values))


KUMARASWAMY = Kind(
    "kumaraswamy",
    KumaraswamyStochasticGates,
    {"a": 1.0, "b": 1.0},
    {"lower_bound": -0.1, "upper_bound": 1.1},
    sample=kumaraswamy,
    at_test=lambda *theta: kumaraswamy(mpmath.mpf(1) / 2, *theta),
    active=lambda a, b, l, u: (1 - (-l / (u - l)) ** a) ** b,
    of=shapes,
    noise=uniform,
)
KINDS = (BINARY_CONCRETE, GAUSSIAN, KUMARASWAMY)
CAPTUMS = (BINARY_CONCRETE, GAUSSIAN)
"""Those that Captum has, and that have a tuned twin."""
