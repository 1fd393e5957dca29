"""Samples of Bernoulli variables and their score, as estimators use them."""

from __future__ import annotations

from stgref.estimators.draws import LOGISTIC
from stgref.estimators.law import Law
from stgref.laws import bernoulli
from stgref.numerics import namespace as ns
from stgref.numerics import sigmoid
from stgref.numerics.namespace import Array, Namespace


def outcomes(xp: Namespace, phi: Array) -> tuple[Array, Array]:
    """The points 0 and 1, (2,), and their probabilities (D, 2)."""
    points = xp.asarray([0.0, 1.0], dtype=phi.dtype, device=ns.device_of([phi]))
    return points, xp.stack([sigmoid.expit(xp, -phi), sigmoid.expit(xp, phi)], axis=-1)


def sample(xp: Namespace, phi: Array, noise: Array) -> Array:
    r"""The sample :math:`b = [\phi + \text{noise} > 0]`, as 0.0 and 1.0: rounding a sum does not change its sign."""
    return xp.astype(noise > -phi, phi.dtype)


def score(xp: Namespace, phi: Array, b: Array) -> Array:
    r"""Derivative of the log probability of b to the logits, :math:`b - \theta`, with :math:`\theta = \sigma(\phi)`.

    The difference loses its digits where theta is near b = 1; :math:`\sigma(-\phi)` does not.
    """
    return xp.where(b > 0.5, sigmoid.expit(xp, -phi), -sigmoid.expit(xp, phi))


def variance(xp: Namespace, phi: Array) -> Array:
    r"""Variance of a sample, :math:`\theta (1 - \theta) = \sigma'(\phi)`."""
    return sigmoid.grad_expit(xp, phi).x


def grad_mean(xp: Namespace, phi: Array, given: Array) -> Array:
    r"""Derivative of :math:`(1 - \theta) g_0 + \theta g_1` to the logits, :math:`\theta (1 - \theta) (g_1 - g_0)`."""
    return variance(xp, phi) * (given[:, 1] - given[:, 0])


def pullback(xp: Namespace, phi: Array, b: Array, given: Array, c: Array) -> Array:
    r"""A cotangent c of the latent given b, carried back to the logits, :math:`c\, P(b)\, (1 - e^{-|\tilde z|})`.

    With its noise fixed, :math:`P(|z| > |\tilde z| \mid \text{sample})` is fixed: this is `bernoulli.grad_conditional_latent`,
    which has it in terms of the noise, in terms of the latent itself.
    """
    chance = xp.where(b > 0.5, sigmoid.expit(xp, phi), sigmoid.expit(xp, -phi))
    return c * (chance * -xp.expm1(-xp.abs(given)))


def remainder(xp: Namespace, phi: Array, b: Array, score: Array, given: Array, c: Array) -> Array:
    r"""A cotangent less its `pullback`, :math:`c\, (e + P(1 - b) (1 - e))` with :math:`e = e^{-|\tilde z|}`.

    It is a sum of positive numbers. The probability of the other sample is the size of the `score`.
    """
    e = xp.exp(-xp.abs(given))
    return c * (e + xp.abs(score) * (1.0 - e))


LAW = Law(LOGISTIC, outcomes, sample, score, grad_mean, bernoulli.conditional_latent.kernel, remainder)
"""Independent Bernoulli variables."""
