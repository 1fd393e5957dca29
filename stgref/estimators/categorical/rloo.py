"""The leave-one-out estimator of categorical variables."""

from __future__ import annotations

from stgref.estimators import exact
from stgref.estimators.categorical import rules
from stgref.estimators.categorical.law import FAMILY, gumbel, sample, score
from stgref.estimators.draws import Noise
from stgref.estimators.estimator import Bound, estimator
from stgref.estimators.law import columns
from stgref.estimators.options import Samples
from stgref.estimators.problem import Problem
from stgref.estimators.rloo import deviations
from stgref.numerics.comoments import Comoments
from stgref.numerics.namespace import Array, Namespace


def _moments(bound: Bound) -> Comoments:
    variables, size = bound.parameters[0].shape
    exact.check_cost(
        bound.estimator.name, "combinations of samples", size ** bound.options["k"], max(1, variables)
    )
    return exact.product(rules.patterns)(bound)


@estimator(
    exact=_moments,
    noise=Noise(gumbel("n k D K")),
    family=FAMILY,
    needs="f",
    evaluations="k",
    bias="unbiased",
    equation=r"\frac{1}{k - 1} \sum_j (f(b_j) - \bar f)(b_j - p)",
    source="""W. Kool, H. van Hoof, M. Welling, "Buy 4 REINFORCE samples, get a baseline for free!", ICLR 2019 workshop, equation (8).""",
)
def rloo(xp: Namespace, f: Problem, phi: Array, noise: Array, *, k: Samples = 2) -> Array:
    r"""Leave-one-out estimator: the score function, with the mean of the other samples as the baseline of each.

    .. math:: \hat g = \frac{1}{k - 1} \sum_{j=1}^k (f(b_j) - \bar f)(b_j - p), \quad
              b_j = \text{one-hot}(\operatorname{argmax}(\phi + \text{noise}_j))

    Examples
    --------
    >>> import numpy as np
    >>> from stgref.estimators import categorical
    >>> noise = np.array([[[[0.0, 1.0]], [[1.0, 0.0]]]])
    >>> categorical.rloo(lambda b: b[..., 0, 1], np.zeros((1, 2)), noise)
    array([[[-0.5,  0.5]]])
    """
    b = sample(xp, phi, noise)
    return xp.mean(columns(xp, deviations(xp, f(b)), 2) * score(xp, phi, b), axis=1)
