"""Samples of Bernoulli variables and their score, as estimators use them."""

from __future__ import annotations

from stgref.numerics import sigmoid
from stgref.numerics.namespace import Array, Namespace


def sample(xp: Namespace, phi: Array, noise: Array) -> Array:
    r"""The sample :math:`b = [\phi + \text{noise} > 0]`, as 0.0 and 1.0."""
    return xp.astype(phi + noise > 0.0, phi.dtype)


def score(xp: Namespace, phi: Array, b: Array) -> Array:
    r"""Derivative of the log probability of b to the logits, :math:`b - \theta`, with :math:`\theta = \sigma(\phi)`.

    The difference loses its digits where theta is near b = 1; :math:`\sigma(-\phi)` does not.
    """
    return xp.where(b > 0.5, sigmoid.expit(xp, -phi), -sigmoid.expit(xp, phi))


def variance(xp: Namespace, phi: Array) -> Array:
    r"""Variance of a sample, :math:`\theta (1 - \theta) = \sigma'(\phi)`."""
    return sigmoid.grad_expit(xp, phi).x
