r"""Estimators of the gradients of :math:`E f(x)` for independent :math:`x_i \sim N(\mu_i, \text{std}_i^2)`.

Every estimator is a function ``(objective, mu, std, noise, **options)`` that returns `Gradients` to ``mu`` and ``std``, one
estimate of each per row of its noise. An objective is as for the estimators of discrete variables.
"""

from typing import Any

from stgref.estimators.gaussian.delta import delta
from stgref.estimators.gaussian.family import Gradients
from stgref.estimators.gaussian.measure_valued import MeasureValuedNoise, measure_valued
from stgref.estimators.gaussian.pathwise import pathwise
from stgref.estimators.gaussian.score_function import score_function
from stgref.estimators.gaussian.values import exact_gradient, exact_value
from stgref.estimators.registry import Registry
from stgref.numerics.libraries import DRAWS, declare
from stgref.numerics.namespace import Array

__all__ = [
    "Gradients",
    "MeasureValuedNoise",
    "delta",
    "draw_noise",
    "exact_gradient",
    "exact_moments",
    "exact_value",
    "measure_valued",
    "pathwise",
    "score_function",
]

ROWS = (pathwise, score_function, measure_valued, delta)

_registry = Registry("estimators.gaussian", ROWS)


@declare(DRAWS)
def draw_noise(name: str, n: int, mu: Array, std: Array, rng: Any = None, **options: Any) -> Any:
    """Draw the noise of ``n`` estimates.

    Parameters
    ----------
    name : str
        Name of the estimator.
    n : int
        Number of estimates, 0 or more.
    mu, std : array of shape (D,)
        Means and standard deviations; the noise is of their library, device and dtype.
    rng : int, SeedSequence, Generator or BitGenerator, optional
        Source of randomness, normalised by `numpy.random.default_rng` (SPEC 7); a fresh one by default.
    **options
        The estimator's own options.

    Returns
    -------
    array or MeasureValuedNoise
        What the estimator takes as ``noise``.

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
    >>> estimators.gaussian.draw_noise("pathwise", 5, np.zeros(3), np.ones(3), rng=0).shape
    (5, 3)
    """
    return _registry.find("draw_noise", name).draw_noise(n, mu, std, rng=rng, **options)


def exact_moments(name: str, objective: Any, mu: Array, std: Array, **options: Any) -> Gradients:
    """Exact mean and covariance of one estimate, by quadrature.

    Parameters
    ----------
    name : str
        Name of the estimator.
    objective : callable
        As the estimator takes it; smooth (see `stgref.estimators.gaussian.nodes` for how smooth).
    mu, std : array of shape (D,)
        Means and standard deviations, of up to four variables; up to three for `measure_valued`.
    **options
        The estimator's own options.

    Returns
    -------
    Gradients
        For ``mu`` and for ``std``, `Moments` with mean (D,) and covariance (D, D), in the library, device and dtype of
        ``mu``.

    Raises
    ------
    TypeError
        As the estimator; also if a quadrature has no values to check, as under `jax.jit` and for Dask arrays.
    ValueError
        As the estimator; also if there are too many combinations of noise to sum over, saying how many, or the objective is
        not smooth.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Quadratic(0.25)
    >>> estimators.gaussian.exact_moments("pathwise", f, np.array([1.0]), np.array([0.5])).mu
    Moments(mean=array([1.5]), covariance=array([[1.]]))
    """
    moments: Gradients = _registry.find("exact_moments", name).exact_moments(objective, mu, std, **options)
    return moments
