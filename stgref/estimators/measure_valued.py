"""The measure-valued estimator, also local expectation gradients."""

from __future__ import annotations

from stgref.estimators import rules
from stgref.estimators.estimator import estimator
from stgref.estimators.exact import product
from stgref.estimators.law import own
from stgref.estimators.problem import Problem
from stgref.estimators.sample import sample, variance
from stgref.numerics.namespace import Array, Namespace


def each(xp: Namespace, phi: Array) -> list[Array]:
    """For each variable, the bools (D, ...) that say which it is, and broadcast with the logits."""
    mask = own(xp, phi)
    return [mask[i, ...] for i in range(phi.shape[0])]


@estimator(
    exact=product(rules.samples),
    needs="f",
    evaluations="D + 1",
    bias="unbiased",
    equation=r"\theta_i (1 - \theta_i) \left(f(b_{-i}, 1) - f(b_{-i}, 0)\right)",
    source="""M. Titsias, M. Lazaro-Gredilla, "Local Expectation Gradients for Black Box Variational Inference", NeurIPS 2015,
equation (10); S. Mohamed, M. Rosca, M. Figurnov, A. Mnih, "Monte Carlo Gradient Estimation in Machine Learning", JMLR 21,
2020, table 1 (Bernoulli).""",
)
def measure_valued(xp: Namespace, f: Problem, phi: Array, noise: Array) -> Array:
    r"""Measure-valued derivative, coupled: each coordinate in turn is set to 1 and to 0.

    .. math:: {\hat g}_i = \theta_i (1 - \theta_i) \left(f(b_{-i}, 1) - f(b_{-i}, 0)\right)

    One of the two is f(b) itself. It is the score function with coordinate i integrated out (local expectation
    gradients); for one variable it is exact.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> estimators.measure_valued(lambda b: b[..., 0], np.array([0.0]), np.array([[-1.0], [1.0]]))
    array([[0.25],
           [0.25]])
    """
    b = sample(xp, phi, noise)
    if not phi.shape[0]:
        return b
    value = f(b)
    drop = [value - f(xp.where(mine, 1.0 - b, b)) for mine in each(xp, phi)]
    return variance(xp, phi) * xp.stack(drop, axis=-1) * (2.0 * b - 1.0)
