r"""Mean, variance and entropy of the Kumaraswamy law, and the gradients of the first two, to full accuracy.

.. math:: E z^k = m_k = \frac{\Gamma(1 + b)\, \Gamma(1 + c)}{\Gamma(1 + b + c)}, \quad c = k/a, \quad
          \partial_b \log m_k = \psi(1 + b) - \psi(1 + b + c), \quad
          \partial_a \log m_k = \frac{c}{a} (\psi(1 + b + c) - \psi(1 + c)).

For large shapes the logarithms nearly cancel, for large a the differences of :math:`\psi` do, and the variance
:math:`m_2 - m_1^2` for both, by up to 10 digits; all is done in doubled precision. So is the entropy

.. math:: H = 1 - \frac1b + \left(1 - \frac1a\right) (\psi(1 + b) + \gamma) - \log(a b),

whose terms cancel to second order near the uniform law a = b = 1, where it is greatest.
"""

from __future__ import annotations

from typing import NamedTuple

from stgref.numerics import doubled as dd
from stgref.numerics.doubled import Doubled
from stgref.numerics.gamma import LogGamma, euler, log_gamma
from stgref.numerics.namespace import Array, Namespace


class Moment(NamedTuple):
    """E z^k, and its partial derivatives."""

    value: Doubled
    by_a: Doubled
    by_b: Doubled


def moment(xp: Namespace, k: float, a: Doubled, b: Doubled, at_b: LogGamma) -> Moment:
    """m_k, given the logarithm and slope ``at_b`` of Gamma(1 + b)."""
    c = k / a
    at_c, both = log_gamma(xp, 1.0 + c), log_gamma(xp, 1.0 + c + b)
    value = dd.exp(xp, at_b.log + at_c.log - both.log)
    return Moment(value, value * (both.slope - at_c.slope) * c / a, value * (at_b.slope - both.slope))


def moments(xp: Namespace, a: Array, b: Array) -> tuple[Moment, Moment]:
    """The first two."""
    a, b = xp.broadcast_arrays(a, b)
    shapes = dd.doubled(xp, a), dd.doubled(xp, b)
    at_b = log_gamma(xp, 1.0 + shapes[1])
    return moment(xp, 1.0, *shapes, at_b), moment(xp, 2.0, *shapes, at_b)


def mean(xp: Namespace, a: Array, b: Array) -> Array:
    """E z."""
    first, _ = moments(xp, a, b)
    return first.value.hi


def grad_mean(xp: Namespace, a: Array, b: Array) -> tuple[Array, Array]:
    """The partial derivatives of E z."""
    first, _ = moments(xp, a, b)
    return first.by_a.hi, first.by_b.hi


def grad2_mean(xp: Namespace, a: Array, b: Array) -> tuple[Array, Array]:
    r"""The second derivatives of E z, :math:`m (g^2 + \partial g)` with g that of its logarithm."""
    like, other = xp.broadcast_arrays(a, b)
    a, b = dd.doubled(xp, like), dd.doubled(xp, other)
    c = 1.0 / a
    at_b, at_c, both = (log_gamma(xp, z) for z in (1.0 + b, 1.0 + c, 1.0 + c + b))
    value, square = dd.exp(xp, at_b.log + at_c.log - both.log), c.square()
    rise, fall = both.slope - at_c.slope, at_b.slope - both.slope
    by_a = (square * rise).square() - square * c * (2.0 * rise + c * (both.bend - at_c.bend))
    by_b = fall.square() + (at_b.bend - both.bend)
    return (value * by_a).hi, (value * by_b).hi


def variance(xp: Namespace, a: Array, b: Array) -> Array:
    """Var z = E z^2 - (E z)^2."""
    first, second = moments(xp, a, b)
    return (second.value - first.value.square()).hi


def grad_variance(xp: Namespace, a: Array, b: Array) -> tuple[Array, Array]:
    """The partial derivatives of Var z."""
    first, second = moments(xp, a, b)
    twice = first.value.scaled(2.0)
    return (second.by_a - twice * first.by_a).hi, (second.by_b - twice * first.by_b).hi


def entropy(xp: Namespace, a: Array, b: Array) -> Array:
    """H."""
    like, other = xp.broadcast_arrays(a, b)
    a, b = dd.doubled(xp, like), dd.doubled(xp, other)
    harmonic = log_gamma(xp, 1.0 + b).slope + euler(xp, like)
    log = dd.log(xp, a) + dd.log(xp, b)
    return ((1.0 - 1.0 / b) + (1.0 - 1.0 / a) * harmonic - log).hi
