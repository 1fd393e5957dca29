"""Compute the exact values under ``tests/data``: ``python -m tests.accuracy.make_reference [FUNCTION ...]``.

Reproducible: the points come from a seed, the values are exact. About half an hour on one core. With names of
functions only their part of the files is made anew.
"""

from __future__ import annotations

import argparse

import numpy as np
from flint import ctx
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.oracle import Exact, evaluate

from .check import DTYPES
from .compare import PRECISE
from .points import Point, points
from .reference import DATA, SLOW, SLOW_COUNT, STORED, STORED_COUNT, encode_all, save


def main() -> None:
    """Write the files, a function at a time."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("functions", nargs="*", default=STORED, help="default: all that are stored")
    parser.add_argument(
        "--count", type=int, help="points per function and dtype; fewer of the slow ones by default"
    )
    args = parser.parse_args()
    DATA.mkdir(exist_ok=True)
    columns = TextColumn("{task.description:42}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns) as progress:
        for function in args.functions:
            count = args.count or (SLOW_COUNT if function in SLOW else STORED_COUNT)
            save(function, table(function, count, progress))


def table(function: str, count: int, progress: Progress) -> dict[str, np.ndarray]:
    """Return the arrays of a function, by their names in the file."""
    name = function.partition(".")[2]
    result: dict[str, np.ndarray] = {}
    for dtype in DTYPES:
        at = points(function, dtype, count)
        rows = exact_rows(function, dtype, at, progress)
        columns = {"points": np.array(at), **encode_all(rows)}
        result |= {f"{name}/{dtype}/{key}": value for key, value in columns.items()}
    return result


def exact_rows(function: str, dtype: str, at: list[Point], progress: Progress) -> list[dict[str, Exact]]:
    """Evaluate the oracle at all points."""
    task = progress.add_task(f"{function} {dtype}", total=len(at))
    rows = []
    for point in at:
        rows.append(evaluate(function, point))
        progress.advance(task)
    ctx.prec = PRECISE
    return rows


if __name__ == "__main__":
    main()
