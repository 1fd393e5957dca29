"""How the errors of many numbers are spread: little enough to keep, enough to draw."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stgref.conformance.compare import Distance
from stgref.conformance.functions import LAYERS, PARAMETERS
from stgref.conformance.recording import Case
from stgref.conformance.values import Array

ULP = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 64.0)
"""Upper ends of the bins of errors in ulp; one more bin holds what is beyond."""
POINTS = 64
"""How many numbers stand for all, each the worst of its part of the domain."""


@dataclass(frozen=True)
class Spread:
    """The errors of one case.

    Parameters
    ----------
    argument : str
        The name of the main argument.
    points : tuple of tuple of float
        The main argument and the error in tolerances, of the worst number in each part of the domain. None where a number
        has more than one main argument, as in layers.
    ulp : tuple of int
        How many numbers are off by so many ulp, in the bins that end at `ULP`.
    wrong : int
        How many are off by more than the tolerance.
    """

    argument: str
    points: tuple[tuple[float, float], ...]
    ulp: tuple[int, ...]
    wrong: int


def main_argument(case: Case) -> str:
    """Name the argument against which errors are drawn.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    str
        A function's first argument, a layer's trained parameter.
    """
    owner = case.function.split(".")[0]
    return LAYERS[owner].parameter if owner in LAYERS else next(iter(case.arguments))


def spread_of(case: Case, far: Mapping[str, Distance]) -> Spread | None:
    """Sum up the errors of a case.

    Parameters
    ----------
    case : Case
        The case.
    far : mapping
        The errors of each result.

    Returns
    -------
    Spread or None
        None of a single number: that one is the worst, and is told anyway.
    """
    distances = list(far.values())
    if sum(each.got.size for each in distances) < 2:
        return None
    name = main_argument(case)
    counts = sum((histogram(each.ulp) for each in distances), start=np.zeros(len(ULP) + 1, "int64"))
    points: tuple[tuple[float, float], ...] = ()
    if case.function.split(".")[0] in PARAMETERS or all(each.got.ndim == 0 for each in distances):
        worst = np.max([each.tolerances for each in distances], axis=0)
        points = thin(np.broadcast_to(case.array(name), worst.shape).ravel(), worst.ravel())
    wrong = sum(int(np.sum(each.tolerances > 1)) for each in distances)
    return Spread(name, points, tuple(counts.tolist()), wrong)


def merged(spreads: Sequence[Spread]) -> Spread:
    """Put together the spreads of the parts of a case.

    Parameters
    ----------
    spreads : sequence of Spread
        At least one.

    Returns
    -------
    Spread
        Of the whole.
    """
    x, worst = np.array([point for each in spreads for point in each.points]).reshape(-1, 2).T
    counts = np.sum([each.ulp for each in spreads], axis=0)
    wrong = sum(each.wrong for each in spreads)
    return Spread(spreads[0].argument, thin(x, worst), tuple(counts.tolist()), wrong)


def histogram(ulp: Iterable[float]) -> Array:
    """Count errors by their size.

    Parameters
    ----------
    ulp : iterable of float
        The errors.

    Returns
    -------
    numpy.ndarray
        One count for each bin that ends at `ULP`, and one for what is beyond.
    """
    return np.bincount(np.searchsorted(ULP, np.ravel(np.asarray(ulp))), minlength=len(ULP) + 1)


def thin(x: Array, worst: Array) -> tuple[tuple[float, float], ...]:
    """Keep the worst number of each part of the domain.

    Parameters
    ----------
    x : numpy.ndarray
        The main argument.
    worst : numpy.ndarray
        The errors.

    Returns
    -------
    tuple of tuple of float
        At most `POINTS` pairs, in the order of x.
    """
    order = np.argsort(x)
    parts = [part for part in np.array_split(order, POINTS) if part.size]
    kept = [part[np.argmax(worst[part])] for part in parts]
    return tuple((float(x[i]), float(worst[i])) for i in kept)
