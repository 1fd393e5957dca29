r"""Gradient estimators for categorical variables.

They are called as those of Bernoulli variables, with logits (D, K) of D independent variables of K categories and
standard Gumbel noise (n, D, K), and return estimates (n, D, K). A sample is :math:`b = \text{one-hot}(\operatorname{argmax}(\phi +
\text{noise}))`, the objective ``f(b)`` of points (..., D, K) gives values (...). Only differences of the logits of a variable
matter: its K estimates add up to 0, up to rounding, but for ``straight_through(derivative="identity")`` and a baseline of
its own for each category.
"""

from typing import Any

from stgref.estimators.categorical.arsm import ArsmNoise, arsm
from stgref.estimators.categorical.measure_valued import measure_valued
from stgref.estimators.categorical.reinmax import reinmax
from stgref.estimators.categorical.relax import rebar, relax
from stgref.estimators.categorical.relaxation import gumbel_rao, gumbel_softmax_st, relaxation
from stgref.estimators.categorical.relaxed import Relaxed
from stgref.estimators.categorical.rloo import rloo
from stgref.estimators.categorical.score_function import score_function
from stgref.estimators.categorical.straight_through import straight_through
from stgref.estimators.categorical.values import exact_gradient, exact_value
from stgref.estimators.estimator import Moments
from stgref.estimators.registry import Registry
from stgref.estimators.relax import RelaxNoise
from stgref.estimators.relaxation import GumbelRaoNoise
from stgref.numerics.libraries import DRAWS, declare
from stgref.numerics.namespace import Array

__all__ = [
    "ArsmNoise",
    "GumbelRaoNoise",
    "RelaxNoise",
    "Relaxed",
    "arsm",
    "draw_noise",
    "exact_gradient",
    "exact_moments",
    "exact_value",
    "gumbel_rao",
    "gumbel_softmax_st",
    "measure_valued",
    "rebar",
    "reinmax",
    "relax",
    "relaxation",
    "rloo",
    "score_function",
    "straight_through",
]

ROWS = (
    score_function,
    rloo,
    straight_through,
    relaxation,
    gumbel_softmax_st,
    gumbel_rao,
    reinmax,
    arsm,
    measure_valued,
    rebar,
    relax,
)

_registry = Registry("estimators.categorical", ROWS)


@declare(DRAWS)
def draw_noise(name: str, n: int, logits: Array, *, rng: Any = None, **options: Any) -> Any:
    """Draw the noise of ``n`` estimates.

    Parameters
    ----------
    name : str
        Name of the estimator.
    n : int
        Number of estimates, 0 or more.
    logits : array of shape (D, K)
        Log probabilities of the categories; the noise is of their library, device and dtype.
    rng : int, SeedSequence, Generator or BitGenerator, optional
        Source of randomness, normalised by `numpy.random.default_rng` (SPEC 7); a fresh one by default.
    **options
        The estimator's own options, those that need no default.

    Returns
    -------
    array or NamedTuple of arrays
        What the estimator takes as ``noise``; see `stgref.estimators.table`.

    Raises
    ------
    TypeError
        If an argument is of a wrong type, or traced (as under `jax.jit`), or there is no such option.
    ValueError
        If there is no such estimator, or an argument has a wrong value.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref.estimators import categorical
    >>> categorical.draw_noise("rloo", 5, np.zeros((2, 3)), rng=0, k=4).shape
    (5, 4, 2, 3)
    """
    return _registry.find("draw_noise", name).draw_noise(n, logits, rng=rng, **options)


def exact_moments(name: str, objective: Any, logits: Array, **options: Any) -> Moments:
    """Exact mean and covariance of one estimate, by enumeration and quadrature.

    All :math:`K^D` samples are gone through. Where the estimate varies smoothly with the latents, they are integrated on a
    tensor grid: for 2 or 3 categories and any number of variables in ``gumbel_softmax_st`` and ``gumbel_rao``, whose
    variables are integrated one by one; for two variables of 2 categories or one of 3 in ``relaxation`` and ``rebar``;
    for one variable of 2 or 3 in ``relax``. ``arsm`` takes 2 or 3 categories.

    Parameters
    ----------
    name : str
        Name of the estimator.
    objective : callable
        As the estimator takes it; smooth inside the simplex for those that relax.
    logits : array of shape (D, K)
        Log probabilities of the categories.
    **options
        The estimator's own options.

    Returns
    -------
    Moments
        Mean (D, K) and covariance (D, K, D, K), in the library, device and dtype of ``logits``.

    Raises
    ------
    TypeError
        As the estimator; also if a quadrature has no values to check, as under `jax.jit` and for Dask arrays.
    ValueError
        As the estimator; also if there are too many combinations of noise to sum over, saying how many.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Linear([[0.0, 1.0]])
    >>> estimators.categorical.exact_moments("score_function", f, np.zeros((1, 2))).mean
    array([[-0.25,  0.25]])
    """
    moments: Moments = _registry.find("exact_moments", name).exact_moments(objective, logits, **options)
    return moments
