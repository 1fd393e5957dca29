"""Noise injected into a smooth unit: additive, as in the noisy rectifier, and multiplicative."""

from __future__ import annotations

import math

from stgref.estimators import rules
from stgref.estimators.draws import LOGISTIC
from stgref.estimators.estimator import Bound, estimator
from stgref.estimators.exact import Rule, agreed, product, quadrature, summed
from stgref.estimators.options import Rate
from stgref.estimators.problem import Problem
from stgref.estimators.sample import variance
from stgref.numerics import sigmoid
from stgref.numerics.comoments import Comoments
from stgref.numerics.namespace import Array, Namespace

SOURCE = """Y. Bengio, N. Leonard, A. Courville, "Estimating or Propagating Gradients Through Stochastic Neurons for Conditional
Computation", arXiv:1308.3432, 2013, section 3 (semi-hard units with injected noise)."""


def pathwise(xp: Namespace, f: Problem, z: Array) -> Array:
    """The gradient of f of the rectified unit to its input z."""
    on = z > 0.0
    return xp.where(on, f.grad(xp.where(on, z, 0.0)), 0.0)


@quadrature
def _rectified_moments(bound: Bound) -> Comoments:
    """In terms of z: one value where the unit is off, the nodes of the latent where it is on."""
    xp, (phi,) = bound.xp, bound.parameters
    on, off = sigmoid.expit(xp, phi)[:, None], sigmoid.expit(xp, -phi)[:, None]

    def shifted(shift: float) -> Comoments:
        (z,), weights = rules.given_sample(xp, phi, xp.ones_like(phi), shift)
        rule = Rule(
            [xp.concat([xp.full_like(off, -1.0), z], axis=-1)], xp.concat([off, on * weights], axis=-1)
        )
        return summed(bound, rule, LOGISTIC, lambda z: pathwise(xp, bound.f, z))

    return agreed(bound, shifted)


@estimator(
    exact=_rectified_moments,
    needs="grad f",
    evaluations="1",
    bias="unbiased for the expectation over the rectified unit",
    equation=r"[\phi + \text{noise} > 0]\, f'(h), \quad h = \max(0, \phi + \text{noise})",
    source=SOURCE,
)
def noisy_rectifier(xp: Namespace, f: Problem, phi: Array, noise: Array) -> Array:
    r"""Noisy rectifier, the unit :math:`h = \max(0, \phi + \text{noise})` with logistic noise: pathwise gradient of :math:`E f(h)`.

    .. math:: \hat g = [\phi + \text{noise} > 0]\, f'(h)

    For f = h the expectation is softplus(phi) and the gradient :math:`\sigma(\phi)`, the probability that the unit is on.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Linear([2.0])
    >>> estimators.noisy_rectifier(f, np.array([0.0]), np.array([[-1.0], [1.0]]))
    array([[0.],
           [2.]])
    """
    return pathwise(xp, f, phi + noise)


def _kept(xp: Namespace, logits: Array, *, rate: float) -> Rule:
    threshold = xp.full_like(logits, _threshold(rate))
    return rules.cells(xp, [threshold], [])


def _threshold(rate: float) -> float:
    return math.log(rate) - math.log1p(-rate) if rate > 0.0 else -2e3


@estimator(
    exact=product(_kept),
    needs="grad f",
    evaluations="1",
    bias="unbiased for the expectation over the unit",
    equation=r"m\, \sigma'(\phi)\, f'(h), \quad h = m\, \sigma(\phi)",
    source=SOURCE,
)
def multiplicative_noise(xp: Namespace, f: Problem, phi: Array, noise: Array, *, rate: Rate = 0.5) -> Array:
    r"""Multiplicative noise, the unit :math:`h = m\, \sigma(\phi)` with dropout noise m: pathwise gradient of :math:`E f(h)`.

    .. math:: \hat g = m\, \sigma'(\phi)\, f'(h), \quad m = [\text{noise} > \operatorname{logit}(\text{rate})] / (1 - \text{rate})

    so that m is 0 with probability ``rate``, and E m = 1.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Linear([2.0])
    >>> estimators.multiplicative_noise(f, np.array([0.0]), np.array([[-1.0], [1.0]]))
    array([[0.],
           [1.]])
    """
    m = xp.astype(noise > _threshold(rate), phi.dtype) / (1.0 - rate)
    return m * variance(xp, phi) * f.grad(m * sigmoid.expit(xp, phi))
