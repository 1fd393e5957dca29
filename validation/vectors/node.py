"""A case as it stands in a set: its head, its arguments, its exact answer."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from flint import arb, ctx

from tests.accuracy.compare import PRECISE, jumps
from tests.oracle import Exact
from tests.oracle.layers import Grid
from validation.vectors.rounding import AmbiguousError, pair, rounded, yardstick

DTYPES = ("float32", "float64")
CONVENTIONS = {"open": 0.0, "half": 0.5}
"""Derivatives of the clip at its clip points, besides 1."""
Node = dict[str, Any]
NOTHING: Node = {"results": {}, "conditions": {}}


def head(
    function: str,
    dtype: str,
    flags: tuple[str, ...],
    number: int,
    arguments: Mapping[str, Any],
    kind: str = "valid",
) -> Node:
    """Write all of a case but its answer.

    Parameters
    ----------
    function, dtype : str
        What is asked.
    flags : tuple of str
        Why; the first is part of the id.
    number : int
        Which case of this flag.
    arguments : mapping
        Floats and floating arrays, which are numbers of the dtype; integer arrays; plain JSON.
    kind : str
        What a right answer is.

    Returns
    -------
    dict
        The head.
    """
    short = dtype.replace("float", "f")
    return {
        "id": f"{function}.{short}.{flags[0]}.{number}",
        "function": function,
        "dtype": dtype,
        "kind": kind,
        "flags": list(flags),
        "arguments": {name: written(value, dtype) for name, value in arguments.items()},
    }


def written(value: Any, dtype: str) -> Any:
    """Write an argument.

    Parameters
    ----------
    value : float, numpy.ndarray or object
        A number, an array, or plain JSON.
    dtype : str
        The dtype of the numbers.

    Returns
    -------
    object
        Its JSON.
    """
    if isinstance(value, float):
        return pair(value, dtype)
    if not isinstance(value, np.ndarray):
        return value
    if value.dtype.kind == "i":
        return {"shape": list(value.shape), "data": value.ravel().tolist()}
    return _grid(value.shape, value.ravel().tolist(), dtype)


def answer(wanted: Mapping[str, Grid], dtype: str, *, at_jump: bool = False, composed: bool = False) -> Node:
    """Round exact results.

    Parameters
    ----------
    wanted : mapping
        By name, numbers of the oracle.
    dtype : str
        What they are rounded to.
    at_jump : bool
        Whether the point may be where a rounding changes the answer.
    composed : bool
        Whether a result is made of several numbers, each of which may have been rounded to a subnormal one.

    Returns
    -------
    dict
        ``results`` and ``conditions``.

    Raises
    ------
    AmbiguousError
        If the answer cannot be rounded without doubt.
    """
    ctx.prec = PRECISE
    if not at_jump and any(jumps(each, dtype) for grid in wanted.values() for each in grid.cells):
        raise AmbiguousError
    if composed and any(_is_faint(each, dtype) for grid in wanted.values() for each in grid.cells):
        raise AmbiguousError
    results, conditions = {}, {}
    for name, grid in wanted.items():
        values = [rounded(each.value, dtype) for each in grid.cells]
        sums = [_sum(each, value) for each, value in zip(grid.cells, values, strict=True)]
        results[name] = _grid(grid.shape, values, dtype)
        conditions[name] = _grid(grid.shape, sums, "float64")
    return {"results": results, "conditions": conditions}


def _is_faint(wanted: Exact, dtype: str) -> bool:
    """Tell a number that is neither normal nor rounded to 0 in whatever way it is computed."""
    limits, size = np.finfo(dtype), arb(abs(wanted.value) + wanted.condition)
    return bool(2.0**-20 * arb(float(limits.smallest_subnormal)) < size < arb(float(limits.tiny)))


def _sum(wanted: Exact, value: float) -> float:
    """Return the yardstick of a finite value."""
    return yardstick(abs(wanted.value) + wanted.condition) if abs(value) < float("inf") else 0.0


def _grid(shape: tuple[int, ...], numbers: list[float], dtype: str) -> Node:
    """Write numbers in row-major order; a lone one by itself."""
    pairs = [pair(number, dtype) for number in numbers]
    if not shape:
        return pairs[0]
    return {"shape": list(shape), **{key: [each[key] for each in pairs] for key in ("hex", "decimal")}}
