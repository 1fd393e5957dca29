"""The pathwise estimator of Gaussian gradients."""

from __future__ import annotations

from stgref.estimators.estimator import estimator
from stgref.estimators.gaussian import nodes
from stgref.estimators.gaussian.family import GAUSSIAN, NORMAL, SOURCE, Gradients, sample
from stgref.estimators.problem import Problem
from stgref.numerics.namespace import Array, Namespace


@estimator(
    exact=nodes.moments,
    family=GAUSSIAN,
    noise=NORMAL,
    needs="grad f",
    evaluations="1",
    bias="unbiased",
    equation=r"\left(f'(x),\; f'(x)\, \varepsilon\right), \quad x = \mu + \text{std}\, \varepsilon",
    source=f"{SOURCE}, section 5 (pathwise gradient estimators).",
)
def pathwise(xp: Namespace, f: Problem, mu: Array, std: Array, noise: Array) -> Gradients:
    r"""Pathwise estimator (reparameterisation) of the gradients of :math:`E f(x)`, :math:`x_i \sim N(\mu_i, \text{std}_i^2)`.

    .. math:: {\hat g}_\mu = f'(x), \quad {\hat g}_\text{std} = f'(x)\, \varepsilon, \quad x = \mu + \text{std}\, \varepsilon

    f must be continuous, and have its derivative almost everywhere. The variance is that of f' and knows nothing of f: for
    :math:`f = \cos k x` it grows as :math:`k^2`, and above :math:`k\, \text{std} \approx 1` it exceeds that of
    `score_function`.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Quadratic(0.25)
    >>> estimators.gaussian.pathwise(f, np.array([1.0]), np.array([0.5]), np.array([[-1.0], [1.0]]))
    Gradients(mu=array([[0.5],
           [2.5]]), std=array([[-0.5],
           [ 2.5]]))
    """
    slope = f.grad(sample(xp, mu, std, noise))
    return Gradients(slope, slope * noise)
