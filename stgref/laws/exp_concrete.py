r"""The logarithm of a concrete variable, on the log-simplex, where low temperatures cannot saturate.

.. math:: x = v - \operatorname{logsumexp}(v), \quad v = (\text{logits} + n) / \text{temperature}

with n standard Gumbel noise, one per category. The last axis holds the K categories, all others are the batch; the
temperature is a number, or one per batch element. The density is with respect to Lebesgue measure of the log ratios
:math:`x_k - x_K`, k < K (which of the categories is the last does not matter); its derivation stands with
`stgref.concrete`.
"""

from __future__ import annotations

from typing import NamedTuple

from stgref.laws import simplex
from stgref.laws.sampling import sampler
from stgref.numerics import categories
from stgref.numerics import doubled as dd
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.vector import Vector, vector_quantity

SOURCE = """
C. J. Maddison, A. Mnih, Y. W. Teh, "The Concrete Distribution: a Continuous Relaxation of Discrete Random Variables",
ICLR 2017, appendix C.3 (ExpConcrete).
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


weights = simplex.weights
"""The sample's exponentials with what they are made of: a kernel for others to build on."""


@vector_quantity
def transform(xp: Namespace, noise: Vector, logits: Vector, temperature: Array) -> Vector:
    r"""Sample as a function of standard Gumbel noise.

    With m the first category of the largest v, it is :math:`(v_k - v_m) - \operatorname{log1p}(\sum_{j \ne m} e^{v_j -
    v_m})`: the logarithm of a softmax near 1 would lose its digits.

    Examples
    --------
    >>> from stgref import exp_concrete
    >>> exp_concrete.transform([0.0, 0.0], [0.0, 50.0], 1.0)
    array([-5.00000000e+01, -1.92874985e-22])
    """
    return categories.log_softmax(xp, weights(xp, noise, logits, temperature))


@vector_quantity
def vjp_transform(
    xp: Namespace, cotangent: Vector, noise: Vector, logits: Vector, temperature: Array
) -> Pullback:
    r"""Cotangent of the sample, carried back.

    With :math:`c` the cotangent, it is :math:`g_k = (c_k - e^{x_k} \sum_j c_j) / \text{temperature}` to the noise and
    the logits, and :math:`-\sum_k g_k v_k` to the temperature.

    The fields have the arguments' broadcast shape, without the last axis for the temperature: sum them over the axes
    along which an argument was broadcast.

    Examples
    --------
    >>> from stgref import exp_concrete
    >>> exp_concrete.vjp_transform([1.0, 0.0], [0.0, 0.0], [0.0, 0.0], 0.5).logits
    array([ 1., -1.])
    """
    w = weights(xp, noise, logits, temperature)
    c = cotangent / categories.column(temperature)
    by_noise = categories.balanced(xp, w, c)
    through = categories.over_others(xp, w, w.d.hi * categories.total(xp, c)) - categories.total(
        xp, c * w.d.hi
    )
    return Pullback(by_noise, by_noise, through[..., 0])


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
    r"""Change of the sample along tangents of the arguments, :math:`\dot v_k - \sum_j e^{x_j} \dot v_j`.

    With :math:`\dot v = (\dot n + \dot{\text{logits}} - v\, \dot{\text{temperature}}) / \text{temperature}`.

    Examples
    --------
    >>> from stgref import exp_concrete
    >>> exp_concrete.jvp_transform([0.0, 0.0], [0.0, 0.0], 0.5, d_logits=[1.0, 0.0])
    array([ 1., -1.])
    """
    w = weights(xp, noise, logits, temperature)
    along = simplex.change(xp, w, d_noise, d_logits, d_temperature)
    return categories.centred(xp, w, along / categories.column(temperature))


@vector_quantity
def logpdf(xp: Namespace, x: Vector, logits: Vector, temperature: Array) -> Array:
    r"""Logarithm of the density.

    It is :math:`\log \Gamma(K) + (K - 1) \log \text{temperature} + \sum_k \log w_k` with :math:`w =
    \operatorname{softmax}(\text{logits} - \text{temperature}\, x)`. That the exponentials of x add to 1 is taken for
    granted; a shift of x changes nothing.

    Examples
    --------
    >>> from stgref import exp_concrete
    >>> exp_concrete.logpdf([-1e4, 0.0], [0.0, 0.0], 1.0)
    np.float64(-10000.0)
    """
    return simplex.log_density(xp, dd.doubled(xp, x), logits, temperature).hi


@vector_quantity
def pdf(xp: Namespace, x: Vector, logits: Vector, temperature: Array) -> Array:
    r"""Density, :math:`\Gamma(K)\, \text{temperature}^{K-1} \prod_k w_k`, computed as the exponential of `logpdf` with twice its digits.

    Examples
    --------
    >>> from stgref import exp_concrete
    >>> exp_concrete.pdf([-1.0, -1.0], [0.0, 0.0], 1.0)
    np.float64(0.25)
    """
    return categories.exponential(xp, simplex.log_density(xp, dd.doubled(xp, x), logits, temperature))


@vector_quantity
def grad_logpdf(xp: Namespace, x: Vector, logits: Vector, temperature: Array) -> PartialsAtX:
    r"""Partial derivatives of `logpdf`, as a function of all K coordinates.

    With :math:`g_k = 1 - K w_k`, they are :math:`-\text{temperature}\, g_k` to x, :math:`g_k` to the logits, and
    :math:`(K - 1) / \text{temperature} - \sum_k g_k x_k` to the temperature.

    Examples
    --------
    >>> from stgref import exp_concrete
    >>> exp_concrete.grad_logpdf([-2.0, 0.0], [0.0, 0.0], 0.5).temperature
    np.float64(1.0757656854799)
    """
    return PartialsAtX(*simplex.log_density_slopes(xp, dd.doubled(xp, x), logits, temperature))


sample = sampler(transform, "gumbel")
