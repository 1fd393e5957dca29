r"""Integrals over logistic noise of functions of v = (n + a) / t, by graded quadrature.

The density :math:`\sigma'(n)` has its poles at :math:`\pm i\pi, \pm 3i\pi \ldots`, functions of :math:`\sigma(v)` theirs at
:math:`-a \pm i\pi t, \ldots`: all on the two vertical lines through n = 0 and n = -a. An interval [n0, n1] is therefore cut at
both (moved into it when outside) and halfway between, and each of the four pieces is integrated by the rule graded at the end
that lies on, or nearest to, such a line. See `stgref.numerics.quadrature` for the error.

So that far tails keep all their digits, the density comes scaled by :math:`e^m`, where m is the distance of [n0, n1] from 0.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

from stgref.numerics.arithmetic import Arithmetic, Number
from stgref.numerics.namespace import Array, Namespace

FURTHEST = 3000.0
"""How far to integrate from an anchor, in units of min(1, t): what the grading resolves. Beyond, between anchors so far
apart, one of sigma'(n) and sigma'(v) has fallen by exp(-1400) or more, unless t is near 1, where that is beyond underflow."""


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


def nodes(num: Arithmetic, xp: Namespace, a: Number, t: Number, ends: Ends, like: Array) -> Nodes:
    """The nodes of the four pieces of [n0, n1]; the far ends of the middle ones are left out when they hold nothing."""
    low, high = _anchors(num, a, t, ends)
    middle = (high[0] - low[0]) / 2.0
    furthest = num.lift(FURTHEST * xp.minimum(num.lower(t), 1.0))
    middle = num.where(num.negative(furthest - middle), furthest, middle)
    anchors = [low, low, high, high]
    reach = [ends.n0 - low[0], middle, -middle, ends.n1 - high[0]]
    anchors, reach = _paired(num, xp, a, ends, anchors, reach)
    n_anchor, v_anchor = (num.stack([anchor[i] for anchor in anchors])[..., None] for i in (0, 1))
    rule, span = num.rule(like[..., None]), num.stack(reach)[..., None]
    step = span * rule.nodes
    return Nodes(n_anchor + step, v_anchor + step / t[..., None, None], num.abs(span) * rule.weights)


Anchor = tuple[Number, Number]


def _paired(
    num: Arithmetic, xp: Namespace, a: Number, ends: Ends, anchors: list[Anchor], reach: list[Number]
) -> tuple[list[Anchor], list[Number]]:
    """At a = 0, where both cuts are one, the same pieces arranged in mirror images, so that an odd integrand gives exactly 0.

    They are [-r, 0], [0, r] with r the nearer end's distance, and what is left from there to the farther end. The first
    and the third piece are the ones that `stgref.numerics.doubled.total` adds to each other first.
    """
    left, right = -ends.n0, ends.n1
    short, long = num.negative(left - right), num.negative(right - left)
    zero = 0.0 * a
    r = num.where(short, left, right)
    alone = (num.lower(a) == 0.0) & num.negative(ends.n0) & num.negative(-ends.n1)
    origin = (zero, zero)
    rest = num.where(long, -r, r), num.where(long, -_v_at(num, ends, short), _v_at(num, ends, short))
    mirrored = (
        [origin, rest, origin, rest],
        [-r, num.where(long, r - left, zero), r, num.where(short, right - r, zero)],
    )
    chosen = [_choose(num, alone, *pair) for pair in zip(mirrored[0], anchors, strict=True)]
    return chosen, [num.where(alone, m, o) for m, o in zip(mirrored[1], reach, strict=True)]


def _choose(num: Arithmetic, condition: Array, a: Anchor, b: Anchor) -> Anchor:
    return num.where(condition, a[0], b[0]), num.where(condition, a[1], b[1])


def _v_at(num: Arithmetic, ends: Ends, short: Array) -> Number:
    """abs(v) at the nearer end."""
    return num.where(short, -ends.v0, ends.v1)


def _anchors(num: Arithmetic, a: Number, t: Number, ends: Ends) -> tuple[Anchor, Anchor]:
    """The points n = 0 and n = -a with their v, moved into the interval, in increasing order."""
    zero = 0.0 * ends.n0
    at_noise = _moved_inside(num, zero, a / t, num.negative(-ends.n0), num.negative(ends.n1), ends)
    at_v = _moved_inside(num, -a, zero, num.negative(-ends.v0), num.negative(ends.v1), ends)
    first = num.negative(at_v[0] - at_noise[0])
    return _choose(num, first, at_v, at_noise), _choose(num, first, at_noise, at_v)


def _moved_inside(
    num: Arithmetic, n: Number, v: Number, below: Array, above: Array, ends: Ends
) -> tuple[Number, Number]:
    n = num.where(below, ends.n0, num.where(above, ends.n1, n))
    return n, num.where(below, ends.v0, num.where(above, ends.v1, v))


class Sigmoid:
    """sigma(x), sigma(-x), the density sigma'(x), and sigma(x) - 1/2, from one exponential; each once it is asked for."""

    def __init__(self, num: Arithmetic, x: Number) -> None:
        self._num, self._low, self._e = num, num.negative(x), num.exp(-num.abs(x))
        self._large = 1.0 / (1.0 + self._e)
        self._small = self._e * self._large

    @functools.cached_property
    def plus(self) -> Number:
        """sigma(x)."""
        return self._num.where(self._low, self._small, self._large)

    @functools.cached_property
    def minus(self) -> Number:
        """sigma(-x)."""
        return self._num.where(self._low, self._large, self._small)

    @functools.cached_property
    def slope(self) -> Number:
        """sigma'(x), exactly even."""
        return self._small * self._large

    @functools.cached_property
    def odd(self) -> Number:
        """sigma(x) - 1/2, exactly odd."""
        half = (1.0 - self._e) * self._large / 2.0
        return self._num.where(self._low, -half, half)


def sigmoid(num: Arithmetic, x: Number) -> Sigmoid:
    """The sigmoid and its kin."""
    return Sigmoid(num, x)


def scaled_density(num: Arithmetic, n: Number, m: Number) -> Number:
    """The logistic density at n times e^m, for m at most abs(n)."""
    e = num.exp(m - num.abs(n))
    below = 1.0 + e * num.exp(-m)
    return e / (below * below)
