"""Make the vector sets: ``python -m validation.vectors.make [--law LAW ...]``, from the root of the repository.

Needs python-flint, for the oracle under ``tests/oracle``. About half a minute on one core; every byte is reproducible.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from tests.oracle import LAWS
from validation.vectors.build import DTYPES, cases, functions
from validation.vectors.notes import FORMAT, NOTES, VERSION
from validation.vectors.schema import SCHEMA
from validation.vectors.write import manifest, text, twin

FOLDER = Path(__file__).parent / "sets"


def main() -> None:
    """Write the sets of the laws named on the command line, the schema and the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--law", action="append", choices=list(LAWS), help="repeatable; default: all")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="default: the one in the repository")
    arguments = parser.parse_args()
    folder = arguments.folder
    folder.mkdir(exist_ok=True)
    for law in arguments.law or LAWS:
        made = document(law)
        (folder / f"{law}.json").write_text(text(made), encoding="utf-8", newline="\n")
        (folder / f"{law}.npz").write_bytes(twin(made))
        print(f"{law}: {len(made['functions'])} functions, {len(made['cases'])} cases", flush=True)
    _write(folder / "schema.json", SCHEMA)
    names = ["schema.json", *(f"{law}{suffix}" for law in LAWS for suffix in (".json", ".npz"))]
    head = {"format": FORMAT, "version": VERSION, "laws": list(LAWS)}
    _write(folder / "manifest.json", manifest(folder, head, [n for n in names if (folder / n).exists()]))


def document(law: str) -> dict[str, Any]:
    """Make the set of a law.

    Parameters
    ----------
    law : str
        Its name.

    Returns
    -------
    dict
        The JSON document.
    """
    described = functions(law)
    return {
        "format": FORMAT,
        "version": VERSION,
        "law": law,
        "schema": "schema.json",
        "notes": NOTES,
        "functions": described,
        "cases": [case for function in described for dtype in DTYPES for case in cases(function, dtype)],
    }


def _write(path: Path, node: dict[str, Any]) -> None:
    path.write_text(json.dumps(node, indent=1) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
