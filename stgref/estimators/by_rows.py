"""Estimates from large NumPy noise, in runs of rows over a few threads: the same numbers, sooner and in less memory.

Each estimate is made of its own row of noise, so that rows may be taken in runs as long as one likes. Two things stand
against it. A moving average runs over all rows. And a user's function may mix the rows of one call, if only in the last
digit, as matrix products do, or may not bear two threads: only one that says that it is ``rowwise`` is called by runs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from stgref.numerics import namespace as ns
from stgref.numerics import tiles
from stgref.numerics.namespace import Array

if TYPE_CHECKING:
    from stgref.estimators.estimator import Bound

SIZE = 2**17
"""The most numbers of an array of noise in a run, or one row. NumPy gives up Python's lock in each call, and waits for it:
in shorter runs the threads wait for each other."""


def estimates(bound: Bound) -> Any:
    """The kernel's estimates in the caller's dtype, whole or by runs."""
    arrays = bound.arrays
    if not (ns.is_numpy(bound.xp) and is_rowwise(bound)):
        return bound.result(bound.run(bound.noise()))
    tiles.keep_freed_memory()
    cuts = list(runs(arrays))
    if len(cuts) == 1:
        return bound.result(bound.run(bound.noise()))
    results = [np.empty((arrays[0].shape[0], *p.shape), bound.dtype) for p in bound.parameters]

    def fill(rows: slice) -> None:
        found = bound.run(bound.noise(rows))
        for result, own in zip(results, found if isinstance(found, tuple) else (found,), strict=True):
            result[rows] = own

    tiles.for_each(fill, cuts)
    gradients = bound.estimator.family.gradients
    return results[0] if gradients is None else gradients(*results)


def is_rowwise(bound: Bound) -> bool:
    """Whether an estimate is the same whatever other rows there are."""
    functions = (bound.f, *(v for v in bound.options.values() if callable(v)))
    return not isinstance(bound.options.get("baseline"), str) and all(
        getattr(f, "rowwise", False) for f in functions
    )


def runs(arrays: list[Array]) -> Iterator[slice]:
    """Cut the first axis, which the arrays share, into runs of the greatest power of two of rows that fits; one at least."""
    n, row = arrays[0].shape[0], max(math.prod(a.shape[1:]) for a in arrays)
    step = 1 << (max(1, SIZE // max(1, row)).bit_length() - 1)
    for start in range(0, max(1, n), step):
        yield slice(start, start + step)
