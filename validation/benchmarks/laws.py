"""Time each quantity of the scalar laws against SciPy, torch and numpyro, and against the least that NumPy could do.

Write `laws.json` and `laws.md` next to this file. In each cell the subjects take turns in one process; a ratio is the
median over the turns of the subject's time by stgref's in the same turn.
"""

import functools
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import law_floors
import law_peers
from measuring import Row, Step, begun, ended, header, median, parser, ratio, rounded, table, turns

import stgref
from stgref.conformance.condition import from_differences
from stgref.numerics.quantity import Quantity

LAWS = ("logistic", "normal", "gumbel", "bernoulli", "binary_concrete", "hard_concrete", "rectified_gaussian")
INTEGRALS = {
    "binary_concrete": ("mean", "grad_mean", "variance", "grad_variance", "entropy"),
    "hard_concrete": ("mean", "grad_mean", "variance", "grad_variance", "entropy", "kl_divergence"),
    "rectified_gaussian": ("mean", "variance", "grad_variance", "entropy", "kl_divergence"),
}
"""What takes a quadrature for each element: see `exact_moments.py`."""

MANY, FEW, JUDGED = 1_000_000, 100, 2000
SECONDS, LEAST = 0.3, 5
DTYPES = ("float64", "float32")
SCALARS = {"scale": 0.7, "temperature": 2 / 3, "std": 0.5, "lower": -0.1, "upper": 1.1}
MINE, FLOOR, COPY = "stgref", "arithmetic", "copies"


def quantities(law: str) -> dict[str, Quantity[..., Any]]:
    """The quantities of a law that have a closed form."""
    module: ModuleType = getattr(stgref, law)
    found = {name: value for name, value in vars(module).items() if isinstance(value, Quantity)}
    return {name: f for name, f in sorted(found.items()) if name not in INTEGRALS.get(law, ())}


def arguments(law: str, function: Quantity[..., Any], n: int, dtype: str) -> list[Any]:
    """The first argument, drawn from the law or its noise, and the first parameter are arrays, the others numbers."""
    rng = np.random.default_rng(0)
    parameter = rng.normal(0, 2, n)
    noise = rng.normal(size=n) if law in ("normal", "rectified_gaussian") else rng.logistic(size=n)
    drawn = {
        "noise": noise,
        "p": rng.uniform(1e-6, 1 - 1e-6, n),
        "sample": rng.integers(0, 2, n),
        "x": _inside(law, rng, parameter + 0.7 * noise, n),
    }
    values = [drawn.get(name, SCALARS.get(name, parameter)) for name in function.arrays]
    return [v.astype(dtype) if isinstance(v, np.ndarray) else v for v in values]


def _inside(law: str, rng: np.random.Generator, real: np.ndarray, n: int) -> np.ndarray:
    if law == "bernoulli":
        return rng.integers(0, 2, n)
    return real if law in ("logistic", "normal", "gumbel") else rng.uniform(1e-3, 1 - 1e-3, n)


def steps(
    name: str, function: Quantity[..., Any], given: list[Any], libraries: list[law_peers.Library]
) -> dict[str, Step]:
    """Those that compute the quantity, stgref first."""
    found: dict[str, Step] = {MINE: functools.partial(function, *given)}
    for library in libraries:
        if name in library.peers:
            own = [library.own(x) for x in given]
            found[library.name] = _step(library, library.peers[name], own)
    return found


def _step(library: law_peers.Library, peer: law_peers.Peer, own: list[Any]) -> Step:
    return lambda: library.done(peer(*own))


def is_accurate(function: Quantity[..., Any], step: Step, given: list[Any], dtype: str) -> bool:
    """Whether the peer keeps the bound of DESIGN, 4 eps (abs(f) + condition), at the first of the timed points.

    The truth is stgref's in double precision, whose own error is less than 1 eps of the same sum.
    """
    result = step()
    got = np.asarray(result[0] if isinstance(result, tuple) else result, dtype=np.float64).reshape(-1)
    points = [np.broadcast_to(x, (len(given[0]),))[:JUDGED].astype(np.float64) for x in given]

    def value(*at: np.ndarray) -> np.ndarray:
        found = function(*at)
        return np.asarray(found.value if hasattr(found, "value") else found)

    wanted = from_differences(value, points)
    got = np.broadcast_to(got, (len(given[0]),))[:JUDGED]
    eps = float(np.finfo(dtype).eps)
    within = np.abs(got - wanted.value) <= (4 * wanted.condition + np.abs(wanted.value)) * eps
    return bool(np.all(within | (got == wanted.value)))


def row_of(
    law: str,
    name: str,
    function: Quantity[..., Any],
    dtype: str,
    libraries: list[law_peers.Library],
    seconds: float,
) -> Row:
    """One row: nanoseconds an element, ratios of the peers and floors, and microseconds for a hundred elements."""
    full, given = f"{law}.{name}", arguments(law, function, MANY, dtype)
    found = steps(full, function, given, libraries)
    peers = list(found)[1:]
    accurate = {peer: is_accurate(function, found[peer], given, dtype) for peer in peers}
    result = found[MINE]()
    outputs = len(result) if isinstance(result, tuple) else 1
    whole = next(x for x in given if isinstance(x, np.ndarray))
    floors = {COPY: law_floors.copies(whole, outputs)}
    if full in law_floors.FLOORS:
        floors[FLOOR] = law_floors.floor(law_floors.FLOORS[full], whole)
    taken = turns(found | floors, seconds, LEAST)
    few = turns(
        {
            who: _often(step)
            for who, step in steps(full, function, arguments(law, function, FEW, dtype), libraries).items()
        },
        seconds / 3,
        LEAST,
    )
    best = min((p for p in peers if accurate[p]), key=lambda p: median(taken, p), default=None)
    return {
        "quantity": full,
        "dtype": dtype,
        "stgref / ns": rounded(median(taken, MINE) / MANY * 1e9),
        "by arithmetic": rounded(1 / ratio(taken, FLOOR, MINE)) if FLOOR in floors else None,
        "by copies": rounded(1 / ratio(taken, COPY, MINE)),
        "peers / stgref": ", ".join(
            f"{p} {rounded(ratio(taken, p, MINE))}{'' if accurate[p] else ' (less accurate)'}" for p in peers
        )
        or None,
        "best accurate": rounded(ratio(taken, best, MINE)) if best else None,
        "100 elements / us": rounded(median(few, MINE) / OFTEN * 1e6),
    }


OFTEN = 50


def _often(step: Step) -> Step:
    def many() -> None:
        for _ in range(OFTEN):
            step()

    return many


def rows(laws: tuple[str, ...], pattern: str, seconds: float) -> Iterator[Row]:
    """All rows."""
    libraries = law_peers.libraries()
    for law in laws:
        for name, function in quantities(law).items():
            if pattern in name:
                for dtype in DTYPES:
                    row = row_of(law, name, function, dtype, libraries, seconds)
                    print(*row.values(), f"{time.perf_counter():.0f}", sep="  ", flush=True)
                    yield row


def summary(table_rows: list[Row]) -> str:
    """How many rows reach each target."""

    def count(key: str, good: Callable[[float], bool], chosen: list[Row]) -> str:
        known = [row[key] for row in chosen if row[key] is not None]
        return f"{sum(map(good, known))} of {len(known)}"

    paths = [row for row in table_rows if "transform" in row["quantity"]]
    return (
        f"Not behind any equally accurate peer: {count('best accurate', lambda v: v >= 1, table_rows)}. "
        f"Samples and their gradients within 2 times the arithmetic: {count('by arithmetic', lambda v: v <= 2, paths)}. "
        f"Under 30 microseconds for 100 elements: {count('100 elements / us', lambda v: v < 30, table_rows)}.\n"
    )


def page(document: dict[str, Any]) -> str:
    """The page."""
    return "\n".join(
        [header("How long the laws take", document), summary(document["rows"]), table(document["rows"], 2)]
    )


def main() -> None:
    """Measure, and write both files."""
    arguments_of = parser(__doc__)
    arguments_of.add_argument("--law", choices=LAWS, action="append", help="only these, printed, not written")
    arguments_of.add_argument(
        "--quantity", default="", help="only those whose name contains this, printed, not written"
    )
    given = arguments_of.parse_args()
    partial = bool(given.small or given.law or given.quantity)
    document = begun("laws", ("scipy", "torch", "jax", "numpyro"))
    seconds = 0.0 if given.small else SECONDS
    document["rows"] = list(rows(tuple(given.law or LAWS), given.quantity, seconds))
    print(summary(document["rows"]))
    ended(document, "laws", page, write=not partial)


if __name__ == "__main__":
    main()
