r"""Mean, variance and entropy of the binary concrete law, and the gradients of the first two.

None has a closed form. The law is symmetric, z at log alpha being 1 - z at -log alpha, so that everything is done for
:math:`a = -|\log\alpha|`, where y = z or 1 - z has a mean of at most 1/2; with :math:`v = (n + a)/t`,

.. math:: E y = \int \sigma(v)\, \sigma'(n)\, dn, \quad
          \partial_a E\, g(y) = \int g'\, \sigma'(v)/t\; \sigma'(n)\, dn, \quad \partial_t = -v \cdot \partial_a.

The range is cut at :math:`n = -72 c` and :math:`n = -a + 72 c`, c = min(1, t): to the left the integrand falls like
:math:`e^{n + n/t}`, to the right like :math:`e^{-n}` or to y = 1, which is closed. The product
:math:`\sigma(v)\, \sigma'(n)` is one exponential, scaled by :math:`e^m`, :math:`m = |a| / \max(1, t)`, the order of the mean.

The entropy is that of the logistic law of the logit, less the mean of the logarithm of its slope:

.. math:: H = 2 - \log t + E \log \sigma'(v) = 2 - \log t - E|v| - 2 E \operatorname{log1p}(e^{-|v|}), \\
          E|v| = (|a| + 2 \operatorname{log1p}(e^{-|a|})) / t.

It is greatest, and 0, for the uniform law a = 0, t = 1. Near there it is minus the divergence from the uniform law,
:math:`H = -E[\ell + \operatorname{expm1}(-\ell)]` with :math:`\ell` the log density, whose integrand is never negative.
"""

from __future__ import annotations

from typing import NamedTuple

from stgref.laws import logistic_integral as li
from stgref.numerics.arithmetic import Arithmetic, Number, Twofold, Working
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quadrature import in_tiles

REACH = 72.0
"""Where to cut: exp(-72) is below the last digit of doubled precision."""


class Setting(NamedTuple):
    """The nodes for a = -abs(log alpha); ``measure`` is the weight of y = sigma(v), scaled by e^m."""

    m: Number
    far: Number
    at: li.Nodes
    s: li.Sigmoid
    measure: Number


def setting(num: Arithmetic, xp: Namespace, log_alpha: Array, t: Array) -> Setting:
    """Nodes and the scaled measure of y at them, and the scaled probability ``far`` beyond the right end."""
    a, c = num.lift(-xp.abs(log_alpha)), num.lift(REACH * xp.minimum(t, 1.0))
    m = -a / num.lift(xp.maximum(t, 1.0))
    like, t = log_alpha, num.lift(t)
    ends = li.Ends(-c, (a - c) / t, c - a, c / t)
    at = li.nodes(num, xp, a, t, ends, like)
    n, s = li.sigmoid(num, at.n), li.sigmoid(num, at.v)
    exponent = m[..., None, None] - num.abs(at.n) + num.where(num.negative(at.v), at.v, 0.0 * at.v)
    n_large, v_large = (num.where(num.negative(x), p.minus, p.plus) for x, p in ((at.n, n), (at.v, s)))
    measure = at.weight * num.exp(exponent) * n_large * n_large * v_large
    far = num.exp(m - ends.n1) / (1.0 + num.exp(-ends.n1))
    return Setting(m, far, at, s, measure)


def _unscaled(num: Arithmetic, x: Setting, value: Number) -> Array:
    h = num.lower(num.exp(-0.5 * x.m))
    return num.lower(value) * h * h


def mean(xp: Namespace, log_alpha: Array, t: Array) -> Array:
    """E z."""
    num = Working(xp)

    def tile(log_alpha: Array, t: Array) -> tuple[Array]:
        x = setting(num, xp, log_alpha, t)
        y = _unscaled(num, x, x.far + num.sum(x.measure))
        return (xp.where(log_alpha > 0.0, 1.0 - y, y),)

    return in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(log_alpha, t))[0]


def variance(xp: Namespace, log_alpha: Array, t: Array) -> Array:
    """Var z = E y^2 - (E y)^2."""
    num = Twofold(xp)

    def tile(log_alpha: Array, t: Array) -> tuple[Array]:
        x = setting(num, xp, log_alpha, t)
        first, second = x.far + num.sum(x.measure), x.far + num.sum(x.s.plus * x.measure)
        return (_unscaled(num, x, second - first * first * num.exp(-x.m)),)

    return in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(log_alpha, t))[0]


LINEAR = 2.0**-29
"""Below this size of log alpha, on whose scale max(1, t) the law varies, odd functions of it are linear to its square, 3e-18."""


def _odd(xp: Namespace, log_alpha: Array, value: Array) -> Array:
    """An odd function of log alpha from its ``value`` at `_away` of it: it vanishes at 0, where no integral would."""
    return value * xp.minimum(xp.abs(log_alpha) / LINEAR, 1.0)


def _away(xp: Namespace, log_alpha: Array) -> Array:
    """log alpha, moved away from 0 to a size of at least 2^-29."""
    return xp.where(log_alpha < 0.0, -1.0, 1.0 + 0.0 * log_alpha) * xp.maximum(xp.abs(log_alpha), LINEAR)


def _gradient(num: Arithmetic, x: Setting, t: Array, weight: Number) -> tuple[Array, Array]:
    """Integrals of ``weight`` times dy/da and dy/dt, given that the measure holds y already."""
    by_a = weight * x.s.minus / num.lift(t)[..., None, None] * x.measure
    return _unscaled(num, x, num.sum(by_a)), -_unscaled(num, x, num.sum(x.at.v * by_a))


def grad_mean(xp: Namespace, log_alpha: Array, t: Array) -> tuple[Array, ...]:
    """The partial derivatives of E z: even in log alpha, and odd."""
    num = Twofold(xp)

    def tile(log_alpha: Array, t: Array) -> tuple[Array, ...]:
        away = _away(xp, log_alpha)
        x = setting(num, xp, away, t)
        by_a, by_t = _gradient(num, x, t, 1.0 + 0.0 * x.at.v)
        return by_a, _odd(xp, log_alpha, xp.where(away > 0.0, -by_t, by_t))

    return in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(log_alpha, t))


def grad2_mean(xp: Namespace, log_alpha: Array, t: Array) -> Array:
    """The second derivative of E z to log alpha, odd in it: sigma'' = -2 (sigma - 1/2) sigma'."""
    num = Twofold(xp)

    def tile(log_alpha: Array, t: Array) -> tuple[Array]:
        away = _away(xp, log_alpha)
        x = setting(num, xp, away, t)
        by_a, _ = _gradient(num, x, t, -2.0 * x.s.odd / num.lift(t)[..., None, None])
        return (_odd(xp, log_alpha, xp.where(away > 0.0, -by_a, by_a)),)

    return in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(log_alpha, t))[0]


def grad_variance(xp: Namespace, log_alpha: Array, t: Array) -> tuple[Array, ...]:
    """The partial derivatives of Var z = Var y, 2 E (y - E y) dy: odd in log alpha, and even."""
    num = Twofold(xp)

    def tile(log_alpha: Array, t: Array) -> tuple[Array, ...]:
        away = _away(xp, log_alpha)
        x = setting(num, xp, away, t)
        first = (x.far + num.sum(x.measure)) * num.exp(-x.m)
        by_a, by_t = _gradient(num, x, t, 2.0 * (x.s.plus - first[..., None, None]))
        return _odd(xp, log_alpha, xp.where(away > 0.0, -by_a, by_a)), by_t

    return in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(log_alpha, t))


def entropy(xp: Namespace, log_alpha: Array, t: Array) -> Array:
    """H, by the divergence from the uniform law near it."""
    num = Twofold(xp)

    def tile(log_alpha: Array, t: Array) -> tuple[Array]:
        near = (xp.abs(log_alpha) < 0.5) & (t > 0.5) & (t < 2.0)
        return (
            num.lower(num.where(near, _near_uniform(num, xp, log_alpha, t), _entropy(num, xp, log_alpha, t))),
        )

    return in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(log_alpha, t))[0]


def _log1p(num: Arithmetic, x: Number) -> Number:
    """log(1 + x), to the last digit of 1 rather than of itself: it is always added to something large."""
    return num.log(1.0 + x)


def _centred_nodes(num: Arithmetic, xp: Namespace, log_alpha: Array, t: Array) -> li.Nodes:
    """Nodes on the noise that matters: 72 on both sides of 0, or 72 t on both sides of -a when t < 1."""
    a, sharp = num.lift(-xp.abs(log_alpha)), t < 1.0
    centre, reach = num.where(sharp, -a, 0.0 * a), num.lift(REACH * xp.minimum(t, 1.0))
    n0, n1, t = centre - reach, centre + reach, num.lift(t)
    return li.nodes(num, xp, a, t, li.Ends(n0, (a + n0) / t, n1, (a + n1) / t), log_alpha)


def _entropy(num: Arithmetic, xp: Namespace, log_alpha: Array, t: Array) -> Number:
    at = _centred_nodes(num, xp, log_alpha, t)
    n = li.sigmoid(num, at.n)
    slack = num.sum(at.weight * n.plus * n.minus * _log1p(num, num.exp(-num.abs(at.v))))
    size, t = num.lift(xp.abs(log_alpha)), num.lift(t)
    absolute = (size + 2.0 * _log1p(num, num.exp(-size))) / t
    return 2.0 - num.log(t) - absolute - 2.0 * slack


def _near_uniform(num: Arithmetic, xp: Namespace, log_alpha: Array, t: Array) -> Number:
    at = _centred_nodes(num, xp, log_alpha, t)
    n, v = li.sigmoid(num, at.n), li.sigmoid(num, at.v)
    density = n.plus * n.minus
    ratio = num.lift(t)[..., None, None] * density / (v.plus * v.minus)
    return -num.sum(at.weight * density * (num.log(ratio) + 1.0 / ratio - 1.0))
