"""Time studies against the bare estimators, over processes, and measure their memory; write `study.json` and `.md`.

Parts are measured one by one, each in processes of its own: ``python validation/benchmarks/study.py throughput``, ``scaling``,
``memory``; without a name, all of them. What is not measured this time stays in the files.
"""

import concurrent.futures as cf
import datetime as dt
import json
import multiprocessing
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from machine import machine

import stgref
from stgref import estimators, study
from stgref.study.running import run_tasks, tasks_of

HERE = Path(__file__).parent
RUNS = 3
CASES = (
    ("score_function", 1, {}),
    ("score_function", 200, {}),
    ("disarm", 2, {}),
    ("disarm", 200, {}),
    ("rloo", 20, {"k": 2}),
    ("reinmax", 20, {"temperature": 1.0}),
    ("rebar", 20, {"temperature": 0.5, "eta": 1.0}),
)
NUMBERS = 2**21
"""Random numbers of one run of a case, about."""
SCALING = 2**24
MEMORY = (10**6, 10**7, 10**8, 10**9)
F = estimators.objectives.Quadratic(0.45)


def seconds(work) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def cpu_seconds(work) -> float:
    """How long the processor works on it: others may use it too."""
    start = time.process_time()
    work()
    return time.process_time() - start


def throughput() -> list[dict[str, object]]:
    """CPU seconds of a study, its exact values aside, and of the bare estimator on all its noise at once, in turns, on one thread."""
    stgref.set_threads(1)
    rows = []
    for name, size, options in CASES:
        phi, n = np.linspace(-1.0, 1.0, size), max(2, NUMBERS // size // options.get("k", 1))

        def bare(name=name, phi=phi, n=n, options=options):
            z = estimators.draw_noise(name, n, phi, rng=0, **options)
            getattr(estimators, name)(F, phi, z, **options).mean(axis=0)

        tasks = tasks_of(F, phi, [(name, options)], n, 0, exact=True)

        def whole(tasks=tasks):
            run_tasks(tasks, exact=False)

        bare(), whole()
        pairs = [(cpu_seconds(bare), cpu_seconds(whole)) for _ in range(RUNS)]
        ratio = statistics.median(b / w for b, w in pairs)
        row = {"estimator": name, "D": size, "n": n, "bare / s": min(b for b, _ in pairs)}
        rows.append(
            {**row, "study / s": min(w for _, w in pairs), "study's share of the bare throughput": ratio}
        )
        print(rows[-1], flush=True)
    return rows


def scaling() -> list[dict[str, object]]:
    """Samples per second of one process, and of as many as there are cores, each on one thread."""
    os.environ["STGREF_THREADS"] = "1"
    rows, phi = [], np.linspace(-1.0, 1.0, 20)
    for workers in sorted({1, 2, os.cpu_count() or 1}):
        with cf.ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
            study.run(F, phi, ["disarm"], 10**5, executor=pool, block_size=1)  # they start
            n = SCALING // 20
            best = min(seconds(partial(study.run, F, phi, ["disarm"], n, executor=pool)) for _ in range(3))
        rows.append({"processes": workers, "samples / s": n / best})
        rows[-1]["times one"] = rows[-1]["samples / s"] / rows[0]["samples / s"]
        print(rows[-1], flush=True)
    return rows


def memory() -> list[dict[str, object]]:
    """The most memory of a process that runs a study of n samples."""
    rows = []
    for n in MEMORY:
        command = [sys.executable, __file__, "one", str(n)]
        took = time.perf_counter()
        out = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
        rows.append({"n": n, **json.loads(out.stdout), "seconds": time.perf_counter() - took})
        print(rows[-1], flush=True)
    return rows


def one(n: int) -> None:
    """One study of n samples; print the most memory of this process, and its result."""
    result = study.run(F, np.zeros(1), ["arm"], n).results[0]
    unit = 1e6 if sys.platform == "darwin" else 1e6 / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    found = {"peak memory / MB": peak, "mean": float(result.mean.value[0])}
    half = float(result.mean.high[0] - result.mean.low[0]) / 2
    print(json.dumps({**found, "half width": half, "exact mean": float(result.exact_mean[0])}))


PARTS = {"throughput": throughput, "scaling": scaling, "memory": memory}


def main(names: list[str]) -> None:
    """Measure, and write both files."""
    path = HERE / "study.json"
    document = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in names or PARTS:
        about = {
            "command": f"python validation/benchmarks/study.py {name}",
            "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
            "machine": machine(),
            "python": platform.python_version(),
            "numpy": np.__version__,
            "stgref": stgref.__version__,
        }
        rows = PARTS[name]()
        document = json.loads(path.read_text(encoding="utf-8")) if path.exists() else document
        document[name] = {**about, "rows": rows}
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        (HERE / "study.md").write_text(markdown(document), encoding="utf-8")


def markdown(document: dict) -> str:
    """Write the tables."""
    lines = ["# How long a study takes, and how much memory"]
    for name, part in document.items():
        where = part["machine"]
        lines += [
            "",
            f"## {name.capitalize()}",
            "",
            f"{PARTS[name].__doc__}",
            "",
            f"Written by `{part['command']}` on {part['date']}: stgref {part['stgref']}, NumPy {part['numpy']}, Python",
            f"{part['python']}; {where['processor']}, {where['cores']} cores, load {where['load before'][0]} before the start.",
            "",
            f"| {' | '.join(part['rows'][0])} |",
            "|" + "---:|" * len(part["rows"][0]),
            *(f"| {' | '.join(_cell(cell) for cell in row.values())} |" for row in part["rows"]),
        ]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        one(int(sys.argv[2]))
    else:
        main(sys.argv[1:])
