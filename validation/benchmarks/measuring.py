"""What the benchmarks share: subjects that take turns, medians, and the files that are written."""

import argparse
import datetime as dt
import importlib.metadata
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from machine import machine

from stgref.numerics import tiles

HERE = Path(__file__).parent
Step = Callable[[], Any]
Row = dict[str, Any]


def timed(step: Step) -> float:
    """Seconds that a step takes."""
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def turns(steps: Mapping[str, Step], seconds: float, least: int = 3) -> list[dict[str, float]]:
    """Seconds of each step, in one turn after the other for so long, but ``least`` of them."""
    taken: list[dict[str, float]] = []
    end = time.perf_counter() + seconds
    while len(taken) < least or time.perf_counter() < end:
        taken.append({name: timed(step) for name, step in steps.items()})
    return taken


def median(taken: Iterable[Mapping[str, float]], name: str) -> float:
    """The median of a step's seconds."""
    return statistics.median(turn[name] for turn in taken)


def ratio(taken: Iterable[Mapping[str, float]], name: str, base: str) -> float:
    """The median over the turns of how many times as long a step took as ``base`` did."""
    return statistics.median(turn[name] / turn[base] for turn in taken)


def rounded(value: float) -> float:
    """Three digits."""
    return float(f"{value:.3g}")


def version(package: str) -> str | None:
    """Version of an installed package."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def cell(value: Any) -> str:
    """A value in a table."""
    return "-" if value is None else str(value)


def table(rows: list[Row], words: int) -> str:
    """Rows of the same keys as Markdown; the first ``words`` columns are not numbers."""
    lines = [
        f"| {' | '.join(rows[0])} |",
        f"|{'---|' * words}{'---:|' * (len(rows[0]) - words)}",
        *(f"| {' | '.join(map(cell, row.values()))} |" for row in rows),
    ]
    return "\n".join(lines) + "\n"


def begun(name: str, packages: Iterable[str]) -> dict[str, Any]:
    """A document that says where and with what it is made."""
    return {
        "command": f"python validation/benchmarks/{name}.py",
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "machine": machine(),
        "threads": tiles.threads(),
        "versions": {
            "Python": platform.python_version(),
            **{p: version(p) for p in ("stgref", "numpy", *packages)},
        },
    }


def header(title: str, document: Mapping[str, Any]) -> str:
    """The head of the page: title, command, date, versions, machine."""
    there = document["machine"]
    versions = ", ".join(f"{name} {v}" for name, v in document["versions"].items() if v)
    return "\n".join(
        [
            f"# {title}",
            "",
            f"Written by `{document['command']}` on {document['date']}; see `README.md`.",
            f"{versions}; {there['system']} on {there['processor']}, {there['cores']} cores, {document['threads']} threads,",
            f"load {there['load before'][0]} before the start, {document['load after'][0]} after the end.",
            "",
        ]
    )


def ended(document: dict[str, Any], name: str, page: Callable[[dict[str, Any]], str], *, write: bool) -> None:
    """Note the load, and write the document as JSON and as a page, next to this file."""
    document["load after"] = machine()["load before"]
    if write:
        (HERE / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        (HERE / f"{name}.md").write_text(page(document), encoding="utf-8")


def parser(doc: str | None) -> argparse.ArgumentParser:
    """The command line that all have."""
    made = argparse.ArgumentParser(description=doc)
    made.add_argument("--small", action="store_true", help="less of everything, printed, not written")
    return made
