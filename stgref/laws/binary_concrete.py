r"""The binary concrete law: the logistic sigmoid of a logistic variable, on (0, 1).

.. math:: z = \sigma(v), \quad v = (n + \log\alpha) / \text{temperature}

with n standard logistic noise. On the base axis :math:`w(x) = \text{temperature} \operatorname{logit}(x) - \log\alpha`,
so that :math:`P(z \le x) = \sigma(w(x))`. In logit space, where low temperatures cannot saturate, it is the logistic law
of v (`transform_logit`, `logpdf_logit`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from stgref.laws import binary_concrete_moments as moments
from stgref.laws.sampling import sampler
from stgref.numerics import sigmoid
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quantity import integral, quantity

SOURCE = """
C. J. Maddison, A. Mnih, Y. W. Teh, "The Concrete Distribution: a Continuous Relaxation of Discrete Random Variables",
ICLR 2017, appendix B (binary concrete).
"""


class Partials(NamedTuple):
    """Partial derivatives with respect to the parameters."""

    log_alpha: Array
    temperature: Array


class PartialsAtX(NamedTuple):
    """Partial derivatives with respect to the point and the parameters."""

    x: Array
    log_alpha: Array
    temperature: Array


class PartialsAtP(NamedTuple):
    """Partial derivatives with respect to the probability and the parameters."""

    p: Array
    log_alpha: Array
    temperature: Array


class Pathwise(NamedTuple):
    """A sample and its partial derivatives with respect to the noise and the parameters."""

    value: Array
    noise: Array
    log_alpha: Array
    temperature: Array


class Second(NamedTuple):
    """Second partial derivatives with respect to the main parameter."""

    log_alpha: Array


@quantity
def transform(xp: Namespace, noise: Array, log_alpha: Array, temperature: Array = 2 / 3) -> Array:
    r"""Sample as a function of standard logistic noise, :math:`\sigma((n + \log\alpha) / \text{temperature})`.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.transform(0.0, 0.0)
    np.float64(0.5)
    """
    return sigmoid.expit(xp, (noise + log_alpha) / temperature)


@quantity
def grad_transform(xp: Namespace, noise: Array, log_alpha: Array, temperature: Array = 2 / 3) -> Pathwise:
    r"""Sample, as ``value``, and its partial derivatives, :math:`\sigma'(v)\, \partial v`.

    To the noise and log_alpha :math:`\sigma'(v) / \text{temperature}`, to the temperature :math:`-v \sigma'(v) / \text{temperature}`.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.grad_transform(0.0, 0.0, 0.5).log_alpha
    np.float64(0.5)
    """
    v = (noise + log_alpha) / temperature
    s = sigmoid.both(xp, v)
    over = 1.0 / temperature
    by_noise = s.root * over * s.root
    return Pathwise(s.right, by_noise, by_noise, s.root * (-over * v) * s.root)


@quantity
def transform_logit(xp: Namespace, noise: Array, log_alpha: Array, temperature: Array = 2 / 3) -> Array:
    r"""Logit of the sample, :math:`v = (n + \log\alpha) / \text{temperature}`, which does not saturate.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.transform_logit(1.0, 1.0, 0.5)
    np.float64(4.0)
    """
    return (noise + log_alpha) / temperature


@quantity
def grad_transform_logit(
    xp: Namespace, noise: Array, log_alpha: Array, temperature: Array = 2 / 3
) -> Pathwise:
    r"""Logit of the sample, as ``value``, and its partial derivatives: 1 / temperature, and -v / temperature to it.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.grad_transform_logit(1.0, 1.0, 0.5).temperature
    np.float64(-8.0)
    """
    v = (noise + log_alpha) / temperature
    over = 1.0 / temperature
    return Pathwise(v, over, over, -over * v)


@quantity
def logpdf_logit(xp: Namespace, x: Array, log_alpha: Array, temperature: Array = 2 / 3) -> Array:
    r"""Log density of logit(z) at the logit x.

    It is :math:`\log \text{temperature} - |w| - 2 \operatorname{log1p}(e^{-|w|})` with :math:`w =
    \text{temperature}\, x - \log\alpha`.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.logpdf_logit(1e4, 0.0, 1.0)
    np.float64(-10000.0)
    """
    return sigmoid.log_density(xp, temperature * x - log_alpha) + xp.log(temperature)


@quantity
def grad_logpdf_logit(xp: Namespace, x: Array, log_alpha: Array, temperature: Array = 2 / 3) -> PartialsAtX:
    r"""Partial derivatives of `logpdf_logit`.

    With :math:`s = \tanh(w/2)`, :math:`-s\, \text{temperature}` to x, s to log_alpha,
    :math:`1/\text{temperature} - x s` to the temperature.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.grad_logpdf_logit(0.0, 0.0, 0.5).temperature
    np.float64(2.0)
    """
    s = sigmoid.tanh_half(xp, temperature * x - log_alpha)
    return PartialsAtX(-s * temperature, s, 1.0 / temperature - x * s)


def _point(xp: Namespace, x: Array, a: Array, t: Array) -> Array:
    """w(x), for x moved into [0, 1]."""
    return t * _logit(xp, x) - a


def _logit(xp: Namespace, x: Array) -> Array:
    return sigmoid.logit(xp, xp.minimum(xp.maximum(x, 0.0), 1.0))


def _inside(xp: Namespace, x: Array) -> tuple[Array, Array]:
    """Whether x is in (0, 1), and x made harmless elsewhere."""
    inside = (x > 0.0) & (x < 1.0)
    return inside, xp.where(inside | xp.isnan(x), x, 0.5)


@quantity
def pdf(xp: Namespace, x: Array, log_alpha: Array, temperature: Array = 2 / 3) -> Array:
    r"""Density, :math:`\text{temperature}\, \sigma'(w) / (x (1 - x))` on (0, 1), 0 elsewhere.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.pdf([0.0, 0.25, 0.5], 0.0, 1.0)
    array([0., 1., 1.])
    """
    inside, safe = _inside(xp, x)
    w = _point(xp, safe, log_alpha, temperature)
    return _within(xp, x, inside, _scaled_density(xp, w, temperature, _root_slope(xp, safe)), 0.0)


def _root_slope(xp: Namespace, x: Array) -> Array:
    """1 / sqrt(x (1 - x)), whose square overflows at subnormal x."""
    return 1.0 / xp.sqrt(x) / xp.sqrt(1.0 - x)


def _scaled_density(xp: Namespace, w: Array, c: Array, root: Array | float = 1.0) -> Array:
    """c root^2 sigma'(w)."""
    e = xp.exp(-0.25 * xp.abs(w))
    h = e * e
    q = e * root * e / (1.0 + h * h)
    return c * q * q


def _within(xp: Namespace, x: Array, inside: Array, value: Array, outside: float) -> Array:
    return xp.where(inside | xp.isnan(x), value, outside)


@quantity
def logpdf(xp: Namespace, x: Array, log_alpha: Array, temperature: Array = 2 / 3) -> Array:
    r"""Logarithm of the density.

    It is :math:`\log \text{temperature} - |w| - 2 \operatorname{log1p}(e^{-|w|}) - \log x -
    \operatorname{log1p}(-x)`; -inf outside (0, 1).

    Near the uniform law those terms cancel. Where :math:`d = w - \operatorname{logit}(x)` is less than 1 in size, it is
    :math:`\log \text{temperature} - 2 \operatorname{log1p}(2 \sinh^2(d/4) + (2x - 1) \sinh(d/2))`, the difference of
    the standard logistic log densities at w and at logit(x).

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.logpdf([0.0, 0.5], 1e4)
    array([         -inf, -9.99901917e+03])
    """
    inside, safe = _inside(xp, x)
    log_t, v = xp.log(temperature), sigmoid.logit(xp, safe)
    plain = sigmoid.log_density(xp, temperature * v - log_alpha) + (log_t - (xp.log(safe) + xp.log1p(-safe)))
    d = (temperature - 1.0) * v - log_alpha
    near = xp.abs(d) < 1.0
    d = xp.where(near, d, 0.0)
    change = 2.0 * xp.sinh(0.25 * d) ** 2 + (2.0 * safe - 1.0) * xp.sinh(0.5 * d)
    return _within(xp, x, inside, xp.where(near, log_t - 2.0 * xp.log1p(change), plain), -math.inf)


@quantity
def grad_logpdf(xp: Namespace, x: Array, log_alpha: Array, temperature: Array = 2 / 3) -> PartialsAtX:
    r"""Partial derivatives of `logpdf`.

    With :math:`s = \tanh(w/2)`, :math:`(2x - 1 - \text{temperature}\, s) / (x (1 - x))` to x, s to
    log_alpha, :math:`1/\text{temperature} - s \operatorname{logit}(x)` to the temperature; 0 outside (0, 1).

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.grad_logpdf(0.5, 0.0, 0.5).temperature
    np.float64(2.0)
    """
    inside, safe = _inside(xp, x)
    s = sigmoid.tanh_half(xp, _point(xp, safe, log_alpha, temperature))
    by_x = (2.0 * safe - 1.0 - temperature * s) / safe / (1.0 - safe)
    by_t = 1.0 / temperature - s * sigmoid.logit(xp, safe)
    return PartialsAtX(*(_within(xp, x, inside, d, 0.0) for d in (by_x, s, by_t)))


@quantity
def cdf(xp: Namespace, x: Array, log_alpha: Array, temperature: Array = 2 / 3) -> Array:
    r"""Distribution function, :math:`P(z \le x) = \sigma(w)` with :math:`w = \text{temperature} \operatorname{logit}(x) - \log\alpha`.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.cdf([0.0, 0.25, 2.0], 0.0, 1.0)
    array([0.  , 0.25, 1.  ])
    """
    return sigmoid.expit(xp, _point(xp, x, log_alpha, temperature))


def _chain(
    xp: Namespace, x: Array, a: Array, t: Array, derivative: Callable[[Array, Array, Array | float], Array]
) -> PartialsAtX:
    """Partials of a function of w(x), given ``derivative(w, c, root)`` = c root^2 times its own."""
    inside, safe = _inside(xp, x)
    v = sigmoid.logit(xp, safe)
    w = t * v - a
    by_x = derivative(w, t, _root_slope(xp, safe))
    fields = by_x, derivative(w, -1.0, 1.0), derivative(w, v, 1.0)
    return PartialsAtX(*(_within(xp, x, inside, d, 0.0) for d in fields))


@quantity
def grad_cdf(xp: Namespace, x: Array, log_alpha: Array, temperature: Array = 2 / 3) -> PartialsAtX:
    r"""Partial derivatives of `cdf`, :math:`\sigma'(w)\, \partial w`; 0 outside (0, 1).

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.grad_cdf(0.5, 0.0, 1.0).x
    np.float64(1.0)
    """
    return _chain(xp, x, log_alpha, temperature, lambda w, c, root: _scaled_density(xp, w, c, root))


@quantity
def ccdf(xp: Namespace, x: Array, log_alpha: Array, temperature: Array = 2 / 3) -> Array:
    r"""Complementary distribution function, :math:`P(z > x) = \sigma(-w)`.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.ccdf([0.0, 0.25, 2.0], 0.0, 1.0)
    array([1.  , 0.75, 0.  ])
    """
    return sigmoid.expit(xp, -_point(xp, x, log_alpha, temperature))


@quantity
def logcdf(xp: Namespace, x: Array, log_alpha: Array, temperature: Array = 2 / 3) -> Array:
    r"""Logarithm of `cdf`, :math:`\log \sigma(w)`.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.logcdf([0.0, 0.5], 1e4)
    array([   -inf, -10000.])
    """
    return sigmoid.log_expit(xp, _point(xp, x, log_alpha, temperature))


@quantity
def grad_logcdf(xp: Namespace, x: Array, log_alpha: Array, temperature: Array = 2 / 3) -> PartialsAtX:
    r"""Partial derivatives of `logcdf`, :math:`\sigma(-w)\, \partial w`; 0 outside (0, 1).

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.grad_logcdf(0.5, 0.0, 1.0).log_alpha
    np.float64(-0.5)
    """
    return _chain(xp, x, log_alpha, temperature, lambda w, c, root: sigmoid.scaled_expit(xp, -w, c, root))


@quantity
def logccdf(xp: Namespace, x: Array, log_alpha: Array, temperature: Array = 2 / 3) -> Array:
    r"""Logarithm of `ccdf`, :math:`\log \sigma(-w)`.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.logccdf([0.5, 1.0], -1e4)
    array([-10000.,    -inf])
    """
    return sigmoid.log_expit(xp, -_point(xp, x, log_alpha, temperature))


@quantity
def grad_logccdf(xp: Namespace, x: Array, log_alpha: Array, temperature: Array = 2 / 3) -> PartialsAtX:
    r"""Partial derivatives of `logccdf`, :math:`-\sigma(w)\, \partial w`; 0 outside (0, 1).

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.grad_logccdf(0.5, 0.0, 1.0).log_alpha
    np.float64(0.5)
    """
    return _chain(xp, x, log_alpha, temperature, lambda w, c, root: -sigmoid.scaled_expit(xp, w, c, root))


@quantity
def icdf(xp: Namespace, p: Array, log_alpha: Array, temperature: Array = 2 / 3) -> Array:
    r"""Quantile function, :math:`\sigma((\operatorname{logit}(p) + \log\alpha) / \text{temperature})`.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.icdf([0.0, 0.25, 1.0], 0.0, 1.0)
    array([0.  , 0.25, 1.  ])
    """
    return transform.kernel(xp, sigmoid.logit(xp, p), log_alpha, temperature)


@quantity
def grad_icdf(xp: Namespace, p: Array, log_alpha: Array, temperature: Array = 2 / 3) -> PartialsAtP:
    r"""Partial derivatives of `icdf`: those of `transform`, times :math:`1 / (p (1 - p))` for p.

    At p = 0 and 1 the derivatives to the parameters are 0 and that to p has its limit: 0, alpha or 1 / alpha, or
    infinity, as the temperature is below, at or above 1.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.grad_icdf([0.0, 0.5], 0.0, 1.0).p
    array([1., 1.])
    """
    ends = (p == 0.0) | (p == 1.0)
    safe = xp.where(ends, 0.5, p)
    v = (sigmoid.logit(xp, safe) + log_alpha) / temperature
    q = sigmoid.half_sech(xp, v)
    by_p = _scaled_density(xp, v, 1.0 / temperature, _root_slope(xp, safe))
    at_one = xp.exp(xp.where(p == 0.0, log_alpha, -log_alpha))
    limit = xp.where(temperature < 1.0, 0.0, xp.where(temperature > 1.0, math.inf, at_one))
    fields = q / temperature * q, -v / temperature * q * q
    return PartialsAtP(xp.where(ends, limit, by_p), *(xp.where(ends, 0.0, d) for d in fields))


@quantity
def iccdf(xp: Namespace, p: Array, log_alpha: Array, temperature: Array = 2 / 3) -> Array:
    r"""Inverse of `ccdf`, :math:`\sigma((-\operatorname{logit}(p) + \log\alpha) / \text{temperature})`.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.iccdf([0.0, 0.25, 1.0], 0.0, 1.0)
    array([1.  , 0.75, 0.  ])
    """
    return transform.kernel(xp, -sigmoid.logit(xp, p), log_alpha, temperature)


@quantity
def median(xp: Namespace, log_alpha: Array, temperature: Array = 2 / 3) -> Array:
    r"""Median, :math:`\sigma(\log\alpha / \text{temperature})`.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.median(0.0)
    np.float64(0.5)
    """
    return sigmoid.expit(xp, log_alpha / temperature)


@quantity
def grad_median(xp: Namespace, log_alpha: Array, temperature: Array = 2 / 3) -> Partials:
    r"""Partial derivatives of `median`, those of `transform` at the noise 0.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.grad_median(0.0, 0.5).log_alpha
    np.float64(0.5)
    """
    _, _, by_log_alpha, by_temperature = grad_transform.kernel(xp, 0.0 * log_alpha, log_alpha, temperature)
    return Partials(by_log_alpha, by_temperature)


@integral
def mean(xp: Namespace, log_alpha: Array, temperature: Array = 2 / 3) -> Array:
    r"""Mean, :math:`\int \sigma(v)\, \sigma'(n)\, dn` with :math:`v = (n + \log\alpha) / \text{temperature}`.

    It has no closed form but at temperature 1; graded quadrature, see `stgref.laws.binary_concrete_moments`.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.mean([-1.0, 0.0])
    array([0.31138535, 0.5       ])
    """
    return moments.mean(xp, log_alpha, temperature)


@integral
def grad_mean(xp: Namespace, log_alpha: Array, temperature: Array = 2 / 3) -> Partials:
    r"""Partial derivatives of `mean`, :math:`\int \partial v\, \sigma'(v)\, \sigma'(n)\, dn`.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.grad_mean(0.0, 1.0).log_alpha
    np.float64(0.1666666666666667)
    """
    return Partials(*moments.grad_mean(xp, log_alpha, temperature))


@integral
def variance(xp: Namespace, log_alpha: Array, temperature: Array = 2 / 3) -> Array:
    r"""Variance, :math:`E z^2 - (E z)^2` in doubled precision.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.variance(0.0, 1.0)
    np.float64(0.08333333333333333)
    """
    return moments.variance(xp, log_alpha, temperature)


@integral
def grad_variance(xp: Namespace, log_alpha: Array, temperature: Array = 2 / 3) -> Partials:
    r"""Partial derivatives of `variance`, :math:`2 \int (z - E z)\, \partial v\, \sigma'(v)\, \sigma'(n)\, dn`.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> abs(binary_concrete.grad_variance(0.0).log_alpha) < 1e-15
    np.True_
    """
    return Partials(*moments.grad_variance(xp, log_alpha, temperature))


@integral
def entropy(xp: Namespace, log_alpha: Array, temperature: Array = 2 / 3) -> Array:
    r"""Differential entropy in nats, :math:`2 - \log \text{temperature} + E \log \sigma'(v)`; 0 for the uniform law.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.entropy(0.0, 1.0)
    np.float64(0.0)
    """
    return moments.entropy(xp, log_alpha, temperature)


@quantity
def grad2_transform(xp: Namespace, noise: Array, log_alpha: Array, temperature: Array = 2 / 3) -> Second:
    r"""Second derivative of `transform` to log_alpha, :math:`-\sigma'(v) \tanh(v/2) / \text{temperature}^2`.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.grad2_transform(1.0, -1.0).log_alpha
    np.float64(-0.0)
    """
    v = (noise + log_alpha) / temperature
    q = sigmoid.half_sech(xp, v) / temperature
    return Second(-q * sigmoid.tanh_half(xp, v) * q)


@integral
def grad2_mean(xp: Namespace, log_alpha: Array, temperature: Array = 2 / 3) -> Second:
    r"""Second derivative of `mean` to log_alpha, the average of that of `transform`.

    Examples
    --------
    >>> from stgref import binary_concrete
    >>> binary_concrete.grad2_mean([-1.0, 0.0, 1.0]).log_alpha
    array([ 0.04735887, -0.        , -0.04735887])
    """
    return Second(moments.grad2_mean(xp, log_alpha, temperature))


sample = sampler(transform, "logistic")
