"""The Bernoulli law: z = 1 where logits + noise > 0, else 0."""

from __future__ import annotations

import math

from .functions import log, sigmoid
from .jets import Number, value
from .law import Function, Law


def log_sigmoid(t: Number) -> Number:
    return log(sigmoid(t))


def step(threshold: Number) -> int:
    return 1 if value(threshold) > 0 else 0


def discrete(below: float, at_zero: Function, between: Function, at_one: Function, above: float) -> Function:
    """Return a function of x that is constant where x < 0, = 0, in between, = 1, > 1."""

    def f(x: Number, logits: Number) -> Number:
        v = value(x)
        if v < 0 or v > 1:
            return below if v < 0 else above
        return (at_zero if v == 0 else at_one if v == 1 else between)(logits)

    return f


def nothing(_: Number) -> float:
    return 0


def everything(_: Number) -> float:
    return 1


def never(_: Number) -> float:
    return -math.inf


def zero(logits: Number) -> Number:
    return sigmoid(-logits)


def one(logits: Number) -> Number:
    return sigmoid(logits)


def log_zero(logits: Number) -> Number:
    return log_sigmoid(-logits)


def entropy(logits: Number) -> Number:
    return -one(logits) * log_sigmoid(logits) - zero(logits) * log_sigmoid(-logits)


def conditional_latent(noise: Number, sample: Number, logits: Number) -> Number:
    """logits + logit(u), where u is at the share sigmoid(noise) of the part of [0, 1] that gives the sample."""
    if value(sample) == 1:
        u, rest = zero(logits) + one(logits) * sigmoid(noise), one(logits) * sigmoid(-noise)
    else:
        u, rest = zero(logits) * sigmoid(noise), one(logits) + zero(logits) * sigmoid(-noise)
    return logits + log(u) - log(rest)


QUANTITIES = {
    "transform": lambda noise, logits: step(logits + noise),
    "pdf": discrete(0, zero, nothing, one, 0),
    "logpdf": discrete(-math.inf, log_zero, never, log_sigmoid, -math.inf),
    "cdf": discrete(0, zero, zero, everything, 1),
    "ccdf": discrete(1, one, one, nothing, 0),
    "logcdf": discrete(-math.inf, log_zero, log_zero, nothing, 0),
    "logccdf": discrete(0, log_sigmoid, log_sigmoid, never, -math.inf),
    "left_cdf": discrete(0, nothing, zero, zero, 1),
    "icdf": lambda p, logits: 0 if value(p) == 0 else 1 if value(p) == 1 else step(p - zero(logits)),
    "iccdf": lambda p, logits: 0 if value(p) == 1 else 1 if value(p) == 0 else step(one(logits) - p),
    "mean": one,
    "variance": lambda logits: zero(logits) * one(logits),
    "median": step,
    "entropy": entropy,
    "prob_zero": zero,
    "prob_one": one,
    "prob_active": one,
    "log_prob_zero": log_zero,
    "log_prob_one": log_sigmoid,
    "log_prob_active": log_sigmoid,
    "conditional_latent": conditional_latent,
}

LAW = Law(
    "bernoulli",
    {"logits": None},
    QUANTITIES,
    kinks={
        "transform": lambda noise, logits: (logits + noise, (0.0,)),
        "icdf": lambda p, logits: (p - zero(logits), (0.0,)),
        "iccdf": lambda p, logits: (one(logits) - p, (0.0,)),
        "median": lambda logits: (logits, (0.0,)),
    },
    atoms=True,
)
