"""Write ``docs/accuracy_libraries.md``, what other array libraries do worse: ``python -m tests.accuracy.libraries``.

The same kernels, bound and exact values as in `tests.accuracy.table`, at fewer points, on every library of the tests that
can be had here. Some ten minutes, most of them XLA's compiler.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from flint import arb
from rich.progress import track

import stgref
from tests.conftest import LIBRARIES, MORE_LIBRARIES, Library
from tests.oracle import LAWS, Exact, split
from tests.oracle.evaluate_vector import evaluate_vector

from . import check, elementary, libraries_page, vectors
from .compare import Error, compare
from .points import points
from .reference import STORED, exact_values

TARGET = Path(__file__).parents[2] / "docs" / "accuracy_libraries.md"
POINTS, VECTORS = 64, 6
SINGLE = "jax without x64"
LEFT_OUT = ("numpy-readonly", "jax-jit", "jax-vmap", "mparray")
"""What is NumPy or JAX once more, at the price of compilation, or does not round."""


class Case(NamedTuple):
    """A function, where it is asked, and what is right, by field: at each point one number, or those of a vector."""

    function: str
    dtype: str
    points: list[Any]
    wanted: dict[str, list[tuple[Any, Exact]]]


class Outcome(NamedTuple):
    """How one result of a function came out.

    Attributes
    ----------
    bad, subnormal : int
        How many points are out of bounds, and at how many of them an argument or the result is a subnormal number.
    worst : Error
        The worst error, apart from those.
    where : str
        The point of the worst error, or of any when all bad ones are subnormal.
    same : bool
        Whether all bits are NumPy's.
    """

    function: str
    field: str
    dtype: str
    points: int
    bad: int
    subnormal: int
    worst: Error
    where: str
    same: bool
    note: str = ""


def cases(count: int, vector_count: int, only: str = "") -> Iterator[Case]:
    """All functions of all laws in both dtypes, at points of the standard grid and random ones."""
    for function in (f for f in check.FUNCTIONS if f.startswith(only)):
        for dtype in check.DTYPES:
            at, exact = sampled(function, dtype, count)
            yield Case(
                function,
                dtype,
                at,
                {f: [(p, e[f]) for p, e in zip(at, exact, strict=True)] for f in exact[0]},
            )
    for function in (f for f in vectors.FUNCTIONS if f.startswith(only)):
        for dtype in check.DTYPES:
            given = list(vectors.points(function, dtype, vector_count))
            results = [(p, evaluate_vector(function, p)) for p in given]
            fields = {f: [(p, e) for p, r in results for e in r[f]] for f in results[0][1]}
            yield Case(function, dtype, given, fields)


def sampled(function: str, dtype: str, count: int) -> tuple[list[Any], list[dict[str, Exact]]]:
    """Exactly ``count`` points and exact results, of the stored ones where there are such.

    A few may come twice: for arrays of another length XLA would compile everything anew.
    """
    at = points(function, dtype, count)
    at, exact = exact_values(function, dtype, None if function in STORED else at)
    chosen = np.linspace(0, len(at) - 1, count).astype(int)
    return [at[i] for i in chosen], [exact[i] for i in chosen]


def answers(case: Case, library: Library) -> tuple[dict[str, np.ndarray], str]:
    """What the function returns there, by field, and its warnings."""
    law, _, name = case.function.partition(".")
    f = getattr(getattr(stgref, law), name)
    if law in LAWS:
        is_gradient = split(case.function)[2]
        return check.call(f, case.points, case.dtype, is_gradient=is_gradient, library=library)
    found = [vectors.call(f, point, case.dtype, library) for point in case.points]
    return {n: np.concatenate([np.atleast_1d(g[n]) for g in found]) for n in found[0]}, ""


def outcomes(
    case: Case, got: dict[str, np.ndarray], reference: dict[str, np.ndarray], note: str
) -> list[Outcome]:
    """Compare with what is right, field by field."""
    return [outcome(case, field, got[field], reference[field], note) for field in case.wanted]


def outcome(case: Case, field: str, got: np.ndarray, reference: np.ndarray, note: str) -> Outcome:
    """Compare one field."""
    scalar = case.function.partition(".")[0] in LAWS
    count, bad, subnormal, worst, where = 0, 0, 0, (Error(0.0, 0.0, 0.0), None), None
    for value, (point, exact) in zip(got.tolist(), case.wanted[field], strict=True):
        if scalar and check.is_dropped(case.function, field, exact, case.dtype):
            continue
        error = compare(value, exact, case.dtype)
        count, outside = count + 1, error.tolerances > 1
        bad += outside
        if outside and is_subnormal(point, exact, case.dtype):
            subnormal, where = subnormal + 1, where or point
        elif error.tolerances > worst[0].tolerances:
            worst = error, point
    told = worst[1] if bad > subnormal else where
    return Outcome(
        case.function,
        field,
        case.dtype,
        count,
        bad,
        subnormal,
        worst[0],
        place(case.function, told),
        same(got, reference),
        note,
    )


def is_subnormal(point: Any, exact: Exact, dtype: str) -> bool:
    """Whether an argument or the result is a subnormal number."""
    smallest = float(np.finfo(dtype).smallest_normal)
    values = point.values() if isinstance(point, dict) else point
    arguments = np.concatenate([np.atleast_1d(v) for v in values])
    result = abs(float(exact.value)) if isinstance(exact.value, float) else abs(arb(exact.value).mid())
    return bool(np.any((arguments != 0) & (abs(arguments) < smallest)) or 0 < result < smallest)


def place(function: str, point: Any) -> str:
    """A point in short."""
    if point is None:
        return ""
    if not isinstance(point, dict):
        law, quantity, _ = split(function)
        point = dict(zip(law.arguments(quantity), point, strict=True))
    return ", ".join(f"{name}={libraries_page.short(v)}" for name, v in point.items())


def measured(
    case: Case, name: str, library: Library, reference: dict[str, np.ndarray], right: list[Outcome]
) -> list[Outcome]:
    """The outcomes of one function on one library; none where it is not measured."""
    if name == SINGLE and case.dtype == "float64":
        return []
    with precision(single=name == SINGLE):
        try:
            got, complaints = answers(case, library)
        except Exception as error:  # noqa: BLE001 (whatever it raises is what the page says)
            note = f"raised {type(error).__name__}"
            nothing = Error(0.0, 0.0, 0.0)
            return [
                Outcome(case.function, f, case.dtype, 0, 0, 0, nothing, "", False, note) for f in case.wanted
            ]
    if not complaints and all(same(got[f], reference[f]) for f in case.wanted):
        return right
    return outcomes(case, got, reference, complaints and f"warns: {complaints}")


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether all bits are the same."""
    return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True)


@contextlib.contextmanager
def precision(*, single: bool) -> Iterator[None]:
    """JAX as it is without its flag, for a while."""
    if not single:
        yield
        return
    import jax  # noqa: PLC0415 (only where it is measured)

    jax.config.update("jax_enable_x64", False)
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", True)


def available() -> tuple[dict[str, Library], dict[str, str]]:
    """The libraries that can be measured here, and why others cannot."""
    found: dict[str, Library] = {}
    missing: dict[str, str] = {}
    every = LIBRARIES | MORE_LIBRARIES
    for name in (n for n in every if n not in LEFT_OUT):
        try:
            found[name] = every[name]()
        except pytest.skip.Exception as reason:
            missing[name] = str(reason)
    missing |= dict.fromkeys({"cupy"} - every.keys(), "CuPy is not among the libraries of the tests")
    if "jax" in found:
        found[SINGLE] = found["jax"]
    return found, missing


def main() -> int:
    """Measure everything and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, default=TARGET)
    parser.add_argument("--points", type=int, default=POINTS, help=f"per function (default: {POINTS})")
    parser.add_argument("--vectors", type=int, default=VECTORS, help=f"of vector laws (default: {VECTORS})")
    parser.add_argument("--only", default="", help="functions whose name begins so")
    args = parser.parse_args()
    found, missing = available()
    results: dict[str, list[Outcome]] = {name: [] for name in found}
    chosen = list(cases(args.points, args.vectors, args.only))
    for case in track(chosen, description="accuracy"):
        reference, _ = answers(case, check.NUMPY)
        results["numpy"] += (right := outcomes(case, reference, reference, ""))
        for name in results.keys() - {"numpy"}:
            results[name] += measured(case, name, found[name], reference, right)
    # Dask has none: kernels run on its blocks.
    own = {name: own_functions(name, library) for name, library in found.items() if name != "dask"}
    page = libraries_page.document(results, missing, own, args.points, args.vectors, args.only)
    args.output.write_text(page, encoding="utf-8")
    return 0


def own_functions(name: str, library: Library) -> dict[str, dict[str, float]]:
    """The worst error of each elementary function of a library, by dtype."""
    dtypes: Sequence[str] = ("float32",) if name == SINGLE else check.DTYPES
    with precision(single=name == SINGLE):
        return {d: {f: elementary.worst(library, f, d) for f in elementary.FUNCTIONS} for d in dtypes}


if __name__ == "__main__":
    raise SystemExit(main())
