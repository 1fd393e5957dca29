"""Exact values at test points: computed where that is quick, stored under ``tests/data`` where it is slow.

A stored number is four doubles ``hi, lo, condition, e``: the value is ``(hi + lo) 2^e``, the condition
``condition 2^e``, so that what underflows is kept too.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from flint import arb, ctx

from tests.oracle import Exact, evaluate

from .compare import PRECISE
from .points import DENSE, Point, points

DATA = Path(__file__).parents[1] / "data"
STORED_COUNT = 800
SLOW_COUNT = 8  # of what takes seconds for every number: `make_reference --count` makes more
LIVE_COUNT = 60  # where nothing is stored yet
DENSE_COUNT = 300  # computed live, on top of the stored points
#: What takes an integral for every number.
STORED = [
    *(
        f"{law}.{q}"
        for law in ("binary_concrete", "hard_kumaraswamy")
        for q in ("mean", "grad_mean", "grad2_mean", "variance", "grad_variance", "entropy")
    ),
    *(
        f"hard_concrete.{q}"
        for q in ("mean", "grad_mean", "grad2_mean", "variance", "grad_variance", "entropy", "kl_divergence")
    ),
]
#: Integrals that are differentiated by two parameters, or twice and then by differences.
SLOW = [f for f in STORED if f.startswith("hard_kumaraswamy.") or f.endswith(".grad2_mean")]
Results = list[dict[str, Exact]]


def exact_values(
    function: str, dtype: str, at: Sequence[Point] | None = None, count: int | None = None
) -> tuple[list[Point], Results]:
    """Return the points (unless given, the standard ones, or ``count`` of what is computed live) and the exact results."""
    if at is not None:
        return list(at), [evaluate(function, point) for point in at]
    if not is_stored(function):
        chosen = points(function, dtype, LIVE_COUNT if function in STORED else count)
        return chosen, [evaluate(function, point) for point in chosen]
    chosen, results = load(function, dtype)
    if DENSE:
        more = points(function, dtype, DENSE_COUNT, seed=1)
        chosen, results = chosen + more, results + [evaluate(function, point) for point in more]
    return chosen, results


def is_stored(function: str) -> bool:
    """Whether the exact values of a function have been made."""
    law, _, name = function.partition(".")
    return function in STORED and path(law).exists() and f"{name}/float64/points" in arrays(law)


def path(law: str) -> Path:
    """Return the file of a law's exact values."""
    return DATA / f"{law}.npz"


@functools.cache
def arrays(law: str) -> dict[str, np.ndarray]:
    """Return everything stored for a law."""
    with np.load(path(law), allow_pickle=False) as file:
        return dict(file)


def save(function: str, table: dict[str, np.ndarray]) -> None:
    """Put the arrays of a function into its law's file, in place of its old ones."""
    law, _, name = function.partition(".")
    kept = arrays(law) if path(law).exists() else {}
    others = {key: value for key, value in kept.items() if not key.startswith(f"{name}/")}
    np.savez_compressed(path(law), **dict(sorted((others | table).items())))
    arrays.cache_clear()


def load(function: str, dtype: str) -> tuple[list[Point], Results]:
    """Return the stored points and exact results of a function."""
    law, _, name = function.partition(".")
    stored = arrays(law)
    ctx.prec = PRECISE
    prefix = f"{name}/{dtype}/"
    columns = {key.removeprefix(prefix): value for key, value in stored.items() if key.startswith(prefix)}
    chosen = [tuple(row) for row in columns.pop("points").tolist()]
    decoded = {field: [decode(row) for row in rows.tolist()] for field, rows in columns.items()}
    return chosen, [{field: rows[i] for field, rows in decoded.items()} for i in range(len(chosen))]


def encode_all(results: Iterable[dict[str, Exact]]) -> dict[str, np.ndarray]:
    """Return one array per field, one row per point."""
    rows = list(results)
    return {field: np.array([encode(row[field]) for row in rows]) for field in rows[0]}


def encode(exact: Exact) -> tuple[float, float, float, float]:
    """Return a result as four doubles."""
    value, condition = arb(exact.value).mid(), exact.condition.mid()
    size = max(abs(value), condition)
    if size.is_zero():
        return 0.0, 0.0, 0.0, 0.0
    mantissa, exponent = size.man_exp()
    e = int(exponent) + int(mantissa).bit_length()
    scaled = value * arb(2) ** -e
    hi = float(scaled)
    return hi, float(scaled - arb(hi)), float(condition * arb(2) ** -e), float(e)


def decode(row: Sequence[float]) -> Exact:
    """Return the result stored as four doubles."""
    hi, lo, condition, e = row
    unit = arb(2) ** int(e)
    return Exact((arb(hi) + arb(lo)) * unit, arb(condition) * unit)
