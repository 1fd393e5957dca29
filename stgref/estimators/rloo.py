"""The leave-one-out estimator."""

from __future__ import annotations

from stgref.estimators import rules
from stgref.estimators.draws import TUPLES
from stgref.estimators.estimator import estimator
from stgref.estimators.exact import product
from stgref.estimators.options import Samples
from stgref.estimators.problem import Problem
from stgref.estimators.sample import sample, score
from stgref.numerics.namespace import Array, Namespace


def deviations(xp: Namespace, values: Array) -> Array:
    r"""Each of k values (n, k) less the mean of the others, :math:`\frac{k}{k - 1} (f_j - \bar f)`.

    Differences to the first value come first: a large offset of f would cost the digits of its mean.
    """
    k = values.shape[1]
    values = values - values[:, :1]
    return k / (k - 1.0) * (values - xp.mean(values, axis=1, keepdims=True))


@estimator(
    exact=product(rules.patterns, rules.pattern_count),
    noise=TUPLES,
    needs="f",
    evaluations="k",
    bias="unbiased",
    equation=r"\frac{1}{k - 1} \sum_j (f(b_j) - \bar f)(b_j - \theta)",
    source="""W. Kool, H. van Hoof, M. Welling, "Buy 4 REINFORCE samples, get a baseline for free!", ICLR 2019 workshop, equation (8).""",
)
def rloo(xp: Namespace, f: Problem, phi: Array, noise: Array, *, k: Samples = 2) -> Array:
    r"""Leave-one-out estimator: the score function, with the mean of the other samples as the baseline of each.

    .. math:: \hat g = \frac{1}{k - 1} \sum_{j=1}^k (f(b_j) - \bar f)(b_j - \theta), \quad b_j = [\phi + \text{noise}_j > 0]

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> estimators.rloo(lambda b: b[..., 0], np.array([0.0]), np.array([[[-1.0], [1.0]]]))
    array([[0.5]])
    """
    b = sample(xp, phi, noise)
    return xp.mean(deviations(xp, f(b))[..., None] * score(xp, phi, b), axis=1)
