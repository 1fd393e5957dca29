"""Time `stgref validate` on recordings of many values; write `check_recording.json` and `.md` next to this file."""

import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from machine import machine

import stgref
from stgref.conformance.values import encode

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PARAMETERS = {
    "hard_concrete": ("log_alpha", {"temperature": 0.5, "lower": -0.125, "upper": 1.125}),
    "rectified_gaussian": ("mu", {"std": 0.5}),
}


class Run(NamedTuple):
    """What is checked.

    Parameters
    ----------
    function, dtype : str
        Of the one case.
    arguments : int
        How many there are; a gradient has as many values in each of its fields.
    suffix : str
        Format of the file.
    factor : float
        What every output is multiplied by; 1 for right ones.
    """

    function: str
    dtype: str
    arguments: int
    suffix: str
    factor: float = 1.0

    @property
    def values(self) -> int:
        """How many values the subject returned."""
        return self.arguments * (
            len(PARAMETERS[self.function.split(".")[0]][1]) + 1 if "grad_" in self.function else 1
        )


RUNS = (
    Run("hard_concrete.prob_active", "float64", 1, ".npz"),
    Run("hard_concrete.prob_active", "float64", 1_000_000, ".npz"),
    Run("hard_concrete.prob_active", "float64", 10_000_000, ".npz"),
    Run("hard_concrete.prob_active", "float64", 10_000_000, ".safetensors"),
    Run("hard_concrete.prob_active", "float64", 10_000_000, ".npz", 1 + 1e-12),
    Run("hard_concrete.prob_active", "float32", 10_000_000, ".npz"),
    Run("hard_concrete.prob_active", "float64", 200_000, ".json"),
    Run("rectified_gaussian.prob_active", "float64", 1_000_000, ".npz"),
    Run("rectified_gaussian.prob_active", "float64", 10_000_000, ".npz"),
    Run("hard_concrete.grad_prob_active", "float64", 2_500_000, ".npz"),
    Run("rectified_gaussian.mean", "float64", 1_000_000, ".npz"),
    Run("hard_concrete.mean", "float64", 10_000, ".npz"),
)
COLUMNS = (
    "function",
    "dtype",
    "format",
    "values",
    "outcome",
    "file / MB",
    "seconds",
    "CPU s",
    "peak memory / MB",
)


def arrays_of(run: Run) -> dict[str, np.ndarray]:
    """Arguments drawn at random, with stgref's own outputs in the dtype."""
    law, quantity = run.function.split(".")
    main, others = PARAMETERS[law]
    x = np.random.default_rng(0).normal(0, 5, run.arguments).astype(run.dtype)
    # Part by part, to spare the memory of this process too.
    parts = [_fields(getattr(getattr(stgref, law), quantity)(part, *others.values())) for part in _parts(x)]
    outputs = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    scaled = {f"many/{name}": (value * run.factor).astype(run.dtype) for name, value in outputs.items()}
    return {f"cases/many/{main}": x, **scaled}


def _parts(x: np.ndarray) -> list[np.ndarray]:
    return np.array_split(x, max(1, x.size // 2**16))


def _fields(answer: object) -> dict[str, np.ndarray]:
    return answer._asdict() if hasattr(answer, "_asdict") else {"value": np.asarray(answer)}


def header_of(run: Run) -> str:
    """The header of the recording."""
    case = {"id": "many", "function": run.function, "dtype": run.dtype}
    arguments = PARAMETERS[run.function.split(".")[0]][1]
    return json.dumps({"subject": "stgref itself", "cases": [{**case, "arguments": arguments}]})


def write(run: Run, path: Path) -> None:
    """Write the recording."""
    arrays, header = arrays_of(run), header_of(run)
    if run.suffix == ".npz":
        np.savez(path, recording=header, **arrays)
    elif run.suffix == ".json":
        path.write_text(json.dumps(_document(json.loads(header), arrays)), encoding="utf-8")
    else:
        _write_safetensors(path, header, arrays)


def _document(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """The same recording as JSON, in hexadecimal."""
    (case,) = header["cases"]
    begin = "cases/many/"
    case["arguments"] |= {n.removeprefix(begin): encode(x) for n, x in arrays.items() if n.startswith(begin)}
    results = {n.removeprefix("many/"): encode(x) for n, x in arrays.items() if not n.startswith(begin)}
    return {**header, "outputs": {"many": results}}


def _write_safetensors(path: Path, header: str, arrays: dict[str, np.ndarray]) -> None:
    """Eight bytes of length, the places as JSON, the bytes."""
    places, at = {"__metadata__": {"recording": header}}, 0
    for name, array in arrays.items():
        dtype = {"float64": "F64", "float32": "F32"}[array.dtype.name]
        places[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
    text = json.dumps(places).encode()
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in arrays.values():
            array.tofile(file)


def timed(path: Path) -> tuple[str, float, float, float]:
    """Run the command; return what came of it, the seconds on the clock and of the processor, and the peak memory in MB."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "stgref", "validate", str(path)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    outcome = {0: "passes", 1: "fails"}[process.returncode]
    unit = 1e6 if sys.platform == "darwin" else 1e6 / 1024
    return outcome, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit


def measured() -> Iterator[dict[str, object]]:
    """Yield a row for each run."""
    with tempfile.TemporaryDirectory() as folder:
        for run in RUNS:
            path = Path(folder) / f"many{run.suffix}"
            # Elsewhere: a process is charged for the memory of the one that starts it.
            command = [sys.executable, __file__, str(RUNS.index(run)), str(path)]
            subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603
            outcome, *numbers = timed(path)
            numbers = [float(f"{x:.3g}") for x in (path.stat().st_size / 1e6, *numbers)]
            cells = (run.function, run.dtype, run.suffix, run.values, outcome, *numbers)
            row = dict(zip(COLUMNS, cells, strict=True))
            print(row, flush=True)
            yield row
            path.unlink()


def main() -> None:
    """Measure, and write both files."""
    document = {
        "command": "python validation/benchmarks/check_recording.py",
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "machine": machine(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "stgref": stgref.__version__,
        "rows": list(measured()),
    }
    (HERE / "check_recording.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    (HERE / "check_recording.md").write_text(markdown(document), encoding="utf-8")


def markdown(document: dict[str, object]) -> str:
    """Write the table."""
    machine, rows = document["machine"], document["rows"]
    lines = [
        "# How long a check takes",
        "",
        f"Written by `{document['command']}` on {document['date']}; see `README.md`.",
        f"stgref {document['stgref']}, NumPy {document['numpy']}, Python {document['python']}; {machine['system']} on",
        f"{machine['processor']}, {machine['cores']} cores, load {machine['load before'][0]} before the start.",
        "Seconds include the start of Python, as in the first row.",
        "",
        f"| {' | '.join(COLUMNS)} |",
        f"|{'---|' * 3}{'---:|'}---|{'---:|' * 4}",
        *(f"| {' | '.join(str(cell) for cell in row.values())} |" for row in rows),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        write(RUNS[int(sys.argv[1])], Path(sys.argv[2]))
    else:
        main()
