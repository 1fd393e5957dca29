"""From the oracle's balls to numbers of a dtype, rounded once; and numbers as the sets write them."""

import math
from fractions import Fraction

import numpy as np
from flint import arb

from stgref.conformance.values import hexadecimal

BITS = {"float32": (24, -149, 128), "float64": (53, -1074, 1024)}
"""Of a dtype: digits of the significand, exponent of the smallest number, exponent beyond the largest."""
DIGITS = 12
"""Binary digits of a condition sum: it is a yardstick."""

BEYOND = 4000
"""Of a binary exponent: no dtype has it."""


class AmbiguousError(ArithmeticError):
    """The ball does not say which number of the dtype is nearest, or whether it overflows."""


def rounded(ball: arb | float, dtype: str) -> float:
    """Round an exact result to nearest, ties to even.

    Parameters
    ----------
    ball : arb or float
        The result, and how well it is known.
    dtype : str
        The dtype.

    Returns
    -------
    float
        A number of the dtype.

    Raises
    ------
    AmbiguousError
        If the two ends of the ball are rounded differently, or the number is near the largest.
    """
    if not isinstance(ball, arb):
        return float(ball)
    middle, radius = _fraction(ball.mid()), _fraction(ball.rad())
    low, high = (_nearest(middle + sign * radius, dtype) for sign in (-1, 1))
    if low != high or not _far_from_overflow(abs(middle), dtype):
        raise AmbiguousError
    return low


def yardstick(ball: arb | float) -> float:
    """Round a condition sum up to a few binary digits, in the range of float64.

    Parameters
    ----------
    ball : arb or float
        The sum.

    Returns
    -------
    float
        A number with a short hexadecimal notation.
    """
    exact = _fraction(arb(ball).mid())
    if exact == 0:
        return 0.0
    unit = Fraction(2) ** max(_exponent(exact) - DIGITS, -1074)
    if exact >= Fraction(2) ** 1020:
        raise AmbiguousError  # Everything would be right.
    return float(math.ceil(exact / unit) * unit)


def pair(number: float, dtype: str) -> dict[str, str]:
    """Write a number twice.

    Parameters
    ----------
    number : float
        A number of the dtype.
    dtype : str
        The dtype.

    Returns
    -------
    dict
        In hexadecimal, and in the fewest decimal digits that tell it from other numbers of the dtype.
    """
    if not math.isfinite(number):
        return {"hex": str(number), "decimal": str(number)}
    return {"hex": hexadecimal(number), "decimal": str(np.dtype(dtype).type(number))}


def _nearest(exact: Fraction, dtype: str) -> float:
    digits, smallest, largest = BITS[dtype]
    if exact == 0:
        return 0.0
    unit = Fraction(2) ** max(_exponent(abs(exact)) - digits, smallest)
    value = round(exact / unit) * unit  # `round` takes ties to even.
    if abs(value) >= Fraction(2) ** largest:
        return math.inf if value > 0 else -math.inf
    return float(value)


def _far_from_overflow(size: Fraction, dtype: str) -> bool:
    """Tell whether every right implementation agrees on overflow."""
    ratio = size / Fraction(2) ** BITS[dtype][2]
    return not Fraction(1, 2) < ratio < 2


def _exponent(positive: Fraction) -> int:
    """Return e with 2^(e-1) <= positive < 2^e."""
    e = positive.numerator.bit_length() - positive.denominator.bit_length()
    return e + 1 if positive >= Fraction(2) ** e else e


def _fraction(ball: arb) -> Fraction:
    """Return an exact number; beyond any dtype, one of its sign that is beyond too and has fewer digits."""
    mantissa, exponent = map(int, ball.man_exp())
    if mantissa and abs(exponent + mantissa.bit_length()) > BEYOND:
        mantissa, exponent = (1 if mantissa > 0 else -1), (BEYOND if exponent > 0 else -BEYOND)
    return Fraction(mantissa) * Fraction(2) ** exponent
