"""Progress of a long run on the terminal, for whoever asks for it.

What takes long goes through `track`, which costs nothing until somebody shows it:

.. code-block:: python

    with shown():
        report = validate("outputs.npz")
"""

import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias, TypeVar

from stgref.conformance.text import printable

T = TypeVar("T")
Start: TypeAlias = Callable[[str, int], tuple[Callable[[], None], Callable[[], None]]]
"""Takes what is done and how many steps that has; returns what to call after each, and at the end."""

DELAY = 1.0
"""Seconds before anything is shown: a short run needs no bar."""
_START: ContextVar[Start | None] = ContextVar("progress", default=None)


def track(items: Collection[T], what: str) -> Iterator[T]:
    """Yield items, and tell whoever shows progress.

    Parameters
    ----------
    items : collection
        The steps.
    what : str
        What is done.

    Yields
    ------
    object
        Each item.
    """
    start = _START.get()
    if start is None:
        yield from items
        return
    step, end = start(what, len(items))
    try:
        for item in items:
            yield item
            step()
    finally:
        end()


def counted(what: str) -> Callable[[int, int], None]:
    """Return what may be told how many steps of how many are done, and tells whoever shows progress.

    Parameters
    ----------
    what : str
        What is done.

    Returns
    -------
    callable
        Takes the number of steps that are done, and the number there may be.
    """
    start, told = _START.get(), 0
    step: Callable[[], None] | None = None

    def tell(done: int, total: int) -> None:
        nonlocal step, told
        if start is None:
            return
        if step is None:
            step, _ = start(what, total)
        for _ in range(told, done):
            step()
        told = done

    return tell


@contextmanager
def shown() -> Iterator[None]:
    """Show the progress of what goes through `track`, on stderr.

    Only on a terminal, only if rich is installed, and only of what takes longer than `DELAY`. The bars are removed at the
    end.

    Yields
    ------
    None
        While it is shown.
    """
    bars = _bars()
    if bars is None:
        yield
        return
    token = _START.set(_starter(bars, time.monotonic() + DELAY))
    try:
        yield
    finally:
        _START.reset(token)
        bars.stop()


def _bars() -> Any:
    if not sys.stderr.isatty():
        return None
    try:
        from rich.console import Console  # noqa: PLC0415  optional
        from rich.progress import (  # noqa: PLC0415
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )
    except ImportError:
        return None
    # No markup: the name of a subject is a stranger's text.
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)


def _starter(bars: Any, due: float) -> Start:
    def start(what: str, total: int) -> tuple[Callable[[], None], Callable[[], None]]:
        task = bars.add_task(printable(what), total=total)

        def step() -> None:
            bars.advance(task)
            if time.monotonic() >= due and not bars.live.is_started:
                bars.start()

        return step, lambda: bars.remove_task(task)

    return start
