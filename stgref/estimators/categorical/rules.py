r"""Values of each variable's Gumbel noise, with their probabilities, on which estimates are summed exactly.

Estimates that vary smoothly with the latents are integrated given the sample. With k its category and independent
standard exponential :math:`E_j`, the latents given it are (`categorical.conditional_latent`, noise :math:`-\log E_j`)

.. math:: z_j = z_k - \operatorname{softplus}(\rho_j - \log p_j), \quad \rho_j = \log(E_j / E_k), \quad
          z_k = \operatorname{logsumexp}(\phi) - \log E_k.

The K - 1 ratios have the multivariate logistic density :math:`(K - 1)!\, e^{\sum_j \rho_j} / (1 + \sum_j e^{\rho_j})^K`, and are
independent of :math:`S = \sum_j E_j = E_k (1 + \sum_{j \ne k} e^{\rho_j})`, which has a gamma law: :math:`\lambda = -\log S` has the
density :math:`e^{-K \lambda - e^{-\lambda}} / (K - 1)!` and sets the level of all latents, for estimates that depend on it.

The trapezoidal rule gives the integrals to the last digits, whatever the temperature: with all ratios real but one,
:math:`|e^{(z_j - z_k) / \tau}| = |1 + e^{\rho_j} / p_j|^{-1 / \tau} < 1` for :math:`|\operatorname{Im} \rho_j| < \pi / 2`, and the denominator
of the softmax, 1 plus positive numbers plus this one, has no zero. So the error of step h is of the order of
:math:`\exp(-\pi^2 / h)`, as in `stgref.estimators.rules`.
"""

from __future__ import annotations

import functools
import itertools
import math
from typing import Any

import numpy as np

from stgref.estimators import exact
from stgref.estimators.categorical.law import LAW
from stgref.estimators.estimator import Bound
from stgref.estimators.exact import Rule
from stgref.estimators.rules import NODES, REACH, STEP, logistic_nodes
from stgref.laws import categorical
from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array, Namespace

NEGLIGIBLE = 1e-20
"""Nodes of less weight than this times the largest are left out, unless the rule is to reach further."""

DEEPEST, DEEP = 745.0, 64.0
"""How far the rule follows the threshold into the tail, for two categories and for more: exp(-745) is the least number.

Beyond, moments are right to exp(-64) of what they are where the rare category comes, no longer to its own size.
"""

LEVEL_STEP = 0.25
"""Step of the rule for the level: the Fourier transform of its density, Gamma(K + i omega), is 1e-14 at 2 pi / 0.25."""


def samples(xp: Namespace, logits: Array, **_: Any) -> Rule:
    """One value for each category."""
    points, chance = LAW.outcomes(xp, logits)
    return Rule([points - logits[:, None, :]], chance)


def patterns(xp: Namespace, logits: Array, *, k: int, **_: Any) -> Rule:
    """One value for each pattern of k independent samples: (D, K^k, k, K)."""
    points, chance = LAW.outcomes(xp, logits)
    table = np.asarray(list(itertools.product(range(points.shape[0]), repeat=k)))
    index = xp.asarray(table.reshape(-1), device=ns.device_of([logits]))
    picked = xp.reshape(xp.take(points, index, axis=0), (*table.shape, points.shape[-1]))
    chances = xp.reshape(xp.take(chance, index, axis=1), (chance.shape[0], *table.shape))
    return Rule([picked - logits[:, None, None, :]], xp.prod(chances, axis=-1))


def check_cost(bound: Bound, *, jointly: bool = True) -> None:
    """Raise a `ValueError` that says the cost, unless there are few enough latents, of all variables or of one alone."""
    variables, size = bound.parameters[0].shape
    exact.check_cost(bound.estimator.name, "points", size, variables)
    count = variables if jointly else 1
    what = f"latents for {count} variable{'s' if count > 1 else ''} of {size} categories"
    exact.check_power(bound.estimator.name, NODES, count * (size - 1), what)


@functools.lru_cache(maxsize=8)
def ratios(size: int, further: int, shift: float) -> tuple[Any, Any]:
    """Nodes (M, K - 1) of the ratios of K categories, ``further`` down, and their weights (M,), on the host.

    The nodes are moved by the part ``shift`` of a step.
    """
    axis = STEP * (np.arange(-math.ceil((REACH + further) / STEP), round(REACH / STEP) + 1) + shift)
    rho = np.asarray(list(itertools.product(axis, repeat=size - 1)))
    lse = np.logaddexp.reduce(np.concatenate([np.zeros((len(rho), 1)), rho], axis=1), axis=1)
    weights = math.factorial(size - 1) * STEP ** (size - 1) * np.exp(rho.sum(axis=1) - size * lse)
    return _kept(rho, weights, math.exp(-(size - 1) * further))


def levels(size: int) -> tuple[Any, Any]:
    """Nodes of the level of K latents and their weights, on the host."""
    level = LEVEL_STEP * np.arange(-math.ceil(5.0 / LEVEL_STEP), math.ceil(REACH / size / LEVEL_STEP) + 1)
    weights = LEVEL_STEP / math.factorial(size - 1) * np.exp(-size * level - np.exp(-level))
    return _kept(level, weights)


def _kept(nodes: Any, weights: Any, factor: float = 1.0) -> tuple[Any, Any]:
    """Nodes whose weight matters."""
    matters = weights >= NEGLIGIBLE * factor * weights.max()
    return nodes[matters], weights[matters]


def noise_table(size: int, further: int, shift: float, *, level: bool) -> tuple[Any, Any]:
    """Gumbel noise (M, K) of the latents given that they are largest at the first category, and its weights (M,)."""
    rho, weights = ratios(size, further, shift)
    noise = np.concatenate([np.zeros((len(rho), 1)), -rho], axis=1)
    if level:
        heights, chances = levels(size)
        noise = noise + np.logaddexp.reduce(-noise, axis=1)[:, None]
        noise = (noise[:, None, :] + heights[:, None]).reshape(-1, size)
        noise, weights = _kept(
            noise, (weights[:, None] * chances).reshape(-1), math.exp(-(size - 1) * further)
        )
    return noise, weights


def given_sample(xp: Namespace, logits: Array, b: Array, shift: float = 0.0, *, level: bool = False) -> Rule:
    r"""The latents given the sample b (D, K), (D, M, K), and their weights (D, M); at one level, or at all.

    The rule reaches to where the latents are alike, at ratios of :math:`\log p_j`: as far as numbers go for two categories.
    """
    size = logits.shape[-1]
    rare = xp.where(b > 0.5, 0.0, -categorical.log_probs.kernel(xp, logits))
    if size == 2 and not level:  # One ratio, which is logistic: its rule goes as far as each variable asks.
        rho, weights = logistic_nodes(xp, xp.sum(rare, axis=-1), shift)
        z = categorical.conditional_latent.kernel(
            xp, -rho[..., None] * (1.0 - b)[:, None, :], b[:, None, :], logits[:, None, :]
        )
        return Rule([z], weights)
    where_to = {"dtype": logits.dtype, "device": ns.device_of([logits])}
    limit, depth = DEEPEST if size == 2 and logits.shape[0] == 1 else DEEP, xp.max(rare)
    further = min(float(depth), limit) if ns.has_values(depth) else limit
    host, chance = noise_table(size, math.ceil(further), shift, level=level)
    first, weights = (xp.asarray(values, **where_to) for values in (host, chance))
    # The other categories are alike: it does not matter which of them has which ratio.
    noise = sum(b[:, None, k, None] * xp.roll(first, k, axis=1) for k in range(size))
    z = categorical.conditional_latent.kernel(xp, noise, b[:, None, :], logits[:, None, :])
    return Rule([z], weights + xp.zeros_like(z[..., 0]))


def latents(xp: Namespace, logits: Array, shift: float) -> Rule:
    """Latents given each sample, (D, M, K), for estimates that vary smoothly with their ratios."""
    points, chance = LAW.outcomes(xp, logits)
    sides = [
        given_sample(xp, logits, points[k, :] + xp.zeros_like(logits), shift) for k in range(points.shape[0])
    ]
    weights = [chance[:, k, None] * side.weights for k, side in enumerate(sides)]
    return Rule([xp.concat([side.noise[0] for side in sides], axis=1)], xp.concat(weights, axis=1))
