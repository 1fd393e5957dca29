"""Exact moments of estimates, up to the fourth: what tests of means and of variances need.

The estimator's own exact rule sums its kernel over all noise. Given a kernel that multiplies two deviations from the mean,
it gives the exact mean and variance of the product.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from stgref.conformance.values import Array
from stgref.estimators.estimator import Estimator, Facts


class Exact(NamedTuple):
    """Mean and variance of each coordinate, (D,)."""

    mean: Array
    variance: Array


def estimates(estimator: Estimator, objective: Any, logits: Array, options: Mapping[str, Any]) -> Exact:
    """Exact moments of one estimate.

    Parameters
    ----------
    estimator : Estimator
        The reference.
    objective : callable
        What it estimates the gradient of.
    logits : numpy.ndarray
        (D,).
    options : mapping
        The estimator's.

    Returns
    -------
    Exact
        The moments.
    """
    found = estimator.exact_moments(objective, logits, **options)
    return Exact(found.mean, np.diag(found.covariance))


def products(
    estimator: Estimator, objective: Any, logits: Array, options: Mapping[str, Any], shift: int
) -> Exact:
    """Exact moments of the deviation of each coordinate times that of another.

    Parameters
    ----------
    estimator, objective, logits, options
        As of `estimates`.
    shift : int
        How many places on the other coordinate is: 0 for squares.

    Returns
    -------
    Exact
        The means are variances or covariances.

    Raises
    ------
    ArithmeticError
        If the estimator's exact rule is for its own kernel only.
    """
    known = estimator.exact_moments(objective, logits, **options)
    other = (np.arange(len(logits)) + shift) % len(logits)
    kernel = _multiplied(estimator.kernel, known.mean, other)
    found = Estimator(kernel, estimator.family, estimator.noise, Facts(*estimator.facts), estimator.exact)
    exact = estimates(found, objective, logits, options)
    if not np.allclose(exact.mean, known.covariance[np.arange(len(logits)), other], rtol=1e-6, atol=1e-12):
        raise ArithmeticError(f"{estimator.name}: no exact moments of products")
    return exact


def _multiplied(kernel: Callable[..., Any], mean: Array, other: Array) -> Callable[..., Any]:
    @functools.wraps(kernel)
    def multiplied(*args: Any, **kwargs: Any) -> Any:
        off = kernel(*args, **kwargs) - mean
        return off * off[:, other]

    return multiplied
