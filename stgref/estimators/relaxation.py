"""The binary concrete relaxation, and its straight-through variants."""

from __future__ import annotations

from typing import NamedTuple

from stgref.estimators import rules
from stgref.estimators.draws import LOGISTIC, Field, Noise
from stgref.estimators.estimator import Bound, estimator
from stgref.estimators.exact import agreed, quadrature, summed
from stgref.estimators.options import Draws, Temperature
from stgref.estimators.problem import Problem
from stgref.estimators.sample import sample
from stgref.laws import bernoulli
from stgref.numerics import sigmoid
from stgref.numerics.comoments import Comoments
from stgref.numerics.namespace import Array, Namespace


def slope(xp: Namespace, z: Array, temperature: float) -> Array:
    r"""Derivative of the relaxed sample to its latent, :math:`\sigma'(z / \tau) / \tau`."""
    return sigmoid.grad_expit(xp, z / temperature).x / temperature


def pathwise(xp: Namespace, f: Problem, z: Array, temperature: float) -> Array:
    """The gradient of f of the relaxed sample to the latent."""
    return f.grad(sigmoid.expit(xp, z / temperature)) * slope(xp, z, temperature)


@quadrature
def _latent_moments(bound: Bound) -> Comoments:
    """In terms of the latent, which the noise plus the logits gives with a rounding error only."""
    xp, (phi,), temperature = bound.xp, bound.parameters, bound.options["temperature"]

    def shifted(shift: float) -> Comoments:
        rule = rules.latents(xp, phi, shift)
        return summed(bound, rule, LOGISTIC, lambda z: pathwise(xp, bound.f, z, temperature))

    return agreed(bound, shifted)


@estimator(
    exact=_latent_moments,
    needs="grad f",
    evaluations="1",
    bias="unbiased for the relaxed objective, biased for the discrete one",
    equation=r"\tfrac{1}{\tau} \sigma'(z / \tau)\, f'(\sigma(z / \tau))",
    source="""C. J. Maddison, A. Mnih, Y. W. Teh, "The Concrete Distribution: a Continuous Relaxation of Discrete Random Variables",
ICLR 2017, appendix B; E. Jang, S. Gu, B. Poole, "Categorical Reparameterization with Gumbel-Softmax", ICLR 2017,
equation (2).""",
)
def relaxation(
    xp: Namespace, f: Problem, phi: Array, noise: Array, *, temperature: Temperature = 1.0
) -> Array:
    r"""Pathwise gradient of the binary concrete relaxation, :math:`E f(\sigma(z / \tau))`.

    .. math:: \hat g = f'(\sigma(z / \tau))\, \tfrac{1}{\tau} \sigma'(z / \tau), \quad z = \phi + \text{noise}

    with temperature tau. Its exact moments are those of an f that is smooth on (0, 1); a kink is refused.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Quadratic(0.45)
    >>> estimators.relaxation(f, np.array([0.0]), np.array([[0.0]]), temperature=0.5)
    array([[0.05]])
    """
    return pathwise(xp, f, phi + noise, temperature)


def _conditional_moments(bound: Bound) -> Comoments:
    r"""Estimates are f'(b) times the mean of k slopes, independent from draw to draw and variable to variable given b.

    So their covariance is that of f'(b) E[slope | b] plus the mean of f'(b)^2 Var(slope | b) / k on the diagonal.
    """
    xp, f, (phi,) = bound.xp, bound.f, bound.parameters
    k = bound.options.get("k", 1)
    means, spreads = [], []
    for b in (0.0, 1.0):
        (z,), weights = rules.given_sample(xp, phi, xp.full_like(phi, b))
        slopes = slope(xp, z, bound.options["temperature"])
        means.append(xp.sum(weights * slopes, axis=-1))
        spreads.append(xp.sum(weights * (slopes - means[-1][:, None]) ** 2, axis=-1))

    def rows(noise: Array) -> Array:
        b = sample(xp, phi, noise)
        grad = f.grad(b)
        mean, spread = (xp.where(b > 0.5, given[1], given[0]) for given in (means, spreads))
        return xp.concat([grad * mean, grad * grad * spread / k], axis=1)

    found, count = summed(bound, rules.samples(xp, phi), LOGISTIC, rows), phi.shape[0]
    own = xp.eye(count, dtype=phi.dtype, device=bound.device) * found.mean[count:]
    return Comoments(found.weight, found.mean[:count], found.scatter[:count, :count] + found.weight * own)


@estimator(
    exact=_conditional_moments,
    needs="grad f",
    evaluations="1",
    bias="biased",
    equation=r"\tfrac{1}{\tau} \sigma'(z / \tau)\, f'(b)",
    source="""E. Jang, S. Gu, B. Poole, "Categorical Reparameterization with Gumbel-Softmax", ICLR 2017, section 2.2.""",
)
def gumbel_softmax_st(
    xp: Namespace, f: Problem, phi: Array, noise: Array, *, temperature: Temperature = 1.0
) -> Array:
    r"""Straight-through Gumbel-softmax: the hard sample forwards, the relaxed one backwards.

    .. math:: \hat g = f'(b)\, \tfrac{1}{\tau} \sigma'(z / \tau), \quad z = \phi + \text{noise}, \quad b = [z > 0]

    with temperature tau. The factor is `binary_concrete.grad_transform` at the same noise.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Quadratic(0.45)
    >>> estimators.gumbel_softmax_st(f, np.array([0.0]), np.array([[1.0]]), temperature=0.5)
    array([[0.23098589]])
    """
    z = phi + noise
    return f.grad(sample(xp, phi, noise)) * slope(xp, z, temperature)


class GumbelRaoNoise(NamedTuple):
    """Noise of `gumbel_rao`: of the samples, and of the latents given the samples."""

    latent: Array
    conditional: Array


@estimator(
    exact=_conditional_moments,
    noise=Noise(Field("n D"), Field("n k D"), container=GumbelRaoNoise),
    needs="grad f",
    evaluations="1",
    bias="biased, as gumbel_softmax_st",
    equation=r"f'(b)\, \tfrac{1}{k} \sum_j \tfrac{1}{\tau} \sigma'({\tilde z}_j / \tau), \quad {\tilde z}_j \sim p(z \mid b)",
    source="""M. B. Paulus, C. J. Maddison, A. Krause, "Rao-Blackwellizing the Straight-Through Gumbel-Softmax Gradient Estimator",
ICLR 2021, equation (12).""",
)
def gumbel_rao(
    xp: Namespace,
    f: Problem,
    phi: Array,
    noise: GumbelRaoNoise,
    *,
    temperature: Temperature = 1.0,
    k: Draws = 10,
) -> Array:
    r"""Gumbel-Rao estimator: straight-through Gumbel-softmax, averaged over k latents given the sample.

    .. math:: \hat g = f'(b)\, \frac{1}{k} \sum_{j=1}^k \tfrac{1}{\tau} \sigma'({\tilde z}_j / \tau), \quad
              {\tilde z}_j \sim p(z \mid b)

    with temperature tau and `bernoulli.conditional_latent` :math:`{\tilde z}_j`, which is held fixed in the derivative. The mean
    is that of `gumbel_softmax_st`, which is k = 1; the variance is less.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Quadratic(0.45)
    >>> noise = estimators.draw_noise("gumbel_rao", 2, np.array([0.0]), rng=0, k=3)
    >>> estimators.gumbel_rao(f, np.array([0.0]), noise, temperature=0.5, k=3).shape
    (2, 1)
    """
    b = sample(xp, phi, noise.latent)
    z = bernoulli.conditional_latent.kernel(xp, noise.conditional, b[:, None, :], phi)
    slopes = xp.mean(sigmoid.grad_expit(xp, z / temperature).x, axis=1)
    return f.grad(b) * slopes / temperature
