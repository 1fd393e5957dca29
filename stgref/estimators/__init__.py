r"""Gradient estimators for discrete and continuous random variables, each derived by hand, with its exact moments.

Every estimator is a function ``(objective, logits, noise, **options)`` that returns one estimate of the gradient of
:math:`E f(b)` per row of its noise; their mean estimates it best. The objective is any callable ``f(b)`` of points (..., D)
that returns values (...), with a method ``grad(b)`` (..., D) for the estimators that need it. A sample is
:math:`b = [\phi + \text{noise} > 0]`, for independent Bernoulli variables with logits phi.
An objective with a true attribute ``rowwise`` says that each of its values is that of its own point to the last bit,
whatever other points there are in the call, and that several threads may call it at once: it is then called with runs of
the rows of large NumPy noise, which takes less time and memory and gives the same estimates. Of `objectives`, those that
are sums over the variables are. Any other callable is called with all rows.
`categorical`, `gaussian` and `gates` have the estimators for other variables, and `objectives` functions to try them on.

`draw_noise` makes the noise, `exact_moments` gives the mean and covariance of an estimate without Monte Carlo,
`exact_value` and `exact_gradient` what is estimated, and `table` lists what each estimator needs.
"""

from typing import Any

from stgref.estimators import categorical, gates, gaussian, objectives
from stgref.estimators.arm import arm
from stgref.estimators.arms import ArmsNoise, arms
from stgref.estimators.disarm import disarm
from stgref.estimators.double_cv import double_cv
from stgref.estimators.estimator import Moments
from stgref.estimators.finite_difference import finite_difference
from stgref.estimators.measure_valued import measure_valued
from stgref.estimators.muprop import muprop
from stgref.estimators.noise_injection import multiplicative_noise, noisy_rectifier
from stgref.estimators.registry import Registry
from stgref.estimators.reinmax import reinmax
from stgref.estimators.relax import RelaxNoise, rebar, relax
from stgref.estimators.relaxation import GumbelRaoNoise, gumbel_rao, gumbel_softmax_st, relaxation
from stgref.estimators.relaxed import Relaxed
from stgref.estimators.rloo import rloo
from stgref.estimators.score_function import score_function
from stgref.estimators.straight_through import slope_annealing, straight_through
from stgref.estimators.sts import StsNoise, sts
from stgref.estimators.table import ROWS, Row, table
from stgref.estimators.tuning import RebarParameters, rebar_variance_gradient, relax_variance_gradient
from stgref.estimators.values import exact_gradient, exact_value
from stgref.estimators.vimco import TuplesNoise, vimco
from stgref.numerics.libraries import DRAWS, declare
from stgref.numerics.namespace import Array

__all__ = [
    "ArmsNoise",
    "GumbelRaoNoise",
    "Moments",
    "RebarParameters",
    "RelaxNoise",
    "Relaxed",
    "Row",
    "StsNoise",
    "TuplesNoise",
    "arm",
    "arms",
    "categorical",
    "disarm",
    "double_cv",
    "draw_noise",
    "exact_gradient",
    "exact_moments",
    "exact_value",
    "finite_difference",
    "gates",
    "gaussian",
    "gumbel_rao",
    "gumbel_softmax_st",
    "measure_valued",
    "multiplicative_noise",
    "muprop",
    "noisy_rectifier",
    "objectives",
    "rebar",
    "rebar_variance_gradient",
    "reinmax",
    "relax",
    "relax_variance_gradient",
    "relaxation",
    "rloo",
    "score_function",
    "slope_annealing",
    "straight_through",
    "sts",
    "table",
    "vimco",
]

_registry = Registry("estimators", ROWS)


@declare(DRAWS)
def draw_noise(name: str, n: int, logits: Array, *, rng: Any = None, **options: Any) -> Any:
    """Draw the noise of ``n`` estimates.

    Parameters
    ----------
    name : str
        Name of the estimator.
    n : int
        Number of estimates, 0 or more.
    logits : array of shape (D,)
        Log odds of a 1; the noise is of their library, device and dtype.
    rng : int, SeedSequence, Generator or BitGenerator, optional
        Source of randomness, normalised by `numpy.random.default_rng` (SPEC 7); a fresh one by default.
    **options
        The estimator's own options, those that need no default.

    Returns
    -------
    array or NamedTuple of arrays
        What the estimator takes as ``noise``; see `table`.

    Raises
    ------
    TypeError
        If an argument is of a wrong type, or traced (as under `jax.jit`), or there is no such option.
    ValueError
        If there is no such estimator, or an argument has a wrong value.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> estimators.draw_noise("rloo", 5, np.zeros(3), rng=0, k=2).shape
    (5, 2, 3)
    """
    return _registry.find("draw_noise", name).draw_noise(n, logits, rng=rng, **options)


def exact_moments(name: str, objective: Any, logits: Array, **options: Any) -> Moments:
    """Exact mean and covariance of one estimate, by enumeration and quadrature.

    Parameters
    ----------
    name : str
        Name of the estimator.
    objective : callable
        As the estimator takes it; smooth on (0, 1) for those that relax.
    logits : array of shape (D,)
        Log odds of a 1.
    **options
        The estimator's own options.

    Returns
    -------
    Moments
        Mean (D,) and covariance (D, D), in the library, device and dtype of ``logits``. Their relative error is of the
        order of 1e-14, if the objective's is.

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
    >>> f = estimators.objectives.Quadratic(0.45)
    >>> estimators.exact_moments("score_function", f, np.array([0.0]))
    Moments(mean=array([0.025]), covariance=array([[0.01593906]]))
    """
    moments: Moments = _registry.find("exact_moments", name).exact_moments(objective, logits, **options)
    return moments
