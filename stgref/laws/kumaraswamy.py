r"""The Kumaraswamy law on (0, 1), a beta law's relative whose distribution function is elementary.

.. math:: z = (1 - (1 - u)^{1/b})^{1/a}, \quad P(z \le x) = 1 - (1 - x^a)^b

with u uniform noise. It is computed with :math:`t = -a \log x` and :math:`y = -\log(1 - x^a)`, so that
:math:`P(z > x) = e^{-b y}`; see `stgref.laws.kumaraswamy_map` for why.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from stgref.laws import hazard as on_hazard
from stgref.laws import kumaraswamy_map as to
from stgref.laws import kumaraswamy_moments as moments
from stgref.laws.sampling import sampler
from stgref.numerics import sigmoid
from stgref.numerics.exponential import damped, undamped_excess
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quantity import quantity

SOURCE = """
P. Kumaraswamy, "A generalized probability density function for double-bounded random processes", Journal of Hydrology
46, 1980; M. C. Jones, "Kumaraswamy's distribution: a beta-type distribution with some tractability advantages",
Statistical Methodology 6, 2009; for the moments, NIST Digital Library of Mathematical Functions, section 5.12.
"""


class Partials(NamedTuple):
    """Partial derivatives with respect to the parameters."""

    a: Array
    b: Array


class PartialsAtX(NamedTuple):
    """Partial derivatives with respect to the point and the parameters."""

    x: Array
    a: Array
    b: Array


class PartialsAtP(NamedTuple):
    """Partial derivatives with respect to the probability and the parameters."""

    p: Array
    a: Array
    b: Array


class Pathwise(NamedTuple):
    """A sample and its partial derivatives with respect to the noise and the parameters."""

    value: Array
    noise: Array
    a: Array
    b: Array


class Second(NamedTuple):
    """Second partial derivatives with respect to the parameters, each twice."""

    a: Array
    b: Array


@quantity
def transform(xp: Namespace, noise: Array, a: Array, b: Array) -> Array:
    r"""Sample as a function of uniform noise, increasing: :math:`(1 - (1 - u)^{1/b})^{1/a}`.

    Coded as :math:`\exp(\operatorname{log1mexp}(y) / a)` with :math:`y = -\operatorname{log1p}(-u) / b`.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.transform([0.0, 0.75, 1.0], 1.0, 2.0)
    array([0. , 0.5, 1. ])
    """
    return xp.exp(to.log_sample(xp, -xp.log1p(-noise), a, b))


@quantity
def grad_transform(xp: Namespace, noise: Array, a: Array, b: Array) -> Pathwise:
    r"""Sample, as ``value``, and its partial derivatives.

    :math:`e^{(1 - 1/a) t - y} / (a b\, (1 - u))` to the noise, :math:`-z \log z / a` to a,
    :math:`-z\, y / (a b\, (e^y - 1))` to b, with :math:`t = -a \log z`. At noise 0 and 1 the derivatives to the
    parameters are 0, and that to the noise has its limit, which may be infinite.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.grad_transform(0.75, 1.0, 2.0).noise
    np.float64(1.0)
    """
    ends = (noise <= 0.0) | (noise >= 1.0)
    path = to.path(xp, xp.where(ends, 0.5, noise), a, b)
    at_zero = xp.where(a < 1.0, 0.0, xp.where(a > 1.0, math.inf, 1.0 / b))
    at_one = xp.where(b < 1.0, 0.0, xp.where(b > 1.0, math.inf, 1.0 / a))
    by_noise = xp.where(ends, xp.where(noise <= 0.0, at_zero, at_one), path.by_u)
    value = xp.where(ends, noise, xp.exp(path.log_z))
    return Pathwise(value, by_noise, *(xp.where(ends, 0.0, d) for d in (path.by_a, path.by_b)))


class _At(NamedTuple):
    """A point: whether it is inside, its s = -log x and t = a s, made harmless elsewhere, and its hazard."""

    inside: Array
    x: Array
    s: Array
    t: Array
    w: on_hazard.Hazard


def _at(xp: Namespace, x: Array, a: Array, b: Array) -> _At:
    inside = (x > 0.0) & (x < 1.0)
    safe = xp.where(inside | xp.isnan(x), x, 0.5)
    s = -xp.log(safe)
    return _At(inside, safe, s, a * s, to.hazard(xp, a * s, b))


def _pieced(xp: Namespace, x: Array, below: float, inside: Array, above: float) -> Array:
    """``inside`` on (0, 1), constants beside it, NaN where x is NaN."""
    value = xp.where(x <= 0.0, below, xp.where(x >= 1.0, above, inside))
    return xp.where(xp.isnan(x), x, value)


def _density(xp: Namespace, at: _At, a: Array, b: Array, log_rest: Array) -> Array:
    """a b x^(a - 1) times e^log_rest, in halves; for a < 1 as x^a / x, (1 - a) s being much larger than a s there."""
    divided = a < 1.0
    exponent = xp.where(divided, -at.t, (1.0 - a) * at.s) + log_rest
    h = xp.exp(0.5 * exponent) / xp.where(divided, xp.sqrt(at.x), 1.0)
    return h * (a * b) * h


@quantity
def pdf(xp: Namespace, x: Array, a: Array, b: Array) -> Array:
    r"""Density, :math:`a b\, x^{a-1} (1 - x^a)^{b-1}` on (0, 1), 0 elsewhere.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.pdf([0.0, 0.25, 0.5], 1.0, 2.0)
    array([0. , 1.5, 1. ])
    """
    at = _at(xp, x, a, b)
    return _pieced(xp, x, 0.0, _density(xp, at, a, b, (b - 1.0) * sigmoid.log1mexp(xp, at.t)), 0.0)


@quantity
def logpdf(xp: Namespace, x: Array, a: Array, b: Array) -> Array:
    r"""Logarithm of `pdf`, :math:`\log(a b) + (a - 1) \log x + (b - 1) \operatorname{log1mexp}(t)`; -inf outside (0, 1).

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.logpdf([0.0, 0.5], 1.0, 2.0)
    array([-inf,   0.])
    """
    at = _at(xp, x, a, b)
    inside = xp.log(a * b) + (1.0 - a) * at.s + (b - 1.0) * sigmoid.log1mexp(xp, at.t)
    return _pieced(xp, x, -math.inf, inside, -math.inf)


@quantity
def grad_logpdf(xp: Namespace, x: Array, a: Array, b: Array) -> PartialsAtX:
    r"""Partial derivatives of `logpdf`; 0 outside (0, 1).

    :math:`(a - 1 - (b - 1)\, a / (e^t - 1)) / x` to x,
    :math:`(b\, t / (e^t - 1) + 1 - t / (1 - e^{-t})) / a` to a, whose last difference is one function, and
    :math:`1/b + \operatorname{log1mexp}(t)` to b.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.grad_logpdf(0.5, 1.0, 2.0).x
    np.float64(-2.0)
    """
    at = _at(xp, x, a, b)
    by_x = ((a - 1.0) - (b - 1.0) * (a * xp.exp(to.rise(xp, at.t)))) / at.x
    by_a = (damped(xp, at.t, b) - undamped_excess(xp, at.t)) / a
    by_b = 1.0 / b + sigmoid.log1mexp(xp, at.t)
    return PartialsAtX(*(_pieced(xp, x, 0.0, d, 0.0) for d in (by_x, by_a, by_b)))


@quantity
def cdf(xp: Namespace, x: Array, a: Array, b: Array) -> Array:
    r"""Distribution function, :math:`1 - (1 - x^a)^b`, coded as :math:`-\operatorname{expm1}(-b y)`.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.cdf([-1.0, 0.5, 2.0], 1.0, 2.0)
    array([0.  , 0.75, 1.  ])
    """
    return _pieced(xp, x, 0.0, on_hazard.uniform.cdf(xp, _at(xp, x, a, b).w), 1.0)


@quantity
def ccdf(xp: Namespace, x: Array, a: Array, b: Array) -> Array:
    r"""Complementary distribution function, :math:`(1 - x^a)^b`, coded as :math:`e^{-b y}`.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.ccdf([-1.0, 0.5, 2.0], 1.0, 2.0)
    array([1.  , 0.25, 0.  ])
    """
    return _pieced(xp, x, 1.0, on_hazard.uniform.ccdf(xp, _at(xp, x, a, b).w), 0.0)


@quantity
def logcdf(xp: Namespace, x: Array, a: Array, b: Array) -> Array:
    r"""Logarithm of `cdf`, :math:`\operatorname{log1mexp}(b y)`, and :math:`\log(b y) = \log b - t` where that is small.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.logcdf([0.0, 1e-300, 1.0], 100.0, 1.0)
    array([          -inf, -69077.5527898,      0.       ])
    """
    return _pieced(xp, x, -math.inf, on_hazard.uniform.logcdf(xp, _at(xp, x, a, b).w), 0.0)


@quantity
def logccdf(xp: Namespace, x: Array, a: Array, b: Array) -> Array:
    r"""Logarithm of `ccdf`, :math:`-b y = b \operatorname{log1mexp}(t)`.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.logccdf([0.0, 0.5, 1.0], 1.0, 2.0)
    array([ 0.        , -1.38629436,        -inf])
    """
    return _pieced(xp, x, 0.0, on_hazard.uniform.logccdf(xp, _at(xp, x, a, b).w), -math.inf)


def _chain(
    xp: Namespace, x: Array, a: Array, b: Array, derivative: Callable[[on_hazard.Hazard, Array], Array]
) -> PartialsAtX:
    """Partials of a function of the hazard, given ``derivative(w, c)`` = c times its own along log E."""
    at = _at(xp, x, a, b)
    decline = to.decline(xp, at.t)
    fields = (
        derivative(at.w, a * decline) / at.x,
        derivative(at.w, -decline * at.s),
        derivative(at.w, 1.0 / b),
    )
    return PartialsAtX(*(_pieced(xp, x, 0.0, d, 0.0) for d in fields))


@quantity
def grad_cdf(xp: Namespace, x: Array, a: Array, b: Array) -> PartialsAtX:
    r"""Partial derivatives of `cdf`: `pdf`, and :math:`e^{-E}\, \partial E` with :math:`E = b y`; 0 outside (0, 1).

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.grad_cdf(0.5, 1.0, 2.0).x
    np.float64(1.0)
    """
    partials = _chain(xp, x, a, b, lambda w, c: on_hazard.uniform.density(xp, w)(c))
    return partials._replace(x=pdf.kernel(xp, x, a, b))


@quantity
def grad_logcdf(xp: Namespace, x: Array, a: Array, b: Array) -> PartialsAtX:
    r"""Partial derivatives of `logcdf`, :math:`E / (e^E - 1)\, \partial \log E` with :math:`E = b y`; 0 outside (0, 1).

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.grad_logcdf(0.5, 1.0, 1.0).x
    np.float64(2.0)
    """
    return _chain(xp, x, a, b, lambda w, c: on_hazard.uniform.grad_logcdf(xp, w)(c))


@quantity
def grad_logccdf(xp: Namespace, x: Array, a: Array, b: Array) -> PartialsAtX:
    r"""Partial derivatives of `logccdf`, :math:`-\partial E` with :math:`E = b y`; 0 outside (0, 1).

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.grad_logccdf(0.5, 1.0, 2.0).x
    np.float64(-4.0)
    """
    partials = _chain(xp, x, a, b, lambda w, c: -on_hazard.uniform.grad_logccdf(xp, w)(c))
    at = _at(xp, x, a, b)
    hazard_rate = _density(xp, at, a, b, -sigmoid.log1mexp(xp, at.t))
    return partials._replace(x=_pieced(xp, x, 0.0, -hazard_rate, 0.0))


@quantity
def icdf(xp: Namespace, p: Array, a: Array, b: Array) -> Array:
    r"""Quantile function, `transform` itself: :math:`(1 - (1 - p)^{1/b})^{1/a}`.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.icdf([0.0, 0.75, 1.0], 1.0, 2.0)
    array([0. , 0.5, 1. ])
    """
    return transform.kernel(xp, p, a, b)


@quantity
def grad_icdf(xp: Namespace, p: Array, a: Array, b: Array) -> PartialsAtP:
    r"""Partial derivatives of `icdf`, those of `transform`.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.grad_icdf([0.0, 0.75, 1.0], 1.0, 2.0).p
    array([0.5, 1. , inf])
    """
    _, *partials = grad_transform.kernel(xp, p, a, b)
    return PartialsAtP(*partials)


@quantity
def iccdf(xp: Namespace, p: Array, a: Array, b: Array) -> Array:
    r"""Inverse of `ccdf`, :math:`(1 - p^{1/b})^{1/a}`: as `transform`, with :math:`y = -\log(p) / b`.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.iccdf([0.0, 0.25, 1.0], 1.0, 2.0)
    array([1. , 0.5, 0. ])
    """
    return xp.exp(to.log_sample(xp, -xp.log(p), a, b))


@quantity
def median(xp: Namespace, a: Array, b: Array) -> Array:
    r"""Median, :math:`(1 - 2^{-1/b})^{1/a}`.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.median(1.0, 1.0)
    np.float64(0.5)
    """
    return transform.kernel(xp, 0.5 + 0.0 * a, a, b)


@quantity
def grad_median(xp: Namespace, a: Array, b: Array) -> Partials:
    r"""Partial derivatives of `median`, those of `transform` at the noise 1/2.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.grad_median(1.0, 1.0).a
    np.float64(0.34657359027997)
    """
    _, _, by_a, by_b = grad_transform.kernel(xp, 0.5 + 0.0 * a, a, b)
    return Partials(by_a, by_b)


@quantity
def mean(xp: Namespace, a: Array, b: Array) -> Array:
    r"""Mean, :math:`m_1 = b\, B(1 + 1/a, b)` with B the beta function.

    See `stgref.laws.kumaraswamy_moments`.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.mean([1.0, 5.0], [3.0, 1.0])
    array([0.25      , 0.83333333])
    """
    return moments.mean(xp, a, b)


@quantity
def grad_mean(xp: Namespace, a: Array, b: Array) -> Partials:
    r"""Partial derivatives of `mean`.

    :math:`m_1 (\psi(1 + b + 1/a) - \psi(1 + 1/a)) / a^2` to a and :math:`m_1 (\psi(1 + b) - \psi(1 + b + 1/a))` to b,
    with :math:`\psi` the digamma function.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.grad_mean(1.0, 1.0).b
    np.float64(-0.25)
    """
    return Partials(*moments.grad_mean(xp, a, b))


@quantity
def variance(xp: Namespace, a: Array, b: Array) -> Array:
    r"""Variance, :math:`m_2 - m_1^2` in doubled precision, with :math:`m_k = b\, B(1 + k/a, b)`.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.variance(1.0, 1.0)
    np.float64(0.08333333333333333)
    """
    return moments.variance(xp, a, b)


@quantity
def grad_variance(xp: Namespace, a: Array, b: Array) -> Partials:
    r"""Partial derivatives of `variance`, :math:`\partial m_2 - 2 m_1\, \partial m_1` in doubled precision.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> abs(kumaraswamy.grad_variance(1.0, 1.0).b) < 0.1
    np.True_
    """
    return Partials(*moments.grad_variance(xp, a, b))


@quantity
def entropy(xp: Namespace, a: Array, b: Array) -> Array:
    r"""Differential entropy in nats, :math:`1 - 1/b + (1 - 1/a)(\psi(1 + b) + \gamma) - \log(a b)`; 0 for the uniform law.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.entropy(1.0, [1.0, 2.0])
    array([ 0.        , -0.19314718])
    """
    return moments.entropy(xp, a, b)


@quantity
def grad2_transform(xp: Namespace, noise: Array, a: Array, b: Array) -> Second:
    r"""Second derivatives of `transform`, to each shape twice.

    :math:`z\, s\, (s - 2) / a^2` to a and :math:`z\, D\, (D/a + 2 - y / (1 - e^{-y})) / (a\, b^2)` to b, with
    :math:`s = -\log z` and :math:`D = y / (e^y - 1)`. At noise 0 and 1 they are 0.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.grad2_transform(0.75, 1.0, 2.0).a
    np.float64(-0.4529206736008446)
    """
    ends = (noise <= 0.0) | (noise >= 1.0)
    second = to.bend(xp, xp.where(ends, 0.5, noise), a, b)
    return Second(*(xp.where(ends, 0.0, d) for d in second))


@quantity
def grad2_mean(xp: Namespace, a: Array, b: Array) -> Second:
    r"""Second derivatives of `mean`, to each shape twice, by the digamma and trigamma functions.

    Examples
    --------
    >>> from stgref import kumaraswamy
    >>> kumaraswamy.grad2_mean(1.0, 1.0).b
    np.float64(0.25)
    """
    return Second(*moments.grad2_mean(xp, a, b))


sample = sampler(transform, "uniform")
