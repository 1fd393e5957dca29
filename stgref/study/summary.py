"""What is kept of the estimates of a study: of any number of them, a few numbers per coordinate."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from stgref.numerics.namespace import Array
from stgref.study.moments import Moments, Spread, deviations, of_deviations, spread_of

SCALARS = ("cosine", "agreement", "error", "spread")
"""What is computed of each whole estimate x, by name; see `of_estimates`."""

TINY, HUGE = 1e-290, 1e290


class Summary(NamedTuple):
    """Of the estimates of one or more blocks.

    Attributes
    ----------
    estimates : Moments
        Of each coordinate.
    scalars : Spread
        Of each of `SCALARS`.
    agreeing : array of int
        How many estimates of each coordinate have the sign of the gradient.
    evaluations : int
        How many points f or its gradient was evaluated at.
    seconds : Spread
        Of the time that the estimates of one block took: one column, one number per block.
    """

    estimates: Moments
    scalars: Spread
    agreeing: Array
    evaluations: int
    seconds: Spread

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
    mean, d = deviations(columns)
    square = d * d
    scalars = np.zeros((len(SCALARS), x.shape[0]))
    agreeing = np.zeros(x.shape[1], dtype=np.int64)
    np.add.reduce(square, axis=0, out=scalars[3])
    if gradient is not None:
        same = agrees(columns, gradient)
        agreeing = np.count_nonzero(same, axis=1)
        scalars[0] = cosine(columns, gradient)
        np.add.reduce(same, axis=0, dtype=np.float64, out=scalars[1])
        scalars[1] /= len(columns)
        # |d + step|^2; as exact on average as the sum of squares, in one pass.
        step = mean - gradient
        scalars[2] = scalars[3] + (2.0 * np.einsum("ij,i->j", d, step) + np.add.reduce(step * step))
    return Summary(
        of_deviations(columns, mean, d, square),
        spread_of(scalars),
        agreeing,
        evaluations,
        spread_of(np.array([[seconds]])),
    )


def agrees(columns: Array, gradient: Array) -> Array:
    """Whether numbers have the sign of the gradient of their row."""
    sign = np.sign(gradient)[:, None]
    same = columns * sign > 0.0
    return same if sign.all() else same | ((sign == 0.0) & (columns == 0.0))


def cosine(columns: Array, gradient: Array) -> Array:
    """Of each column with the gradient; 0 where one of them is."""
    largest = np.abs(gradient).max()
    g = gradient / largest if largest > 0.0 else gradient
    square, norm = np.einsum("ij,ij->j", columns, columns), np.add.reduce(g * g)
    if square.min() > TINY and square.max() < HUGE and norm > 0.0:
        square *= norm
        return np.einsum("ij,i->j", columns, g) / np.sqrt(square, out=square)
    # Squares of tiny numbers are 0, those of huge ones infinite.
    size = np.abs(columns).max(axis=0)
    columns = columns / np.where(size > 0.0, size, 1.0)
    square = np.einsum("ij,ij->j", columns, columns) * norm
    return np.einsum("ij,i->j", columns, g) / np.sqrt(np.where(square > 0.0, square, 1.0))
