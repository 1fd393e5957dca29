"""The finished runs of a training, in a file: arrays and a description, written at once or not at all, never unpickled."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from stgref.conformance.errors import UnusableInputError
from stgref.numerics.namespace import Array

MAX_BYTES = 256 * 1024 * 1024


def checksum(*arrays: Array) -> str:
    """Of the bytes of arrays."""
    return hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)).hexdigest()


def load(path: str | Path | None, description: Mapping[str, Any]) -> list[dict[str, Array]]:
    """The runs that a file has; none where there is no file.

    Raises
    ------
    UnusableInputError
        If it is no such file, or that of another training.
    """
    if path is None or not Path(path).exists():
        return []
    path = Path(path)
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        raise UnusableInputError(f"checkpoint {path}: takes a file of at most {MAX_BYTES} bytes")
    try:
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
        written = json.loads(str(found.pop("description")))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError) as error:
        raise UnusableInputError(f"checkpoint {path}: is none of a training: {error}") from None
    for name, value in description.items():
        if not isinstance(written, dict) or written.get(name) != value:
            got = written.get(name) if isinstance(written, dict) else written
            raise UnusableInputError(
                f"checkpoint {path}: is of another training: {name} is {got!r} there, here {value!r}"
            )
    counts = {len(values) if values.ndim else -1 for values in found.values()}
    if len(counts) != 1 or -1 in counts:
        raise UnusableInputError(f"checkpoint {path}: is none of a training: its arrays differ in length")
    return [{name: values[r] for name, values in found.items()} for r in range(counts.pop())]


def save(
    path: str | Path | None, description: Mapping[str, Any], runs: Sequence[Mapping[str, Array]]
) -> None:
    """Write the runs, beside the old file first."""
    if path is None:
        return
    path = Path(path)
    joined = {name: np.stack([run[name] for run in runs]) for name in runs[0]}
    with tempfile.NamedTemporaryFile(prefix=f".{path.name}.", dir=path.parent, delete=False) as beside:
        try:
            np.savez(beside, description=np.array(json.dumps(description)), **joined)  # type: ignore[arg-type]
        except BaseException:
            Path(beside.name).unlink(missing_ok=True)
            raise
    Path(beside.name).replace(path)
