"""Exact moments over grids of logits, as records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from stgref.numerics.namespace import Array
from stgref.study.variables import find


def exact_records(
    objective: Any, logits: Iterable[Array], estimators: Sequence[Any], **numbers: float
) -> list[dict[str, Any]]:
    """Exact mean and variance of one estimate, for each estimator, each of several logits, and each coordinate.

    Parameters
    ----------
    objective : callable
        As for the estimators.
    logits : iterable of arrays
        Arrays (D,) for Bernoulli variables, (D, K) for categorical ones, or numbers, which are those of one variable.
    estimators : sequence of str or pair of str and dict
        Names and options.
    **numbers : float
        What else to put into each record.

    Returns
    -------
    list of dict
        ``estimator coordinate logit exact_gradient exact_mean exact_bias exact_variance``, and ``numbers``.

    Raises
    ------
    TypeError, ValueError
        As `stgref.estimators.exact_moments`; also for a function of your own, which has none.

    Examples
    --------
    >>> from stgref import estimators
    >>> from stgref.study.exact import exact_records
    >>> toy = estimators.objectives.Quadratic(0.45)
    >>> [record["exact_variance"] for record in exact_records(toy, [0.0], ["rloo", "disarm"])]
    [0.000625..., 0.0]
    """
    found: list[dict[str, Any]] = []
    for point in logits:
        phi = np.atleast_1d(np.asarray(point, dtype=np.float64))
        for each in estimators:
            variables, options = find("exact_records", each, phi)
            moments = variables.exact_moments(objective, phi, options)
            if moments is None or variables.law:
                raise ValueError(
                    f"exact_records: estimators takes those of logits with exact moments, got {variables.label}"
                )
            mean, variance, truth = *moments, variables.exact_gradient(objective, phi)
            found += [
                {
                    "estimator": variables.label,
                    "coordinate": i,
                    "logit": float(phi.flat[i]),
                    "exact_gradient": float(truth.flat[i]),
                    "exact_mean": float(mean.flat[i]),
                    "exact_bias": float(mean.flat[i] - truth.flat[i]),
                    "exact_variance": float(variance.flat[i]),
                    **numbers,
                }
                for i in range(phi.size)
            ]
    return found
