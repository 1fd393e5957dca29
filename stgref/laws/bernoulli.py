r"""The Bernoulli law of logits: b = 1 where logits + n > 0, with n standard logistic, and 0 elsewhere.

.. math:: P(b = 1) = \sigma(\text{logits}), \quad P(b = 0) = \sigma(-\text{logits})

It is a law with atoms only: `pdf` is the mass at 0 and 1. Samples do not depend smoothly on the logits, so that the
pathwise derivatives are 0 almost everywhere; `stgref.estimators` is about what to do then.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from stgref.laws.clipping import by_region, unless_atom
from stgref.laws.sampling import sampler
from stgref.numerics import sigmoid
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quantity import quantity

SOURCE = """
C. J. Maddison, A. Mnih, Y. W. Teh, "The Concrete Distribution", ICLR 2017, section 3.1 (the Gumbel-max trick for two
categories).
"""


class Partials(NamedTuple):
    """Partial derivatives with respect to the parameter."""

    logits: Array


class PartialsAtX(NamedTuple):
    """Partial derivatives with respect to the point and the parameter."""

    x: Array
    logits: Array


class PartialsAtP(NamedTuple):
    """Partial derivatives with respect to the probability and the parameter."""

    p: Array
    logits: Array


class Pathwise(NamedTuple):
    """A sample and its partial derivatives with respect to the noise and the parameter."""

    value: Array
    noise: Array
    logits: Array


@quantity
def transform(xp: Namespace, noise: Array, logits: Array) -> Array:
    r"""Sample as a function of standard logistic noise, :math:`b = [\text{logits} + n > 0]`.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.transform([-2.0, 2.0], 1.0)
    array([0., 1.])
    """
    total = noise + logits
    return xp.where(xp.isnan(total), total, xp.astype(total > 0.0, total.dtype))


@quantity
def grad_transform(xp: Namespace, noise: Array, logits: Array) -> Pathwise:
    r"""Sample, as ``value``, and its partial derivatives: 0 wherever they exist.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.grad_transform(2.0, 1.0)
    Pathwise(value=np.float64(1.0), noise=np.float64(0.0), logits=np.float64(0.0))
    """
    return Pathwise(transform.kernel(xp, noise, logits), 0.0, 0.0)


def _towards_one(xp: Namespace, x: Array, logits: Array) -> Array:
    """The logits of x as against the other of 0 and 1."""
    return xp.where(x == 0.0, -logits, logits)


def _at_atoms(xp: Namespace, x: Array, value: Array, outside: float) -> Array:
    """``value`` at 0 and 1, ``outside`` elsewhere, NaN where x is."""
    beside = xp.where(xp.isnan(x), x, outside)
    return xp.where((x == 0.0) | (x == 1.0), value, beside)


@quantity
def pdf(xp: Namespace, x: Array, logits: Array) -> Array:
    r"""Mass, :math:`\sigma(\text{logits})` at 1, :math:`\sigma(-\text{logits})` at 0, and 0 elsewhere.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.pdf([0.0, 0.5, 1.0], 0.0)
    array([0.5, 0. , 0.5])
    """
    return _at_atoms(xp, x, sigmoid.expit(xp, _towards_one(xp, x, logits)), 0.0)


@quantity
def logpdf(xp: Namespace, x: Array, logits: Array) -> Array:
    r"""Logarithm of the mass, :math:`\log \sigma(\pm\text{logits})` at 1 and 0, and -inf elsewhere.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.logpdf([0.0, 0.5, 1.0], 1e4)
    array([-10000.,    -inf,      0.])
    """
    return _at_atoms(xp, x, sigmoid.log_expit(xp, _towards_one(xp, x, logits)), -math.inf)


@quantity
def grad_logpdf(xp: Namespace, x: Array, logits: Array) -> PartialsAtX:
    r"""Partial derivatives of `logpdf`: :math:`\sigma(-\text{logits})` at 1, :math:`-\sigma(\text{logits})` at 0; NaN to x there.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.grad_logpdf([0.0, 1.0], 0.0).logits
    array([-0.5,  0.5])
    """
    other = sigmoid.expit(xp, -_towards_one(xp, x, logits))
    by_logits = _at_atoms(xp, x, xp.where(x == 0.0, -other, other), 0.0)
    return PartialsAtX(unless_atom(xp, x, 0.0 * logits), by_logits)


@quantity
def cdf(xp: Namespace, x: Array, logits: Array) -> Array:
    r"""Distribution function, :math:`P(b \le x)`: :math:`\sigma(-\text{logits})` for x in [0, 1).

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.cdf([-1.0, 0.0, 1.0], 0.0)
    array([0. , 0.5, 1. ])
    """
    return by_region(xp, x, 0.0, sigmoid.expit(xp, -logits), 1.0)


@quantity
def grad_cdf(xp: Namespace, x: Array, logits: Array) -> PartialsAtX:
    r"""Partial derivatives of `cdf`: :math:`-\sigma'(\text{logits})` to the logits for x in [0, 1); NaN to x at 0 and 1.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.grad_cdf(0.5, 0.0).logits
    np.float64(-0.25)
    """
    by_logits = -sigmoid.grad_expit(xp, logits).x
    return PartialsAtX(unless_atom(xp, x, 0.0 * logits), by_region(xp, x, 0.0, by_logits, 0.0))


@quantity
def ccdf(xp: Namespace, x: Array, logits: Array) -> Array:
    r"""Complementary distribution function, :math:`P(b > x)`: :math:`\sigma(\text{logits})` for x in [0, 1).

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.ccdf([-1.0, 0.0, 1.0], 0.0)
    array([1. , 0.5, 0. ])
    """
    return by_region(xp, x, 1.0, sigmoid.expit(xp, logits), 0.0)


@quantity
def left_cdf(xp: Namespace, x: Array, logits: Array) -> Array:
    r"""Left limit of the distribution function, :math:`P(b < x)`: :math:`\sigma(-\text{logits})` for x in (0, 1].

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.left_cdf([0.0, 1.0, 2.0], 0.0)
    array([0. , 0.5, 1. ])
    """
    return by_region(xp, x, 0.0, sigmoid.expit(xp, -logits), 1.0, closed="right")


@quantity
def logcdf(xp: Namespace, x: Array, logits: Array) -> Array:
    r"""Logarithm of `cdf`: :math:`\log \sigma(-\text{logits})` for x in [0, 1).

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.logcdf([-1.0, 0.0, 1.0], 1e4)
    array([   -inf, -10000.,      0.])
    """
    return by_region(xp, x, -math.inf, sigmoid.log_expit(xp, -logits), 0.0)


@quantity
def grad_logcdf(xp: Namespace, x: Array, logits: Array) -> PartialsAtX:
    r"""Partial derivatives of `logcdf`: :math:`-\sigma(\text{logits})` to the logits for x in [0, 1); NaN to x at 0 and 1.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.grad_logcdf(0.5, 0.0).logits
    np.float64(-0.5)
    """
    by_logits = -sigmoid.expit(xp, logits)
    return PartialsAtX(unless_atom(xp, x, 0.0 * logits), by_region(xp, x, 0.0, by_logits, 0.0))


@quantity
def logccdf(xp: Namespace, x: Array, logits: Array) -> Array:
    r"""Logarithm of `ccdf`: :math:`\log \sigma(\text{logits})` for x in [0, 1).

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.logccdf([-1.0, 0.0, 1.0], -1e4)
    array([     0., -10000.,    -inf])
    """
    return by_region(xp, x, 0.0, sigmoid.log_expit(xp, logits), -math.inf)


@quantity
def grad_logccdf(xp: Namespace, x: Array, logits: Array) -> PartialsAtX:
    r"""Partial derivatives of `logccdf`: :math:`\sigma(-\text{logits})` to the logits for x in [0, 1); NaN to x at 0 and 1.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.grad_logccdf(0.5, 0.0).logits
    np.float64(0.5)
    """
    by_logits = sigmoid.expit(xp, -logits)
    return PartialsAtX(unless_atom(xp, x, 0.0 * logits), by_region(xp, x, 0.0, by_logits, 0.0))


@quantity
def icdf(xp: Namespace, p: Array, logits: Array) -> Array:
    r"""Quantile function: 0 for :math:`p \le \sigma(-\text{logits})`, else 1; the support's ends at 0 and 1.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.icdf([0.0, 0.5, 0.6, 1.0], 0.0)
    array([0., 0., 1., 1.])
    """
    value = xp.astype((p > sigmoid.expit(xp, -logits)) | (p == 1.0), p.dtype)
    return xp.where(xp.isnan(p + logits), p + logits, value)


@quantity
def grad_icdf(xp: Namespace, p: Array, logits: Array) -> PartialsAtP:
    r"""Partial derivatives of `icdf`: 0 wherever they exist.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.grad_icdf(0.3, 0.0).p
    np.float64(0.0)
    """
    return PartialsAtP(0.0, 0.0)


@quantity
def iccdf(xp: Namespace, p: Array, logits: Array) -> Array:
    r"""Inverse of `ccdf`, the quantile of 1 - p: 1 for :math:`p < \sigma(\text{logits})`, else 0.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.iccdf([0.0, 0.4, 0.5, 1.0], 0.0)
    array([1., 1., 0., 0.])
    """
    value = xp.astype(((p < sigmoid.expit(xp, logits)) | (p == 0.0)) & (p < 1.0), p.dtype)
    return xp.where(xp.isnan(p + logits), p + logits, value)


@quantity
def mean(xp: Namespace, logits: Array) -> Array:
    r"""Mean, :math:`\sigma(\text{logits})`.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.mean(0.0)
    np.float64(0.5)
    """
    return sigmoid.expit(xp, logits)


@quantity
def grad_mean(xp: Namespace, logits: Array) -> Partials:
    r"""Partial derivative of `mean`, :math:`\sigma'(\text{logits})`.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.grad_mean(0.0).logits
    np.float64(0.25)
    """
    return Partials(sigmoid.grad_expit(xp, logits).x)


@quantity
def variance(xp: Namespace, logits: Array) -> Array:
    r"""Variance, :math:`\sigma'(\text{logits}) = \sigma(\text{logits}) \sigma(-\text{logits})`.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.variance(0.0)
    np.float64(0.25)
    """
    return sigmoid.grad_expit(xp, logits).x


@quantity
def grad_variance(xp: Namespace, logits: Array) -> Partials:
    r"""Partial derivative of `variance`, :math:`-\tanh(\text{logits}/2)\, \sigma'(\text{logits})`.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.grad_variance(0.0).logits == 0.0
    np.True_
    """
    return Partials(-sigmoid.tanh_half(xp, logits) * sigmoid.grad_expit(xp, logits).x)


@quantity
def median(xp: Namespace, logits: Array) -> Array:
    r"""Median, the smallest one: 1 for logits > 0, else 0.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.median([-1.0, 0.0, 1.0])
    array([0., 0., 1.])
    """
    return transform.kernel(xp, 0.0 * logits, logits)


@quantity
def grad_median(xp: Namespace, logits: Array) -> Partials:
    r"""Partial derivative of `median`: 0 wherever it exists.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.grad_median(1.0).logits
    np.float64(0.0)
    """
    return Partials(0.0)


@quantity
def entropy(xp: Namespace, logits: Array) -> Array:
    r"""Entropy in nats, :math:`\operatorname{log1p}(e^{-|l|}) + |l|\, \sigma(-|l|)` with l the logits.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.entropy([0.0, 1e4])
    array([0.69314718, 0.        ])
    """
    size = xp.abs(logits)
    return xp.log1p(xp.exp(-size)) + sigmoid.scaled_expit(xp, -size, size)


@quantity
def prob_zero(xp: Namespace, logits: Array) -> Array:
    r"""Probability of 0, :math:`\sigma(-\text{logits})`.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.prob_zero(0.0)
    np.float64(0.5)
    """
    return sigmoid.expit(xp, -logits)


@quantity
def grad_prob_zero(xp: Namespace, logits: Array) -> Partials:
    r"""Partial derivative of `prob_zero`, :math:`-\sigma'(\text{logits})`.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.grad_prob_zero(0.0).logits
    np.float64(-0.25)
    """
    return Partials(-sigmoid.grad_expit(xp, logits).x)


@quantity
def log_prob_zero(xp: Namespace, logits: Array) -> Array:
    r"""Logarithm of `prob_zero`, :math:`\log \sigma(-\text{logits})`.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.log_prob_zero(1e4)
    np.float64(-10000.0)
    """
    return sigmoid.log_expit(xp, -logits)


@quantity
def grad_log_prob_zero(xp: Namespace, logits: Array) -> Partials:
    r"""Partial derivative of `log_prob_zero`, :math:`-\sigma(\text{logits})`.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.grad_log_prob_zero(0.0).logits
    np.float64(-0.5)
    """
    return Partials(-sigmoid.expit(xp, logits))


@quantity
def prob_one(xp: Namespace, logits: Array) -> Array:
    r"""Probability of 1, :math:`\sigma(\text{logits})`.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.prob_one(0.0)
    np.float64(0.5)
    """
    return sigmoid.expit(xp, logits)


@quantity
def grad_prob_one(xp: Namespace, logits: Array) -> Partials:
    r"""Partial derivative of `prob_one`, :math:`\sigma'(\text{logits})`.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.grad_prob_one(0.0).logits
    np.float64(0.25)
    """
    return Partials(sigmoid.grad_expit(xp, logits).x)


@quantity
def log_prob_one(xp: Namespace, logits: Array) -> Array:
    r"""Logarithm of `prob_one`, :math:`\log \sigma(\text{logits})`.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.log_prob_one(-1e4)
    np.float64(-10000.0)
    """
    return sigmoid.log_expit(xp, logits)


@quantity
def grad_log_prob_one(xp: Namespace, logits: Array) -> Partials:
    r"""Partial derivative of `log_prob_one`, :math:`\sigma(-\text{logits})`.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.grad_log_prob_one(0.0).logits
    np.float64(0.5)
    """
    return Partials(sigmoid.expit(xp, -logits))


@quantity
def prob_active(xp: Namespace, logits: Array) -> Array:
    r"""Probability of being open, :math:`P(b > 0) = \sigma(\text{logits})`, that of 1.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.prob_active(0.0)
    np.float64(0.5)
    """
    return prob_one.kernel(xp, logits)


@quantity
def grad_prob_active(xp: Namespace, logits: Array) -> Partials:
    r"""Partial derivative of `prob_active`, :math:`\sigma'(\text{logits})`.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.grad_prob_active(0.0).logits
    np.float64(0.25)
    """
    return grad_prob_one.kernel(xp, logits)


@quantity
def log_prob_active(xp: Namespace, logits: Array) -> Array:
    r"""Logarithm of `prob_active`, :math:`\log \sigma(\text{logits})`.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.log_prob_active(-1e4)
    np.float64(-10000.0)
    """
    return log_prob_one.kernel(xp, logits)


@quantity
def grad_log_prob_active(xp: Namespace, logits: Array) -> Partials:
    r"""Partial derivative of `log_prob_active`, :math:`\sigma(-\text{logits})`.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.grad_log_prob_active(0.0).logits
    np.float64(0.5)
    """
    return grad_log_prob_one.kernel(xp, logits)


class ConditionalPathwise(NamedTuple):
    """A latent given the sample, and its partial derivatives with respect to the noise and the parameter."""

    value: Array
    noise: Array
    logits: Array


def _towards(xp: Namespace, noise: Array, sample: Array, logits: Array) -> tuple[Array, Array, Array]:
    """The sign of the latent, and with it l + softplus(logits) and the logits.

    The softplus of either sign has the same logarithm, of the logits alone: there may be many noises for each.
    """
    sign = 2.0 * xp.astype(sample > 0.5, noise.dtype) - 1.0
    signed, log = sign * logits, xp.log1p(xp.exp(-xp.abs(logits)))
    return sign, sign * noise + (xp.maximum(signed, 0.0) + log), signed


@quantity
def conditional_latent(xp: Namespace, noise: Array, sample: Array, logits: Array) -> Array:
    r"""Latent :math:`z = \text{logits} + n` given the sample, as a function of standard logistic noise l.

    With s the softplus, it is :math:`s(l + s(\text{logits}))` for the sample 1, and :math:`-s(-l + s(-\text{logits}))`
    for 0. It increases in l, and solves :math:`P(z > \text{latent}) = \sigma(\text{logits})\, \sigma(-l)` for 1,
    :math:`P(z < \text{latent}) = \sigma(-\text{logits})\, \sigma(l)` for 0.

    The textbook form, the logit of :math:`v \theta + 1 - \theta` of a uniform number v, is infinite where
    :math:`1 - \theta` rounds to 1; here every term is positive, and none overflows.

    References
    ----------
    G. Tucker, A. Mnih, C. J. Maddison, D. Lawson, J. Sohl-Dickstein, "REBAR: Low-variance, unbiased gradient estimates
    for discrete latent variable models", NeurIPS 2017, appendix A.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.conditional_latent(0.0, [0.0, 1.0], 0.0)
    array([-1.09861229,  1.09861229])
    """
    sign, u, _ = _towards(xp, noise, sample, logits)
    return sign * sigmoid.softplus(xp, u)


@quantity
def grad_conditional_latent(xp: Namespace, noise: Array, sample: Array, logits: Array) -> ConditionalPathwise:
    r"""Latent given the sample, as ``value``, and its partial derivatives; the sample is fixed.

    With s the softplus, :math:`\sigma(l + s(\text{logits}))` to the noise l for the sample 1, and
    :math:`\sigma(-l + s(-\text{logits}))` for 0; to the logits that times the probability of the sample,
    :math:`\sigma(\text{logits})` or :math:`\sigma(-\text{logits})`.

    References
    ----------
    G. Tucker, A. Mnih, C. J. Maddison, D. Lawson, J. Sohl-Dickstein, "REBAR: Low-variance, unbiased gradient estimates
    for discrete latent variable models", NeurIPS 2017, appendix A.

    Examples
    --------
    >>> from stgref import bernoulli
    >>> bernoulli.grad_conditional_latent(0.0, [0.0, 1.0], 0.0).logits
    array([0.33333333, 0.33333333])
    """
    sign, u, logits = _towards(xp, noise, sample, logits)
    by_noise = sigmoid.expit(xp, u)
    return ConditionalPathwise(
        sign * sigmoid.softplus(xp, u), by_noise, sigmoid.scaled_expit(xp, logits, by_noise)
    )


sample = sampler(transform, "logistic")
