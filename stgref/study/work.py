"""What is left to do of one task, stage by stage."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from stgref.study.plan import Precision, stages
from stgref.study.summary import Summary
from stgref.study.task import Task
from stgref.study.tree import Node, Tree

BLOCKS = 128
"""Blocks of a unit of work by default: a fraction of a second."""


class Work:
    """One task, what is done of it, and how far it goes.

    Parameters
    ----------
    task : Task
        The task.
    tree : Tree
        What is done.
    precision : Precision or None
        What is wished.
    block_size : int or None
        About how many estimates a unit of work has.
    """

    def __init__(self, task: Task, tree: Tree, precision: Precision | None, block_size: int | None) -> None:
        self.task, self.tree, self._precision = task, tree, precision
        # What was done before was not precise enough before its last stage.
        self._stops = [stop for stop in stages(task.blocks, precision) if stop >= tree.end]
        self._stop = 0
        per_unit = BLOCKS if block_size is None else max(1.0, block_size / task.rows)
        self._level = math.ceil(math.log2(per_unit))

    def advance(self) -> bool:
        """Go on to the next stage; whether there is one, and a need for it."""
        if not self._stops or (self._stop and self._is_reached()):
            return False
        self._stop = self._stops.pop(0)
        return True

    def units(self) -> Iterator[Unit]:
        """What is left to do in this stage."""
        return (Unit(self, *run) for run in self.tree.missing(0, self._stop, self._level))

    def take(self, nodes: Mapping[Node, Summary]) -> None:
        """Add what is done."""
        for (level, index), summary in nodes.items():
            self.tree.add(index, summary, level)

    def _is_reached(self) -> bool:
        return self._precision is not None and self._precision.is_reached(self.tree.total().estimates)


class Unit(NamedTuple):
    """A run of blocks of one task."""

    work: Work
    start: int
    stop: int
