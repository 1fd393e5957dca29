"""The condition sum |f| + sum_i |x_i df/dx_i|: what one relative rounding of everything does to a function.

A right implementation may be wrong by a few `eps` of it, so it is the yardstick of every check. Where stgref has the
derivative, the sum comes from that. The condition of a derivative needs second derivatives: there, each argument is
moved by one part in a million and the function's own answers, in float64, are subtracted. It is moved up and down, and
the smaller difference counts, so that a clip point nearby, where the derivative jumps, does not count as sensitivity.
The sum is a yardstick: a few digits of it suffice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from stgref.conformance.values import Array

STEP = 2.0**-20


@dataclass(frozen=True)
class Wanted:
    """A right answer, and how sensitive it is.

    Parameters
    ----------
    value : numpy.ndarray
        The answer, in float64.
    condition : numpy.ndarray
        Its condition sum, elementwise.
    rounding : float
        How far the answer itself may be off, in eps: it was rounded to the dtype of the case.
    own : float
        How far it may be off besides, in eps of the condition sum: it was computed in the dtype of the case.
    """

    value: Array
    condition: Array
    rounding: float = field(default=0.0, kw_only=True)
    own: float = field(default=0.0, kw_only=True)


def from_partials(value: Array, arguments: Sequence[Array], partials: Sequence[Array]) -> Wanted:
    """Pair an elementwise function with its condition sum, from its derivatives.

    Parameters
    ----------
    value : numpy.ndarray
        The function.
    arguments, partials : sequence of numpy.ndarray
        Its arguments, and its derivative with respect to each.

    Returns
    -------
    Wanted
        The value and the sum.
    """
    terms = [np.abs(x * df) for x, df in zip(arguments, partials, strict=True)]
    return Wanted(value, np.abs(value) + sum(terms, start=np.zeros_like(value)))


def from_differences(function: Callable[..., Array], arguments: Sequence[Array]) -> Wanted:
    """Pair an elementwise function with its condition sum, from its values alone.

    Parameters
    ----------
    function : callable
        Takes the arguments, returns an array.
    arguments : sequence of numpy.ndarray
        In float64.

    Returns
    -------
    Wanted
        The value and the sum.
    """
    value = function(*arguments)
    total = np.abs(value)
    for i in range(len(arguments)):
        off = [np.abs(other - value) for other in _moved(function, arguments, i)]
        total = total + np.minimum.reduce(off) / STEP
    return Wanted(value, total)


def _moved(function: Callable[..., Array], arguments: Sequence[Array], i: int) -> list[Array]:
    """Move one argument up and down; at the end of its domain, away from there."""
    found = []
    for scale in (1 + STEP, 1 - STEP):
        try:
            found.append(function(*arguments[:i], arguments[i] * scale, *arguments[i + 1 :]))
        except ValueError:
            if scale < 1 and not found:
                raise
    return found
