"""Whether columns and rows are independent, by exact binomial tests of events.

In each column the event is that a value lies above a level, with a known probability p. In a pair of independent columns
both events come, or neither, with probability p q + (1 - p)(1 - q).
"""

from itertools import combinations

import numpy as np

from stgref.conformance.statistics import Measured, binomial
from stgref.conformance.values import Array


def across_columns(events: Array, p: Array, level: float) -> list[Measured]:
    """Test every pair of columns.

    Parameters
    ----------
    events : numpy.ndarray
        Whether each value lies above the level of its column, (n, G).
    p : numpy.ndarray
        The probabilities, (G,).
    level : float
        False-alarm rate of all tests together.

    Returns
    -------
    list of Measured
        One for each pair.
    """
    pairs = list(combinations(range(len(p)), 2))
    return [
        _agreement(events[:, i], events[:, j], p[i], p[j], level / len(pairs), f"columns {i} and {j}")
        for i, j in pairs
    ]


def across_rows(events: Array, p: Array, level: float) -> list[Measured]:
    """Test pairs of rows: neighbours, and the same row of both calls.

    Parameters
    ----------
    events, p
        As for `across_columns`.
    level : float
        False-alarm rate of all tests together.

    Returns
    -------
    list of Measured
        Two for each column.
    """
    return [
        _agreement(one[:, i], other[:, i], p[i], p[i], level / (2 * len(p)), f"column {i}, {words}")
        for words, one, other in paired(events)
        for i in range(len(p))
    ]


def paired(rows: Array) -> list[tuple[str, Array, Array]]:
    """Pair rows, each row at most once in a pairing.

    Parameters
    ----------
    rows : numpy.ndarray
        The rows of two calls.

    Returns
    -------
    list of (str, numpy.ndarray, numpy.ndarray)
        What the pairing is, the first rows and the second.
    """
    half = len(rows) // 2
    return [
        ("neighbouring rows", rows[::2], rows[1::2]),
        ("same rows of two calls", rows[:half], rows[half:]),
    ]


def _agreement(one: Array, other: Array, p: float, q: float, level: float, where: str) -> Measured:
    return binomial(
        int(np.sum(one == other)), len(one), float(p * q + (1 - p) * (1 - q)), float(level), where
    )
