"""Time imports, each in a process of its own; write `import_time.json` and `import_time.md` next to this file."""

import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from measuring import Row, Step, begun, ended, header, median, parser, rounded, table, turns

STATEMENTS = {
    "nothing": "pass",
    "numpy": "import numpy",
    "stgref": "import stgref",
    "stgref, and a value": "import stgref; stgref.hard_concrete.cdf(0.5, 0.0)",
    "stgref, and a gate layer": "import stgref; stgref.BinaryConcreteStochasticGates(8)",
    "scipy.stats": "import scipy.stats",
    "torch": "import torch",
    "jax": "import jax",
}
TURNS = 15


def run(statement: str) -> None:
    """Do a statement in a new process."""
    subprocess.run([sys.executable, "-c", statement], check=True, capture_output=True)  # noqa: S603


def steps() -> dict[str, Step]:
    """What can be imported here, each once before it counts."""
    found: dict[str, Step] = {}
    for name, statement in STATEMENTS.items():
        try:
            run(statement)
        except subprocess.CalledProcessError:
            print(f"{name}: left out")
        else:
            found[name] = lambda statement=statement: run(statement)
    return found


def rows(least: int) -> list[Row]:
    """Medians of the seconds, and what they are beyond NumPy's."""
    taken = turns(steps(), 0.0, least)
    return [
        {
            "import": name,
            "seconds": rounded(median(taken, name)),
            "beyond Python": rounded(median(taken, name) - median(taken, "nothing")),
            "beyond NumPy": rounded(median(taken, name) - median(taken, "numpy")),
        }
        for name in taken[0]
    ]


def page(document: dict[str, Any]) -> str:
    """The page."""
    return "\n".join([header("How long an import takes", document), table(document["rows"], 1)])


def main() -> None:
    """Measure, and write both files."""
    small = parser(__doc__).parse_args().small
    document = begun("import_time", ("scipy", "torch", "jax"))
    document["rows"] = rows(3 if small else TURNS)
    for row in document["rows"]:
        print(*row.values(), sep="  ")
    ended(document, "import_time", page, write=not small)


if __name__ == "__main__":
    main()
