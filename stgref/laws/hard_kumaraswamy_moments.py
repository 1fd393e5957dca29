r"""Mean, variance and entropy of the hard Kumaraswamy law, and the derivatives of the first two, to full accuracy.

**Axis.** With :math:`w = v^a` and :math:`\eta = \operatorname{logit} w`, :math:`t = -\log w = \operatorname{softplus}(-\eta)` and
:math:`y = -\log(1 - w) = \operatorname{softplus}(\eta)`, the sample before clipping and its law are

.. math:: \bar z = u\, v + l\, (1 - v), \quad v = e^{-t/a}, \qquad P(\bar z \in d\bar z) = \mu\, d\eta, \quad
          \mu = b\, e^{-t - b y},

between :math:`\eta_0` and :math:`\eta_1`, where :math:`\bar z` is 0 and 1. As z is continuous where it is clipped,

.. math:: E\, g(z) = g(0)\, p_0 + g(1)\, p_1 + \int_{\eta_0}^{\eta_1} g(\bar z)\, \mu\, d\eta, \qquad
          \partial_\theta E\, g(z) = \int_{\eta_0}^{\eta_1} g'(\bar z)\, \partial_\theta \bar z\; \mu\, d\eta,

the latter at a fixed noise:

.. math:: \partial_a \bar z = (u - l) \frac{v\, t}{a^2}, \quad \partial_b \bar z = -(u - l) \frac{v\, y\, e^{-\eta}}{a\, b}, \quad
          \partial_l \bar z = 1 - v, \quad \partial_u \bar z = v.

Where z is mostly 1, everything is done for 1 - z instead, whose mean is small.

**Quadrature.** All singularities lie on the line :math:`\operatorname{Re} \eta = 0`, at :math:`\pm i \pi, \pm 3 i \pi \ldots`.
But powers of up to 100 bend :math:`\mu` on a scale of 1 around :math:`-\log(1 + b)`, beyond which it falls like
:math:`\exp(-b e^\eta)`, and v around :math:`\log(1 + 1/a)`. So the range is cut there and at 0. The outer pieces, where all is
a plain exponential in the end, have rules graded at their inner ends (`stgref.numerics.quadrature`); the inner pieces,
shorter than 5, have Gauss-Legendre rules, in whose ellipses (of half axes 1.25 and 0.75 times half the length) nothing exceeds
its maximum on the real axis by more than 3. The range ends where :math:`\mu` has fallen by :math:`e^{-100}`, which v, at least
:math:`e^{-17}`, cannot make up for. Densities come scaled by :math:`e^{-m}`, m being the greatest logarithm of
:math:`\mu / b`, so that far tails keep all their digits.

**Precision.** The mean is a sum of positive terms. The others are differences of sums, and are in doubled precision.

**Entropy.** Inside, :math:`\log f = \log(a b / (u - l)) - (a - 1)\, t / a - (b - 1)\, y`.
"""

from __future__ import annotations

from typing import NamedTuple

from stgref.numerics.arithmetic import Arithmetic, Number, Twofold, Working
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quadrature import in_tiles

NEGLIGIBLE = 100.0
LIKELY = 0.6931471805599453
"""A hazard of log 2: half of the probability."""
SATURATED = 60.0
"""exp(-60) is beyond the last digit of working precision."""


class Law(NamedTuple):
    """The parameters as numbers."""

    a: Number
    b: Number
    l: Number
    u: Number


class Axis(NamedTuple):
    """A point of the axis: eta, t and y, and e = exp(-abs(eta))."""

    eta: Number
    t: Number
    y: Number
    e: Number


class Setting(NamedTuple):
    """What all integrals of one law share; ``mirrored`` says that x = 1 - z, else x = z. Densities are scaled by e^-m."""

    law: Law
    mirrored: Array
    m: Number
    zero: Axis
    one: Axis
    at: Axis
    v: Number
    rest: Number
    x: Number
    measure: Number
    far: Number


def axis(num: Arithmetic, eta: Number) -> Axis:
    """t and y, which are soft positive parts of -eta and eta."""
    e, left = num.exp(-num.abs(eta)), num.negative(eta)
    soft, nothing = num.log1p(e), 0.0 * eta
    return Axis(eta, num.where(left, -eta, nothing) + soft, num.where(left, nothing, eta) + soft, e)


def log_odds(num: Arithmetic, t: Number) -> Number:
    """log(1 / (e^t - 1)): eta of t, and minus eta of y."""
    return -t - num.log(-num.expm1(-t))


def least(num: Arithmetic, x: Number, y: Number) -> Number:
    """The lesser of two numbers."""
    return num.where(num.negative(x - y), x, y)


def setting(num: Arithmetic, xp: Namespace, *params: Array) -> Setting:
    """The nodes, and everything at them."""
    law = Law(*(num.lift(p) for p in params))
    a, b, l, u = law
    whole = u - l
    zero, one = (axis(num, log_odds(num, a * num.log_ratio(whole, x))) for x in (-l, 1.0 - l))
    eta, weight, m = nodes(num, law, zero.eta, one.eta, params[0])
    at = axis(num, eta)
    (a, b, l, u), m_ = (x[..., None, None] for x in law), m[..., None, None]
    log_v = -(at.t / a)
    v, rest = num.exp(log_v), -num.expm1(log_v)
    mirrored = num.negative(law.b * one.y - LIKELY)
    x = num.where(mirrored[..., None, None], (1.0 - l) * rest - (u - 1.0) * v, u * v + l * rest)
    measure = weight * num.exp(-at.t - b * at.y - m_) * b
    far = num.where(mirrored, -num.expm1(-(law.b * zero.y)) * num.exp(-m), num.exp(-(law.b * one.y) - m))
    return Setting(law, mirrored, m, zero, one, at, v, rest, x, measure, far)


def nodes(num: Arithmetic, law: Law, low: Number, high: Number, like: Array) -> tuple[Number, Number, Number]:
    """Nodes between ``low`` and ``high`` with their weights on the last two axes, and m."""

    def inside(eta: Number) -> Number:
        return -least(num, -low, -least(num, eta, high))

    bend = inside(-num.log(1.0 + law.b))
    top = axis(num, inside(-num.log(law.b)))
    falls = axis(num, bend)
    low = -least(num, -low, -log_odds(num, falls.t + NEGLIGIBLE))
    high = least(num, high, -log_odds(num, falls.y + NEGLIGIBLE / law.b))
    cuts = [inside(eta) for eta in (bend, 0.0 * bend, num.log1p(1.0 / law.a))]
    graded, even = num.rule(like), num.even_rule(like)
    pieces = [
        (cuts[0], low, graded),
        (cuts[0], cuts[1], even),
        (cuts[1], cuts[2], even),
        (cuts[2], high, graded),
    ]
    spans = [(end - start)[..., None] for start, end, _ in pieces]
    eta = [start[..., None] + span * rule.nodes for (start, _, rule), span in zip(pieces, spans, strict=True)]
    weight = [num.abs(span) * rule.weights for (*_, rule), span in zip(pieces, spans, strict=True)]
    return num.stack(eta), num.stack(weight), -top.t - law.b * top.y


def unscaled(num: Arithmetic, x: Setting, value: Number) -> Array:
    """The value times e^m, in two steps so that it underflows gradually."""
    h = num.lower(num.exp(0.5 * x.m))
    return num.lower(value) * h * h


def first_moment(num: Arithmetic, x: Setting) -> Number:
    """E x, scaled."""
    return x.far + num.sum(x.x * x.measure)


def mean(xp: Namespace, *params: Array) -> Array:
    """E z."""
    num = Working(xp)

    def tile(*params: Array) -> tuple[Array]:
        x = setting(num, xp, *params)
        small = unscaled(num, x, first_moment(num, x))
        return (xp.where(x.mirrored, 1.0 - small, small),)

    return in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(*params))[0]


def variance(xp: Namespace, *params: Array) -> Array:
    """Var z = E x^2 - (E x)^2."""
    num = Twofold(xp)

    def tile(*params: Array) -> tuple[Array]:
        x = setting(num, xp, *params)
        first, second = first_moment(num, x), x.far + num.sum(x.x * x.x * x.measure)
        return (unscaled(num, x, second - first * first * num.exp(x.m)),)

    return in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(*params))[0]


def pathwise(num: Arithmetic, x: Setting) -> tuple[Number, ...]:
    """The partial derivatives of the stretched variable at the nodes, times the measure."""
    a, b, l, u = (p[..., None, None] for p in x.law)
    stretched = (u - l) / a * x.v * x.measure
    y_over = num.where(num.negative(x.at.eta), x.at.y / x.at.e, x.at.y * x.at.e)
    return stretched * x.at.t / a, -(stretched * y_over / b), x.rest * x.measure, x.v * x.measure


def grad_mean(xp: Namespace, *params: Array) -> tuple[Array, ...]:
    """The partial derivatives of E z."""
    num = Twofold(xp)

    def tile(*params: Array) -> tuple[Array, ...]:
        x = setting(num, xp, *params)
        return tuple(unscaled(num, x, num.sum(d)) for d in pathwise(num, x))

    return in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(*params))


def grad2_mean(xp: Namespace, *params: Array) -> tuple[Array, Array]:
    r"""The second derivatives of E z, the integral over 0 < x < 1 of those of P(z > x) = e^(-b y), to a and to b.

    .. math:: \partial_a^2 E z = \int (u - l) \frac{v\, t^2}{a^3} ((b - 1) e^\eta - 1)\, \mu\, d\eta, \qquad
              \partial_b^2 E z = \int (u - l) \frac{v\, y^2}{a\, b} e^{-\eta}\, \mu\, d\eta
    """
    num = Twofold(xp)

    def tile(*params: Array) -> tuple[Array, Array]:
        x = setting(num, xp, *params)
        a, b, l, u = (p[..., None, None] for p in x.law)
        stretched, left = (u - l) / a * x.v * x.measure, num.negative(x.at.eta)
        odds, inverse = num.where(left, x.at.e, 1.0 / x.at.e), num.where(left, 1.0 / x.at.e, x.at.e)
        by_a = stretched * (x.at.t / a) * (x.at.t / a) * ((b - 1.0) * odds - 1.0)
        by_b = stretched * x.at.y * (x.at.y * inverse) / b
        return unscaled(num, x, num.sum(by_a)), unscaled(num, x, num.sum(by_b))

    by_a, by_b = in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(*params))
    return by_a, by_b


def grad_variance(xp: Namespace, *params: Array) -> tuple[Array, ...]:
    """The partial derivatives of Var z, 2 E (z - E z) dz."""
    num = Twofold(xp)

    def tile(*params: Array) -> tuple[Array, ...]:
        x = setting(num, xp, *params)
        centre = first_moment(num, x) * num.exp(x.m)

        def part(d: Number) -> Array:
            spread = 2.0 * (num.sum(x.x * d) - centre * num.sum(d))
            return unscaled(num, x, num.where(x.mirrored, -spread, spread))

        return tuple(part(d) for d in pathwise(num, x))

    return in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(*params))


def entropy(xp: Namespace, *params: Array) -> Array:
    """H."""
    num = Twofold(xp)

    def tile(*params: Array) -> tuple[Array]:
        x = setting(num, xp, *params)
        a, b, l, u = x.law
        constant = num.log(a) + num.log(b) - num.log(u - l)
        slope = ((a - 1.0) / a)[..., None, None] * x.at.t + (b - 1.0)[..., None, None] * x.at.y
        inside = num.sum(x.measure * (constant[..., None, None] - slope))
        e_1 = b * x.one.y
        return (unscaled(num, x, surprise_of_zero(num, x) + e_1 * num.exp(-e_1 - x.m) - inside),)

    return in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(*params))[0]


def surprise_of_zero(num: Arithmetic, x: Setting) -> Number:
    """-p log p of the atom at 0, p = 1 - q, scaled; of a likely one p q times -log(1 - q) / q."""
    e = x.law.b * x.zero.y
    rare, top = num.negative(e - LIKELY), 0.0 * e + SATURATED
    p = -num.expm1(-num.where(rare, e, 0.0 * e + 1.0))
    far = num.negative(top - x.zero.t)  # where p = b e^-t, which may have underflowed
    log_p = num.where(far, num.log(x.law.b) - x.zero.t, num.log(num.where(far, 0.0 * p + 1.0, p)))
    capped = least(num, num.where(rare, 0.0 * e + 1.0, e), top)
    q = num.exp(-capped)
    likely = (1.0 - q) * (num.log1p(q / (1.0 - q)) / q) * num.exp(-e - x.m)
    return num.where(rare, -(p * log_p) * num.exp(-x.m), likely)
