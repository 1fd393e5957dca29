"""What is kept of the estimates of a study: of any number of them, a few numbers per coordinate."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from stgref.numerics.namespace import Array
from stgref.study.moments import Moments, of_columns

SCALARS = ("cosine", "agreement", "error", "spread")
"""What is computed of each whole estimate x, by name; see `of_estimates`."""


class Summary(NamedTuple):
    """Of the estimates of one or more blocks.

    Attributes
    ----------
    estimates : Moments
        Of each coordinate.
    scalars : Moments
        Of each of `SCALARS`.
    agreeing : array of int
        How many estimates of each coordinate have the sign of the gradient.
    evaluations : int
        How many points f or its gradient was evaluated at.
    seconds : Moments
        Of the time that the estimates of one block took: one column, one number per block.
    """

    estimates: Moments
    scalars: Moments
    agreeing: Array
    evaluations: int
    seconds: Moments

    def __add__(self, other: Summary) -> Summary:  # type: ignore[override]
        return Summary(
            self.estimates.merged(other.estimates),
            self.scalars.merged(other.scalars),
            self.agreeing + other.agreeing,
            self.evaluations + other.evaluations,
            self.seconds.merged(other.seconds),
        )


def of_estimates(x: Array, gradient: Array | None, evaluations: int, seconds: float) -> Summary:
    r"""The summary of one block of estimates, (n, P), of a gradient (P,) if it is known.

    With g the gradient and :math:`\bar x` the block's mean, the scalars of an estimate x are the cosine
    :math:`x \cdot g / (|x| |g|)`, 0 where x or g is; the part of its coordinates that have the sign of those of g; the
    squared error :math:`|x - g|^2`; and :math:`|x - \bar x|^2`. What takes an unknown gradient is 0.
    """
    columns = np.ascontiguousarray(x.T, dtype=np.float64)
    estimates = of_columns(columns)
    spread = _square(columns - estimates.mean[:, None])
    cosine = agreement = error = np.zeros(x.shape[0])
    agreeing = np.zeros(x.shape[1], dtype=np.int64)
    if gradient is not None:
        same = np.sign(columns) == np.sign(gradient)[:, None]
        agreeing = np.count_nonzero(same, axis=1)
        agreement = np.add.reduce(same, axis=0) / len(columns)
        cosine = _cosine(columns, gradient)
        error = _square(columns - gradient[:, None])
    return Summary(
        estimates,
        of_columns(np.stack([cosine, agreement, error, spread])),
        agreeing,
        evaluations,
        of_columns(np.array([[seconds]])),
    )


def _square(columns: Array) -> Array:
    return np.add.reduce(columns * columns, axis=0)


def _cosine(columns: Array, gradient: Array) -> Array:
    """Of each column with the gradient, both brought near 1 first: the squares of tiny numbers are 0."""
    size, largest = np.abs(columns).max(axis=0), np.abs(gradient).max()
    with np.errstate(all="ignore"):
        unit, g = columns / size, gradient / largest
        along = np.add.reduce(unit * g[:, None], axis=0)
        cosine = along / np.sqrt(_square(unit) * np.add.reduce(g * g))
    return np.where((size > 0.0) & (largest > 0.0), cosine, 0.0)
