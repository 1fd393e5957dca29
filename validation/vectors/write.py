"""Write the sets, byte for byte the same on every machine."""

import hashlib
import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

Node = dict[str, Any]
TEXTS = ("id", "function", "kind", "flag")
PARTS = ("arguments", "results", "conditions")


def text(document: Node) -> str:
    """Write a set with one case to a line, so that changes can be read.

    Parameters
    ----------
    document : dict
        The set.

    Returns
    -------
    str
        JSON.
    """
    head = json.dumps({key: value for key, value in document.items() if key != "cases"}, indent=1)
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in document["cases"])
    return f'{head[:-2]},\n "cases": [\n{lines}\n ]\n}}\n'


def twin(document: Node) -> bytes:
    """Write a set as arrays.

    Parameters
    ----------
    document : dict
        The set.

    Returns
    -------
    bytes
        An ``.npz`` file; not compressed, since compressors differ.
    """
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, array in _arrays(document).items():
            member = BytesIO()
            np.lib.format.write_array(member, array, version=(1, 0), allow_pickle=False)
            # With a fixed date, and as if made on one system.
            info = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            info.create_system = 3
            archive.writestr(info, member.getvalue())
    return file.getvalue()


def manifest(folder: Path, head: Node, names: list[str]) -> Node:
    """List files with their checksums.

    Parameters
    ----------
    folder : pathlib.Path
        Where they are.
    head : dict
        What the manifest begins with.
    names : list of str
        Of the files.

    Returns
    -------
    dict
        The head and, by name, the SHA-256 of each.
    """
    sums = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sorted(names)}
    return {**head, "sha256": sums}


def _arrays(document: Node) -> dict[str, np.ndarray]:
    arrays = {}
    for dtype in ("float32", "float64"):
        cases = [case for case in document["cases"] if case["dtype"] == dtype]
        rows = [{**case, "flag": case["flags"][0]} for case in cases]
        arrays |= {f"{dtype}/{key}": np.array([row[key].encode() for row in rows]) for key in TEXTS}
        for part in PARTS:
            arrays[f"{dtype}/{part}"] = _table(document["functions"], cases, part, dtype)
    return arrays


def _table(functions: Node, cases: list[Node], part: str, dtype: str) -> np.ndarray:
    """Put numbers in columns; a condition sum may be too large for float32."""
    key = "arguments" if part == "arguments" else "results"
    width = max(len(each[key]) for each in functions.values())
    table = np.full(
        (len(cases), width), np.nan, "<f8" if part == "conditions" or dtype == "float64" else "<f4"
    )
    for row, case in zip(table, cases, strict=True):
        for column, name in enumerate(functions[case["function"]][key]):
            if name in case[part]:
                row[column] = float.fromhex(case[part][name]["hex"])
    return table
