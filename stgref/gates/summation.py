r"""Sums by halving, and sums by index, from slices and gathers that every array library has.

A sum of n terms in :math:`\lceil \log_2 n \rceil` rounds of pairwise additions has an error of at most that many
halves of eps times the sum of the terms' absolute values; one running sum has up to n. Both sums give the same bits in
every library, and a NaN stays with its own sum.
"""

from __future__ import annotations

import numpy as np

from stgref.numerics.namespace import Array, Namespace


def pairwise_sum(xp: Namespace, values: Array, axis: int) -> Array:
    """Sum over ``axis`` by adding the second half to the first until one is left."""
    values = values if axis == 0 else xp.moveaxis(values, axis, 0)
    while (n := values.shape[0]) > 1:
        pairs, rest = n // 2, n - n // 2
        total = values[:pairs, ...] + values[rest:, ...]
        values = xp.concat([total, values[pairs:rest, ...]]) if pairs < rest else total
    return values[0, ...] if n else xp.sum(values, axis=0)


def rounds_of(index: Array, n: int) -> list[tuple[Array, Array, Array]]:
    """How to sum by index in rounds: what to gather on the left, on the right, and where there is a right.

    ``index`` holds each of 0 ... n-1 at least once. Each round adds the second half of each group to its first half;
    the last one leaves one number per group, in order.
    """
    position, sizes = np.argsort(index, kind="stable"), np.bincount(index, minlength=n)
    rounds: list[tuple[Array, Array, Array]] = []
    while not rounds or sizes.max() > 1:
        halves = (sizes + 1) // 2
        group = np.repeat(np.arange(n), halves)
        place = np.arange(len(group)) - (np.cumsum(halves) - halves)[group]
        left = (np.cumsum(sizes) - sizes)[group] + place
        paired = place + halves[group] < sizes[group]
        right = np.where(paired, left + halves[group], left)
        rounds.append((position[left], position[right], paired))
        position, sizes = np.arange(len(group)), halves
    return rounds


def sum_by_index(xp: Namespace, values: Array, rounds: list[tuple[Array, Array, Array]]) -> Array:
    """Sum the last axis of ``values``, of shape (rows, terms), by the index that ``rounds`` were made of."""
    for left, right, paired in rounds:
        values = xp.take(values, left, axis=1) + xp.where(paired, xp.take(values, right, axis=1), 0.0)
    return values
