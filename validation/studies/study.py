"""What the published studies share: how one is run, and how its page, its numbers and its plots are written."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import platform
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np

import stgref
from stgref.study import Training
from validation.benchmarks.machine import processor
from validation.benchmarks.measuring import version

FOLDER = Path(__file__).parent
PACKAGES = ("numpy", "scipy", "matplotlib")


class Finding(NamedTuple):
    """One claim of a paper, and what was found here."""

    claim: str
    found: str
    verdict: str


class Published(NamedTuple):
    """A published benchmark.

    Attributes
    ----------
    title, source : str
        What it is called, and where it was published.
    paper, setting : str
        What the paper shows, and what was done here, in Markdown.
    exact : callable
        Numbers without sampling, a dict that JSON can hold.
    runs : callable
        ``runs(quick)`` gives trainings, by panel; ``quick`` is for tests.
    figures : callable
        ``figures(exact, runs)`` gives figures by name, each with a caption.
    tables : callable
        ``tables(exact)`` gives Markdown; what was sampled is under ``"sampled"``.
    findings : callable
        ``findings(exact, summaries)`` gives a list of `Finding`, with the same.
    sampled : callable
        ``sampled(quick)`` gives numbers that are not exact.
    """

    title: str
    source: str
    paper: str
    setting: str
    exact: Callable[[], dict[str, Any]]
    runs: Callable[[bool], dict[str, list[Training]]]
    figures: Callable[[dict[str, Any], dict[str, list[Training]]], dict[str, tuple[Any, str]]]
    tables: Callable[[dict[str, Any]], str]
    findings: Callable[[dict[str, Any], dict[str, Any]], list[Finding]]
    sampled: Callable[[bool], dict[str, Any]] = lambda _: {}


def no_runs(_: bool) -> dict[str, list[Training]]:
    """For studies without training."""
    return {}


def run(name: str, published: Published, quick: bool = False) -> dict[str, Any]:
    """Compute a study; the content of its `results.json`, and its figures under ``"figures"``."""
    start = time.perf_counter()
    exact, sampled, runs = published.exact(), published.sampled(quick), published.runs(quick)
    known = {**exact, "sampled": sampled}
    summaries = {panel: {each.label: summary(each) for each in found} for panel, found in runs.items()}
    return {
        **provenance(f"python validation/studies/run.py {name}", published.title, PACKAGES),
        "seconds": round(time.perf_counter() - start),
        "exact": exact,
        "sampled": sampled,
        "trainings": summaries,
        "findings": [found._asdict() for found in published.findings(known, summaries)],
        "figures": published.figures(exact, runs),
    }


def provenance(command: str, title: str, packages: Iterable[str]) -> dict[str, Any]:
    """What results begin with: by which command, when, where and with what they were made."""
    return {
        "command": command,
        "title": title,
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, {processor()}",
        "python": platform.python_version(),
        "stgref": stgref.__version__,
        "packages": {package: found for package in packages if (found := version(package))},
    }


def summary(training: Training) -> dict[str, Any]:
    """Where a training ended: medians over the runs, and the quantiles 0.1 and 0.9."""
    loss, variance = training.band("loss"), training.band("total_variance")
    return {
        "runs": training.loss.shape[0],
        "steps": int(training.steps[-1]),
        "loss": [digits(float(part[-1])) for part in (loss.low, loss.middle, loss.high)],
        "mean value": digits(float(np.median(training.values[:, -1].mean(axis=-1)))),
        "total variance": None if np.isnan(variance.middle[-1]) else digits(float(variance.middle[-1])),
        "options": {k: digits(float(np.median(v[:, -1]))) for k, v in training.options.items()},
        "exact": {"loss": training.exact_loss, "variance": training.exact_variance},
    }


def digits(x: float) -> float:
    """Six digits: what a run of a few seeds is worth."""
    return float(f"{x:.6g}")


def write(name: str, published: Published, content: dict[str, Any]) -> None:
    """Write results, plots and page of a study."""
    folder, figures = FOLDER / name, content["figures"]
    kept = {key: value for key, value in content.items() if key != "figures"}
    (folder / "results.json").write_text(json.dumps(kept, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    save(folder, figures)
    (folder / "README.md").write_text(page(published, kept, figures), encoding="utf-8")


def save(folder: Path, figures: Mapping[str, tuple[Any, str]]) -> None:
    """Write figures, the same file from the same numbers: no date, no random ids."""
    with mpl.rc_context({"svg.hashsalt": "stgref", "svg.fonttype": "none", "font.family": "sans-serif"}):
        for plot, (figure, _) in figures.items():
            figure.savefig(folder / f"{plot}.svg", metadata={"Date": None}, bbox_inches="tight")


def rewrite(name: str, published: Published) -> None:
    """Write findings and page anew, from the numbers that are there."""
    folder = FOLDER / name
    content = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    known = {**content["exact"], "sampled": content.get("sampled", {})}
    content["findings"] = [found._asdict() for found in published.findings(known, content["trainings"])]
    figures = {plot: (None, caption) for plot, caption in captions(name).items()}
    (folder / "results.json").write_text(
        json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8"
    )
    (folder / "README.md").write_text(page(published, content, figures), encoding="utf-8")


def captions(name: str) -> dict[str, str]:
    """The plots on a page, with their captions."""
    text = (FOLDER / name / "README.md").read_text(encoding="utf-8")
    return {
        plot: caption for caption, plot in re.findall(r"^!\[(.*)\]\((.*)\.svg\)$", text, flags=re.MULTILINE)
    }


def page(published: Published, content: Mapping[str, Any], figures: Mapping[str, tuple[Any, str]]) -> str:
    """The page of a study."""
    found = [[f["claim"], f["found"], f["verdict"]] for f in content["findings"]]
    parts = [
        f"# {published.title}",
        published.source,
        written(content),
        "## What the paper shows",
        published.paper,
        "## What was done here",
        published.setting,
        "## What was found",
        table(["the paper", "here", ""], found),
        *(f"![{caption}]({plot}.svg)\n\n{caption}" for plot, (_, caption) in figures.items()),
        published.tables({**content["exact"], "sampled": content.get("sampled", {})}),
        trained(content["trainings"]),
    ]
    return "\n\n".join(part for part in parts if part).rstrip() + "\n"


def written(content: Mapping[str, Any]) -> str:
    """What wrote a page, when and on what."""
    packages = ", ".join(f"{k} {v}" for k, v in content["packages"].items())
    return (
        f"Written by `{content['command']}` on {content['date']} in {content['seconds']} s: stgref {content['stgref']}, "
        f"Python {content['python']}, {packages}; {content['machine']}. All numbers are in [results.json](results.json)."
    )


def trained(trainings: Mapping[str, Mapping[str, Any]]) -> str:
    """The table of where trainings ended."""
    if not trainings:
        return ""
    rows = [
        [
            panel,
            f"`{label}`",
            f"{end['loss'][1]:.6g}",
            f"{end['loss'][0]:.5g} to {end['loss'][2]:.5g}",
            f"{end['mean value']:.4g}",
            spread(end),
        ]
        for panel, found in trainings.items()
        for label, end in found.items()
    ]
    head = ["", "estimator", "loss at the end", "80 % of runs", "mean value", "variance there"]
    return "## Where the trainings ended\n\n" + table(head, rows)


def spread(end: Mapping[str, Any]) -> str:
    """The variance at the end of a training, if it was asked for."""
    if end["total variance"] is None:
        return ""
    return f"{end['total variance']:.3g}" + ("" if end["exact"]["variance"] else " (sampled)")


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table in Markdown; numbers with four digits."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell(x) for x in row) + " |" for row in rows]
    return "\n".join(lines)


def cell(x: Any) -> str:
    """One entry of a table."""
    if isinstance(x, float):
        return "0" if x == 0.0 else f"{x:.4g}"
    return str(x).replace("|", "\\|")


def relabelled(training: Training, label: str) -> Training:
    """A training under a shorter name."""
    return dataclasses.replace(training, label=label)
