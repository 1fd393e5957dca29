"""How far an output is from the right answer, in tolerances and in units in the last place."""

from dataclasses import dataclass

import numpy as np

from stgref.conformance.condition import Wanted
from stgref.conformance.values import Array


@dataclass(frozen=True)
class Distance:
    """How far one result of one case is off, element by element.

    Parameters
    ----------
    got : numpy.ndarray
        What the subject returned.
    wanted : numpy.ndarray
        The right answer, in float64.
    tolerances : numpy.ndarray
        The error, in tolerances: at most 1 is right.
    ulp : numpy.ndarray
        The error, in units in the last place of the right answer.
    """

    got: Array
    wanted: Array
    tolerances: Array
    ulp: Array

    @property
    def worst(self) -> tuple[int, ...]:
        """Index of the element that is furthest off."""
        return tuple(int(i) for i in np.unravel_index(np.argmax(self.tolerances), self.tolerances.shape))

    @property
    def right(self) -> bool:
        """Whether every element is within the tolerance."""
        return bool(np.all(self.tolerances <= 1))


def distance(got: Array, wanted: Wanted, dtype: str, factor: float) -> Distance:
    """Measure how far an output is off.

    The tolerance is ``factor * eps * condition``, and never below the smallest subnormal number; to it comes what the
    right answer itself was rounded by.

    Parameters
    ----------
    got : numpy.ndarray
        What the subject returned.
    wanted : Wanted
        The right answer, of the same shape.
    dtype : str
        The dtype of the output.
    factor : float
        The factor of the tolerance.

    Returns
    -------
    Distance
        The error of every element.
    """
    limits = np.finfo(dtype)
    want = np.asarray(wanted.value, "float64")
    with np.errstate(all="ignore"):
        rounded = want.astype(dtype)
        error = np.abs(np.asarray(got, "float64") - want)
        error = np.where((got == rounded) | (np.isnan(got) & np.isnan(want)), 0.0, error)
        bound = np.maximum(
            (factor + wanted.own) * float(limits.eps) * wanted.condition, float(limits.smallest_subnormal)
        )
        bound = bound + wanted.rounding * float(limits.eps) * np.where(np.isfinite(want), np.abs(want), 0.0)
        spacing = np.spacing(np.minimum(np.abs(rounded), limits.max)).astype("float64")
        # Nothing is off by nothing, also where the right answer is NaN and has no spacing.
        tolerances, ulp = (np.where(error == 0, 0.0, error / unit) for unit in (bound, spacing))
    return Distance(np.asarray(got), want, _whole(tolerances), _whole(ulp))


def _whole(ratio: Array) -> Array:
    return np.where(np.isnan(ratio), np.inf, ratio)
