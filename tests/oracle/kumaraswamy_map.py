"""x = lower + (upper - lower) (1 - exp(-E / b))^(1 / a) of a standard exponential variable E, and back."""

from __future__ import annotations

from .functions import exp, expm1, log, log1p
from .jets import Number


def stretch(e: Number, a: Number, b: Number, lower: Number = 0, upper: Number = 1) -> Number:
    return lower + (upper - lower) * exp(log(-expm1(-e / b)) / a)


def power(x: Number, a: Number, lower: Number, upper: Number) -> Number:
    """((x - lower) / (upper - lower))^a."""
    return exp(a * log((x - lower) / (upper - lower)))


def unstretch(x: Number, a: Number, b: Number, lower: Number = 0, upper: Number = 1) -> Number:
    return -b * log1p(-power(x, a, lower, upper))


def rate(x: Number, a: Number, b: Number, lower: Number = 0, upper: Number = 1) -> Number:
    w = power(x, a, lower, upper)
    return a * b * w / ((x - lower) * (1 - w))
