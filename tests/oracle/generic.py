"""What follows from a base noise and an increasing map of it, clipped or not."""

from __future__ import annotations

import math
from collections.abc import Mapping

from .functions import constant, log
from .jets import Number, value
from .law import Function, Kinks


def pushforward(base: type, forward: Function, inverse: Function, rate: Function) -> dict[str, Function]:
    """Quantities of z = forward(noise), increasing; ``rate`` is the derivative of ``inverse`` with respect to x."""
    return {
        "transform": forward,
        "pdf": lambda x, *p: base.pdf(inverse(x, *p)) * rate(x, *p),
        "logpdf": lambda x, *p: base.logpdf(inverse(x, *p)) + log(rate(x, *p)),
        "cdf": lambda x, *p: base.cdf(inverse(x, *p)),
        "ccdf": lambda x, *p: base.ccdf(inverse(x, *p)),
        "logcdf": lambda x, *p: base.logcdf(inverse(x, *p)),
        "logccdf": lambda x, *p: base.logccdf(inverse(x, *p)),
        "icdf": lambda q, *p: forward(base.icdf(q), *p),
        "iccdf": lambda q, *p: forward(base.iccdf(q), *p),
        "median": lambda *p: forward(base.icdf(constant(0.5, p[0])), *p),
    }


def restricted(inner: Mapping[str, Function]) -> dict[str, Function]:
    """Extend the quantities of a law on the open interval (0, 1) to all x, and to p = 0 and 1."""
    return dict(inner) | {
        "pdf": piecewise(inner["pdf"], 0, 0),
        "logpdf": piecewise(inner["logpdf"], -math.inf, -math.inf),
        "cdf": piecewise(inner["cdf"], 0, 1),
        "ccdf": piecewise(inner["ccdf"], 1, 0),
        "logcdf": piecewise(inner["logcdf"], -math.inf, 0),
        "logccdf": piecewise(inner["logccdf"], 0, -math.inf),
        "icdf": piecewise(inner["icdf"], 0, 1),
        "iccdf": piecewise(inner["iccdf"], 1, 0),
    }


def piecewise(inside: Function, below: float, above: float) -> Function:
    """Return ``inside`` on 0 < x < 1 and the constants elsewhere."""

    def f(x: Number, *p: Number) -> Number:
        if value(x) <= 0:
            return below
        return above if value(x) >= 1 else inside(x, *p)

    return f


def clipped(base: type, forward: Function, inverse: Function, rate: Function) -> dict[str, Function]:
    """Quantities of z = clip(forward(noise), 0, 1): a density on (0, 1) and atoms at 0 and 1."""
    inner = pushforward(base, forward, inverse, rate)
    atom = atoms(base, inverse)
    return {
        "transform": lambda noise, *p: clip(forward(noise, *p)),
        "pdf": _mixed(inner["pdf"], atom["prob_zero"], atom["prob_one"], 0),
        "logpdf": _mixed(inner["logpdf"], atom["log_prob_zero"], atom["log_prob_one"], -math.inf),
        "cdf": _mixed(inner["cdf"], atom["prob_zero"], lambda *_: 1, 0, 1),
        "ccdf": _mixed(inner["ccdf"], atom["prob_active"], lambda *_: 0, 1, 0),
        "logcdf": _mixed(inner["logcdf"], atom["log_prob_zero"], lambda *_: 0, -math.inf, 0),
        "logccdf": _mixed(inner["logccdf"], atom["log_prob_active"], lambda *_: -math.inf, 0, -math.inf),
        "left_cdf": _mixed(inner["cdf"], lambda *_: 0, lambda *p: base.cdf(inverse(one(p), *p)), 0, 1),
        "icdf": piecewise(lambda q, *p: clip(inner["icdf"](q, *p)), 0, 1),
        "iccdf": piecewise(lambda q, *p: clip(inner["iccdf"](q, *p)), 1, 0),
        "median": lambda *p: clip(inner["median"](*p)),
        **atom,
    }


def atoms(base: type, inverse: Function) -> dict[str, Function]:
    """Probabilities of z = 0, z = 1, z > 0 and 0 < z < 1, and their logarithms."""
    return {
        "prob_zero": lambda *p: base.cdf(inverse(zero(p), *p)),
        "prob_one": lambda *p: base.ccdf(inverse(one(p), *p)),
        "prob_active": lambda *p: base.ccdf(inverse(zero(p), *p)),
        "prob_interior": lambda *p: between(base, inverse(zero(p), *p), inverse(one(p), *p)),
        "log_prob_zero": lambda *p: base.logcdf(inverse(zero(p), *p)),
        "log_prob_one": lambda *p: base.logccdf(inverse(one(p), *p)),
        "log_prob_active": lambda *p: base.logccdf(inverse(zero(p), *p)),
        "log_prob_interior": lambda *p: log(between(base, inverse(zero(p), *p), inverse(one(p), *p))),
    }


def between(base: type, low: Number, high: Number) -> Number:
    """P(low < noise < high), from the smaller tail."""
    return base.ccdf(low) - base.ccdf(high) if value(low) > 0 else base.cdf(high) - base.cdf(low)


def clip(raw: Number) -> Number:
    """clip(raw, 0, 1), differentiable from inside at 0 and 1."""
    if value(raw) < 0:
        return 0
    return 1 if value(raw) > 1 else raw


def clip_kinks(base: type, forward: Function) -> dict[str, Kinks]:
    """Where the derivatives of transform, icdf, iccdf and median of a clipped law, or their conditions, jump."""
    levels = (0.0, 1.0)
    return {
        "transform": lambda noise, *p: (forward(noise, *p), levels),
        "icdf": lambda q, *p: (forward(base.icdf(q), *p), levels),
        "iccdf": lambda q, *p: (forward(base.iccdf(q), *p), levels),
        "median": lambda *p: (forward(base.icdf(constant(0.5, p[0])), *p), levels),
    }


def zero(p: tuple) -> Number:
    """0 as a number of the parameters' kind."""
    return constant(0.0, p[0])


def one(p: tuple) -> Number:
    """1 as a number of the parameters' kind."""
    return constant(1.0, p[0])


def _mixed(
    inside: Function, at_zero: Function, at_one: Function, below: float, above: float | None = None
) -> Function:
    """Return a function of x that is ``inside`` on 0 < x < 1, has values of its own at 0 and 1, constants beyond."""

    def f(x: Number, *p: Number) -> Number:
        v = value(x)
        if v < 0 or v > 1:
            return below if v < 0 or above is None else above
        return at_zero(*p) if v == 0 else at_one(*p) if v == 1 else inside(x, *p)

    return f
