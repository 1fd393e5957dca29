"""Double control variates: leave-one-out of values and of gradients."""

from __future__ import annotations

from typing import Annotated

from stgref.estimators import rules
from stgref.estimators.draws import Field, Noise
from stgref.estimators.estimator import estimator
from stgref.estimators.exact import product
from stgref.estimators.options import FINITE, Samples, number
from stgref.estimators.problem import Problem
from stgref.estimators.rloo import deviations
from stgref.estimators.sample import sample, score, variance
from stgref.estimators.vimco import TuplesNoise
from stgref.numerics.namespace import Array, Namespace

Alpha = Annotated[float, number("Weight of the second control variate.", FINITE)]


@estimator(
    exact=product(rules.patterns, rules.pattern_count),
    noise=Noise(Field("n k D"), container=TuplesNoise),
    needs="f, grad f",
    evaluations="k",
    bias="unbiased",
    equation=r"\tfrac{1}{k} \sum_j \left(h_j - \tfrac{1}{k - 1} \sum_{l \ne j} h_l\right) (b_j - \theta)"
    r" - \alpha\, \theta (1 - \theta)\, \bar{f}', \quad h_j = f(b_j) + \alpha\, \bar{f}'_{-j} \cdot (b_j - \theta)",
    source="""M. K. Titsias, J. Shi, "Double Control Variates for Gradient Estimation in Discrete Latent Variable Models", AISTATS
2022, equation (10).""",
)
def double_cv(
    xp: Namespace, f: Problem, phi: Array, noise: TuplesNoise, *, k: Samples = 2, alpha: Alpha
) -> Array:
    r"""Double control variates: leave-one-out, of values corrected by the gradients of the other samples.

    .. math:: \hat g = \frac{1}{k} \sum_{j=1}^k \left(h_j - \frac{1}{k - 1} \sum_{l \ne j} h_l\right) (b_j - \theta)
                       - \alpha\, \theta (1 - \theta)\, \bar{f}', \quad
              h_j = f(b_j) + \alpha\, \bar{f}'_{-j} \cdot (b_j - \theta)

    with the means :math:`\bar{f}'` of all gradients and :math:`\bar{f}'_{-j}` of the others. It is `rloo` for alpha = 0, and without
    variance for linear f and alpha = -1.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Linear([2.0])
    >>> noise = estimators.draw_noise("double_cv", 2, np.array([0.0]), rng=0)
    >>> estimators.double_cv(f, np.array([0.0]), noise, alpha=-1.0)
    array([[0.5],
           [0.5]])
    """
    b = sample(xp, phi, noise.latent)
    s, grad = score(xp, phi, b), f.grad(b)
    mean = xp.mean(grad, axis=1, keepdims=True)
    others = mean + (mean - grad) / (k - 1.0)
    h = f(b) + alpha * xp.sum(others * s, axis=-1)
    leave_one_out = xp.mean(deviations(xp, h)[..., None] * s, axis=1)
    return leave_one_out - alpha * variance(xp, phi) * mean[:, 0, :]
