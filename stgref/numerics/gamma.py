r"""The gamma function and its logarithmic derivative in doubled precision, for arguments of 1 and more.

Moments of the Kumaraswamy laws are ratios of gamma functions whose logarithms, up to 1e3 in size, leave a difference of order
1e-4, and variances are differences of such moments. Libraries' own functions of working precision cannot serve: they are right
to the last digit of the logarithms, which is not the last digit of the differences.

With :math:`\Gamma(z) = \Gamma(z + n) / (z (z + 1) \cdots (z + n - 1))`, n = 24, Stirling's series (DLMF 5.11.1) is evaluated at
24 and beyond, where 13 terms leave 1e-31.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from stgref.numerics import doubled as dd
from stgref.numerics.doubled import Doubled
from stgref.numerics.namespace import Array, Namespace

SHIFT = 24
_BERNOULLI = [
    Fraction(*pair)
    for pair in (
        *((1, 6), (-1, 30), (1, 42), (-1, 30), (5, 66), (-691, 2730), (7, 6), (-3617, 510), (43867, 798)),
        *((-174611, 330), (854513, 138), (-236364091, 2730), (8553103, 6)),
    )
]
"""The Bernoulli numbers of even index, from 2 to 26."""
HALF_LOG_2PI = 0.9189385332046728, -3.878294158067242e-17
EULER = 0.5772156649015329, -4.942915152430649e-18


class LogGamma(NamedTuple):
    """log Gamma(z), and its derivatives, the digamma and the trigamma function."""

    log: Doubled
    slope: Doubled
    bend: Doubled


def log_gamma(xp: Namespace, z: Doubled) -> LogGamma:
    """log Gamma(z), psi(z) and psi'(z) for z >= 1; of the product, P'/P and (P'/P)^2 - P''/P are to be taken away."""
    near = z.hi < SHIFT
    low = dd.where(xp, near, z, 0.0 * z + 1.0)
    product, slope, bend = low, 0.0 * z + 1.0, 0.0 * z
    for k in range(1, SHIFT):
        factor = low + float(k)
        bend = bend * factor + slope.scaled(2.0)
        slope, product = slope * factor + product, product * factor
    ratio = slope / product
    nothing = 0.0 * z
    far = _stirling(xp, dd.where(xp, near, z + float(SHIFT), z))
    return LogGamma(
        far.log - dd.where(xp, near, dd.log(xp, product), nothing),
        far.slope - dd.where(xp, near, ratio, nothing),
        far.bend + dd.where(xp, near, ratio.square() - bend / product, nothing),
    )


def _stirling(xp: Namespace, z: Doubled) -> LogGamma:
    log, r = dd.log(xp, z), 1.0 / z
    square = r.square()
    series = slope = bend = 0.0 * z
    for k in range(len(_BERNOULLI), 0, -1):
        b = _BERNOULLI[k - 1] / (2 * k)
        series = series * square + _constant(xp, b / (2 * k - 1), z.hi)
        slope = slope * square + _constant(xp, b, z.hi)
        bend = bend * square + _constant(xp, _BERNOULLI[k - 1], z.hi)
    value = (z - 0.5) * log - z + (series * r + dd.constant(xp, *HALF_LOG_2PI, z.hi))
    return LogGamma(value, log - r.scaled(0.5) - slope * square, r + square.scaled(0.5) + bend * (square * r))


def _constant(xp: Namespace, x: Fraction, like: Array) -> Doubled:
    hi = float(x)
    return dd.constant(xp, hi, float(x - Fraction(hi)), like)


def euler(xp: Namespace, like: Array) -> Doubled:
    """Euler's constant."""
    return dd.constant(xp, *EULER, like)
