"""MuProp: the score function, with the first-order expansion of f around the mean as its control variate."""

from __future__ import annotations

from stgref.estimators import rules
from stgref.estimators.estimator import estimator
from stgref.estimators.exact import product
from stgref.estimators.problem import Problem
from stgref.estimators.sample import sample, score, variance
from stgref.numerics import sigmoid
from stgref.numerics.namespace import Array, Namespace


@estimator(
    exact=product(rules.samples),
    needs="f, grad f",
    evaluations="1, and f and grad f at the mean",
    bias="unbiased",
    equation=r"\left(f(b) - f(\theta) - f'(\theta) \cdot (b - \theta)\right)(b - \theta) + \theta (1 - \theta) f'(\theta)",
    source="""S. Gu, S. Levine, I. Sutskever, A. Mnih, "MuProp: Unbiased Backpropagation for Stochastic Neural Networks", ICLR 2016,
equation (6).""",
)
def muprop(xp: Namespace, f: Problem, phi: Array, noise: Array) -> Array:
    r"""MuProp estimator.

    .. math:: \hat g = \left(f(b) - f(\theta) - f'(\theta) \cdot (b - \theta)\right)(b - \theta)
                       + \theta (1 - \theta) f'(\theta)

    The expansion's own gradient, the last term, is known exactly. The variance is 0 for linear f.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Linear([2.0])
    >>> estimators.muprop(f, np.array([0.0]), np.array([[-1.0], [1.0]]))
    array([[0.5],
           [0.5]])
    """
    b, theta = sample(xp, phi, noise), sigmoid.expit(xp, phi)
    s, grad = score(xp, phi, b), f.grad(theta)
    residual = f(b) - f(theta) - xp.sum(grad * s, axis=-1)
    return residual[:, None] * s + grad * variance(xp, phi)
