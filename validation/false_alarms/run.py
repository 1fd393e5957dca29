"""Seeded runs of right samplers, every one of which should pass.

    python -m validation.false_alarms.run --runs 1000

Each run checks every sampler there is, with a seed of its own, in float64 and float32 in turn, at the false-alarm rate of
`stgref validate`. Runs that `results.json` has already are not repeated: interrupted, it goes on where it was.
"""

import argparse
import datetime as dt
import json
import platform
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from rich.progress import track

import stgref
from stgref.conformance.live import look_up
from stgref.conformance.recording import DTYPES
from stgref.conformance.sampling import judge_samplers
from stgref.conformance.validation import FALSE_ALARM
from tests.conformance.samplers import RIGHT
from validation.estimators.report import installed, processor

RESULTS = Path(__file__).parent / "results.json"
CHUNK = 20


def run(seed: int) -> dict[str, Any]:
    """Check all right samplers once; the seed decides the dtype too."""
    start, dtype = time.process_time(), DTYPES[seed % len(DTYPES)]
    checks = judge_samplers(partial(look_up, RIGHT), "right", dtype, seed, FALSE_ALARM)
    measured = {check.id: check.statistics for check in checks if check.statistics}
    ratio = {name: each.statistic / each.threshold for name, each in measured.items()}
    nearest = max(ratio, key=ratio.__getitem__)
    return {
        "seed": seed,
        "dtype": dtype,
        "checks": len(measured),
        "alarms": [check.id for check in checks if check.status not in {"pass", "skipped"}],
        "nearest": nearest,
        "of its threshold": round(ratio[nearest], 4),
        "seconds": round(time.process_time() - start, 2),
    }


def chunks(path: Path, runs: int) -> Iterator[list[int]]:
    """The seeds that are still to be run, a chunk at a time."""
    done = {each["seed"] for each in read(path)["runs"]}
    todo = [seed for seed in range(runs) if seed not in done]
    return (todo[i : i + CHUNK] for i in range(0, len(todo), CHUNK))


def read(path: Path) -> dict[str, Any]:
    """What has been run so far."""
    if not path.exists():
        return {"sessions": [], "runs": []}
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def write(path: Path, found: list[dict[str, Any]]) -> None:
    """Add runs, with what they were run on, and the sums over all runs."""
    before = read(path)
    here = session()
    sessions = before["sessions"] if here in before["sessions"] else [*before["sessions"], here]
    runs = sorted([*before["runs"], *found], key=lambda each: each["seed"])
    content = {
        "command": "python -m validation.false_alarms.run",
        "false_alarm": FALSE_ALARM,
        "summary": summary(runs),
        "sessions": sessions,
        "runs": runs,
    }
    head, rows = json.dumps({**content, "runs": []}, indent=1), ",\n".join(map(json.dumps, runs))
    path.write_text(head.replace('"runs": []', f'"runs": [\n{rows}\n]') + "\n", encoding="utf-8")


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The sums over all runs."""
    nearest = max(runs, key=lambda each: each["of its threshold"])
    return {
        "runs": len(runs),
        "checks": sum(each["checks"] for each in runs),
        "runs with a false alarm": sum(bool(each["alarms"]) for each in runs),
        "expected, at most": round(len(runs) * FALSE_ALARM, 9),
        "nearest to a false alarm": {key: nearest[key] for key in ("seed", "nearest", "of its threshold")},
        "CPU seconds": round(sum(each["seconds"] for each in runs)),
    }


def session() -> dict[str, str]:
    """What it is run on."""
    return {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, {processor()}",
        "python": platform.python_version(),
        **{name: installed(name) for name in ("numpy", "scipy")},
        "stgref": stgref.__version__,
    }


def main() -> None:
    """Run what is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    with ProcessPoolExecutor(options.processes) as pool:
        for seeds in track(list(chunks(options.results, options.runs)), f"{CHUNK} runs each"):
            write(options.results, list(pool.map(run, seeds)))
    print(json.dumps(read(options.results).get("summary"), indent=1))


if __name__ == "__main__":
    main()
