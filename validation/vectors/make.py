"""Make the vector sets: ``python -m validation.vectors.make [--set SET ...]``, from the root of the repository.

Needs python-flint and mpmath, for the oracles under ``tests``. About a minute on one core; every byte is reproducible.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from validation.vectors.contents import SETS
from validation.vectors.notes import FORMAT, VERSION, notes
from validation.vectors.schema import SCHEMA
from validation.vectors.write import manifest, text, twin

FOLDER = Path(__file__).parent / "sets"


def main() -> None:
    """Write the sets named on the command line, the schema and the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", action="append", choices=list(SETS), help="repeatable; default: all")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="default: the one in the repository")
    arguments = parser.parse_args()
    folder = arguments.folder
    folder.mkdir(exist_ok=True)
    for name in arguments.set or SETS:
        made = document(name)
        (folder / f"{name}.json").write_text(text(made), encoding="utf-8", newline="\n")
        (folder / f"{name}.npz").write_bytes(twin(made))
        print(f"{name}: {len(made['functions'])} functions, {len(made['cases'])} cases", flush=True)
    _write(folder / "schema.json", SCHEMA)
    _write(folder / "manifest.json", manifest(folder, _head(), _files(folder)))


def document(name: str) -> dict[str, Any]:
    """Make a set.

    Parameters
    ----------
    name : str
        Its name.

    Returns
    -------
    dict
        The JSON document.
    """
    return {
        "format": FORMAT,
        "version": VERSION,
        "set": name,
        "schema": "schema.json",
        "notes": notes(name),
        "functions": SETS[name].functions(),
        "cases": SETS[name].all(),
    }


def _head() -> dict[str, Any]:
    functions = {name: list(contents.functions()) for name, contents in SETS.items()}
    return {"format": FORMAT, "version": VERSION, "sets": functions}


def _files(folder: Path) -> list[str]:
    names = ["schema.json", *(f"{name}{suffix}" for name in SETS for suffix in (".json", ".npz"))]
    return [name for name in names if (folder / name).exists()]


def _write(path: Path, node: dict[str, Any]) -> None:
    path.write_text(json.dumps(node, indent=1) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
