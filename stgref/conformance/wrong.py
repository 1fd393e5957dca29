"""The wrong formulas, in the dtype of the case where that is what goes wrong.

Each takes a law's parameters and returns what it gives, with a condition sum of its own: what the rounding of the
wrong formula itself may do to that.
"""

import math

import numpy as np
from scipy.special import erf, expit

from stgref.conformance.condition import Wanted
from stgref.conformance.evidence import Predicted
from stgref.conformance.laws import value_of
from stgref.conformance.values import Array
from stgref.laws import hard_concrete

ROOT_2 = math.sqrt(2)


def one_plus_erf(mu: Array, std: Array) -> Wanted:
    """Add 1 to the error function."""
    x = mu / std / mu.dtype.type(ROOT_2)
    e = erf(x)
    return Predicted(
        0.5 * (1 + e),
        exact("rectified_gaussian", "prob_active", mu, std).condition,
        np.spacing(np.abs(e)) / 2,
    )


def erf_precedence(mu: Array, std: Array) -> Wanted:
    """Multiply by the root of 2 instead of dividing."""
    return one_plus_erf(2 * mu, std)


def mu_from_half(mu: Array, std: Array) -> Wanted:
    """Count mu from 1/2, as the stg package does."""
    return exact("rectified_gaussian", "prob_active", mu + 0.5, std)


def plain_sigmoid(*own: Array) -> Wanted:
    """Let the exponential overflow."""
    log_alpha, temperature, lower, upper = own
    with np.errstate(over="ignore"):
        p = 1 / (1 + np.exp(temperature * np.log(-lower / upper) - log_alpha))
    return Wanted(p, exact("hard_concrete", "prob_active", *own).condition * (p > 0))


def plain_sigmoid_slope(*own: Array) -> Wanted:
    """Differentiate what has overflowed."""
    p, slope, left = exact("hard_concrete", "prob_active", *own), _slope(*own), plain_sigmoid(*own).value > 0
    return Wanted(slope * left, (slope + p.condition - p.value) * left)


def product_slope(*own: Array) -> Wanted:
    """Differentiate the sigmoid as s (1 - s)."""
    s = plain_sigmoid(*own)
    return Predicted(s.value * (1 - s.value), s.condition * (1 - s.value), np.spacing(s.value))


def clamped(*own: Array) -> Wanted:
    """Clamp the probability."""
    p = exact("hard_concrete", "prob_active", *own)
    return Wanted(np.clip(p.value, 1e-6, 1 - 1e-6), p.condition)


def clamped_slope(*own: Array) -> Wanted:
    """Differentiate the clamped probability."""
    p, slope = exact("hard_concrete", "prob_active", *own), _slope(*own)
    inside = (p.value > 1e-6) & (p.value < 1 - 1e-6)
    return Wanted(slope * inside, (slope + p.condition - p.value) * inside)


def at_first_temperature(log_alpha: Array, temperature: Array, lower: Array, upper: Array) -> Wanted:
    """Keep the default temperature."""
    return exact("hard_concrete", "prob_active", log_alpha, 0 * temperature + 2 / 3, lower, upper)


def without_temperature(log_alpha: Array, temperature: Array, lower: Array, upper: Array) -> Wanted:
    """Leave the temperature out."""
    return exact("hard_concrete", "prob_active", log_alpha, 0 * temperature + 1, lower, upper)


def louizos(log_alpha: Array, temperature: Array, lower: Array, upper: Array) -> Wanted:
    """Take the test-time rule of Louizos et al."""
    stretched = expit(log_alpha.astype("float64")) * (upper - lower) + lower
    return Wanted(np.clip(stretched, 0, 1), upper - lower + np.abs(log_alpha) + 0 * temperature)


def median(*own: Array) -> Wanted:
    """Take the median of a hard concrete."""
    return exact("hard_concrete", "median", *own)


def clipped_mu(*own: Array) -> Wanted:
    """Take the median of a rectified Gaussian, which is the clipped mu."""
    return exact("rectified_gaussian", "median", *own)


def exact(law: str, quantity: str, *arguments: Array) -> Wanted:
    """Evaluate a quantity of a law, in float64."""
    return value_of(law, quantity, [np.array(x, "float64") for x in np.broadcast_arrays(*arguments)])


def _slope(*own: Array) -> Array:
    slope: Array = hard_concrete.grad_prob_active(*(x.astype("float64") for x in own)).log_alpha
    return slope
