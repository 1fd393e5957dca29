"""DisARM, also U2G: ARM with its noise integrated out."""

from __future__ import annotations

from stgref.estimators import rules
from stgref.estimators.arm import antithetic
from stgref.estimators.estimator import estimator
from stgref.estimators.exact import Rule, product
from stgref.estimators.problem import Problem
from stgref.numerics import sigmoid
from stgref.numerics.namespace import Array, Namespace


def _pairs(xp: Namespace, logits: Array) -> Rule:
    width = xp.abs(logits)
    return rules.cells(xp, [-width, width], [2.0 * width])


@estimator(
    exact=product(_pairs),
    needs="f",
    evaluations="2",
    bias="unbiased",
    equation=r"\tfrac{1}{2} (f(b) - f(\tilde b))(b - \tilde b)\, \sigma(|\phi|)",
    source="""Z. Dong, A. Mnih, G. Tucker, "DisARM: An Antithetic Gradient Estimator for Binary Latent Variables", NeurIPS 2020,
equation (7); M. Yin, N. Ho, B. Yan, X. Qian, M. Zhou, "Probabilistic Best Subset Selection via Gradient-Based
Optimization", arXiv:2006.06448, 2020 (as U2G).""",
)
def disarm(xp: Namespace, f: Problem, phi: Array, noise: Array) -> Array:
    r"""DisARM estimator, the mean of ARM given its antithetic pair.

    .. math:: \hat g = \tfrac{1}{2} (f(b) - f(\tilde b))(b - \tilde b)\, \sigma(|\phi|)

    with b and :math:`\tilde b` as in `arm`. It is ARM with u integrated out: given that the two differ, u - 1/2 is uniform on
    an interval around :math:`\pm \sigma(|\phi|) / 2`; given that they agree its mean is 0.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> estimators.disarm(lambda b: b[..., 0], np.array([0.0]), np.array([[-1.0], [1.0]]))
    array([[0.25],
           [0.25]])
    """
    b, other = antithetic(xp, phi, noise)
    return 0.5 * (f(b) - f(other))[:, None] * (b - other) * sigmoid.expit(xp, xp.abs(phi))
