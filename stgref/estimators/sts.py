"""The stochastic times smooth unit."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from stgref.estimators import rules
from stgref.estimators.draws import Field, Noise
from stgref.estimators.estimator import estimator
from stgref.estimators.exact import Rule, product
from stgref.estimators.options import Option
from stgref.estimators.problem import Problem
from stgref.estimators.sample import sample
from stgref.numerics import arguments, sigmoid
from stgref.numerics.namespace import Array, Namespace

WithScore = Annotated[
    bool, Option("bool", "Whether to add the score-function term that makes it unbiased.", arguments.flag)
]


class StsNoise(NamedTuple):
    """Noise of `sts`: that of its binary factor."""

    latent: Array


def root_logits(xp: Namespace, phi: Array) -> Array:
    r"""Log odds of a variable with the root of the probability, :math:`\operatorname{logit} \sqrt p` with :math:`p = \sigma(\phi)`.

    It is :math:`\tfrac{1}{2} \log p - \log(1 - p) + \log(1 + \sqrt p)`: the root itself may be 1 or 0.
    """
    half = 0.5 * sigmoid.log_expit(xp, phi)
    return half - sigmoid.log_expit(xp, -phi) + xp.log1p(xp.exp(half))


def _roots(xp: Namespace, logits: Array, **_: object) -> Rule:
    return rules.samples(xp, root_logits(xp, logits))


@estimator(
    exact=product(_roots),
    noise=Noise(Field("n D"), container=StsNoise),
    needs="f, grad f",
    evaluations="1",
    bias="biased; unbiased for the expectation over the unit with score=True",
    equation=r"\tfrac{1}{2} b \sqrt p (1 - p)\, f'(h), \quad h = b \sqrt p",
    source="""Y. Bengio, N. Leonard, A. Courville, "Estimating or Propagating Gradients Through Stochastic Neurons for Conditional
Computation", arXiv:1308.3432, 2013, section 5 (decomposition into a stochastic and a smooth part).""",
)
def sts(xp: Namespace, f: Problem, phi: Array, noise: StsNoise, *, score: WithScore = False) -> Array:
    r"""Stochastic times smooth unit: :math:`h = b \sqrt p` with :math:`P(b = 1) = \sqrt p`, derived through its smooth part only.

    .. math:: \hat g = \tfrac{1}{2} b \sqrt p (1 - p)\, f'(h), \quad p = \sigma(\phi)

    Its mean is :math:`\tfrac{1}{2} p (1 - p) f'(\sqrt p)`, for linear f half the gradient of :math:`E f(h)`. What is missing is
    the score-function term :math:`\tfrac{1}{2} (1 + \sqrt p)(b - \sqrt p) f(h)`, which ``score=True`` adds.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Linear([2.0])
    >>> estimators.sts(f, np.array([0.0]), (np.array([[-1.0], [1.0]]),))
    array([[0.        ],
           [0.35355339]])
    """
    psi, root = root_logits(xp, phi), xp.exp(0.5 * sigmoid.log_expit(xp, phi))
    b = sample(xp, psi, noise.latent)
    h = b * root
    smooth = 0.5 * h * sigmoid.expit(xp, -phi) * f.grad(h)
    if not score:
        return smooth
    other = sigmoid.expit(xp, -psi)
    return smooth + f(h)[:, None] * 0.5 * (1.0 + root) * xp.where(b > 0.5, other, -root)
