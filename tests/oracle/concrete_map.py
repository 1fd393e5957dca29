"""The map of logistic noise that the concrete laws share: lower + (upper - lower) sigmoid((log_alpha + noise) / T)."""

from __future__ import annotations

from .functions import log, sigmoid
from .jets import Number


def stretch(
    noise: Number, log_alpha: Number, temperature: Number, lower: Number = 0, upper: Number = 1
) -> Number:
    """Return the unclipped gate."""
    return lower + (upper - lower) * sigmoid((log_alpha + noise) / temperature)


def unstretch(
    x: Number, log_alpha: Number, temperature: Number, lower: Number = 0, upper: Number = 1
) -> Number:
    """Return the noise that gives the unclipped gate ``x``."""
    return temperature * log((x - lower) / (upper - x)) - log_alpha


def rate(x: Number, _: Number, temperature: Number, lower: Number = 0, upper: Number = 1) -> Number:
    """Return the derivative of ``unstretch`` with respect to x."""
    return temperature * (upper - lower) / ((x - lower) * (upper - x))
