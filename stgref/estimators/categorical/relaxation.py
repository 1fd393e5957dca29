"""The concrete relaxation of categorical variables, and its straight-through variants."""

from __future__ import annotations

from typing import cast

from stgref.estimators.categorical import rules
from stgref.estimators.categorical.law import FAMILY, LAW, gumbel, sample, soften, soften_back
from stgref.estimators.draws import Noise
from stgref.estimators.estimator import Bound, estimator
from stgref.estimators.exact import agreed, combinations, quadrature, summed
from stgref.estimators.law import rows
from stgref.estimators.options import Draws, Temperature
from stgref.estimators.problem import Problem
from stgref.estimators.relaxation import GumbelRaoNoise
from stgref.laws import categorical
from stgref.numerics import comoments
from stgref.numerics.comoments import Comoments
from stgref.numerics.namespace import Array, Namespace


def pathwise(xp: Namespace, f: Problem, z: Array, temperature: float, noise: Array | float = 0.0) -> Array:
    """The gradient of f of the relaxed sample to the latent, which is z plus the noise."""
    x = soften(xp, z, temperature, noise)
    return soften_back(xp, z, temperature, f.grad(x), noise)


@quadrature
def _exact_relaxation(bound: Bound) -> Comoments:
    """In terms of the latents, which the noise plus the logits gives with a rounding error only."""
    rules.check_cost(bound)
    xp, f, (phi,), temperature = bound.xp, bound.f, bound.parameters, bound.options["temperature"]

    def shifted(shift: float) -> Comoments:
        rule = rules.latents(xp, phi, shift)
        return summed(bound, rule, LAW.noise, lambda z: rows(xp, pathwise(xp, f, z, temperature)))

    return agreed(bound, shifted)


@estimator(
    exact=_exact_relaxation,
    noise=LAW.noise,
    family=FAMILY,
    needs="grad f",
    evaluations="1",
    bias="unbiased for the relaxed objective, biased for the discrete one",
    equation=r"\tfrac{1}{\tau} J(x)\, f'(x), \quad x = \operatorname{softmax}(z / \tau)",
    source="""C. J. Maddison, A. Mnih, Y. W. Teh, "The Concrete Distribution: a Continuous Relaxation of Discrete Random Variables",
ICLR 2017, definition 1; E. Jang, S. Gu, B. Poole, "Categorical Reparameterization with Gumbel-Softmax", ICLR 2017,
equation (2).""",
)
def relaxation(
    xp: Namespace, f: Problem, phi: Array, noise: Array, *, temperature: Temperature = 1.0
) -> Array:
    r"""Pathwise gradient of the concrete relaxation, :math:`E f(\operatorname{softmax}(z / \tau))`.

    .. math:: \hat g = \tfrac{1}{\tau} J(x)\, f'(x), \quad x = \operatorname{softmax}(z / \tau), \quad z = \phi + \text{noise}, \quad
              J(x) = \operatorname{diag}(x) - x x^T

    with temperature tau: `concrete.vjp_transform`. Its exact moments are those of a smooth f.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Linear([[0.0, 1.0, 3.0]])
    >>> estimators.categorical.relaxation(f, np.zeros((1, 3)), np.array([[[0.0, 1.0, 0.0]]]))
    array([[[-0.25686078, -0.12210311,  0.37896389]]])
    """
    return pathwise(xp, f, phi, temperature, noise)


@quadrature
def _conditional_moments(bound: Bound) -> Comoments:
    r"""Estimates are the mean of k matrices times f'(b), independent from draw to draw and variable to variable given b.

    So their covariance is that of the mean matrix times f'(b), plus the mean of that of f'(b) times one matrix, over k,
    for each variable by itself.
    """
    rules.check_cost(bound, jointly=False)
    xp, f, (phi,) = bound.xp, bound.f, bound.parameters
    variables, size = phi.shape
    mean, spread = _matrices(xp, phi, bound.options["temperature"])
    total: Comoments | None = None
    within = xp.zeros((variables, size, size), dtype=phi.dtype, device=bound.device)
    for weights, noise in combinations(bound, rules.samples(xp, phi), LAW.noise):
        b = sample(xp, phi, noise)
        grad = f.grad(b)
        # Sums over the category of the sample, s, of the matrices given it times the gradient.
        of_sample = b[..., :, None] * grad[..., None, :]
        estimates = xp.sum(mean * of_sample[..., :, None, :], axis=(-3, -1))
        found = comoments.of_rows(xp, weights, rows(xp, estimates))
        total = found if total is None else comoments.merge(xp, total, found)
        pairs = xp.tensordot(weights, of_sample[..., :, None] * grad[..., None, None, :], axes=((0,), (0,)))
        within = within + xp.sum(spread * pairs[:, :, None, None, :, :], axis=(1, 4, 5))
    own = xp.eye(variables, dtype=phi.dtype, device=bound.device)[:, None, :, None] * within[:, :, None, :]
    own = xp.reshape(own, (variables * size, variables * size)) / bound.options.get("k", 1)
    found = cast("Comoments", total)
    return found._replace(scatter=found.scatter + own)


def _matrices(xp: Namespace, phi: Array, temperature: float) -> tuple[Array, Array]:
    r"""Mean (D, s, K, K) and covariance (D, s, K, K', L, L') of :math:`J(x) / \tau` given the sample s.

    The covariance is that of entries (K, L) and (K', L').
    """
    points, _ = LAW.outcomes(xp, phi)
    means, spreads = [], []
    for s in range(points.shape[0]):
        (z,), weights = rules.given_sample(xp, phi, points[s, :] + xp.zeros_like(phi))
        columns = [
            soften_back(xp, z, temperature, points[l, :] + xp.zeros_like(z)) for l in range(points.shape[0])
        ]
        matrices = xp.stack(columns, axis=-1)
        share = (weights / xp.sum(weights, axis=-1)[:, None])[..., None, None]
        mean = xp.sum(share * matrices, axis=1)
        flat = xp.reshape(matrices - mean[:, None, ...], (*z.shape[:2], -1))
        spread = xp.matrix_transpose(share[..., 0] * flat) @ flat
        means.append(mean)
        spreads.append(
            xp.permute_dims(xp.reshape(spread, (phi.shape[0], *(points.shape[0],) * 4)), (0, 1, 3, 2, 4))
        )
    return xp.stack(means, axis=1), xp.stack(spreads, axis=1)


@estimator(
    exact=_conditional_moments,
    noise=LAW.noise,
    family=FAMILY,
    needs="grad f",
    evaluations="1",
    bias="biased",
    equation=r"\tfrac{1}{\tau} J(x)\, f'(b), \quad x = \operatorname{softmax}(z / \tau)",
    source="""E. Jang, S. Gu, B. Poole, "Categorical Reparameterization with Gumbel-Softmax", ICLR 2017, section 2.2.""",
)
def gumbel_softmax_st(
    xp: Namespace, f: Problem, phi: Array, noise: Array, *, temperature: Temperature = 1.0
) -> Array:
    r"""Straight-through Gumbel-softmax: the hard sample forwards, the relaxed one backwards.

    .. math:: \hat g = \tfrac{1}{\tau} J(x)\, f'(b), \quad x = \operatorname{softmax}(z / \tau), \quad z = \phi + \text{noise}, \quad
              b = \text{one-hot}(\operatorname{argmax} z)

    with temperature tau: `concrete.vjp_transform` at the same noise.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Linear([[0.0, 1.0, 3.0]])
    >>> estimators.categorical.gumbel_softmax_st(f, np.zeros((1, 3)), np.array([[[0.0, 1.0, 0.0]]]))
    array([[[-0.25686078, -0.12210311,  0.37896389]]])
    """
    return soften_back(xp, phi, temperature, f.grad(sample(xp, phi, noise)), noise)


@estimator(
    exact=_conditional_moments,
    noise=Noise(gumbel("n D K"), gumbel("n k D K"), container=GumbelRaoNoise),
    family=FAMILY,
    needs="grad f",
    evaluations="1",
    bias="biased, as gumbel_softmax_st",
    equation=r"\tfrac{1}{k} \sum_j \tfrac{1}{\tau} J(x_j)\, f'(b), \quad x_j = \operatorname{softmax}({\tilde z}_j / \tau), \quad {\tilde z}_j \sim p(z \mid b)",
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

    .. math:: \hat g = \frac{1}{k} \sum_{j=1}^k \tfrac{1}{\tau} J(x_j)\, f'(b), \quad
              x_j = \operatorname{softmax}({\tilde z}_j / \tau), \quad {\tilde z}_j \sim p(z \mid b)

    with temperature tau and `categorical.conditional_latent` :math:`{\tilde z}_j`, which is held fixed in the derivative. The mean is
    that of `gumbel_softmax_st`, which is k = 1; the variance is less.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f, logits = estimators.objectives.Linear([[0.0, 1.0, 3.0]]), np.zeros((1, 3))
    >>> noise = estimators.categorical.draw_noise("gumbel_rao", 2, logits, rng=0, k=4)
    >>> estimators.categorical.gumbel_rao(f, logits, noise, k=4).shape
    (2, 1, 3)
    """
    b = sample(xp, phi, noise.latent)
    z = categorical.conditional_latent.kernel(xp, noise.conditional, b[:, None, ...], phi)
    return xp.mean(soften_back(xp, z, temperature, f.grad(b)[:, None, ...]), axis=1)
