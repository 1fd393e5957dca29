r"""Mean and variance of the hard concrete law, and their gradients, to full accuracy.

There is no closed form. With :math:`n_x = w(x)` the noise at which :math:`\bar z = x`, and :math:`v = (n + a)/t`,

.. math:: E z = P(z = 1) + \int_{n_0}^{n_1} \bar z(v)\, \sigma'(n)\, dn, \qquad
          \partial_\theta E\, g(z) = \int_{n_0}^{n_1} g'(\bar z)\, \partial_\theta \bar z\; \sigma'(n)\, dn,

the second because z is continuous where it is clipped, so that the moving ends contribute nothing (differentiation under the
integral; the average of the pathwise gradient). With :math:`\bar z = u\,\sigma(v) + l\,\sigma(-v)`:

.. math:: \partial_a \bar z = (u - l)\,\sigma'(v)/t, \quad \partial_t \bar z = -v\, \partial_a \bar z, \quad
          \partial_l \bar z = \sigma(-v), \quad \partial_u \bar z = \sigma(v),
          \qquad \partial_\theta \operatorname{Var} z = 2 \int (\bar z - E z)\, \partial_\theta \bar z\; \sigma'(n)\, dn.

Where the interval lies left of n = 0 (z is nearly always 1) everything is done for y = 1 - z instead, whose mean is small.
The mean is an integral of positive terms and keeps its digits in working precision. The variance and all gradients of
the two are differences of integrals that nearly cancel, near symmetric laws and at high temperature: up to 10 digits are
lost. They are computed in doubled precision, with 90 nodes a piece, which leaves 20 digits at the worst.
"""

from __future__ import annotations

from typing import NamedTuple

from stgref.laws import logistic_integral as li
from stgref.numerics.arithmetic import Arithmetic, Number, Twofold, Working
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


def setting(num: Arithmetic, a: Array, t: Array, l: Array, u: Array) -> Setting:
    """Nodes, y and the scaled density at them, and the scaled probability ``far`` of y = 1."""
    like, a, t, l, u = a, *(num.lift(x) for x in (a, t, l, u))
    ends = ends_of(num, a, t, l, u)
    right, m = num.negative(ends.n1), ends.distance(num)
    at = li.nodes(num, a, t, ends, like)
    s = li.sigmoid(num, at.v)
    l, u = l[..., None, None], u[..., None, None]
    y = num.where(right[..., None, None], (1.0 - l) * s.minus - (u - 1.0) * s.plus, u * s.plus + l * s.minus)
    far_noise = num.where(right, -ends.n0, ends.n1)
    e = num.exp(-num.abs(far_noise))
    far = num.where(num.negative(far_noise), 1.0 / (1.0 + e), num.exp(m - num.abs(far_noise)) / (1.0 + e))
    return Setting(ends, right, m, far, at, s, y, at.weight * li.scaled_density(num, at.n, m[..., None, None]))


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


def mean(xp: Namespace, a: Array, t: Array, l: Array, u: Array) -> Array:
    """E z."""
    num = Working(xp)

    def tile(*params: Array) -> tuple[Array]:
        x = setting(num, *params)
        small = _unscaled(xp, num, x, _moment(num, x, 1))
        return (xp.where(x.right, 1.0 - small, small),)

    return in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(a, t, l, u))[0]


def variance(xp: Namespace, a: Array, t: Array, l: Array, u: Array) -> Array:
    """Var z = E y^2 - (E y)^2."""
    num = Twofold(xp)

    def tile(*params: Array) -> tuple[Array]:
        x = setting(num, *params)
        first = _moment(num, x, 1)
        return (_unscaled(xp, num, x, _moment(num, x, 2) - first * first * num.exp(-x.m)),)

    return in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(a, t, l, u))[0]


def _pathwise(x: Setting, t: Number, l: Number, u: Number) -> tuple[Number, ...]:
    """The partial derivatives of the stretched variable at the nodes, with respect to a, t, l and u."""
    by_a = x.s.plus * x.s.minus * ((u - l) / t)[..., None, None]
    return by_a, -(x.at.v * by_a), x.s.minus, x.s.plus


def grad_mean(xp: Namespace, a: Array, t: Array, l: Array, u: Array) -> tuple[Array, ...]:
    """The partial derivatives of E z."""
    num = Twofold(xp)

    def tile(*params: Array) -> tuple[Array, ...]:
        x = setting(num, *params)
        partials = _pathwise(x, *(num.lift(p) for p in params[1:]))
        return tuple(_unscaled(xp, num, x, num.sum(d * x.measure)) for d in partials)

    return in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(a, t, l, u))


def grad_variance(xp: Namespace, a: Array, t: Array, l: Array, u: Array) -> tuple[Array, ...]:
    """The partial derivatives of Var z, 2 E (y - E y) dy; dy is -dz where y = 1 - z."""
    num = Twofold(xp)

    def tile(*params: Array) -> tuple[Array, ...]:
        x = setting(num, *params)
        partials = _pathwise(x, *(num.lift(p) for p in params[1:]))
        deviation = (x.y - (_moment(num, x, 1) * num.exp(-x.m))[..., None, None]) * x.measure
        sign = xp.where(x.right, -2.0, 2.0)
        return tuple(sign * _unscaled(xp, num, x, num.sum(d * deviation)) for d in partials)

    return in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(a, t, l, u))
