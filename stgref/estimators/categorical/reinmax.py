"""ReinMax of categorical variables: straight-through by the trapezoidal rule."""

from __future__ import annotations

from stgref.estimators.categorical import rules
from stgref.estimators.categorical.law import FAMILY, LAW, grad_mean, sample
from stgref.estimators.estimator import estimator
from stgref.estimators.exact import product
from stgref.estimators.options import Temperature
from stgref.estimators.problem import Problem
from stgref.laws import exp_concrete
from stgref.numerics import categories
from stgref.numerics.namespace import Array, Namespace


@estimator(
    exact=product(rules.samples),
    noise=LAW.noise,
    family=FAMILY,
    needs="grad f",
    evaluations="1",
    bias="biased; at temperature 1 unbiased for quadratic f",
    equation=r"2 J(\pi)\, f'(b) - \tfrac12 J(p)\, f'(b), \quad \pi = \tfrac12 (p_\tau + b)",
    source="""L. Liu, C. Dong, X. Liu, B. Yu, J. Gao, "Bridging Discrete and Backpropagation: Straight-Through and Beyond", NeurIPS
2023, algorithm 2; at temperature 1 it is the ZGR of A. Shekhovtsov, "Cold Analysis of Rao-Blackwellized
Straight-Through Gumbel-Softmax Gradient Estimator", ICML 2023.""",
)
def reinmax(xp: Namespace, f: Problem, phi: Array, noise: Array, *, temperature: Temperature = 1.0) -> Array:
    r"""ReinMax estimator: straight-through at the mean of the sample and its probabilities, extrapolated.

    .. math:: \hat g = 2 J(\pi)\, f'(b) - \tfrac12 J(p)\, f'(b), \quad \pi = \tfrac12 (p_\tau + b), \quad
              J(p) = \operatorname{diag}(p) - p p^T

    with the probabilities :math:`p_\tau = \operatorname{softmax}(\phi / \tau)` at temperature tau, and p at 1. With
    :math:`c = f'(b) - p_\tau \cdot f'(b)` and the category k of b, :math:`2 J(\pi)\, f'(b) = (p_\tau + b)(c - c_k / 2)`,
    where nothing is taken from 1. At temperature 1 it is :math:`\tfrac12 (J(p)\, f'(b) + c_k (b - p))`, unbiased where all second
    derivatives of f are constant; there is no factor 1 / tau.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Linear([[0.0, 1.0, 3.0]])
    >>> noise = np.array([[[0.0, 1.0, 0.0]]])
    >>> estimators.categorical.reinmax(f, np.zeros((1, 3)), noise)
    array([[[-0.16666667, -0.16666667,  0.33333333]]])
    """
    b = sample(xp, phi, noise)
    grad, w = f.grad(b), exp_concrete.weights(xp, 0.0, phi, temperature)
    c = categories.centred(xp, w, grad)
    extrapolated = c - 0.5 * categories.pick(xp, b > 0.5, c)
    return categories.weighted(xp, w, extrapolated) + b * extrapolated - 0.5 * grad_mean(xp, phi, grad)
