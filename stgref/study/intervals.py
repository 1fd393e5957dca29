r"""Confidence intervals from central moments, for many independent estimates.

With n numbers, :math:`m_p = \frac1n \sum_i (x_i - \bar x)^p`, :math:`s^2 = n m_2 / (n - 1)`, and t the quantile of Student's
law with n - 1 degrees of freedom for the level:

- the mean is in :math:`\bar x \pm t s / \sqrt n`;
- the variance about a known point c, :math:`v = m_2 + d^2` with :math:`d = \bar x - c`, is the mean of
  :math:`(x_i - c)^2`, whose own variance is :math:`m_4 + 4 d m_3 + 4 d^2 m_2 - m_2^2`. Its logarithm is more nearly
  normal than itself: :math:`v \exp(\pm t r)`, r the relative standard error;
- the variance :math:`\sigma^2 = m_2 + (\bar x - \mu)^2` is in
  :math:`[m_2 e^{-t r},\; (m_2 + t^2 s^2 / n)\, e^{t r}]`, :math:`r^2 = (m_4 / m_2^2 - 1) / n`. The second term bounds
  :math:`(\bar x - \mu)^2`, and is all there is for two equally likely values, where :math:`m_4 = m_2^2` and r = 0;
- the mean of other numbers that are never negative is in :math:`\bar x \exp(\pm t r)` likewise;
- a probability is in the interval of Clopper and Pearson, which covers it at least at the level for every n.

All but the last are those of large n: no interval knows of values that are so rare that none was drawn. `largest_share`,
the part of the scatter that the most extreme number makes (1 where it is beyond all numbers), tells how near that is.

Each interval is widened by the rounding errors of the numbers, `ROUNDINGS` of their precision: where all are equal, as
the estimates of DisARM may be, there is no other. None is NaN; an end beyond all numbers is infinite.

References
----------
C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial", Biometrika
26, 1934; E. L. Lehmann, "Elements of Large-Sample Theory", 1999, example 5.2.6 (the variance of a variance).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy import special

from stgref.numerics.namespace import Array
from stgref.study.moments import Moments, Spread

ROUNDINGS = 16.0
_TINY = 1e-290
"""A fourth moment below has lost its digits: the interval is all there is."""


class Interval(NamedTuple):
    """Estimates, and the ends of their confidence intervals."""

    value: Array
    low: Array
    high: Array

    def at(self, i: int) -> tuple[float, float, float]:
        """The three numbers of column i."""
        return float(self.value[i]), float(self.low[i]), float(self.high[i])


def quantile(level: float, n: int) -> float:
    """Of the absolute value of a Student variable with n - 1 degrees of freedom."""
    return float(special.stdtrit(n - 1, 0.5 + 0.5 * level)) if n > 1 else math.inf


def root_mean_square(m: Moments | Spread) -> Array:
    """Of the numbers, about 0."""
    return np.sqrt(m.m2 / m.n + m.mean**2)


def mean(m: Moments | Spread, level: float, eps: float) -> Interval:
    """Of the mean; ``eps`` is the precision of the numbers."""
    with np.errstate(all="ignore"):
        half = _scaled(quantile(level, m.n), standard_error(m)) + ROUNDINGS * eps * root_mean_square(m)
        half = half if m.n > 1 else np.full_like(m.mean, math.inf)
        return _ordered(m.mean, m.mean - half, m.mean + half, -math.inf)


def positive(m: Spread, level: float, rounding: float) -> Interval:
    """Of the mean of numbers that are never negative, from its logarithm; it may be off by ``rounding``."""
    with np.errstate(all="ignore"):
        r = standard_error(m) / np.where(m.mean > 0.0, m.mean, 1.0)
        reach = np.exp(_scaled(quantile(level, m.n), r)) if m.n > 1 else np.full_like(m.mean, math.inf)
        return _ordered(m.mean, np.maximum(m.mean / reach - rounding, 0.0), m.mean * reach + rounding, 0.0)


def standard_error(m: Moments | Spread) -> Array:
    """Of the mean."""
    return np.sqrt(m.m2 / max(1, m.n - 1) / m.n)


def variance(m: Moments, level: float, eps: float) -> Interval:
    """Of the variance."""
    t, n = quantile(level, m.n), m.n
    with np.errstate(all="ignore"):
        m2, s2 = m.m2 / n, m.m2 / max(1, n - 1)
        r = _relative(m.m4 / n - m2 * m2, m2, m.m4, n)
        rounding = square_rounding(m, np.zeros_like(m2), np.zeros_like(m2), eps)
        low = m2 * np.exp(_scaled(-t, r)) - rounding
        high = (m2 + _scaled(t * t / n, s2)) * np.exp(_scaled(t, r)) + rounding
        return _ordered(s2, np.maximum(low, 0.0), high, 0.0)


def about(m: Moments, c: Array, level: float, eps: float) -> Interval:
    """Of the mean square deviation from ``c``."""
    t, n, d = quantile(level, m.n), m.n, m.mean - c
    with np.errstate(all="ignore"):
        m2 = m.m2 / n
        v = m2 + d * d
        spread = m.m4 / n + 4.0 * d * (m.m3 / n) + 4.0 * d * d * m2 - m2 * m2
        r = _relative(spread, v, m.m4, n)
        extra = square_rounding(m, v, c, eps)
        low, high = v * np.exp(_scaled(-t, r)) - extra, v * np.exp(_scaled(t, r)) + extra
        return _ordered(v, np.maximum(low, 0.0), high, 0.0)


def square_rounding(m: Moments, v: Array, c: Array, eps: float) -> Array:
    """How far off a mean square deviation ``v`` from ``c`` may be where each number is off by its rounding."""
    rounding = ROUNDINGS * eps * (root_mean_square(m) + np.abs(c))
    return 2.0 * rounding * np.sqrt(v) + rounding * rounding


def probability(hits: Array, n: int, level: float) -> Interval:
    """Of the probability of what happened ``hits`` times in n, by Clopper and Pearson."""
    tail, k = 0.5 - 0.5 * level, np.asarray(hits, dtype=np.float64)
    low = np.where(k > 0, special.betaincinv(np.maximum(k, 1.0), n - k + 1.0, tail), 0.0)
    high = np.where(k < n, special.betaincinv(k + 1.0, np.maximum(n - k, 1.0), 1.0 - tail), 1.0)
    return Interval(k / n, low, high)


def largest_share(m: Moments) -> Array:
    """The part of the scatter that the number furthest from the mean makes; 0 where all are equal."""
    with np.errstate(all="ignore"):
        furthest = np.maximum(m.high - m.mean, m.mean - m.low) ** 2
        share = np.where(m.m2 > 0.0, np.minimum(furthest / m.m2, 1.0), 0.0)
        return np.where(np.isnan(share), 1.0, share)


def _relative(spread: Array, value: Array, m4: Array, n: int) -> Array:
    """The relative standard error of a mean square ``value`` whose terms have the variance ``spread``."""
    known = np.isfinite(m4) & ((m4 > _TINY) | (value == 0.0))
    r = np.sqrt(np.maximum(spread, 0.0) / n) / np.where(value > 0.0, value, 1.0)
    return np.where(known, r, math.inf)


def _scaled(t: float, x: Array) -> Array:
    """T x, 0 where x is."""
    return np.where(x == 0.0, 0.0, t * x)


def _ordered(value: Array, low: Array, high: Array, least: float) -> Interval:
    """An interval in which no end is NaN, and the value inside."""
    low = np.where(np.isnan(low), least, np.minimum(low, value))
    high = np.where(np.isnan(high), math.inf, np.maximum(high, value))
    return Interval(value, low, high)
