"""VIMCO: leave-one-out for bounds of many samples."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from stgref.estimators import rules
from stgref.estimators.draws import Field, Noise
from stgref.estimators.estimator import estimator
from stgref.estimators.exact import product
from stgref.estimators.options import Samples, choice
from stgref.estimators.problem import Problem
from stgref.estimators.sample import sample, score
from stgref.numerics import namespace as ns
from stgref.numerics import sigmoid
from stgref.numerics.namespace import Array, Namespace

Average = Annotated[
    str, choice("How the weights of the others stand for the one left out.", "geometric", "arithmetic")
]


class TuplesNoise(NamedTuple):
    """Noise of k samples per estimate."""

    latent: Array


@estimator(
    exact=product(rules.patterns, rules.pattern_count),
    noise=Noise(Field("n k D"), container=TuplesNoise),
    needs="f",
    evaluations="k",
    bias="unbiased for the gradient of the bound of k samples",
    equation=r"\sum_j \left(\hat L - {\hat L}_{-j}\right)(b_j - \theta), \quad \hat L = \log \tfrac{1}{k} \sum_j e^{f(b_j)}",
    source="""A. Mnih, D. J. Rezende, "Variational Inference for Monte Carlo Objectives", ICML 2016, equations (7) to (10).""",
)
def vimco(
    xp: Namespace,
    f: Problem,
    phi: Array,
    noise: TuplesNoise,
    *,
    k: Samples = 2,
    average: Average = "geometric",
) -> Array:
    r"""VIMCO estimator of the gradient of the bound :math:`E \hat L`, for the log weight f.

    .. math:: \hat g = \sum_{j=1}^k (\hat L - {\hat L}_{-j})(b_j - \theta), \quad
              \hat L = \log \frac{1}{k} \sum_{j=1}^k e^{f(b_j)}

    where in :math:`{\hat L}_{-j}` the geometric or the arithmetic mean of the other weights stands for the weight of j. The log
    weight is taken not to depend on the logits; if it does, add the mean of its own gradients, weighted by the softmax
    of the log weights. With :math:`s_j` the log of the sum of the other weights and :math:`m_j` that of their mean, the
    difference is :math:`\operatorname{softplus}(f_j - s_j) - \operatorname{softplus}(m_j - s_j)`, without overflow.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> noise = estimators.draw_noise("vimco", 2, np.array([0.0]), rng=0, k=3)
    >>> estimators.vimco(lambda b: b[..., 0], np.array([0.0]), noise, k=3).shape
    (2, 1)
    """
    b = sample(xp, phi, noise.latent)
    values = f(b)
    others = values[:, None, :] + xp.zeros_like(values)[:, :, None]
    own = xp.eye(k, dtype=xp.bool, device=ns.device_of([values]))
    top = xp.max(xp.where(own, -math.inf, others), axis=-1)
    rest = xp.where(own, 0.0, xp.exp(xp.where(own, 0.0, others - top[..., None])))
    s = top + xp.log(xp.sum(rest, axis=-1))
    if average == "geometric":
        m = xp.sum(xp.where(own, 0.0, others), axis=-1) / (k - 1.0)
    else:
        m = s - math.log(k - 1.0)
    gain = sigmoid.softplus(xp, values - s) - sigmoid.softplus(xp, m - s)
    return xp.sum(gain[..., None] * score(xp, phi, b), axis=1)
