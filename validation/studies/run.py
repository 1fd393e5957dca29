"""Rerun the published studies: all of them, or those named.

    python validation/studies/run.py [--pages] [name ...]

Each takes a few minutes on one core. It writes `results.json`, the plots and `README.md` of its folder; the index,
`validation/studies/README.md`, is written from the results of all.
With `--pages` nothing is computed: pages and findings are written anew from the results that are there.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: E402

from validation.studies import study  # noqa: E402

NAMES = (
    "rebar_toy",
    "arm_toy",
    "disarm_claims",
    "double_control",
    "reinmax_polynomial",
    "gaussian_costs",
    "shared_logit",
    "bengio_neuron",
)
INDEX = """# The published benchmarks, rerun

Toy problems by which estimators were presented, each a command: `python validation/studies/run.py NAME`, or without a name
all of them. A page says what the paper shows, what was done, and whether it is so. Wherever a mean or a variance has an
exact value, it is exact; trainings are shorter than the papers', with the settings on their pages.
"""


def load(name: str) -> study.Published:
    """The study called ``name``."""
    published: study.Published = importlib.import_module(f"validation.studies.{name}.study").STUDY
    return published


def index() -> str:
    """The page that lists all findings."""
    parts, took = [INDEX.strip()], 0
    for name in NAMES:
        path = study.FOLDER / name / "results.json"
        if not path.exists():
            continue
        content = json.loads(path.read_text(encoding="utf-8"))
        took += content["seconds"]
        rows = [[f["claim"], f["found"], f["verdict"]] for f in content["findings"]]
        parts += [f"## [{content['title']}]({name}/README.md)", study.table(["the paper", "here", ""], rows)]
    parts.append(f"All together they took {round(took / 60)} minutes on one core of a busy machine.")
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(NAMES))
    parser.add_argument(
        "--pages", action="store_true", help="write the pages anew from the results that are there"
    )
    options = parser.parse_args()
    names = options.names or NAMES
    if unknown := set(names) - set(NAMES):
        parser.error(f"there is no study {min(unknown)!r}; there are {', '.join(NAMES)}")
    if options.pages:
        for name in names:
            study.rewrite(name, load(name))
    else:
        compute(names)
    (study.FOLDER / "README.md").write_text(index(), encoding="utf-8")


def compute(names: Sequence[str]) -> None:
    """Run studies, with a bar and what was found."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console()
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("studies", total=len(names))
        for name in names:
            progress.update(bar, description=name)
            published = load(name)
            content = study.run(name, published)
            study.write(name, published, content)
            for found in content["findings"]:
                console.print(
                    f"[bold]{name}[/] {found['claim']}\n  {found['found']}\n  [bold]{found['verdict']}[/]",
                    highlight=False,
                )
            progress.advance(bar)


if __name__ == "__main__":
    main()
