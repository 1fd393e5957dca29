r"""Mean and variance of the hard concrete law, and their gradients, to full accuracy.

There is no closed form. With :math:`n_x = w(x)` the noise at which :math:`\bar z = x`, and :math:`v = (n + a)/t`,

.. math:: E z = P(z = 1) + \int_{n_0}^{n_1} \bar z(v)\, \sigma'(n)\, dn, \qquad
          \partial_\theta E\, g(z) = \int_{n_0}^{n_1} g'(\bar z)\, \partial_\theta \bar z\; \sigma'(n)\, dn,

the second because z is continuous where it is clipped, so that the moving ends contribute nothing (differentiation under the
integral; the average of the pathwise gradient). With :math:`\bar z = u\,\sigma(v) + l\,\sigma(-v)`:

.. math:: \partial_a \bar z = (u - l)\,\sigma'(v)/t, \quad \partial_t \bar z = -v\, \partial_a \bar z, \quad
          \partial_l \bar z = \sigma(-v), \quad \partial_u \bar z = \sigma(v), \\
          \partial_\theta \operatorname{Var} z = 2 \int (\bar z - E z)\, \partial_\theta \bar z\; \sigma'(n)\, dn.

Where the interval lies left of n = 0 (z is nearly always 1) everything is done for y = 1 - z instead, whose mean is small.
The mean is an integral of positive terms and keeps its digits in working precision. The variance and all gradients of
the two are differences of integrals that nearly cancel, near symmetric laws and at high temperature: up to 10 digits are
lost. They are computed in doubled precision, with 90 nodes a piece, which leaves 20 digits at the worst; but the variance of
an ordinary law is summed from squares, in working precision.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from stgref.laws import logistic_integral as li
from stgref.numerics import namespace as ns
from stgref.numerics.arithmetic import Arithmetic, Number, Twofold, Working
from stgref.numerics.branches import either
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quadrature import in_tiles


class Setting(NamedTuple):
    """What all integrals of one law share; ``right`` says that y = 1 - z, else y = z. Densities are scaled by e^m."""

    ends: li.Ends
    right: Array
    m: Number
    far: Number
    at: li.Nodes
    s: li.Sigmoid
    y: Number
    measure: Number


def setting(num: Arithmetic, xp: Namespace, a: Array, t: Array, l: Array, u: Array) -> Setting:
    """Nodes, y and the scaled density at them, and the scaled probability ``far`` of y = 1."""
    like, a, t, l, u = a, *(num.lift(x) for x in (a, t, l, u))
    ends = ends_of(num, a, t, l, u)
    right, m = num.negative(ends.n1), ends.distance(num)
    at = li.nodes(num, xp, a, t, ends, like)
    s = li.sigmoid(num, at.v)
    at_left, at_right = num.where(right, 1.0 - l, l), num.where(right, 1.0 - u, u)
    y = at_right[..., None, None] * s.plus + at_left[..., None, None] * s.minus
    far_noise = num.where(right, -ends.n0, ends.n1)
    e = num.exp(-num.abs(far_noise))
    far = num.where(num.negative(far_noise), 1.0 / (1.0 + e), num.exp(m - num.abs(far_noise)) / (1.0 + e))
    return Setting(
        ends, right, m, far, at, s, y, at.weight * li.scaled_density(num, at.n, m[..., None, None])
    )


def ends_of(num: Arithmetic, a: Number, t: Number, l: Number, u: Number) -> li.Ends:
    """The noise and v at the clip points z = 0 and z = 1."""
    v0, v1 = num.log_ratio(-l, u), num.log_ratio(1.0 - l, u - 1.0)
    return li.Ends(t * v0 - a, v0, t * v1 - a, v1)


def _moment(num: Arithmetic, x: Setting, k: int) -> Number:
    """E y^k, scaled by e^m."""
    power = x.y if k == 1 else x.y * x.y
    return x.far + num.sum(power * x.measure)


def _unscaled(xp: Namespace, num: Arithmetic, x: Setting, value: Number) -> Array:
    """The value times e^-m, in two steps so that it underflows gradually."""
    h = num.lower(num.exp(-0.5 * x.m))
    return num.lower(value) * h * h


def scaled_mean_and_partials(
    num: Arithmetic, x: Setting, t: Number, l: Number, u: Number
) -> tuple[Number, list[Number]]:
    """E y, and the partial derivatives of E z to a, t, l and u, all scaled by e^m; those to a, l and u have positive terms."""
    return _moment(num, x, 1), [num.sum(d * x.measure) for d in _pathwise(x, t, l, u)]


def mean(xp: Namespace, a: Array, t: Array, l: Array, u: Array) -> Array:
    """E z."""
    num = Working(xp)

    def tile(*params: Array) -> tuple[Array]:
        x = setting(num, xp, *params)
        small = _unscaled(xp, num, x, _moment(num, x, 1))
        return (xp.where(x.right, 1.0 - small, small),)

    return in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(a, t, l, u))[0]


def variance(xp: Namespace, a: Array, t: Array, l: Array, u: Array) -> Array:
    """Var z, as a sum of squares where the law is `ordinary`, which takes a twentieth of the time."""

    def squares(*params: Array) -> Array:
        return _sum_of_squares(xp, *params)

    def difference(*params: Array) -> Array:
        return _difference_of_moments(xp, *params)

    a, t, l, u = xp.broadcast_arrays(a, t, l, u)
    safe = (a, 0.0, 9.0), (t, 1.0, 1.0), (l, -0.1, -0.1), (u, 1.1, 1.1)
    return either(xp, ordinary(a, t, l, u), squares, difference, *safe)


def ordinary(a: Array, t: Array, l: Array, u: Array) -> Array:
    """Where a sum of squares keeps its digits: no end of the interval is far in a tail, and no scale is far from another."""
    bounds = (l < -1e-3) & (l > -2.0) & (u > 1.001) & (u < 3.0)
    return bounds & (a > -8.0) & (a < 8.0) & (t > 0.1) & (t < 3.0)


def _sum_of_squares(xp: Namespace, a: Array, t: Array, l: Array, u: Array) -> Array:
    r"""Var z = :math:`p_0 (c + s)^2 + p_1 (1 - c - s)^2 + \int (\bar z - c - s)^2 \sigma'(n)\, dn`, c = (l + u)/2 and s = E z - c.

    The deviation :math:`\bar z - c = (u - l)(\sigma(v) - 1/2)` keeps its digits, and an error of s, which is common to all
    terms, enters squared.
    """
    num = Working(xp)

    def tile(*params: Array) -> tuple[Array]:
        x, (_, _, l, u) = setting(num, xp, *params), params
        c, shift = (l + u) / 2.0, _centred_mean(num, x, l, u)
        zero, one = li.sigmoid(num, x.ends.n0).plus, li.sigmoid(num, x.ends.n1).minus
        deviation = (u - l)[..., None, None] * x.s.odd - shift[..., None, None]
        inside = num.sum(deviation * deviation * x.measure) * num.exp(-x.m)
        at_zero, at_one = c + shift, (1.0 - c) - shift
        return (zero * at_zero * at_zero + one * at_one * at_one + inside,)

    return in_tiles(xp, num.TILE, tile, a, t, l, u)[0]


def _difference_of_moments(xp: Namespace, a: Array, t: Array, l: Array, u: Array) -> Array:
    """Var z = E y^2 - (E y)^2."""
    num = Twofold(xp)

    def tile(*params: Array) -> tuple[Array]:
        x = setting(num, xp, *params)
        first = _moment(num, x, 1)
        return (_unscaled(xp, num, x, _moment(num, x, 2) - first * first * num.exp(-x.m)),)

    return in_tiles(xp, num.TILE, tile, a, t, l, u)[0]


def _pathwise(x: Setting, t: Number, l: Number, u: Number) -> tuple[Number, ...]:
    """The partial derivatives of the stretched variable at the nodes, with respect to a, t, l and u."""
    by_a = x.s.slope * ((u - l) / t)[..., None, None]
    return by_a, -(x.at.v * by_a), x.s.minus, x.s.plus


def _centred_mean(num: Arithmetic, x: Setting, l: Number, u: Number) -> Number:
    """E z - (l + u)/2, as exactly 0 as the law is symmetric: the deviation of z is (u - l)(sigma(v) - 1/2)."""
    centre, low, high = (l + u) / 2.0, li.sigmoid(num, x.ends.n0), li.sigmoid(num, x.ends.n1)
    inside = (u - l) * num.sum(x.s.odd * x.measure) * num.exp(-x.m)
    return ((1.0 - centre) * high.minus - centre * low.plus) + inside


LINEAR = 2.0**-29
"""Below this size of log alpha, on whose scale max(1, t) the law varies, everything is linear in it to its square, 3e-18."""


def _through_zero(xp: Namespace, f: Callable[[Array], tuple[Array, ...]], a: Array) -> tuple[Array, ...]:
    """f(a), interpolated near a = 0 from f(0), which the mirrored nodes keep exact where f is odd."""
    small = xp.abs(a) < LINEAR
    away = f(xp.where(small, xp.where(a < 0.0, -LINEAR, LINEAR + 0.0 * a), a))
    if not ns.is_lazy(a) and not xp.any(small):
        return away
    share = xp.abs(a) / LINEAR
    return tuple(
        xp.where(small, zero + share * (g - zero), g) for zero, g in zip(f(0.0 * a), away, strict=True)
    )


def grad_mean(xp: Namespace, a: Array, t: Array, l: Array, u: Array) -> tuple[Array, ...]:
    """The partial derivatives of E z."""
    num = Twofold(xp)

    def tile(a: Array, *params: Array) -> tuple[Array, ...]:
        x = setting(num, xp, a, *params)
        partials = _pathwise(x, *(num.lift(p) for p in params))
        return tuple(_unscaled(xp, num, x, num.sum(d * x.measure)) for d in partials)

    return by_tiles(xp, num, tile, a, t, l, u)


def grad2_mean(xp: Namespace, a: Array, t: Array, l: Array, u: Array) -> Array:
    r"""The second derivative of E z to a.

    As a function of n + a, whose ends do not move, the average of :math:`\partial_a \bar z` depends on a by the density alone:
    :math:`\int \partial_a \bar z \cdot 2 (\sigma(n) - 1/2)\, \sigma'(n)\, dn`.
    """
    num = Twofold(xp)

    def tile(a: Array, *params: Array) -> tuple[Array]:
        x = setting(num, xp, a, *params)
        by_a, *_ = _pathwise(x, *(num.lift(p) for p in params))
        odd = 2.0 * li.sigmoid(num, x.at.n).odd
        return (_unscaled(xp, num, x, num.sum(by_a * odd * x.measure)),)

    return by_tiles(xp, num, tile, a, t, l, u)[0]


def grad_variance(xp: Namespace, a: Array, t: Array, l: Array, u: Array) -> tuple[Array, ...]:
    """The partial derivatives of Var z, 2 E (z - E z) dz."""
    num = Twofold(xp)

    def tile(a: Array, *params: Array) -> tuple[Array, ...]:
        x = setting(num, xp, a, *params)
        t, l, u = (num.lift(p) for p in params)
        shift, odd = _centred_mean(num, x, l, u), (u - l)[..., None, None] * x.s.odd
        weighted = [d * x.measure for d in _pathwise(x, t, l, u)]
        # Two sums, not one of the difference: a shift below the last digit of ``odd`` still counts where that cancels.
        return tuple(_unscaled(xp, num, x, 2.0 * (num.sum(odd * d) - shift * num.sum(d))) for d in weighted)

    return by_tiles(xp, num, tile, a, t, l, u)


def by_tiles(
    xp: Namespace, num: Arithmetic, tile: Callable[..., tuple[Array, ...]], *params: Array
) -> tuple[Array, ...]:
    """Evaluate ``tile``, whose first argument is log alpha, some elements at a time and through log alpha = 0."""

    def through_zero(a: Array, *rest: Array) -> tuple[Array, ...]:
        return _through_zero(xp, lambda at: tile(at, *rest), a)

    return in_tiles(xp, num.TILE, through_zero, *xp.broadcast_arrays(*params))
