"""The Kumaraswamy law: z = (1 - (1 - u)^(1/b))^(1/a)."""

from __future__ import annotations

from . import kumaraswamy_map as to
from .bases import Exponential
from .functions import digamma, euler, exp, lgamma, log
from .generic import piecewise, pushforward, restricted
from .jets import Number
from .law import Function, Law


def of_uniform(forward: Function) -> Function:
    """Return ``forward`` as a function of uniform noise, at 0 and 1 too."""
    return piecewise(lambda u, *p: forward(Exponential.icdf(u), *p), 0, 1)


def raw_moment(k: int, a: Number, b: Number) -> Number:
    """E z^k = b B(1 + k/a, b)."""
    c = k / a
    return exp(lgamma(1 + b) + lgamma(1 + c) - lgamma(1 + b + c))


def mean(a: Number, b: Number) -> Number:
    return raw_moment(1, a, b)


def variance(a: Number, b: Number) -> Number:
    return raw_moment(2, a, b) - mean(a, b) * mean(a, b)


def entropy(a: Number, b: Number) -> Number:
    harmonic = digamma(1 + b) + euler(a)
    return 1 - 1 / b + (1 - 1 / a) * harmonic - log(a * b)


QUANTITIES = restricted(pushforward(Exponential, to.stretch, to.unstretch, to.rate)) | {
    "transform": of_uniform(to.stretch),
    "mean": mean,
    "variance": variance,
    "entropy": entropy,
}

LAW = Law("kumaraswamy", {"a": None, "b": None}, QUANTITIES, main=("a", "b"))
