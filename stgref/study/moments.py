r"""Central moments up to the fourth, gathered block by block.

For n numbers with mean :math:`\bar x`, :math:`M_p = \sum_i (x_i - \bar x)^p`. Those of two sets A and B, with
:math:`\delta = \bar x_B - \bar x_A` and :math:`n = n_A + n_B`, make those of both:

.. math::
    M_2 &= M_2^A + M_2^B + \delta^2 \frac{n_A n_B}{n} \\
    M_3 &= M_3^A + M_3^B + \delta^3 \frac{n_A n_B (n_A - n_B)}{n^2} + 3 \delta \frac{n_A M_2^B - n_B M_2^A}{n} \\
    M_4 &= M_4^A + M_4^B + \delta^4 \frac{n_A n_B ((n_A - n_B)^2 + n_A n_B)}{n^3}
           + 6 \delta^2 \frac{n_A^2 M_2^B + n_B^2 M_2^A}{n^2} + 4 \delta \frac{n_A M_3^B - n_B M_3^A}{n}

Nothing cancels in them but what cancels between the sets.

References
----------
T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979,
equation (2.1); P. Pebay, "Formulas for robust, one-pass parallel computation of covariances and arbitrary-order
statistical moments", Sandia report SAND2008-6212, 2008, equations (2.1), (1.5) and (1.6).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from stgref.numerics.namespace import Array


class Spread(NamedTuple):
    """Of ``n`` numbers in each of C columns: their mean, and the sum of the squares of deviations from it."""

    n: int
    mean: Array
    m2: Array

    def merged(self, other: Spread) -> Spread:
        """That of the numbers of both."""
        return Spread(self.n + other.n, _mean(self, other), _m2(self, other))


class Moments(NamedTuple):
    """Of ``n`` numbers in each of C columns: their mean, the sums of powers of deviations from it, and the extremes."""

    n: int
    mean: Array
    m2: Array
    m3: Array
    m4: Array
    low: Array
    high: Array

    def merged(self, other: Moments) -> Moments:
        """Moments of the numbers of both."""
        na, nb = float(self.n), float(other.n)
        n, delta, product = na + nb, other.mean - self.mean, na * nb
        square = delta * delta
        m3 = (self.m3 + other.m3) + square * delta * (product * (na - nb) / (n * n))
        m3 = m3 + 3.0 * delta * ((na * other.m2 - nb * self.m2) / n)
        m4 = (self.m4 + other.m4) + square * square * (product * ((na - nb) ** 2 + product) / n**3)
        m4 = m4 + 6.0 * square * ((na**2 * other.m2 + nb**2 * self.m2) / (n * n))
        m4 = m4 + 4.0 * delta * ((na * other.m3 - nb * self.m3) / n)
        low, high = np.minimum(self.low, other.low), np.maximum(self.high, other.high)
        return Moments(self.n + other.n, _mean(self, other), _m2(self, other), m3, m4, low, high)


def _mean(a: Spread | Moments, b: Spread | Moments) -> Array:
    """The mean of both: a step from that of more numbers, so that equal means stay as they are."""
    if a.n == b.n:
        return 0.5 * a.mean + 0.5 * b.mean
    more, less = (a, b) if a.n > b.n else (b, a)
    return more.mean + (less.mean - more.mean) * (less.n / (a.n + b.n))


def _m2(a: Spread | Moments, b: Spread | Moments) -> Array:
    delta, na, nb = b.mean - a.mean, float(a.n), float(b.n)
    return (a.m2 + b.m2) + delta * delta * (na * nb / (na + nb))


def spread_of(x: Array) -> Spread:
    """The spread of the columns of a table, each a row of ``x`` (C, n), n > 0, which is overwritten."""
    mean = np.add.reduce(x, axis=1) / x.shape[1]
    x -= mean[:, None]
    return Spread(x.shape[1], mean, np.einsum("ij,ij->i", x, x))


def of_columns(x: Array) -> Moments:
    """Moments of the columns of a table, each a row of ``x`` (C, n), n > 0."""
    return of_deviations(x, *deviations(x))


def deviations(x: Array) -> tuple[Array, Array]:
    """The mean of each row of ``x`` (C, n), and how far its numbers are from it.

    They are taken from the first number and then from the mean, so that equal numbers are exactly 0 away.
    """
    first = x[:, :1]
    d = x - first
    step = np.add.reduce(d, axis=1, keepdims=True) / x.shape[1]
    d -= step
    return (first + step)[:, 0], d


def of_deviations(x: Array, mean: Array, d: Array, square: Array | None = None) -> Moments:
    """Moments of numbers whose `deviations`, and their squares, are known."""
    square = d * d if square is None else square
    m3, m4 = np.einsum("ij,ij->i", square, d), np.einsum("ij,ij->i", square, square)
    return Moments(x.shape[1], mean, np.add.reduce(square, axis=1), m3, m4, x.min(axis=1), x.max(axis=1))
