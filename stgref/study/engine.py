"""Who computes what, when: units of work over an executor, a bounded number of them at a time."""

from __future__ import annotations

import concurrent.futures as cf
from collections.abc import Iterable, Iterator

from stgref.study.errors import StudyError
from stgref.study.summary import Summary
from stgref.study.task import Task
from stgref.study.tree import Node
from stgref.study.work import Unit

IN_FLIGHT = 256
"""Units that an executor holds at a time: enough for as many workers, too few to fill a memory."""


def results(
    units: Iterable[Unit], executor: cf.Executor | None, in_flight: int = IN_FLIGHT
) -> Iterator[tuple[Unit, dict[Node, Summary]]]:
    """Units with their summaries, as they are done.

    Raises
    ------
    StudyError
        If one fails; those that have not begun are cancelled.
    """
    return _here(units) if executor is None else _submitted(units, executor, in_flight)


def compute(task: Task, start: int, stop: int) -> dict[Node, Summary]:
    """What a worker does."""
    return task.run(start, stop)


def _here(units: Iterable[Unit]) -> Iterator[tuple[Unit, dict[Node, Summary]]]:
    for unit in units:
        try:
            found = compute(unit.work.task, unit.start, unit.stop)
        except Exception as error:
            raise _failure(unit, error) from error
        yield unit, found


def _submitted(
    units: Iterable[Unit], executor: cf.Executor, in_flight: int
) -> Iterator[tuple[Unit, dict[Node, Summary]]]:
    waiting, running = iter(units), dict[cf.Future[dict[Node, Summary]], Unit]()
    try:
        while True:
            while len(running) < in_flight and (unit := next(waiting, None)) is not None:
                running[executor.submit(compute, unit.work.task, unit.start, unit.stop)] = unit
            if not running:
                return
            done, _ = cf.wait(running, return_when=cf.FIRST_COMPLETED)
            for future in done:
                unit = running.pop(future)
                try:
                    found = future.result()
                except Exception as error:
                    raise _failure(unit, error) from error
                yield unit, found
    finally:
        for future in running:
            future.cancel()


def _failure(unit: Unit, error: Exception) -> StudyError:
    task, first = unit.work.task, unit.start * unit.work.task.rows
    last = min(unit.stop * task.rows, task.n_samples) - 1
    return StudyError(f"{task.name}: estimates {first} to {last} failed: {type(error).__name__}: {error}")
