r"""Groups of gates: the chance that any, or at least k, of them are open (the Poisson-binomial law, exactly).

The number of open gates among n independent ones has masses :math:`f^{(i)}` after i gates, with

.. math:: f^{(0)} = (1, 0, 0, \ldots), \quad f^{(i)}_j = (1 - p_i) f^{(i-1)}_j + p_i f^{(i-1)}_{j-1}

all of them sums of positive terms. A quantity that is linear in the masses, :math:`\sum_k c_k P(N \ge k)`, has the same
recursion downwards for its differences: with :math:`\mu^{(n)}_j = c_{j+1}` and :math:`\mu^{(i-1)}_j = (1 - p_i) \mu^{(i)}_j +
p_i \mu^{(i)}_{j+1}`, its derivative with respect to :math:`p_i` is :math:`\sum_j f^{(i-1)}_j \mu^{(i)}_j`. Both run in
doubled precision, where 1 - p is exact: many roundings of numbers near 1 would add up.
"""

from __future__ import annotations

from typing import NamedTuple

from stgref.numerics import doubled as dd
from stgref.numerics.doubled import Doubled
from stgref.numerics.namespace import Array, Namespace, bits
from stgref.numerics.vector import Vector

SOURCE = """
Y. H. Wang, "On the number of successes in independent trials", Statistica Sinica 3, 1993, section 2 (the Poisson-binomial law);
Y. Hong, "On computing the distribution function for the Poisson binomial distribution", Computational Statistics and
Data Analysis 59, 2013 (its recursion).
"""


_RAISED = {32: 2.0**40, 64: 2.0**300}
"""Masses are kept times this, so that those that are subnormal, or nearly, have a second half."""


class Partials(NamedTuple):
    """The derivatives with respect to the probabilities."""

    prob: Vector


class Pullback(NamedTuple):
    """A cotangent carried back to the probabilities."""

    prob: Vector


def any_open(xp: Namespace, prob: Vector) -> Array:
    r"""Probability that a group has an open gate, :math:`1 - \prod_g (1 - p_g) = -\operatorname{expm1}(\sum_g \operatorname{log1p}(-p_g))`.

    The difference loses its digits where all gates are nearly always closed.

    Examples
    --------
    >>> from stgref import penalties
    >>> penalties.any_open([[0.5, 0.5], [1e-20, 2e-20]])
    array([7.5e-01, 3.0e-20])
    """
    return -xp.expm1(xp.sum(xp.log1p(-prob), axis=-1))


def grad_any_open(xp: Namespace, prob: Vector) -> Partials:
    r"""Derivatives of `any_open`, the chance that all others are closed, :math:`\prod_{j \ne g} (1 - p_j)`.

    Examples
    --------
    >>> from stgref import penalties
    >>> penalties.grad_any_open([0.5, 0.75, 1.0]).prob
    array([0.   , 0.   , 0.125])
    """
    return Partials(xp.exp(_sum_of_others(xp, xp.log1p(-prob))))


def _sum_of_others(xp: Namespace, x: Vector) -> Vector:
    """The sum of all other elements, for each: of its neighbour, and of the other pairs. Nothing is subtracted."""
    n = x.shape[-1]
    if n == 1:
        return xp.where(xp.isnan(x), x, 0.0)
    even, odd = x[..., 0 : n - n % 2 : 2], x[..., 1::2]
    alone = x[..., n - n % 2 :]
    others = _sum_of_others(xp, xp.concat([even + odd, alone], axis=-1))
    pairs = others[..., : n // 2]
    both = xp.stack([pairs + odd, pairs + even], axis=-1)
    return xp.concat([xp.reshape(both, (*x.shape[:-1], n - n % 2)), others[..., n // 2 :]], axis=-1)


def at_least(xp: Namespace, prob: Vector) -> Vector:
    r"""Probabilities that a group of n gates has at least 1, 2, ..., n open ones, :math:`P(N \ge k) = \sum_{j \ge k} f^{(n)}_j`.

    Examples
    --------
    >>> from stgref import penalties
    >>> penalties.at_least([0.5, 0.5, 0.5])
    array([0.875, 0.5  , 0.125])
    """
    *_, masses = _upwards(xp, prob)
    tails = [masses[..., -1]]
    for k in range(prob.shape[-1] - 1, 0, -1):
        tails.append(tails[-1] + masses[..., k])
    return xp.stack([tail.hi for tail in tails[::-1]], axis=-1) / _raised(xp, prob)


def vjp_at_least(xp: Namespace, cotangent: Vector, prob: Vector) -> Pullback:
    r"""Cotangent of `at_least`, carried back.

    With the cotangent 1 at k and 0 elsewhere, it is the derivative of :math:`P(N \ge k)`: the chance that k - 1 of the
    others are open.

    Examples
    --------
    >>> from stgref import penalties
    >>> penalties.vjp_at_least([0.0, 1.0, 0.0], [0.5, 0.25, 0.5]).prob
    array([0.5, 0.5, 0.5])
    """
    n = prob.shape[-1]
    masses, mu, slopes = _upwards(xp, prob), dd.doubled(xp, cotangent + 0.0 * prob), []
    for i in range(n - 1, -1, -1):
        slopes.append(dd.total(xp, masses[i][..., :n] * mu).hi)
        mu = _mixed(xp, prob[..., i : i + 1], mu, _moved(xp, mu, down=True))
    return Pullback(xp.stack(slopes[::-1], axis=-1) / _raised(xp, prob))


def _raised(xp: Namespace, prob: Vector) -> float:
    return _RAISED[bits(xp, prob.dtype)]


def _upwards(xp: Namespace, prob: Vector) -> list[Doubled]:
    """The masses of 0 ... n open gates among the first i, for i from 0 to n, all raised."""
    zero = 0.0 * prob
    first = xp.concat([_raised(xp, prob) + zero[..., :1], zero], axis=-1)
    found = [dd.doubled(xp, first)]
    for i in range(prob.shape[-1]):
        found.append(_mixed(xp, prob[..., i : i + 1], found[-1], _moved(xp, found[-1], down=False)))
    return found


def _mixed(xp: Namespace, p: Array, closed: Doubled, opened: Doubled) -> Doubled:
    """(1 - p) closed + p opened."""
    complement = -dd.doubled(xp, p) + 1.0
    return closed * complement + opened.__mul__(p)


def _moved(xp: Namespace, x: Doubled, *, down: bool) -> Doubled:
    """Each element at the next place, or with ``down`` at the one before; 0 where there was none."""

    def move(part: Array) -> Array:
        end = 0.0 * part[..., :1]
        return xp.concat([part[..., 1:], end] if down else [end, part[..., :-1]], axis=-1)

    return x.new((move(x.hi), move(x.lo)))
