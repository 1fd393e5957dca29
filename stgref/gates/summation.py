r"""Sums of neighbours, and sums by index, from slices and gathers that every array library has.

A sum of n terms in :math:`\lceil \log_2 n \rceil` rounds of pairwise additions has an error of at most that many
halves of eps times the sum of the terms' absolute values; one running sum has up to n. Both sums give the same bits in
every library but CuPy (`stgref.numerics.device_sum`), and a NaN stays with its own sum.
"""

from __future__ import annotations

import functools
import operator
import threading
from collections.abc import Iterable

import numpy as np

from stgref.numerics import device_sum
from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.tiles import Tile


def pairwise_sum(xp: Namespace, values: Array, axis: int) -> Array:
    """Sum over ``axis`` by adding neighbours until one is left; on a GPU, in fewer rounds and without a loss."""
    values = values if axis == 0 else xp.moveaxis(values, axis, 0)
    if ns.is_cupy(xp):
        return device_sum.summed(xp, values)
    while (n := values.shape[0]) > 1:
        total = values[: n - n % 2 : 2, ...] + values[1::2, ...]
        values = xp.concat([total, values[n - 1 :, ...]]) if n % 2 else total
    return values[0, ...] if n else xp.sum(values, axis=0)


class SumOfRuns:
    """`pairwise_sum`, from the sums of runs of terms: in any order, by many threads, with few of them kept.

    The runs are equally long, a power of two, but for the last one; so each is a node of the tree of additions.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[tuple[int, int], Array] = {}

    def add(self, index: int, value: Array, level: int = 0) -> None:
        """Take the sum of the run number ``index`` of 2^level runs, and add neighbours as far as they are there."""
        while (neighbour := self._met(level, index, value)) is not None:
            left, right = (neighbour, value) if index & 1 else (value, neighbour)
            value, level, index = left + right, level + 1, index >> 1

    def _met(self, level: int, index: int, value: Array) -> Array | None:
        with self._lock:
            neighbour = self._waiting.pop((level, index ^ 1), None)
            if neighbour is None:
                self._waiting[level, index] = value
            return neighbour

    def total(self) -> Array:
        """The sum of all: those without a neighbour are the last of their round, and wait for the rounds above."""
        from_last = sorted(self._waiting.items(), key=lambda item: item[0][1] << item[0][0], reverse=True)
        return functools.reduce(operator.add, (value for _, value in from_last))


class SumsOfTiles:
    """Sums over the first axis of arrays in tiles, whose second axis may be cut too: a `SumOfRuns` for each such cut.

    All are made before any thread asks for one.
    """

    def __init__(self, cuts: Iterable[Tile]) -> None:
        self._sums = {columns.start or 0: SumOfRuns() for _, columns in cuts}

    def add(self, tile: Tile, value: Array) -> None:
        """Take what a tile's part sums to, whose last axis is that of its columns."""
        rows, columns = tile
        self._sums[columns.start or 0].add(rows.start // (rows.stop - rows.start), value)

    def total(self) -> Array:
        """The sum, its columns side by side."""
        return np.concatenate([self._sums[start].total() for start in sorted(self._sums)], axis=-1)


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
