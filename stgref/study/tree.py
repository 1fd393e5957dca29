"""The order in which summaries are merged: one binary tree over the blocks, whoever computed them and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stgref.gates.summation import SumOfRuns
from stgref.study.summary import Summary

Node = tuple[int, int]
"""A level l and an index i: blocks i 2^l to (i + 1) 2^l - 1."""


class Tree(SumOfRuns):
    """Summaries of blocks, or of nodes, taken in any order; only those that wait for a neighbour are kept.

    A node's summary is that of its two halves, so the bits of `total` depend on how many blocks there are and on nothing
    else.
    """

    def __init__(self, nodes: Mapping[Node, Summary] | None = None) -> None:
        super().__init__()
        self._waiting.update(nodes or {})

    @property
    def nodes(self) -> dict[Node, Summary]:
        """What waits for a neighbour."""
        return dict(self._waiting)

    @property
    def end(self) -> int:
        """The block after the last one that is there."""
        return max(((i + 1) << l for l, i in self._waiting), default=0)

    @property
    def blocks(self) -> int:
        """How many blocks are there."""
        return sum(1 << l for l, _ in self._waiting)

    def missing(self, start: int, stop: int, level: int) -> Iterator[tuple[int, int]]:
        """The runs of blocks from ``start`` to ``stop`` that are not there, each inside one node of ``level``."""
        held = sorted((i << l, (i + 1) << l) for l, i in self._waiting)
        size = 1 << level
        for first, last in _gaps(held, start, stop):
            for at in range(first // size * size, last, size):
                yield max(first, at), min(last, at + size)


def _gaps(held: list[tuple[int, int]], start: int, stop: int) -> Iterator[tuple[int, int]]:
    """What ``held``, in order and apart, leaves of start ... stop."""
    for first, last in held:
        if start < min(first, stop):
            yield start, min(first, stop)
        start = max(start, last)
    if start < stop:
        yield start, stop
