"""The standard: |computed - exact| <= 4 eps (|f| + sum_i |x_i df/dx_i|), never below the smallest subnormal."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from flint import arb, ctx

from tests.oracle import Exact

FACTOR = 4
PRECISE = 1300  # bits: resolves the sum of any two doubles
NEAR_A_JUMP = 16  # eps; nearer points may fall on either side by rounding


class Limits(NamedTuple):
    """What the comparison needs to know about a dtype."""

    eps: float
    largest: arb
    subnormal: float


LIMITS = {
    name: Limits(float(f.eps), arb(float(f.max)), float(f.smallest_subnormal))
    for name, f in ((n, np.finfo(n)) for n in ("float64", "float32"))
}


class Error(NamedTuple):
    """An error in tolerances, in eps (|f| + condition), and in units in the last place of the exact value.

    The second is 0 where the tolerance is the smallest subnormal number, to which everything is rounded.
    """

    tolerances: float
    eps: float
    ulp: float


NONE, WRONG = Error(0.0, 0.0, 0.0), Error(math.inf, math.inf, math.inf)


def compare(got: float, wanted: Exact, dtype: str) -> Error:
    """Return the error of ``got``; infinite where it is not even the right kind of number."""
    if isinstance(wanted.value, float) and not math.isfinite(wanted.value):
        return NONE if got == wanted.value or (math.isnan(got) and math.isnan(wanted.value)) else WRONG
    if math.isnan(got):
        return WRONG
    ctx.prec = PRECISE
    exact, limits = arb(wanted.value).mid(), LIMITS[dtype]
    size = abs(exact) + wanted.condition.mid()
    tolerance = (FACTOR * limits.eps * size).max(arb(limits.subnormal))
    if math.isinf(got):
        overflows = exact * math.copysign(1.0, got) + tolerance > limits.largest
        return NONE if overflows else WRONG
    error = abs(arb(got) - exact)
    if not error > 0:
        return NONE
    relative = error / (limits.eps * size) if tolerance > limits.subnormal else 0.0
    return Error(float(error / tolerance), float(relative), float(error / ulp(exact, limits)))


def ulp(exact: arb, limits: Limits) -> arb:
    """Return the spacing of the dtype at the exact value."""
    if exact.is_zero():
        return arb(limits.subnormal)
    mantissa, exponent = exact.man_exp()
    binade = arb(2) ** (exponent + abs(int(mantissa)).bit_length() - 1)
    return (binade * limits.eps).max(arb(limits.subnormal))


def jumps(wanted: Exact, dtype: str) -> bool:
    """Whether rounding may carry the point across a jump."""
    return 0 <= wanted.gap < NEAR_A_JUMP * LIMITS[dtype].eps
