r"""Estimators of the gradients of :math:`E f(z)` for independent stochastic gates z, clipped to [0, 1].

Every estimator is named after the law of its gates, and is a function ``(objective, log_alpha or mu, noise, **options)``. The
law's other parameters are options, a number or one for each gate. It returns the partial derivatives to all of
them, one estimate (n, D) for each gate per row of the noise: the gradient to a number that all gates share is the sum over
the gates. At a clip point, where z is exactly 0 or 1 before it is clipped, the derivative is 1 as that of `torch.clamp`,
unless ``clip_gradient`` says otherwise; such noise has probability 0.
"""

from typing import Any

from stgref.estimators.gates.hard_concrete import hard_concrete
from stgref.estimators.gates.rectified_gaussian import rectified_gaussian
from stgref.estimators.registry import Registry
from stgref.numerics.libraries import DRAWS, declare
from stgref.numerics.namespace import Array

__all__ = ["draw_noise", "exact_moments", "hard_concrete", "rectified_gaussian"]

ROWS = (hard_concrete, rectified_gaussian)

_registry = Registry("estimators.gates", ROWS)


@declare(DRAWS)
def draw_noise(name: str, n: int, location: Array, rng: Any = None, **options: Any) -> Array:
    """Draw the noise of ``n`` estimates, the base noise of the law.

    Parameters
    ----------
    name : str
        Name of the law of the gates.
    n : int
        Number of estimates, 0 or more.
    location : array of shape (D,)
        The first parameter of the law, ``log_alpha`` or ``mu``; the noise is of its library, device and dtype.
    rng : int, SeedSequence, Generator or BitGenerator, optional
        Source of randomness, normalised by `numpy.random.default_rng` (SPEC 7); a fresh one by default.
    **options
        The law's other parameters, and the estimator's options.

    Returns
    -------
    array of shape (n, D)
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
    >>> estimators.gates.draw_noise("hard_concrete", 5, np.zeros(3), rng=0).shape
    (5, 3)
    """
    return _registry.find("draw_noise", name).draw_noise(n, location, rng=rng, **options)


def exact_moments(name: str, objective: Any, location: Array, **options: Any) -> Any:
    """Exact mean and covariance of one estimate: the atoms, and quadrature between them.

    Parameters
    ----------
    name : str
        Name of the law of the gates.
    objective : callable
        As the estimator takes it; smooth on [0, 1].
    location : array of shape (D,)
        The first parameter of the law, ``log_alpha`` or ``mu``, of up to three gates.
    **options
        The law's other parameters, and the estimator's options.

    Returns
    -------
    NamedTuple of Moments
        For each parameter of the law, mean (D,) and covariance (D, D), in the library, device and dtype of ``location``.

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
    >>> f = estimators.objectives.Quadratic(0.4)
    >>> estimators.gates.exact_moments("rectified_gaussian", f, np.array([0.3])).mu.mean
    array([0.05449909])
    """
    return _registry.find("exact_moments", name).exact_moments(objective, location, **options)
