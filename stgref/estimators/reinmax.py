"""ReinMax: straight-through by the trapezoidal rule."""

from __future__ import annotations

from stgref.estimators import rules
from stgref.estimators.estimator import estimator
from stgref.estimators.exact import product
from stgref.estimators.options import Temperature
from stgref.estimators.problem import Problem
from stgref.estimators.sample import sample, variance
from stgref.numerics import sigmoid
from stgref.numerics.namespace import Array, Namespace


@estimator(
    exact=product(rules.samples),
    needs="grad f",
    evaluations="1",
    bias="biased; at temperature 1 unbiased for quadratic f",
    equation=r"\left(2 \pi (1 - \pi) - \tfrac{1}{2} \theta (1 - \theta)\right) f'(b)",
    source="""L. Liu, C. Dong, X. Liu, B. Yu, J. Gao, "Bridging Discrete and Backpropagation: Straight-Through and Beyond", NeurIPS
2023, algorithm 2; at temperature 1 it is the estimator of K. Gregor, I. Danihelka, A. Mnih, C. Blundell, D. Wierstra,
"Deep AutoRegressive Networks", ICML 2014, and the ZGR of A. Shekhovtsov, "Cold Analysis of Rao-Blackwellized
Straight-Through Gumbel-Softmax Gradient Estimator", ICML 2023.""",
)
def reinmax(xp: Namespace, f: Problem, phi: Array, noise: Array, *, temperature: Temperature = 1.0) -> Array:
    r"""ReinMax estimator: straight-through at the mean of the sample and its probability, extrapolated.

    .. math:: \hat g = \left(2 \pi (1 - \pi) - \tfrac{1}{2} \theta (1 - \theta)\right) f'(b), \quad
              \pi = \tfrac{1}{2} (\sigma(\phi / \tau) + b)

    with temperature tau. At temperature 1 it is :math:`\tfrac{1}{2} |b - \theta| f'(b)`, whose mean replaces f(1) - f(0) by
    the trapezoidal rule (f'(0) + f'(1)) / 2: exact where f'' is constant along each coordinate. There is no factor
    1 / tau: at other temperatures it is biased for quadratic f, too.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Quadratic(0.45)
    >>> estimators.reinmax(f, np.array([0.0]), np.array([[-1.0], [1.0]]))
    array([[-0.225],
           [ 0.275]])
    """
    b = sample(xp, phi, noise)
    x = phi / temperature
    # 2 pi = sigma(x) + b and 2 (1 - pi) = sigma(-x) + 1 - b: sums of positive numbers.
    twice = (sigmoid.expit(xp, x) + b) * (sigmoid.expit(xp, -x) + (1.0 - b))
    return 0.5 * (twice - variance(xp, phi)) * f.grad(b)
