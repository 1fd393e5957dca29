r"""The log alpha of a hard concrete law of a given mean, and its derivatives.

With :math:`m(a) = E z` (`stgref.laws.hard_concrete_moments`), solve :math:`\log m(a) = \log m^*` for
:math:`m^* \le 1/2`, else :math:`\log (1 - m(a)) = \log (1 - m^*)`, by Newton's method. As
:math:`P(z = 1) \le E z \le P(z > 0)`, the root is between

.. math:: \operatorname{logit} m^* + t \log\frac{-l}{u} \le a \le \operatorname{logit} m^* + t \log\frac{1 - l}{u - 1}

and the steps begin at the end from which they go one way, or at the law whose median is :math:`m^*` where that is nearer.
A mean that underflows does so in its last factor :math:`e^{-k}`, k the distance of the unclipped samples from the mode of
the noise: it is added to the logarithm.

By the theorem on implicit functions, with the partial derivatives :math:`m_\theta` of the mean at the root,

.. math:: \frac{\partial a}{\partial m} = \frac{1}{m_a}, \qquad
          \frac{\partial a}{\partial \theta} = -\frac{m_\theta}{m_a}.

All integrals share the factor :math:`e^{-k}`, which drops out of the second; the first is
:math:`(m / m_a) / m^*`, where the quotient in brackets hardly depends on a rounding of a in a tail, while :math:`m_a` alone
would be off by abs(a) roundings.
"""

from __future__ import annotations

from stgref.laws import hard_concrete_moments as moments
from stgref.numerics import sigmoid
from stgref.numerics.arithmetic import Twofold, Working
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quadrature import in_tiles
from stgref.parameters import newton

MOST = 8
"""Steps at the most: 5 is the most that random laws of the domain took, of twelve thousand."""


def log_alpha(xp: Namespace, mean: Array, t: Array, l: Array, u: Array) -> Array:
    """The root a of m(a) = ``mean``."""
    num = Working(xp)

    def tile(*params: Array) -> tuple[Array]:
        return (_root(num, xp, *params),)

    return in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(mean, t, l, u))[0]


def _root(num: Working, xp: Namespace, mean: Array, t: Array, l: Array, u: Array) -> Array:
    low = mean <= 0.5
    wanted = xp.where(low, xp.log(mean), xp.log1p(-xp.where(low, 0.5, mean)))
    counts = xp.where(low, 1.0, xp.sqrt(1.0 - mean))  # near a mean of 1, only so much of the logarithm does

    def step(a: Array) -> tuple[Array, Array]:
        x = moments.setting(num, xp, a, t, l, u)
        small, (slope, *_) = moments.scaled_mean_and_partials(num, x, t, l, u)
        of_y = xp.log(small) - x.m
        near = low != x.right
        small = xp.where(near, small, xp.exp(x.m) - small)
        lacking = wanted - xp.where(near, of_y, xp.log1p(-xp.exp(xp.where(near, -1.0, of_y))))
        return counts * lacking, xp.where(low, lacking, -lacking) * small / slope

    return newton.solve(xp, step, _start(xp, low, mean, t, l, u), MOST)


def _start(xp: Namespace, low: Array, mean: Array, t: Array, l: Array, u: Array) -> Array:
    logit = sigmoid.logit(xp, mean)
    first = logit + t * sigmoid.log_ratio(xp, -l, u)
    last = logit + t * sigmoid.log_ratio(xp, 1.0 - l, u - 1.0)
    median = t * sigmoid.log_ratio(xp, mean - l, u - mean)
    return xp.where(
        low, xp.maximum(first, xp.minimum(median, last)), xp.minimum(last, xp.maximum(median, first))
    )


def grad_log_alpha(xp: Namespace, mean: Array, t: Array, l: Array, u: Array) -> tuple[Array, ...]:
    """1/m_a, -m_t/m_a, -m_l/m_a and -m_u/m_a at the root."""
    num = Twofold(xp)

    def tile(a: Array, mean: Array, *params: Array) -> tuple[Array, ...]:
        x = moments.setting(num, xp, a, *params)
        of_y, partials = moments.scaled_mean_and_partials(num, x, *(num.lift(p) for p in params))
        by_a, *others = (num.lower(d) for d in partials)
        y = xp.where(x.right, 1.0 - mean, mean)
        return num.lower(of_y) / by_a / y, *(-d / by_a for d in others)

    return moments.by_tiles(xp, num, tile, log_alpha(xp, mean, t, l, u), mean, t, l, u)
