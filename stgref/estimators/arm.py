"""ARM: augment, reinforce, merge."""

from __future__ import annotations

import math

from stgref.estimators.estimator import estimator
from stgref.estimators.exact import Rule, product
from stgref.estimators.problem import Problem
from stgref.estimators.sample import sample
from stgref.numerics import sigmoid
from stgref.numerics.namespace import Array, Namespace


def _uniforms(xp: Namespace, logits: Array) -> Rule:
    """Two Gauss-Legendre nodes of u in each cell, where an estimate is linear in u and its square quadratic."""
    low = -xp.abs(logits)
    q, middle = sigmoid.expit(xp, low), sigmoid.tanh_half(xp, -low)
    node = 0.5 - 0.5 / math.sqrt(3.0)
    # logit(x q), from the logarithm of q, which is finite where q is 0.
    tails = [sigmoid.log_expit(xp, low) + math.log(x) - xp.log1p(-x * q) for x in (node, 1.0 - node)]
    inner = sigmoid.logit(xp, q + node * middle)
    half = 0.5 * xp.stack([q, q, middle, middle, q, q], axis=-1)
    return Rule([xp.stack([*tails, inner, -inner, *(-t for t in tails)], axis=-1)], half)


def antithetic(xp: Namespace, phi: Array, noise: Array) -> tuple[Array, Array]:
    r"""The antithetic pair :math:`b = [u > 1 - \theta]`, :math:`\tilde b = [u < \theta]` with :math:`u = \sigma(\text{noise})`."""
    return sample(xp, phi, noise), sample(xp, phi, -noise)


@estimator(
    exact=product(_uniforms),
    needs="f",
    evaluations="2",
    bias="unbiased",
    equation=r"(f(b) - f(\tilde b))(u - \tfrac{1}{2})",
    source="""M. Yin, M. Zhou, "ARM: Augment-REINFORCE-Merge Gradient for Stochastic Binary Networks", ICLR 2019, equation (8).""",
)
def arm(xp: Namespace, f: Problem, phi: Array, noise: Array) -> Array:
    r"""ARM estimator: an antithetic pair, weighted by its common noise.

    .. math:: \hat g = (f(b) - f(\tilde b))(u - \tfrac{1}{2}), \quad b = [u > 1 - \theta], \quad \tilde b = [u < \theta], \quad
              u = \sigma(\text{noise})

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> estimators.arm(lambda b: b[..., 0], np.array([0.0]), np.array([[-1.0], [1.0]]))
    array([[0.23105858],
           [0.23105858]])
    """
    b, other = antithetic(xp, phi, noise)
    return (f(b) - f(other))[:, None] * (0.5 * sigmoid.tanh_half(xp, noise))
