"""ARSM: augment, reinforce, swap, merge."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from stgref.estimators.categorical import simplex
from stgref.estimators.categorical.law import FAMILY, sample
from stgref.estimators.draws import Field, Noise
from stgref.estimators.estimator import Bound, estimator
from stgref.estimators.exact import Rule, check_cost, product, quadrature
from stgref.estimators.problem import Problem
from stgref.numerics import noise as draws
from stgref.numerics.comoments import Comoments
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.transport import from_host, to_host


class ArsmNoise(NamedTuple):
    """Noise of `arsm`: logarithms of points of the simplex."""

    log_pi: Array


def log_dirichlet(shape: tuple[int, ...], rng: Any, dtype: Any, xp: Namespace, device: Any) -> Array:
    r"""Logarithms of uniform points of the simplex (n, D, K): of exponential variables over their sum."""
    e = -np.log(draws.uniform(shape, rng))
    return from_host(xp, np.log(e) - np.log(e.sum(axis=-1, keepdims=True)), dtype, device)


@quadrature
def _moments(bound: Bound) -> Comoments:
    """By the rule that is exact for quadratic functions on each piece of the simplex; on the host."""
    variables, size = bound.parameters[0].shape
    check_cost(bound.estimator.name, "points", size, variables)
    if size > simplex.MOST:
        raise ValueError(
            f"{bound.estimator.name}: exact moments are there for {simplex.MOST} categories or fewer, where the pieces of the "
            f"simplex are polygons, got {size}"
        )

    def rule(xp: Namespace, logits: Array) -> Rule:
        points, weights = simplex.rule(to_host(bound.estimator.name, "logits", logits))
        noise, chances = (from_host(xp, x, logits.dtype, bound.device) for x in (np.log(points), weights))
        return Rule([noise], chances)

    return product(rule)(bound)


@estimator(
    exact=_moments,
    noise=Noise(
        Field("n D K", log_dirichlet, "logarithms of Dirichlet(1, ..., 1) variables"), container=ArsmNoise
    ),
    family=FAMILY,
    needs="f",
    evaluations="K (K - 1) / 2 + 1",
    bias="unbiased",
    equation=r"\sum_j \left(f_{kj} - \tfrac{1}{K} \sum_m f_{mj}\right)\left(\tfrac{1}{K} - \pi_{ij}\right)",
    source="""M. Yin, Y. Yue, M. Zhou, "ARSM: Augment-REINFORCE-Swap-Merge Estimator for Gradient Backpropagation Through
Categorical Variables", ICML 2019, equation (9).""",
)
def arsm(xp: Namespace, f: Problem, phi: Array, noise: ArsmNoise) -> Array:
    r"""ARSM estimator: one point of the simplex, with each pair of its coordinates swapped.

    .. math:: {\hat g}_{ik} = \sum_j \left(f_{kj} - \tfrac{1}{K} \sum_m f_{mj}\right)\left(\tfrac{1}{K} - \pi_{ij}\right), \quad
              f_{mj} = f\left(\operatorname{argmin}(\log \pi^{m \leftrightarrow j} - \phi)\right)

    where :math:`\pi^{m \leftrightarrow j}` is pi with coordinates m and j swapped, in all variables at once, so that
    :math:`f_{mj} = f_{jm}` and :math:`f_{jj} = f(b)`. For K = 2 it is ARM, with u = :math:`\pi_2`.

    The swapped pi has the law of pi, and for every j :math:`E[f(b)\, (1 - K \pi_k)] = E[f_{kj}\, (1 - K \pi_j)]` is the gradient to
    logit k. The mean over m is that of the gradients to all logits, 0.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref.estimators import categorical
    >>> noise = categorical.ArsmNoise(np.log([[[0.75, 0.25]]]))
    >>> categorical.arsm(lambda b: b[..., 0, 1], np.zeros((1, 2)), noise)
    array([[[-0.25,  0.25]]])
    """
    log_pi, size = noise.log_pi, phi.shape[-1]
    value = f(sample(xp, phi, -log_pi))
    # Differences to f(b): a large offset of f would cost the digits of the mean.
    rise = {
        (m, j): f(sample(xp, phi, -_swapped(xp, log_pi, m, j))) - value for j in range(size) for m in range(j)
    }
    table = [
        [xp.zeros_like(value) if m == j else rise[min(m, j), max(m, j)] for j in range(size)]
        for m in range(size)
    ]
    f_mj = xp.stack([xp.stack(row, axis=-1) for row in table], axis=-2)
    centred = f_mj - xp.mean(f_mj, axis=-2, keepdims=True)
    return xp.sum(centred[:, None, :, :] * (1.0 / size - xp.exp(log_pi))[..., None, :], axis=-1)


def _swapped(xp: Namespace, x: Array, m: int, j: int) -> Array:
    """Vectors with their coordinates m < j swapped."""
    order = list(range(x.shape[-1]))
    order[m], order[j] = j, m
    return xp.stack([x[..., k] for k in order], axis=-1)
