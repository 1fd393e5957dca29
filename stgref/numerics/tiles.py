"""Large NumPy arrays in tiles that fit the cache, over a few threads: the same numbers, sooner and in less memory.

NumPy releases Python's lock while it computes, so that plain threads share the work. Each call starts its own and
joins them: nothing is left behind that a fork, or another thread of the caller, could trip over.
"""

from __future__ import annotations

import contextvars
import functools
import itertools
import math
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeAlias, TypeVar

import numpy as np

from stgref.numerics import arguments
from stgref.numerics.namespace import Array

T = TypeVar("T")
Tile: TypeAlias = tuple[slice, ...]

SIZE = 2**16
"""The most elements of a tile. A handful of arrays of so many numbers fit the caches of a few cores; each of NumPy's calls
takes longer than Python's lock takes to change hands; and NumPy computes sums of sums in place from 2^15 doubles."""

FEW = 16
"""So many tiles are done sooner by one thread: starting others, and waiting for Python's lock, takes longer."""

_MOST = 4
"""Threads by default, where there are so many cores: the bandwidth of the memory is shared."""

_threads: int | None = None


def set_threads(n: int | None) -> None:
    """Set how many threads large NumPy arrays are computed with, in the whole process.

    The results are the same, to the last bit, for any number.

    Parameters
    ----------
    n : int or None
        The number, 1 or more. ``None`` for the default: that of the environment variable ``STGREF_THREADS``, else one
        for each core that the process may use, at most four.

    Raises
    ------
    TypeError, ValueError
        If ``n`` is no such number.

    Examples
    --------
    >>> import stgref
    >>> stgref.set_threads(1)
    >>> stgref.set_threads(None)
    """
    global _threads  # noqa: PLW0603 (a setting of the process, as are NumPy's own)
    _threads = None if n is None else arguments.count("set_threads", "n", n)


def threads() -> int:
    """How many threads large NumPy arrays are computed with."""
    if _threads is not None:
        return _threads
    given = os.environ.get("STGREF_THREADS")
    return min(_cores(), _MOST) if given is None else _from_environment(given)


def _from_environment(given: str) -> int:
    try:
        return arguments.count("STGREF_THREADS", "it", int(given))
    except ValueError:
        raise ValueError(
            f"STGREF_THREADS: the environment variable takes an integer of 1 or more, got {given!r}"
        ) from None


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def are_needed(shape: tuple[int, ...], inner: int = 1) -> bool:
    """Whether an array of ``shape``, an element of which stands for ``inner`` others, is larger than a tile."""
    return math.prod(shape) > max(1, SIZE // inner)


def over(shape: tuple[int, ...], inner: int = 1) -> Iterator[Tile]:
    """Cut an array of ``shape``, in the order of its elements, into tiles of at most `SIZE` of them, or of one.

    Whole trailing axes, a run of indices of one axis, and one index of each leading axis. The runs are as long as the
    greatest power of two that fits, so that they begin at its multiples. An element may stand for ``inner`` others.
    """
    axis = len(shape)
    while axis and inner * shape[axis - 1] <= SIZE:
        axis -= 1
        inner *= shape[axis]
    if not axis:
        yield (slice(None),) * len(shape)
        return
    run = 1 << (max(1, SIZE // inner).bit_length() - 1)
    starts = range(0, shape[axis - 1], run)
    whole = (slice(None),) * (len(shape) - axis)
    for *outer, start in itertools.product(*map(range, shape[: axis - 1]), starts):
        yield (*(slice(i, i + 1) for i in outer), slice(start, start + run), *whole)


def part(array: Array, tile: Tile) -> Array:
    """What ``array``, which broadcasts to the shape that ``tile`` is of, has at the tile: it broadcasts there."""
    own = tile[len(tile) - array.ndim :]
    return array[tuple(slice(None) if n == 1 else cut for n, cut in zip(array.shape, own, strict=True))]


def shape_of(shape: tuple[int, ...], tile: Tile) -> tuple[int, ...]:
    """The shape of a tile of an array of ``shape``."""
    return tuple(len(range(*cut.indices(n))) for n, cut in zip(shape, tile, strict=True))


def for_each(work: Callable[[T], None], items: Iterable[T]) -> None:
    """Do ``work`` with each item once, over the threads; the items are made one after the other, in their order.

    An exception ends it, and is raised when all threads have stopped. They work in copies of the caller's context:
    NumPy's error state is that of the caller.
    """
    keep_freed_memory()
    pending, others = _Pending(iter(items)), threads() - 1
    if not others:
        pending.drain(work)
        return
    with ThreadPoolExecutor(others) as pool:
        started = [pool.submit(contextvars.copy_context().run, pending.drain, work) for _ in range(others)]
        pending.drain(work)
    for each in started:
        each.result()


@functools.cache
def keep_freed_memory() -> None:
    """Free a large array once, untouched: a tile's arrays are then made of memory that is there.

    The GNU C library hands freed memory back to the system, and takes it again page by page, until it has seen a larger
    block freed (mallopt(3), M_MMAP_THRESHOLD): a quarter of the time of a gate's pass. Others do not mind.
    """
    np.empty(2**20)


class _Pending(Generic[T]):
    """What is left to do, for many threads."""

    def __init__(self, items: Iterator[T]) -> None:
        self._items, self._lock, self._failed = items, threading.Lock(), False

    def drain(self, work: Callable[[T], None]) -> None:
        """Do ``work`` with one item after the other until none is left, or one has failed."""
        try:
            while (item := self._next()) is not None:
                work(item)
        except BaseException:
            self._failed = True
            raise

    def _next(self) -> T | None:
        with self._lock:
            return None if self._failed else next(self._items, None)
