"""A peer's own samples against the exact moments of the estimator that it says it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from validation.estimators import rows

LIMIT = 5.0
"""Standard errors. One normal number is outside with probability 5.7e-7."""

ROUNDING = 1e-5
"""Relative error of float32 moments, which is all the spread of a variance that does not vary."""


def judge(estimates: Any, mean: Any, variance: Any, *, averaged: int = 1) -> dict[str, Any]:
    """Compare the mean and the variance of estimates (n, ...) with the exact ones.

    Parameters
    ----------
    estimates : array_like of shape (n, ...)
        The peer's gradients, independent from row to row.
    mean, variance : array_like of shape (...)
        Exact mean and variance of one estimate.
    averaged : int
        How many estimates each row is the mean of.

    Returns
    -------
    dict
        What was found; ``z`` is that of the mean, ``z_variance`` that of the variance around the exact mean, by the
        fourth moment of the estimates.
    """
    x, mean, variance = (np.asarray(a, "float64") for a in (estimates, mean, variance))
    n = x.shape[0]
    square = averaged * (x - mean) ** 2
    spread = np.maximum(np.std(square, axis=0) / np.sqrt(n), ROUNDING * variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (x.mean(axis=0) - mean) / np.sqrt(variance / (n * averaged))
        z_variance = (square.mean(axis=0) - variance) / spread
        ratio = averaged * x.var(axis=0) / variance
    return {
        "n": n * averaged,
        "mean": x.mean(axis=0),
        "exact_mean": mean,
        "exact_variance": variance,
        "z": z,
        "z_variance": z_variance,
        "variance_ratio": ratio,
    }


def verdict(numbers: dict[str, Any]) -> str:
    """What the numbers say; an exact variance of 0 leaves no doubt."""

    def outside(z: Any) -> bool:
        return bool(np.any(~(np.abs(z) <= LIMIT)))

    if outside(numbers["z"]):
        return rows.BIASED
    return rows.SPREAD if outside(numbers["z_variance"]) else rows.AGREES


def explained(estimates: Any, mean: Any, *, averaged: int = 1) -> dict[str, Any]:
    """Compare the mean with what a suspected mistake would make of it: ``z_if`` by the estimates' own spread."""
    x = np.asarray(estimates, "float64")
    error = np.maximum(x.std(axis=0) / np.sqrt(x.shape[0]), np.finfo("float32").tiny)
    return {"mean_if": np.asarray(mean), "z_if": (x.mean(axis=0) - mean) / error}
