"""Measure the memory that a gate layer's forward pass and pullback take, against the same subjects as `gates.py`.

Write `gates_memory.json` and `gates_memory.md` next to this file. Each subject takes one step in a process of its own, after
two small ones; its peak is how much more memory was resident at any time during the step than before it, with the input and
the cotangent in place, in arrays of the input's size. Two such arrays are the outputs: the gated input, and its cotangent.
"""

import argparse
import datetime as dt
import json
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from gates import DTYPES, KINDS, SUBJECTS, rounded, version
from machine import machine

from stgref.numerics import tiles

HERE = Path(__file__).parent
SHAPE = (4096, 4096)
SMALL = (32, 100)
OUTPUTS = 2
PACKAGES = ("stgref", "numpy", "scipy", "torch", "captum", "jax")


def resident() -> int:
    """Bytes resident now."""
    return _status("VmRSS")


def forget_peak() -> None:
    """Let the peak of this process start again, where the system can (Linux)."""
    path = Path("/proc/self/clear_refs")
    if path.exists():
        path.write_text("5", encoding="ascii")


def peak() -> int:
    """Most bytes resident since `forget_peak`."""
    return _status("VmHWM")


def _status(name: str) -> int:
    path = Path("/proc/self/status")
    if not path.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    found = re.search(rf"{name}:\s+(\d+) kB", path.read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) * 1024


def measured(subject: str, kind: str, dtype: str) -> float:
    """The peak of one step, in arrays of the input's size."""
    rng = np.random.default_rng(0)
    make = SUBJECTS[subject]
    small = make(kind, *(rng.standard_normal(SMALL).astype(dtype) for _ in range(2)))
    small()
    small()
    x, d = (rng.standard_normal(SHAPE).astype(dtype) for _ in range(2))
    step = make(kind, x, d)
    forget_peak()
    before = resident()
    result = step()
    after = peak()
    assert result is not None
    return (after - before) / x.nbytes


def in_a_process(subject: str, kind: str, dtype: str) -> float | None:
    """As `measured`, in a process of its own; why it does not work is printed."""
    command = [sys.executable, __file__, "--one", subject, kind, dtype]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (ourselves)
    if done.returncode:
        print(f"{subject}: left out: {done.stderr.strip().splitlines()[-1:]}")
        return None
    return float(done.stdout.splitlines()[-1])


def rows() -> Iterator[dict[str, Any]]:
    """All cells: the peaks beyond the outputs, and stgref's by the whole peak of Captum."""
    for kind in KINDS:
        for dtype in DTYPES:
            found = {name: in_a_process(name, kind, dtype) for name in SUBJECTS}
            row: dict[str, Any] = {"gates": kind, "dtype": dtype}
            row |= {f"{name} / arrays": p and rounded(p - OUTPUTS) for name, p in found.items()}
            ours, whole = found["stgref"], found["Captum"]
            row["stgref / Captum's whole peak"] = ours and whole and rounded((ours - OUTPUTS) / whole)
            print(row, flush=True)
            yield row


def markdown(document: dict[str, Any]) -> str:
    """Write the table."""
    there, table = document["machine"], document["rows"]
    versions = ", ".join(f"{name} {v}" for name, v in document["versions"].items())
    lines = [
        "# How much memory a gate layer takes",
        "",
        f"Written by `{document['command']}` on {document['date']}; see `README.md`. {versions}; {there['system']} on",
        f"{there['processor']}, {document['threads']} threads. Peaks beyond the outputs at {document['size']}, in arrays of",
        "the input's size.",
        "",
        f"| {' | '.join(table[0])} |",
        f"|{'---|' * 2}{'---:|' * (len(table[0]) - 2)}",
        *(f"| {' | '.join('-' if v is None else str(v) for v in row.values())} |" for row in table),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, and write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", nargs=3, metavar=("SUBJECT", "KIND", "DTYPE"), help="print one peak")
    one = parser.parse_args().one
    if one:
        print(measured(*one))
        return
    document = {
        "command": "python validation/benchmarks/gates_memory.py",
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "machine": machine(),
        "threads": tiles.threads(),
        "size": "x".join(map(str, SHAPE)),
        "versions": {name: version(name) for name in PACKAGES},
        "rows": list(rows()),
    }
    (HERE / "gates_memory.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    (HERE / "gates_memory.md").write_text(markdown(document), encoding="utf-8")


if __name__ == "__main__":
    main()
