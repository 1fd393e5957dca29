r"""Integrals over logistic noise of functions of v = (n + a) / t, by graded quadrature.

The density :math:`\sigma'(n)` has its poles at :math:`\pm i\pi, \pm 3i\pi \ldots`, functions of :math:`\sigma(v)` theirs at
:math:`-a \pm i\pi t, \ldots`: all on the two vertical lines through n = 0 and n = -a. An interval [n0, n1] is therefore cut at
both (moved into it when outside) and halfway between, and each of the four pieces is integrated by the rule graded at the end
that lies on, or nearest to, such a line. See `stgref.numerics.quadrature` for the error.

So that far tails keep all their digits, the density comes scaled by :math:`e^m`, where m is the distance of [n0, n1] from 0.
"""

from __future__ import annotations

from typing import NamedTuple

from stgref.numerics.arithmetic import Arithmetic, Number
from stgref.numerics.namespace import Array


class Ends(NamedTuple):
    """An interval of the noise, with v at its ends: v0 = (n0 + a) / t."""

    n0: Number
    v0: Number
    n1: Number
    v1: Number

    def distance(self, num: Arithmetic) -> Number:
        """The distance m of the interval from n = 0."""
        zero = 0.0 * self.n0
        below = num.where(num.negative(self.n1), -self.n1, zero)
        return num.where(num.negative(-self.n0), self.n0, below)


class Nodes(NamedTuple):
    """Quadrature nodes on the last two axes: noise n, v, and weights that include no density."""

    n: Number
    v: Number
    weight: Number


def nodes(num: Arithmetic, a: Number, t: Number, ends: Ends, like: Array) -> Nodes:
    """The nodes of the four pieces of [n0, n1]."""
    low, high = _anchors(num, a, t, ends)
    middle = (high[0] - low[0]) / 2.0
    reach = num.stack([ends.n0 - low[0], middle, -middle, ends.n1 - high[0]])[..., None]
    n_anchor, v_anchor = (num.stack([low[i], low[i], high[i], high[i]])[..., None] for i in (0, 1))
    rule = num.rule(like[..., None])
    step = reach * rule.nodes
    return Nodes(n_anchor + step, v_anchor + step / t[..., None, None], num.abs(reach) * rule.weights)


def _anchors(num: Arithmetic, a: Number, t: Number, ends: Ends) -> tuple[tuple[Number, Number], tuple[Number, Number]]:
    """The points n = 0 and n = -a with their v, moved into the interval, in increasing order."""
    zero = 0.0 * ends.n0
    at_noise = _moved_inside(num, zero, a / t, num.negative(-ends.n0), num.negative(ends.n1), ends)
    at_v = _moved_inside(num, -a, zero, num.negative(-ends.v0), num.negative(ends.v1), ends)
    first = num.negative(at_v[0] - at_noise[0])
    low = tuple(num.where(first, p, q) for p, q in zip(at_v, at_noise, strict=True))
    high = tuple(num.where(first, q, p) for p, q in zip(at_v, at_noise, strict=True))
    return low, high  # type: ignore[return-value]


def _moved_inside(
    num: Arithmetic, n: Number, v: Number, below: Array, above: Array, ends: Ends
) -> tuple[Number, Number]:
    n = num.where(below, ends.n0, num.where(above, ends.n1, n))
    return n, num.where(below, ends.v0, num.where(above, ends.v1, v))


class Sigmoid(NamedTuple):
    """sigma(x) and sigma(-x)."""

    plus: Number
    minus: Number


def sigmoid(num: Arithmetic, x: Number) -> Sigmoid:
    """Both sigmoids of x from one exponential."""
    e = num.exp(-num.abs(x))
    large = 1.0 / (1.0 + e)
    small, low = e * large, num.negative(x)
    return Sigmoid(num.where(low, small, large), num.where(low, large, small))


def scaled_density(num: Arithmetic, n: Number, m: Number) -> Number:
    """The logistic density at n times e^m, for m at most abs(n)."""
    e = num.exp(m - num.abs(n))
    return e / (1.0 + e * num.exp(-m)) / (1.0 + e * num.exp(-m))
