"""ARMS: antithetic samples by a Dirichlet copula."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from stgref.estimators import rules
from stgref.estimators.draws import Field, Noise
from stgref.estimators.estimator import estimator
from stgref.estimators.exact import Rule, product
from stgref.estimators.options import Samples
from stgref.estimators.problem import Problem
from stgref.estimators.rloo import deviations
from stgref.estimators.sample import sample, score
from stgref.numerics import noise as draws
from stgref.numerics import sigmoid
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.transport import from_host


class ArmsNoise(NamedTuple):
    """Noise of `arms`: k standard logistic variables that repel each other."""

    copula: Array


def dirichlet_logistic(shape: tuple[int, ...], rng: Any, dtype: Any, xp: Namespace, device: Any) -> Array:
    r"""Logistic noise (n, k, D) joined by the Dirichlet copula.

    It is :math:`-\operatorname{logit}(u_j)` with :math:`u_j = (1 - d_j)^{k - 1}` and d uniform on the simplex.
    """
    k = shape[1]
    e = -np.log(draws.uniform(shape, rng))
    others = np.einsum("ij,njd->nid", 1.0 - np.eye(k), e)
    x = -(k - 1.0) * np.log(others / e.sum(axis=1, keepdims=True))
    return from_host(xp, x + sigmoid.log1mexp(np, x), dtype, device)


def _copula(xp: Namespace, logits: Array, *, k: int) -> Rule:
    r"""Patterns of which u_j are below q, by inclusion and exclusion of :math:`P(u_1, ..., u_m \le q)`."""
    low = -xp.abs(logits)
    q, c = sigmoid.expit(xp, low), -xp.expm1(sigmoid.log_expit(xp, low) / (k - 1.0))
    below = [xp.ones_like(q), q]  # (1 - c)^(k - 1) is q, which may be much less than the rounding of c
    below += [xp.where(m * c < 1.0, (1.0 - m * c) ** (k - 1), 0.0) for m in range(2, k + 1)]
    exactly = [
        sum((-1.0) ** j * math.comb(k - m, j) * below[m + j] for j in range(k - m + 1)) for m in range(k + 1)
    ]
    sign = rules.signs(xp, logits, k)
    hits = [pattern.count(1.0) for pattern in rules.sign_table(k)]
    return Rule([sign - low[:, None, None]], xp.stack([xp.clip(exactly[m], 0.0, 1.0) for m in hits], axis=-1))


def debias(xp: Namespace, phi: Array, k: int) -> Array:
    r"""The factor :math:`\theta (1 - \theta) / (\theta - P(b_1 = b_2 = 1))`, which is :math:`(1 - q) / (1 - S / q)`.

    With :math:`q = \sigma(-|\phi|)` and :math:`S / q = \max(0, 2 - q^{-1 / (k - 1)})^{k - 1}`, S the probability that two of the
    u are below q.
    """
    low = -xp.abs(phi)
    e = xp.expm1(xp.clip(-sigmoid.log_expit(xp, low) / (k - 1.0), None, 1.0))
    ratio = xp.where(e < 1.0, (k - 1.0) * xp.log1p(-xp.where(e < 1.0, e, 0.0)), -math.inf)
    return sigmoid.expit(xp, -low) / -xp.expm1(ratio)


@estimator(
    exact=product(_copula, rules.pattern_count),
    noise=Noise(
        Field("n k D", dirichlet_logistic, "standard logistic, joined by the Dirichlet copula"),
        container=ArmsNoise,
    ),
    needs="f",
    evaluations="k",
    bias="unbiased",
    equation=r"\frac{\theta (1 - \theta)}{\theta - P(b_1 = b_2 = 1)} \frac{1}{k - 1} \sum_j (f(b_j) - \bar f)(b_j - \theta)",
    source="""A. Dimitriev, M. Zhou, "ARMS: Antithetic-REINFORCE-Multi-Sample Gradient for Binary Variables", ICML 2021, equations (11)
and (14).""",
)
def arms(xp: Namespace, f: Problem, phi: Array, noise: ArmsNoise, *, k: Samples = 2) -> Array:
    r"""ARMS estimator: leave-one-out over k samples that repel each other.

    .. math:: \hat g = \frac{\theta (1 - \theta)}{\theta - P(b_1 = b_2 = 1)}
                       \frac{1}{k - 1} \sum_{j=1}^k (f(b_j) - \bar f)(b_j - \theta)

    The samples are :math:`b_j = [u_j < \theta]` where theta is at most 1/2, else :math:`[1 - u_j < \theta]`, with uniform u of
    the Dirichlet copula. For k = 2 it is `disarm`.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> noise = estimators.draw_noise("arms", 2, np.array([0.0]), rng=0, k=3)
    >>> estimators.arms(lambda b: b[..., 0], np.array([0.0]), noise, k=3).shape
    (2, 1)
    """
    b = sample(xp, phi, xp.where(phi > 0.0, -noise.copula, noise.copula))
    mean = xp.mean(deviations(xp, f(b))[..., None] * score(xp, phi, b), axis=1)
    return debias(xp, phi, k) * mean
