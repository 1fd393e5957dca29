"""Train from scratch what papers trained: all experiments, or those named.

    python validation/scratch/run.py [--pages] [name ...]

Each takes a few minutes on one core. It writes `results.json`, the plots and `README.md` of its folder.
With `--pages` nothing is trained: plots and pages are written anew from the results that are there.
"""

import argparse
import importlib
import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402
from rich.progress import (  # noqa: E402
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)

from validation.scratch import report  # noqa: E402

NAMES = ("feature_selection", "pruned_digits")


def load(name: str) -> report.Experiment:
    """The experiment called ``name``."""
    found: report.Experiment = importlib.import_module(f"validation.scratch.{name}.experiment").EXPERIMENT
    return found


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(NAMES))
    parser.add_argument(
        "--pages", action="store_true", help="write plots and pages anew from the results that are there"
    )
    options = parser.parse_args()
    names = options.names or NAMES
    if unknown := set(names) - set(NAMES):
        parser.error(f"there is no experiment {min(unknown)!r}; there are {', '.join(NAMES)}")
    for name in names:
        content = kept(name) if options.pages else computed(name)
        report.write(name, load(name), content)


def kept(name: str) -> dict[str, object]:
    """The results that are there."""
    found: dict[str, object] = json.loads((report.FOLDER / name / "results.json").read_text(encoding="utf-8"))
    return found


def computed(name: str) -> dict[str, object]:
    """The results of an experiment, with a bar and what was found."""
    experiment, console = load(name), Console()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(name, total=len(experiment.jobs(False)))
        content = report.run(name, experiment, lambda: progress.advance(bar))
    for found in experiment.findings(content["records"]):
        console.print(f"{found.claim}\n  {found.found}\n  [bold]{found.verdict}[/]", highlight=False)
    return content


if __name__ == "__main__":
    main()
