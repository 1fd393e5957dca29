"""The score-function estimator (REINFORCE) of categorical variables, with its baselines."""

from __future__ import annotations

from stgref.estimators import values
from stgref.estimators.categorical import rules
from stgref.estimators.categorical.law import FAMILY, LAW, sample, score
from stgref.estimators.estimator import estimator
from stgref.estimators.options import Decay
from stgref.estimators.problem import Problem
from stgref.estimators.score_function import Baseline, centred, moments
from stgref.laws import categorical
from stgref.numerics import categories
from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array, Namespace


def optimal_baseline(xp: Namespace, f: Problem, phi: Array) -> Array:
    r"""The constants of least variance, :math:`E[f (b_{ik} - p_{ik})^2] / E (b_{ik} - p_{ik})^2`, (D, K).

    Given that variable i is not k, its other categories have the softmax of the logits without that of k.
    """
    given, size = values.given_each(xp, f, phi, LAW), phi.shape[-1]
    own = xp.eye(size, dtype=xp.bool, device=ns.device_of([phi]))
    without = xp.where(own, xp.min(phi, axis=-1)[:, None, None] - values.SURE, phi[:, None, :])
    other = xp.sum(categorical.mean.kernel(xp, without) * given[:, None, :], axis=-1)
    w = categories.softmax_of(xp, phi)
    return categories.complement(xp, w) * given + w.p * other


@estimator(
    exact=moments(rules.samples, LAW),
    noise=LAW.noise,
    family=FAMILY,
    needs="f",
    evaluations="1",
    bias="unbiased",
    equation=r"(f(b) - c)(b - p)",
    source="""R. J. Williams, "Simple statistical gradient-following algorithms for connectionist reinforcement learning", Machine
Learning 8, 1992, theorem 1.""",
)
def score_function(
    xp: Namespace, f: Problem, phi: Array, noise: Array, *, baseline: Baseline = 0.0, decay: Decay = 0.99
) -> Array:
    r"""Score-function estimator, REINFORCE, of the gradient of :math:`E f(b)`.

    .. math:: \hat g = (f(b) - c)(b - p), \quad b = \text{one-hot}(\operatorname{argmax}(\phi + \text{noise})), \quad
              p = \operatorname{softmax}(\phi)

    The baseline c is a number, or an array (D,) or (D, K). The variance of coordinate k of variable i is least for

    .. math:: c_{ik} = \frac{E[f(b) (b_{ik} - p_{ik})^2]}{p_{ik} (1 - p_{ik})}
                     = (1 - p_{ik})\, E[f \mid b_i = k] + p_{ik}\, E[f \mid b_i \ne k]

    With a baseline of its own for each category the estimate of a variable no longer adds up to 0 over its K
    coordinates, but its mean does. The moving average is that of the Bernoulli `stgref.estimators.score_function`: past rows only.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref.estimators import categorical
    >>> categorical.score_function(lambda b: b[..., 0, 1], np.zeros((1, 2)), np.array([[[0.0, 1.0]]]))
    array([[[-0.5,  0.5]]])
    """
    b = sample(xp, phi, noise)
    return centred(xp, f, phi, b, baseline, decay, optimal_baseline) * score(xp, phi, b)
