r"""The categorical law of logits, as one-hot vectors: 1 at the category of the largest logits + n, with n standard Gumbel.

.. math:: P(b = \text{one-hot}(k)) = p_k, \quad p = \operatorname{softmax}(\text{logits})

The last axis holds the K categories, all others are the batch. It is a law of atoms only: `pdf` is the mass. Samples do
not depend smoothly on the logits, so that the pathwise derivatives are 0 almost everywhere.

**The perturbed logits given the sample.** Let :math:`z_j = \text{logits}_j + n_j`, and L the logsumexp of the logits. The
largest of them is at most t with probability :math:`\prod_j \exp(-e^{\text{logits}_j - t}) = \exp(-e^{L - t})`, a Gumbel
law at L, and is independent of where it is, since the chance that it is at k and in dt, :math:`e^{\text{logits}_k - t}
\exp(-e^{L - t})\, dt`, is :math:`p_k` times its density. So :math:`z_k = L + G_k`. The others, given :math:`z_k`, are
Gumbel variables below :math:`z_k`: with uniform :math:`u_j`, :math:`\exp(-e^{\text{logits}_j - z_j}) = u_j
\exp(-e^{\text{logits}_j - z_k})`. Taking logarithms twice, with :math:`G_j = -\log(-\log u_j)`,

.. math:: e^{-z_j} = e^{-\text{logits}_j - G_j} + e^{-z_k}.

The derivatives at fixed G are, with :math:`w_j = \sigma(z_k - \text{logits}_j - G_j)` the share of the first term,
:math:`\partial z_k / \partial \text{logits}_m = p_m` and :math:`\partial z_j / \partial \text{logits}_m = w_j \delta_{jm}
+ (1 - w_j) p_m`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from stgref.laws.sampling import sampler
from stgref.numerics import categories, sigmoid
from stgref.numerics.categories import Softmax
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.vector import Vector, vector_quantity

SOURCE = """
C. J. Maddison, D. Tarlow, T. Minka, "A* Sampling", NeurIPS 2014, section 3 (the Gumbel-max trick, and Gumbel variables
given their maximum); C. J. Maddison, A. Mnih, Y. W. Teh, "The Concrete Distribution", ICLR 2017, section 3.1.
"""


class Partials(NamedTuple):
    """Partial derivatives with respect to the parameter, or a cotangent carried back to it."""

    logits: Vector


class PartialsAtX(NamedTuple):
    """Partial derivatives with respect to the point and the parameter."""

    x: Vector
    logits: Vector


class Pullback(NamedTuple):
    """A cotangent carried back to the noise and the parameter."""

    noise: Vector
    logits: Vector


@vector_quantity
def transform(xp: Namespace, noise: Vector, logits: Vector) -> Vector:
    r"""Sample as a function of standard Gumbel noise: 1 at the first category of the largest :math:`\text{logits} + n`, else 0.

    Examples
    --------
    >>> from stgref import categorical
    >>> categorical.transform([0.0, 0.0, 0.0], [1.0, 3.0, 2.0])
    array([0., 1., 0.])
    """
    total = noise + logits
    unordered = xp.any(xp.isnan(total), axis=-1, keepdims=True)
    return xp.where(unordered, math.nan, xp.astype(categories.largest(xp, total), total.dtype))


@vector_quantity
def vjp_transform(xp: Namespace, cotangent: Vector, noise: Vector, logits: Vector) -> Pullback:
    """Cotangent of the sample, carried back: 0 wherever the derivatives exist.

    Examples
    --------
    >>> from stgref import categorical
    >>> categorical.vjp_transform([1.0, 2.0], [0.0, 0.0], [1.0, 3.0]).logits
    array([0., 0.])
    """
    return Pullback(0.0, 0.0)


@vector_quantity
def jvp_transform(
    xp: Namespace,
    noise: Vector,
    logits: Vector,
    *,
    d_noise: Vector | None = None,
    d_logits: Vector | None = None,
) -> Vector:
    """Change of the sample along tangents of the arguments: 0 wherever the derivatives exist.

    Examples
    --------
    >>> from stgref import categorical
    >>> categorical.jvp_transform([0.0, 0.0], [1.0, 3.0], d_logits=[1.0, 0.0])
    array([0., 0.])
    """
    return 0.0


def _by_atom(xp: Namespace, x: Array, at: Array, elsewhere: float) -> Array:
    """``at`` for one-hot vectors x, ``elsewhere`` for others, NaN where x has NaN."""
    binary = xp.all((x == 0.0) | (x == 1.0), axis=-1, keepdims=True)
    one_hot = binary & (categories.total(xp, x) == 1.0)
    unordered = xp.any(xp.isnan(x), axis=-1, keepdims=True)
    return xp.where(unordered, math.nan, xp.where(one_hot, at, elsewhere))


@vector_quantity
def pdf(xp: Namespace, x: Vector, logits: Vector) -> Array:
    r"""Mass, :math:`p_k` at one-hot vectors, and 0 elsewhere.

    Examples
    --------
    >>> from stgref import categorical
    >>> categorical.pdf([[1.0, 0.0], [0.5, 0.5]], [0.0, 0.0])
    array([0.5, 0. ])
    """
    at = categories.pick(xp, x == 1.0, mean.kernel(xp, logits))
    return _by_atom(xp, x, at, 0.0)[..., 0]


@vector_quantity
def logpdf(xp: Namespace, x: Vector, logits: Vector) -> Array:
    r"""Logarithm of the mass, :math:`\log p_k` at one-hot vectors, and -inf elsewhere.

    Examples
    --------
    >>> from stgref import categorical
    >>> categorical.logpdf([[1.0, 0.0], [0.5, 0.5]], [0.0, 50.0])
    array([-50., -inf])
    """
    at = categories.pick(xp, x == 1.0, log_probs.kernel(xp, logits))
    return _by_atom(xp, x, at, -math.inf)[..., 0]


@vector_quantity
def grad_logpdf(xp: Namespace, x: Vector, logits: Vector) -> PartialsAtX:
    r"""Partial derivatives of `logpdf`: the score :math:`x - p` to the logits at one-hot vectors, 0 elsewhere; NaN to x there.

    Examples
    --------
    >>> from stgref import categorical
    >>> categorical.grad_logpdf([1.0, 0.0], [0.0, 0.0]).logits
    array([ 0.5, -0.5])
    """
    w = categories.softmax_of(xp, logits)
    score = xp.where(x == 1.0, categories.complement(xp, w), -w.p)
    return PartialsAtX(_by_atom(xp, x, math.nan * score, 0.0), _by_atom(xp, x, score, 0.0))


@vector_quantity
def mean(xp: Namespace, logits: Vector) -> Vector:
    r"""Mean: the probabilities :math:`p = \operatorname{softmax}(\text{logits})`.

    Examples
    --------
    >>> from stgref import categorical
    >>> categorical.mean([0.0, 0.0])
    array([0.5, 0.5])
    """
    return categories.softmax_of(xp, logits).p


@vector_quantity
def vjp_mean(xp: Namespace, cotangent: Vector, logits: Vector) -> Partials:
    r"""Cotangent c of `mean`, carried back: :math:`p_k (c_k - \sum_j p_j c_j)`.

    Examples
    --------
    >>> from stgref import categorical
    >>> categorical.vjp_mean([1.0, 0.0], [0.0, 0.0]).logits
    array([ 0.25, -0.25])
    """
    w = categories.softmax_of(xp, logits)
    return Partials(categories.weighted(xp, w, categories.centred(xp, w, cotangent)))


@vector_quantity
def log_probs(xp: Namespace, logits: Vector) -> Vector:
    r"""Logarithms of the probabilities of all categories, :math:`\log p = \text{logits} - \operatorname{logsumexp}(\text{logits})`.

    With m the first category of the largest logits, computed as :math:`(l_k - l_m) - \operatorname{log1p}(\sum_{j \ne m}
    e^{l_j - l_m})`: the logarithm of a probability near 1 would lose its digits.

    Examples
    --------
    >>> from stgref import categorical
    >>> categorical.log_probs([0.0, 50.0])
    array([-5.00000000e+01, -1.92874985e-22])
    """
    return categories.log_softmax(xp, categories.softmax_of(xp, logits))


@vector_quantity
def vjp_log_probs(xp: Namespace, cotangent: Vector, logits: Vector) -> Partials:
    r"""Cotangent c of `log_probs`, carried back: :math:`c_k - p_k \sum_j c_j`.

    Examples
    --------
    >>> from stgref import categorical
    >>> categorical.vjp_log_probs([1.0, 0.0], [0.0, 0.0]).logits
    array([ 0.5, -0.5])
    """
    return Partials(categories.balanced(xp, categories.softmax_of(xp, logits), cotangent))


@vector_quantity
def entropy(xp: Namespace, logits: Vector) -> Array:
    r"""Entropy in nats, :math:`\operatorname{log1p}(\sum_{j \ne m} e^{l_j - l_m}) + \sum_k p_k (l_m - l_k)`, m the category of the largest logit.

    Examples
    --------
    >>> from stgref import categorical
    >>> categorical.entropy([[0.0, 0.0], [0.0, 1e4]])
    array([0.69314718, 0.        ])
    """
    w = categories.softmax_of(xp, logits)
    tiny = w.rest < 1e-20
    ratio = xp.where(tiny, 1.0, xp.log1p(w.rest) * (1.0 + w.rest) / xp.where(tiny, 1.0, w.rest))
    return categories.over_others(xp, w, ratio - w.d.hi)[..., 0]


@vector_quantity
def grad_entropy(xp: Namespace, logits: Vector) -> Partials:
    r"""Partial derivatives of `entropy`, :math:`-p_k (\log p_k - \sum_j p_j \log p_j)`.

    Examples
    --------
    >>> from stgref import categorical
    >>> categorical.grad_entropy([0.0, 1.0]).logits
    array([ 0.19661193, -0.19661193])
    """
    w = categories.softmax_of(xp, logits)
    return Partials(-categories.weighted(xp, w, categories.centred(xp, w, w.d.hi)))


class _Conditional(NamedTuple):
    """The chosen category, the largest latent there, what it exceeds the latents by if they were free, and the weights."""

    chosen: Array
    largest: Array
    gap: Array
    w: Softmax


def _conditional(xp: Namespace, noise: Array, sample: Array, logits: Array) -> _Conditional:
    """What the latents given the sample are made of; in ``gap`` the largest logit cancels before it is rounded in."""
    w, chosen = categories.softmax_of(xp, logits), sample == 1.0
    own = categories.pick(xp, chosen, noise)
    lse = categories.pick(xp, w.top, logits) + xp.log1p(w.rest)
    return _Conditional(chosen, lse + own, (own - noise) - categories.log_softmax(xp, w), w)


@vector_quantity
def conditional_latent(xp: Namespace, noise: Vector, sample: Vector, logits: Vector) -> Vector:
    r"""Perturbed logits given the sample, as a function of standard Gumbel noise G.

    With k the sample's category, :math:`z_k = \operatorname{logsumexp}(\text{logits}) + G_k`, and for the others
    :math:`z_j = -\log(e^{-\text{logits}_j - G_j} + e^{-z_k})`, computed as :math:`\min(t, z_k) -
    \operatorname{log1p}(e^{-|t - z_k|})`, :math:`t = \text{logits}_j + G_j`, which cannot overflow.

    Examples
    --------
    >>> from stgref import categorical
    >>> categorical.conditional_latent([0.0, 0.0], [1.0, 0.0], [0.0, 0.0])
    array([ 0.69314718, -0.40546511])
    """
    c = _conditional(xp, noise, sample, logits)
    least = xp.where(c.gap > 0.0, noise + logits, c.largest)
    below = least - xp.log1p(xp.exp(-xp.abs(c.gap)))
    return xp.where(c.chosen, c.largest, below)


@vector_quantity
def vjp_conditional_latent(
    xp: Namespace, cotangent: Vector, noise: Vector, sample: Vector, logits: Vector
) -> Pullback:
    r"""Cotangent c of `conditional_latent`, carried back to the noise and the logits; the sample is fixed.

    With k the sample's category and :math:`w_j = \sigma(z_k - \text{logits}_j - G_j)`, what goes through the largest is
    :math:`A = c_k + \sum_{j \ne k} (1 - w_j) c_j`. To the noise it is A at k and :math:`w_j c_j` elsewhere, to the logits
    :math:`p_j A + [j \ne k]\, w_j c_j`.

    Examples
    --------
    >>> from stgref import categorical
    >>> categorical.vjp_conditional_latent([1.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.0]).logits
    array([0.5, 0.5])
    """
    c = _conditional(xp, noise, sample, logits)
    own = xp.where(c.chosen, 0.0, sigmoid.scaled_expit(xp, c.gap, cotangent))
    passed = xp.where(c.chosen, cotangent, sigmoid.scaled_expit(xp, -c.gap, cotangent))
    through = categories.total(xp, passed)
    return Pullback(xp.where(c.chosen, through, own), categories.weighted(xp, c.w, through) + own)


@vector_quantity
def jvp_conditional_latent(
    xp: Namespace,
    noise: Vector,
    sample: Vector,
    logits: Vector,
    *,
    d_noise: Vector | None = None,
    d_logits: Vector | None = None,
) -> Vector:
    r"""Change of `conditional_latent` along tangents of the noise and the logits; the sample is fixed.

    It is :math:`\dot z_k = \dot G_k + \sum_m p_m \dot{\text{logits}}_m` for the sample's category k, and :math:`\dot z_j =
    w_j (\dot{\text{logits}}_j + \dot G_j) + (1 - w_j) \dot z_k` for the others, :math:`w_j = \sigma(z_k - \text{logits}_j - G_j)`.

    Examples
    --------
    >>> from stgref import categorical
    >>> categorical.jvp_conditional_latent([0.0, 0.0], [1.0, 0.0], [0.0, 0.0], d_logits=[1.0, 1.0])
    array([1., 1.])
    """
    c = _conditional(xp, noise, sample, logits)
    d_noise, d_logits = (0.0 * c.gap if d is None else d for d in (d_noise, d_logits))
    d_largest = categories.pick(xp, c.chosen, d_noise) + categories.mean(xp, c.w, d_logits)
    other = sigmoid.scaled_expit(xp, c.gap, d_logits + d_noise) + sigmoid.scaled_expit(xp, -c.gap, d_largest)
    return xp.where(c.chosen, d_largest, other)


sample = sampler(transform, "gumbel")
