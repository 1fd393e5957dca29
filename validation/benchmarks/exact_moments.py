"""Time the moments that take an integral for each gate; write `exact_moments.json` and `.md` next to this file.

The time is measured on a number of gates that takes a few seconds, and multiplied up to a million; the memory is the peak
of Python's allocations, NumPy's arrays included, beyond the result.
"""

import functools
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from laws import INTEGRALS
from measuring import Row, Step, begun, ended, header, median, parser, ratio, rounded, table, turns

import stgref

MILLION = 1_000_000
START, LONG, TURNS = 1024, 0.5, 3
DRAWS = 100
"""How many samples of a gate the Monte Carlo peer takes: three digits at best would take a million."""


def arguments(name: str, n: int) -> list[Any]:
    """Parameters of ``n`` gates: the first of each law is drawn, the others are the usual ones."""
    rng, usual = np.random.default_rng(0), {"temperature": 2 / 3, "std": 0.5, "lower": -0.1, "upper": 1.1}
    law, quantity = name.split(".")
    names = getattr(getattr(stgref, law), quantity).arrays
    bare = [n.removesuffix("_p").removesuffix("_q") for n in names]
    return [usual[b] if b in usual else rng.normal(0.0, 2.0, n) for b in bare]


def by_quad(name: str, given: list[Any]) -> Step | None:
    """SciPy's adaptive quadrature of the textbook integral, gate by gate, where there is one for the mean or variance."""
    law, quantity = name.split(".")
    if law == "binary_concrete" or quantity not in ("mean", "variance"):
        return None
    from scipy import integrate, special, stats  # noqa: PLC0415 (a peer may be missing)

    noise = stats.norm if law == "rectified_gaussian" else stats.logistic

    def stretched(n: float, x: float) -> float:
        if law == "rectified_gaussian":
            return float(min(1.0, max(0.0, x + given[1] * n)))
        return float(min(1.0, max(0.0, special.expit((n + x) / given[1]) * (given[3] - given[2]) + given[2])))

    def moment(x: float, power: int) -> float:
        return float(integrate.quad(lambda n: stretched(n, x) ** power * noise.pdf(n), -40, 40, limit=200)[0])

    def step() -> Any:
        firsts = np.array([moment(x, 1) for x in given[0][:PEER]])
        if quantity == "mean":
            return firsts
        return np.array([moment(x, 2) for x in given[0][:PEER]]) - firsts**2

    return step


PEER = 8


def by_samples(name: str, given: list[Any]) -> Step | None:
    """Averages of samples, as studies take for the moments; by NumPy."""
    law, quantity = name.split(".")
    if quantity not in ("mean", "variance"):
        return None
    module = getattr(stgref, law)
    average = np.mean if quantity == "mean" else np.var

    def step() -> Any:
        return average(module.sample((DRAWS, len(given[0])), *given, rng=0), axis=0)

    return step


def size_of(function: Callable[..., Any], name: str) -> int:
    """A number of gates that takes half a second or more."""
    n = START
    while (
        n < MILLION
        and median(turns({"it": functools.partial(function, *arguments(name, n))}, 0.0, 1), "it") < LONG
    ):
        n *= 2
    return n


def peak(step: Step) -> float:
    """Megabytes beyond the result."""
    tracemalloc.start()
    result = step()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    kept = sum(np.asarray(part).nbytes for part in (result if isinstance(result, tuple) else (result,)))
    return (most - kept) / 1e6


def row_of(name: str, turns_of: int) -> Row:
    """One row."""
    law, quantity = name.split(".")
    function = getattr(getattr(stgref, law), quantity)
    n = size_of(function, name)
    given = arguments(name, n)
    mine: Step = functools.partial(function, *given)
    steps = {"stgref": mine}
    for peer, make in (("scipy quad", by_quad), ("samples", by_samples)):
        step = make(name, given)
        if step:
            steps[peer] = step
    taken = turns(steps, 0.0, turns_of)
    each = median(taken, "stgref") / n
    quad = ratio(taken, "scipy quad", "stgref") * n / PEER if "scipy quad" in steps else None
    return {
        "quantity": name,
        "gates timed": n,
        "us a gate": rounded(1e6 * each),
        "s for a million": rounded(MILLION * each),
        "measured or multiplied": "measured" if n >= MILLION else "multiplied",
        "peak beyond the result / MB": rounded(peak(mine)),
        "scipy quad / stgref": quad and rounded(quad),
        f"{DRAWS} samples / stgref": rounded(ratio(taken, "samples", "stgref"))
        if "samples" in steps
        else None,
    }


def page(document: dict[str, Any]) -> str:
    """The page."""
    return "\n".join(
        [header("How long the moments of a million gates take", document), table(document["rows"], 1)]
    )


def main() -> None:
    """Measure, and write both files."""
    small = parser(__doc__).parse_args().small
    document = begun("exact_moments", ("scipy",))
    document["rows"] = []
    for law, names in INTEGRALS.items():
        for name in names:
            row = row_of(f"{law}.{name}", 1 if small else TURNS)
            print(*row.values(), sep="  ", flush=True)
            document["rows"].append(row)
    ended(document, "exact_moments", page, write=not small)


if __name__ == "__main__":
    main()
