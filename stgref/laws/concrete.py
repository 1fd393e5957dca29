r"""The concrete law, or Gumbel-softmax: the softmax of perturbed logits, on the open simplex.

.. math:: x = \operatorname{softmax}(v), \quad v = (\text{logits} + n) / \text{temperature}

with n standard Gumbel noise, one per category. The last axis holds the K categories, all others are the batch; the
temperature is a number, or one per batch element. The density is with respect to Lebesgue measure of the first K - 1
coordinates. Where coordinates underflow, at low temperatures, `stgref.exp_concrete` has their logarithms.

**Density.** The log ratios :math:`\zeta_k = v_k - v_K` have the density :math:`\int \prod_k g(v_k)\, dv_K` with
:math:`g(v_k) = \text{temperature}\, u_k e^{-u_k}`, :math:`u_k = e^{\text{logits}_k - \text{temperature}\, v_k}`. As
:math:`v_k = \log x_k + r` for some r, it is :math:`\text{temperature}^K \prod_k w_k \int s^{K-1} e^{-s}\, ds /
\text{temperature} = \Gamma(K)\, \text{temperature}^{K-1} \prod_k w_k`, where :math:`w = \operatorname{softmax}(a)`,
:math:`a_k = \text{logits}_k - \text{temperature} \log x_k`, and s is the sum of all :math:`u_k`. Since
:math:`dx_1 \ldots dx_{K-1} = \prod_{k=1}^K x_k\, d\zeta`, it is divided by the product of all coordinates here.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from stgref.laws import simplex
from stgref.laws.sampling import sampler
from stgref.numerics import categories
from stgref.numerics import doubled as dd
from stgref.numerics.doubled import Doubled
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.vector import Vector, vector_quantity

SOURCE = """
C. J. Maddison, A. Mnih, Y. W. Teh, "The Concrete Distribution: a Continuous Relaxation of Discrete Random Variables",
ICLR 2017, definition 1, equation (10); E. Jang, S. Gu, B. Poole, "Categorical Reparameterization with
Gumbel-Softmax", ICLR 2017, appendix B.
"""


class PartialsAtX(NamedTuple):
    """Partial derivatives with respect to the point and the parameters."""

    x: Vector
    logits: Vector
    temperature: Array


class Pullback(NamedTuple):
    """A cotangent carried back to the noise and the parameters."""

    noise: Vector
    logits: Vector
    temperature: Array


@vector_quantity
def transform(xp: Namespace, noise: Vector, logits: Vector, temperature: Array) -> Vector:
    r"""Sample as a function of standard Gumbel noise, :math:`\operatorname{softmax}((\text{logits} + n) / \text{temperature})`.

    Examples
    --------
    >>> from stgref import concrete
    >>> concrete.transform([0.0, 0.0, 0.0], [0.0, 0.0, 20.0], 10.0)
    array([0.10650698, 0.10650698, 0.78698604])
    """
    return simplex.weights(xp, noise, logits, temperature).p


@vector_quantity
def vjp_transform(
    xp: Namespace, cotangent: Vector, noise: Vector, logits: Vector, temperature: Array
) -> Pullback:
    r"""Cotangent of the sample, carried back.

    With :math:`c` the cotangent and :math:`\bar c = \sum_j x_j c_j`, it is :math:`g_k = x_k (c_k - \bar c) /
    \text{temperature}` to the noise and the logits, and :math:`-\sum_k g_k v_k` to the temperature.

    The fields have the arguments' broadcast shape, without the last axis for the temperature: sum them over the axes
    along which an argument was broadcast.

    Examples
    --------
    >>> from stgref import concrete
    >>> concrete.vjp_transform([1.0, 0.0], [0.0, 0.0], [0.0, 0.0], 0.5).logits
    array([ 0.5, -0.5])
    """
    w = simplex.weights(xp, noise, logits, temperature)
    c = cotangent / categories.column(temperature)
    centred = categories.centred(xp, w, c)
    by_noise = categories.weighted(xp, w, centred)
    return Pullback(by_noise, by_noise, -categories.over_others(xp, w, w.d.hi * centred)[..., 0])


@vector_quantity
def jvp_transform(
    xp: Namespace,
    noise: Vector,
    logits: Vector,
    temperature: Array,
    *,
    d_noise: Vector | None = None,
    d_logits: Vector | None = None,
    d_temperature: Array | None = None,
) -> Vector:
    r"""Change of the sample along tangents of the arguments, :math:`x_k (\dot v_k - \sum_j x_j \dot v_j)`.

    With :math:`\dot v = (\dot n + \dot{\text{logits}} - v\, \dot{\text{temperature}}) / \text{temperature}`.

    Examples
    --------
    >>> from stgref import concrete
    >>> concrete.jvp_transform([0.0, 0.0], [0.0, 0.0], 0.5, d_logits=[1.0, 0.0])
    array([ 0.5, -0.5])
    """
    w = simplex.weights(xp, noise, logits, temperature)
    change = simplex.change(xp, w, d_noise, d_logits, d_temperature)
    change = change / categories.column(temperature)
    return categories.weighted(xp, w, categories.centred(xp, w, change))


def _inside(xp: Namespace, x: Array) -> tuple[Array, Array]:
    """Whether x is in the open simplex, as far as signs tell, and x made harmless elsewhere."""
    inside = xp.all((x > 0.0) | xp.isnan(x), axis=-1)
    return inside, xp.where(inside[..., None], x, 1.0)


def _log_density(xp: Namespace, x: Array, logits: Array, temperature: Array) -> Doubled:
    """The logarithm of the density, in doubled precision: that of the logarithms, less their sum."""
    log_x = dd.log_of(xp, x)
    return simplex.log_density(xp, log_x, logits, temperature) - dd.total(xp, log_x)


@vector_quantity
def logpdf(xp: Namespace, x: Vector, logits: Vector, temperature: Array) -> Array:
    r"""Logarithm of the density.

    It is :math:`\log \Gamma(K) + (K - 1) \log \text{temperature} + \sum_k (\log w_k - \log x_k)` with :math:`w =
    \operatorname{softmax}(\text{logits} - \text{temperature} \log x)`; -inf unless all coordinates are positive. That
    they add to 1 is taken for granted: rounded samples do not, to the last digit.

    Examples
    --------
    >>> from stgref import concrete
    >>> concrete.logpdf([0.5, 0.25, 0.25], [0.0, 0.0, 0.0], 1.0)
    np.float64(0.716863707177)
    """
    inside, safe = _inside(xp, x)
    return xp.where(inside, _log_density(xp, safe, logits, temperature).hi, -math.inf)


@vector_quantity
def pdf(xp: Namespace, x: Vector, logits: Vector, temperature: Array) -> Array:
    r"""Density, :math:`\Gamma(K)\, \text{temperature}^{K-1} \prod_k w_k / x_k`; 0 unless all coordinates are positive.

    It is the exponential of `logpdf`, computed with twice the digits.

    Examples
    --------
    >>> from stgref import concrete
    >>> concrete.pdf([0.5, 0.25, 0.25], [0.0, 0.0, 0.0], 1.0)
    np.float64(2.048)
    """
    inside, safe = _inside(xp, x)
    return xp.where(inside, categories.exponential(xp, _log_density(xp, safe, logits, temperature)), 0.0)


@vector_quantity
def grad_logpdf(xp: Namespace, x: Vector, logits: Vector, temperature: Array) -> PartialsAtX:
    r"""Partial derivatives of `logpdf`, as a function of all K coordinates.

    With :math:`g_k = 1 - K w_k`, they are :math:`-(1 + \text{temperature}\, g_k) / x_k` to x, :math:`g_k` to the logits,
    and :math:`(K - 1) / \text{temperature} - \sum_k g_k \log x_k` to the temperature.

    Examples
    --------
    >>> from stgref import concrete
    >>> concrete.grad_logpdf([0.5, 0.25, 0.25], [0.0, 0.0, 0.0], 1.0).logits
    array([ 0.4, -0.2, -0.2])
    """
    inside, safe = _inside(xp, x)
    log_x = dd.log_of(xp, safe)
    at_log = simplex.log_density_slopes(xp, log_x, logits, temperature)
    within = inside[..., None]
    return PartialsAtX(
        xp.where(within, (at_log.x - 1.0) / safe, 0.0),
        xp.where(within, at_log.logits, 0.0),
        xp.where(inside, at_log.temperature, 0.0),
    )


sample = sampler(transform, "gumbel")
