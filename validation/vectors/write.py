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
DIMENSIONS = 4
"""Of an array, at most."""


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
    plain = all(_is_number(x) for case in document["cases"] for x in _parts(case).values())
    arrays = {}
    for dtype in ("float32", "float64"):
        cases = [case for case in document["cases"] if case["dtype"] == dtype]
        rows = [{**case, "flag": case["flags"][0]} for case in cases]
        arrays |= {f"{dtype}/{key}": np.array([row[key].encode() for row in rows]) for key in TEXTS}
        if plain:
            arrays |= {f"{dtype}/{part}": _table(document["functions"], cases, part, dtype) for part in PARTS}
        else:
            arrays |= {f"{dtype}/{key}": array for key, array in _listed(cases).items()}
    return arrays


def _is_number(node: Any) -> bool:
    return isinstance(node, dict) and isinstance(node.get("hex"), str)


def _parts(case: Node) -> Node:
    """Return all arguments, results and conditions of a case, by their place in it."""
    found = {f"{part}/{name}": node for part in PARTS for name, node in case[part].items()}
    for convention, each in case.get("conventions", {}).items():
        found |= {
            f"conventions/{convention}/{part}/{name}": x for part in each for name, x in each[part].items()
        }
    return found


def _listed(cases: list[Node]) -> dict[str, np.ndarray]:
    """Put the elements of all arrays in a row, and say where each comes from; what is no array is JSON."""
    places = [(row, place, x) for row, case in enumerate(cases) for place, x in _parts(case).items()]
    arrays = [(row, place, _elements(x)) for row, place, x in places if _is_array(x)]
    others = [(row, place, json.dumps(x)) for row, place, x in places if not _is_array(x)]
    shapes = np.full((len(arrays), DIMENSIONS), -1, "<i2")
    for shape, (*_, array) in zip(shapes, arrays, strict=True):
        shape[: array.ndim] = array.shape
    return {
        **_places("array", arrays),
        "shape": shapes,
        "elements": np.concatenate([array.ravel() for *_, array in arrays]),
        **_places("other", others),
        "json": np.array([node.encode() for *_, node in others]),
    }


def _places(kind: str, found: list[tuple[int, str, Any]]) -> dict[str, np.ndarray]:
    return {
        f"{kind}_case": np.array([row for row, *_ in found], "<i2"),
        f"{kind}_place": np.array([place.encode() for _, place, _ in found]),
    }


def _is_array(node: Any) -> bool:
    return isinstance(node, dict) and ("hex" in node or "shape" in node)


def _elements(node: Node) -> np.ndarray:
    if "data" in node:
        return np.array(node["data"], "<f8").reshape(node["shape"])
    numbers = [node["hex"]] if "shape" not in node else node["hex"]
    return np.array([float.fromhex(x) for x in numbers], "<f8").reshape(node.get("shape", ()))


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
