"""What the mistakes suspected in peers do to the mean: exact, so that a suspicion can be tested."""

from __future__ import annotations

import numpy as np
from scipy import special

from stgref import estimators
from validation.estimators.objectives import TOY


def signs_of_conditional_logit(phi: float) -> float:
    r"""Mean of REBAR for the toy, tau = eta = 1, with both signs of the conditional logit wrong.

    The conditional relaxed sample is :math:`\sigma(\log p + \log(1 + p) + \log v' + \log(1 + v'))` where
    :math:`\operatorname{logit} p + \operatorname{logit} v'` is right. Given b, v is uniform, :math:`v' = 1 - p + p v` (b = 1) or
    :math:`(1 - p) v` (b = 0).
    """
    nodes, weights = np.polynomial.legendre.leggauss(200)
    v, weights, p = (nodes + 1.0) / 2.0, weights / 2.0, special.expit(phi)
    logits = np.array([phi])
    mean = estimators.exact_moments("relaxation", TOY, logits, temperature=1.0).mean[0]
    for b, chance in ((1.0, p), (0.0, 1.0 - p)):
        inner, slope = (1.0 - p + p * v, v - 1.0) if b else ((1.0 - p) * v, -v)
        s = special.expit(np.log(p) + np.log1p(p) + np.log(inner) + np.log1p(inner))
        change = 1.0 / p + 1.0 / (1.0 + p) + (1.0 / inner + 1.0 / (1.0 + inner)) * slope
        pathwise = TOY.grad(s[:, None])[:, 0] * s * (1.0 - s) * change * p * (1.0 - p)
        value = (TOY(np.array([b])) - TOY(s[:, None])) * (b - p)
        mean += chance * (weights @ (value - pathwise))
    return float(mean)
