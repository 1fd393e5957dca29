"""The measure-valued estimator of categorical variables, also local expectation gradients."""

from __future__ import annotations

from stgref.estimators.categorical import rules
from stgref.estimators.categorical.law import FAMILY, LAW, grad_mean, sample
from stgref.estimators.estimator import estimator
from stgref.estimators.exact import product
from stgref.estimators.measure_valued import each
from stgref.estimators.problem import Problem
from stgref.numerics.namespace import Array, Namespace


@estimator(
    exact=product(rules.samples),
    noise=LAW.noise,
    family=FAMILY,
    needs="f",
    evaluations="D (K - 1) + 1",
    bias="unbiased",
    equation=r"p_{ik} \left(f(b_{-i}, k) - \sum_j p_{ij} f(b_{-i}, j)\right)",
    source="""M. Titsias, M. Lazaro-Gredilla, "Local Expectation Gradients for Black Box Variational Inference", NeurIPS 2015,
equation (10).""",
)
def measure_valued(xp: Namespace, f: Problem, phi: Array, noise: Array) -> Array:
    r"""Measure-valued derivative, coupled: each variable in turn is set to each of its categories.

    .. math:: {\hat g}_{ik} = p_{ik} \left(f(b_{-i}, k) - \sum_j p_{ij} f(b_{-i}, j)\right)

    One of the K values is f(b) itself. It is the score function with variable i summed out (local expectation
    gradients); for one variable it is exact.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref.estimators import categorical
    >>> categorical.measure_valued(lambda b: b[..., 0, 1], np.zeros((1, 2)), np.array([[[0.0, 1.0]]]))
    array([[[-0.25,  0.25]]])
    """
    b = sample(xp, phi, noise)
    value, others = f(b), [xp.roll(b, shift, axis=-1) for shift in range(1, phi.shape[-1])]
    rise = xp.zeros_like(b)
    for mine in each(xp, phi):
        for other in others:
            change = f(xp.where(mine, other, b)) - value
            rise = rise + xp.where(mine, other * change[:, None, None], 0.0)
    return grad_mean(xp, phi, rise)
