"""Check functions of vectors against the oracle: ``python -m tests.accuracy.vectors concrete.vjp_transform --count 5000``.

The measure is that of `tests.accuracy.compare`, component by component; the sum of the condition goes over all components
of all arguments.
"""

from __future__ import annotations

import argparse
import fnmatch
import warnings
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

import stgref
from tests.conftest import Library
from tests.oracle.evaluate_vector import evaluate_vector
from tests.oracle.vectors import VECTOR_LAWS

from .arguments import SPECIAL, Rng
from .check import DTYPES, NUMPY
from .compare import compare
from .points import DENSE
from .report import Row, Worst, print_rows

FUNCTIONS = [f"{law.name}.{function}" for law in VECTOR_LAWS.values() for function in law.functions()]
LARGEST = 1e3
MOST = 7  # categories

Point = dict[str, Any]


class VectorRow(Row):
    """A row whose points are arguments by name."""

    def details(self, count: int) -> str:
        """Describe the worst points."""
        return "\n".join(
            f"       {at.error.tolerances:.4g} bounds at {at.point}, got {at.got!r}, wanted {at.wanted}"
            for at in self.examples[:count]
        )


def real(rng: Rng) -> float:
    """Return a number of size up to 1000: bulk, moderate, special, or of any order of magnitude."""
    kind = rng.integers(5)
    if kind == 0:
        return float(rng.normal() * 2)
    if kind == 1:
        return float(rng.uniform(-40, 40))
    if kind == 2:
        return float(rng.choice([-1.0, 1.0]) * 10 ** rng.uniform(-8, np.log10(LARGEST)))
    if kind == 3:
        return float(rng.choice([v for v in SPECIAL["logits"] if 1e-10 < abs(v) <= LARGEST or v == 0]))
    return float(rng.uniform(-LARGEST, LARGEST))


def gumbel(rng: Rng) -> float:
    """Return typical or extreme noise."""
    kind = rng.integers(4)
    return float(rng.gumbel()) if kind < 2 else real(rng) if kind == 2 else float(rng.uniform(-4, 40))


def vector(rng: Rng, size: int, draw: Any) -> list[float]:
    """Return components that have nothing to do with each other, or are equal, nearly equal, or near."""
    spread = rng.choice([np.inf, np.inf, np.inf, 0.0, 1e-6, 1.0])
    if spread == np.inf:
        return [draw(rng) for _ in range(size)]
    return [draw(rng) + spread * z for z in [draw(rng) * 0 + rng.normal() for _ in range(size)]]


def one_hot(rng: Rng, size: int) -> list[float]:
    return np.eye(size)[rng.integers(size)].tolist()


def draw_point(function: str, rng: Rng, dtype: str) -> Point:
    """Return random arguments, exact in ``dtype``."""
    law, _, name = function.partition(".")
    size = int(rng.integers(1, MOST + 1) if rng.integers(2) else rng.integers(1, 4))
    point: Point = {}
    for n in VECTOR_LAWS[law].arguments(name):
        if n == "temperature":
            point[n] = float(rng.choice([*SPECIAL["temperature"], *10 ** rng.uniform(-3, 2, size=10)]))
        elif n == "d_temperature":
            point[n] = real(rng)
        elif n == "sample" or (n == "x" and law == "categorical"):
            point[n] = one_hot(rng, size)
        elif n != "x":
            point[n] = vector(rng, size, gumbel if n == "noise" else real)
    if "x" in VECTOR_LAWS[law].arguments(name) and law != "categorical":
        point = {"x": sample_of(law, point, rng, size), **point}
    return {n: rounded(v, dtype) for n, v in point.items()}


def sample_of(law: str, point: Point, rng: Rng, size: int) -> list[float]:
    """Return a sample of the law, or of one that has nothing to do with it, away from 0."""
    typical = (np.asarray(point["logits"]) + [gumbel(rng) for _ in range(size)]) / point["temperature"]
    v = typical if rng.integers(3) else np.asarray(vector(rng, size, real))
    log_x = v - np.logaddexp.reduce(v)
    return (log_x if law == "exp_concrete" else np.exp(np.maximum(log_x, -87.0))).tolist()


def rounded(value: Any, dtype: str) -> Any:
    return np.asarray(value, dtype=dtype).tolist()


def points(function: str, dtype: str, count: int, seed: int = 0) -> Iterator[Point]:
    """Yield ``count`` points, the same ones for the same seed."""
    rng = np.random.default_rng([seed, zlib.crc32(function.encode())])
    return (draw_point(function, rng, dtype) for _ in range(count))


def check(function: str, dtype: str, count: int | None = None, seed: int = 0) -> list[Row]:
    """Compare a function with the oracle and return one row per field."""
    law, _, name = function.partition(".")
    f = getattr(getattr(stgref, law), name)
    rows: dict[str, Row] = {}
    for point in points(function, dtype, count or (3000 if DENSE else 300), seed):
        wanted, got = evaluate_vector(function, point), call(f, point, dtype)
        if got.keys() != wanted.keys():
            return [Row(function, "", dtype, 0, note=f"has the fields {list(got)}, not {list(wanted)}")]
        for field, parts in wanted.items():
            row = rows.setdefault(field, VectorRow(function, field, dtype, 0))
            for g, w in zip(np.atleast_1d(got[field]).tolist(), parts, strict=True):
                row.add(Worst(compare(g, w, dtype), point, g, w))  # type: ignore[arg-type]
    return list(rows.values())


def call(f: Any, point: Point, dtype: str, library: Library = NUMPY) -> dict[str, Any]:
    """Return the results by field, as NumPy's arrays; a warning is an error."""

    def named(*arrays: Any) -> Any:
        return f(**dict(zip(point, arrays, strict=True)))

    given = [library.asarray(np.asarray(v, dtype=dtype)) for v in point.values()]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = library.call(named, *given)
    fields = result._asdict() if hasattr(result, "_asdict") else {"value": result}
    return {name: library.to_numpy(value) for name, value in fields.items()}


def main() -> int:
    """Print the rows of the functions named on the command line; status 1 if any is out of bounds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("functions", nargs="*", default=["*"], help="law.function, law.*, or another pattern")
    parser.add_argument("--dtype", choices=DTYPES, action="append", help="default: both")
    parser.add_argument("--count", type=int, help="how many points")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other points")
    args = parser.parse_args()
    failed = False
    for function in (f for f in FUNCTIONS if any(fnmatch.fnmatch(f, p) for p in args.functions)):
        for dtype in args.dtype or DTYPES:
            rows = check(function, dtype, args.count, args.seed)
            failed |= not all(row.passed for row in rows)
            print_rows(rows, 3)
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
