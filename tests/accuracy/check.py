"""Check functions of stgref against the oracle.

``python -m tests.accuracy.check hard_concrete.grad_mean --dtype float64`` (several names, a law, or a prefix with ``*``).
"""

from __future__ import annotations

import argparse
import fnmatch
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import stgref
from tests.conftest import Library, numpy_library
from tests.oracle import LAWS, Exact, split

from .compare import compare, jumps
from .points import Point, points
from .reference import exact_values
from .report import Row, Worst, print_line, print_rows

FUNCTIONS = [f"{law.name}.{function}" for law in LAWS.values() for function in law.functions()]
DTYPES = ("float64", "float32")
NUMPY = numpy_library()


def find(function: str) -> Callable[..., Any] | None:
    """Return the function of stgref, or None where there is none (yet)."""
    law, _, name = function.partition(".")
    return getattr(getattr(stgref, law, None), name, None)


def check(
    function: str, dtype: str = "float64", points: Sequence[Point] | None = None, count: int | None = None
) -> list[Row]:
    """Compare a function with the oracle and return one row per result: the value, or every gradient field.

    Parameters
    ----------
    function : str
        ``law.quantity`` or ``law.grad_quantity``.
    dtype : str
        ``float64`` or ``float32``.
    points : sequence of tuples, optional
        All arguments of every point, in order; the standard points unless given.
    count : int, optional
        How many points where the exact values are not stored; as `points` has it unless given.
    """
    f = find(function)
    if f is None:
        return [Row(function, "", dtype, 0, note="missing")]
    at, wanted = exact_values(function, dtype, points, count)
    try:
        got, complaints = call(f, at, dtype, is_gradient=split(function)[2])
    except Exception as error:  # noqa: BLE001 (whatever it raises is what the report says)
        return [Row(function, "", dtype, len(at), note=f"raised {type(error).__name__}: {error}")]
    return [
        row(function, field, dtype, at, got.get(field), [w[field] for w in wanted], complaints)
        for field in wanted[0]
    ]


def call(
    f: Callable[..., Any],
    at: Sequence[Point],
    dtype: str,
    *,
    is_gradient: bool,
    library: Library = NUMPY,
) -> tuple[dict[str, Any], str]:
    """Return the results by field, as NumPy's arrays, and the warnings as one line."""
    arrays = [library.asarray(np.asarray(column, dtype=dtype)) for column in zip(*at, strict=True)]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = library.call(f, *arrays)
    complaints = "; ".join(dict.fromkeys(str(w.message) for w in caught))
    fields = result._asdict() if is_gradient else {"value": result}
    return {name: library.to_numpy(value) for name, value in fields.items()}, complaints


def row(
    function: str,
    field: str,
    dtype: str,
    at: Sequence[Point],
    got: Any,
    wanted: Sequence[Exact],
    complaints: str,
) -> Row:
    """Compare one result at all points."""
    flaw = flaw_of(got, dtype, len(at))
    if flaw:
        return Row(function, field, dtype, len(at), note=flaw)
    result = Row(function, field, dtype, 0, note=complaints and f"warns: {complaints}")
    for point, g, w in zip(at, got.tolist(), wanted, strict=True):
        if is_dropped(function, field, w, dtype):
            continue
        result.add(Worst(compare(g, w, dtype), point, g, w))
    return result


def flaw_of(got: Any, dtype: str, count: int) -> str:
    """Say what is wrong with a result as an array, if anything."""
    if got is None:
        return "missing field"
    if not isinstance(got, np.ndarray) or got.shape != (count,) or got.dtype != dtype:
        return f"not {dtype} of shape ({count},): {type(got)} {getattr(got, 'dtype', '')} {getattr(got, 'shape', '')}"
    return ""


def is_dropped(function: str, field: str, wanted: Exact, dtype: str) -> bool:
    """Whether the result, or its bound, jumps at this point.

    Gradients and the condition of a value jump at the clip points; everything does where a Bernoulli sample turns.
    """
    is_slope = ".grad" in function and field != "value"
    changes = is_slope or function.startswith("bernoulli.") or wanted.condition.is_zero()
    return changes and jumps(wanted, dtype)


def matching(patterns: Sequence[str]) -> list[str]:
    """Return the functions that a command line means."""
    chosen = [
        f for p in patterns for f in FUNCTIONS if f == p or f.startswith(f"{p}.") or fnmatch.fnmatch(f, p)
    ]
    return list(dict.fromkeys(chosen))


def main() -> int:
    """Print the rows of the functions named on the command line; status 1 if any is out of bounds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "functions", nargs="*", default=["*"], help="law.function, law, or a pattern (default: all)"
    )
    parser.add_argument("--dtype", choices=DTYPES, action="append", help="default: both")
    parser.add_argument("--count", type=int, help="about how many points")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other points")
    parser.add_argument("--show", type=int, default=3, help="how many bad points to show per row")
    parser.add_argument("--bad", action="store_true", help="print only the rows that fail")
    args = parser.parse_args()
    names = matching(args.functions)
    if not names:
        parser.error(f"no function matches {args.functions}")
    own = args.count is not None or args.seed != 0
    missing = [name for name in names if find(name) is None]
    failed = bool(missing)
    for name in (n for n in names if n not in missing):
        for dtype in args.dtype or DTYPES:
            rows = check(name, dtype, points(name, dtype, args.count, args.seed) if own else None)
            failed |= any(not r.passed for r in rows)
            print_rows(rows, args.show, only_bad=args.bad)
    if missing:
        print_line("missing: " + " ".join(missing))
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
