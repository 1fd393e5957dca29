"""What the trainings from scratch share: how one is run, and how its page, its numbers and its plots are written."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from validation.scratch.by_hand import Params
from validation.studies.study import Finding, provenance, save, table, written

FOLDER = Path(__file__).parent
PACKAGES = ("numpy", "scipy", "scikit-learn", "torch", "matplotlib")
Records = list[dict[str, Any]]


class Experiment(NamedTuple):
    """Trainings to be compared with published ones.

    Attributes
    ----------
    title, source : str
        What it is called, and where it was published.
    paper, setting : str
        What was published, and what was done here, in Markdown.
    jobs : callable
        ``jobs(quick)`` lists functions without arguments, each of which gives a record, a dict that JSON can hold; ``quick``
        is for tests.
    agreement : callable
        ``agreement(steps)`` gives the largest difference from the same training in PyTorch, by problem.
    findings : callable
        ``findings(records)`` gives a list of `Finding`.
    tables : callable
        ``tables(records)`` gives Markdown.
    figures : callable
        ``figures(records)`` gives figures by name, each with a caption.
    """

    title: str
    source: str
    paper: str
    setting: str
    jobs: Callable[[bool], list[Callable[[], dict[str, Any]]]]
    agreement: Callable[[int], dict[str, float]]
    findings: Callable[[Records], list[Finding]]
    tables: Callable[[Records], str]
    figures: Callable[[Records], dict[str, tuple[Any, str]]]


def run(
    name: str, experiment: Experiment, tick: Callable[[], None] = lambda: None, *, quick: bool = False
) -> dict[str, Any]:
    """Run an experiment; the content of its `results.json`. ``tick`` is called after each training."""
    start, busy, records = time.perf_counter(), time.process_time(), []
    for job in experiment.jobs(quick):
        records.append(job())
        tick()
    steps = 3 if quick else 200
    return {
        **provenance(f"python validation/scratch/run.py {name}", experiment.title, PACKAGES),
        "seconds": round(time.perf_counter() - start),
        "processor seconds": round(time.process_time() - busy),
        "torch": {"steps": steps, "difference": experiment.agreement(steps)},
        "records": records,
    }


def difference(a: Params, b: Params) -> float:
    """The largest difference of two parameters, in units of the largest element of theirs."""
    return max(float(np.max(np.abs(a[name] - b[name])) / np.max(np.abs(a[name]))) for name in a)


def write(name: str, experiment: Experiment, content: dict[str, Any]) -> None:
    """Write results, plots and page of an experiment."""
    folder = FOLDER / name
    records = content["records"]
    lines = ",\n  ".join(json.dumps(record, allow_nan=False, ensure_ascii=False) for record in records)
    text = json.dumps({**content, "records": []}, indent=1, allow_nan=False)
    (folder / "results.json").write_text(
        text.replace('"records": []', f'"records": [\n  {lines}\n ]') + "\n", encoding="utf-8"
    )
    save(folder, experiment.figures(records))
    (folder / "README.md").write_text(page(experiment, content), encoding="utf-8")


def page(experiment: Experiment, content: Mapping[str, Any]) -> str:
    """The page of an experiment; what follows the comment stands in the documentation too."""
    records = content["records"]
    rows = [list(found) for found in experiment.findings(records)]
    figures = experiment.figures(records)
    parts = [
        f"# {content['title']}",
        experiment.source,
        f"{written(content)} It took {content['processor seconds']} s of processor time.",
        "<!-- results -->",
        "## What was published",
        experiment.paper,
        "## What was done here",
        experiment.setting,
        "## What was found",
        table(["published", "here", ""], rows),
        *(f"![{caption}]({plot}.svg)\n\n{caption}" for plot, (_, caption) in figures.items()),
        experiment.tables(records),
        "## Against autograd",
        agreed(content["torch"]),
    ]
    return "\n\n".join(parts).rstrip() + "\n"


def agreed(torch: Mapping[str, Any]) -> str:
    """How far the training in PyTorch is away."""
    rows = [[problem, f"{found:.1e}"] for problem, found in torch["difference"].items()]
    return (
        f"The same training in PyTorch, with autograd and `torch.optim.Adam`, from the same parameters and with the same noise, is this "
        f"far away after {torch['steps']} steps: the largest difference of a parameter, in units of the largest of its array.\n\n"
        + table(["", "difference"], rows)
    )


def mean_and_error(values: Iterable[float]) -> tuple[float, float]:
    """Mean, and its standard error; 0 for one value."""
    x = np.array(list(values), float)
    return float(x.mean()), float(x.std(ddof=1) / np.sqrt(len(x))) if len(x) > 1 else 0.0


def plus_minus(values: Iterable[float], digits: int = 2) -> str:
    """Mean and standard error, as on pages."""
    mean, error = mean_and_error(values)
    return f"{mean:.{digits}f} ± {error:.{digits}f}"


def where(records: Sequence[Mapping[str, Any]], **given: Any) -> Records:
    """The records with the given entries."""
    found = [dict(record) for record in records if all(record[key] == value for key, value in given.items())]
    if not found:
        raise LookupError(f"no record has {given}")
    return found
