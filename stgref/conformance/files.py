"""Read a recording. The file may come from a stranger: nothing in it is trusted, and nothing in it is run.

The formats are JSON and arrays without objects, so there is no code to execute; the size is looked at before a byte is
read; every place is checked before it is used. Whatever is wrong is one `UnusableInputError` that says where and what.
"""

import json
import os
import stat
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, TypeAlias

from stgref.conformance.arrays import read_npz
from stgref.conformance.errors import UnusableInputError
from stgref.conformance.parse import parse_cases, parse_outputs, parse_subject
from stgref.conformance.recording import Case, Recording
from stgref.conformance.strict_json import parse_json
from stgref.conformance.tensors import read_safetensors
from stgref.conformance.values import kind
from stgref.conformance.vector_sets import all_cases

Reader: TypeAlias = Callable[[IO[bytes], int, str], Any]
"""Makes the document of a recording of an open file, its size, and a name for a subject that does not say its own."""

MAX_BYTES = 16 * 1024 * 1024
"""Of JSON, which takes twenty times as much memory when it is read."""
MAX_ARRAY_BYTES = 1024 * 1024 * 1024
"""Of arrays, which take as much memory as they have bytes."""
CASES_OF = "captum-0.9.0"
_KEYS = {"format", "subject", "notes", "cases", "outputs"}


def load(path: str | Path) -> Recording:
    """Read a recording from a file.

    Parameters
    ----------
    path : str or pathlib.Path
        A JSON file with ``subject`` and ``outputs``, and ``cases`` if they are its own: without them, its outputs are
        answers to the vectors, or to the cases of the recording that ships with stgref. Or a file of arrays, ``.npz``
        or ``.safetensors``, named ``<id>/<result>``, whose subject is the name of the file; see
        `stgref.conformance.bundle` for cases of its own. A symbolic link stands for the file that it leads to.

    Returns
    -------
    Recording
        The subject, the cases and the outputs.

    Raises
    ------
    UnusableInputError
        If the file cannot be read, is too large, is not of its format, or is not a recording.
    """
    path = Path(path)
    read, limit = _READERS.get(path.suffix.lower(), (_read_json, MAX_BYTES))
    try:
        with _opened(path) as file:
            size = _checked_size(file.fileno(), limit)
            document = read(file, size, path.stem)
    except OSError as error:
        raise UnusableInputError(error.strerror or "cannot be read") from None
    except MemoryError:
        raise UnusableInputError("too large for the memory of this machine") from None
    return parse(document)


def parse(document: Any) -> Recording:
    """Turn the JSON document of a recording into a `Recording`.

    Parameters
    ----------
    document : object
        What the JSON parser returned.

    Returns
    -------
    Recording
        The subject, the cases and the outputs.

    Raises
    ------
    UnusableInputError
        If the document is not a recording.
    """
    if not isinstance(document, dict):
        raise UnusableInputError(f"a recording is an object, this is {kind(document)}")
    for key in ("subject", "outputs"):
        if key not in document:
            raise UnusableInputError(f"a recording has the key {key!r}, this one has not")
    if unknown := set(document) - _KEYS:
        raise UnusableInputError(
            f"unknown key {min(unknown)[:40]!r}; a recording has {', '.join(sorted(_KEYS))}"
        )
    cases = parse_cases(document["cases"]) if "cases" in document else asked_cases(document["outputs"])
    return Recording(parse_subject(document["subject"]), cases, parse_outputs(document["outputs"], cases))


def shipped(name: str) -> Recording:
    """Read a recording that ships with stgref.

    Parameters
    ----------
    name : str
        Its name, without the suffix.

    Returns
    -------
    Recording
        The recording.
    """
    return parse(json.loads(shipped_text(f"{name}.json")))


def shipped_names() -> tuple[str, ...]:
    """List the recordings that ship with stgref.

    Returns
    -------
    tuple of str
        Their names, without the suffix.
    """
    files = [file.name for file in (resources.files("stgref.conformance") / "recordings").iterdir()]
    return tuple(
        sorted(
            file.removesuffix(".json")
            for file in files
            if file.endswith(".json") and not file.endswith(".expected.json")
        )
    )


def shipped_cases() -> Mapping[str, Case]:
    """Return the cases that ship with stgref.

    Returns
    -------
    mapping
        The cases by their ids.
    """
    return parse_cases(json.loads(shipped_text(f"{CASES_OF}.json"))["cases"])


def asked_cases(outputs: Any) -> Mapping[str, Case]:
    """Find the cases that outputs without cases of their own answer.

    Parameters
    ----------
    outputs : object
        The outputs by the ids of their cases, if they are what they should be.

    Returns
    -------
    mapping
        The cases of the vector sets, unless an id is that of a case of the shipped recording: then those.
    """
    recorded, vectors = _known_cases()
    known = isinstance(outputs, dict) and not recorded.keys().isdisjoint(outputs)
    return recorded if known else vectors


@cache
def _known_cases() -> tuple[Mapping[str, Case], Mapping[str, Case]]:
    """Read the shipped cases and the vectors, once for all files that have no cases of their own."""
    return MappingProxyType(shipped_cases()), MappingProxyType(all_cases())


def shipped_text(file: str) -> str:
    """Read a file next to the shipped recordings.

    Parameters
    ----------
    file : str
        Its name.

    Returns
    -------
    str
        Its text.
    """
    return (resources.files("stgref.conformance") / "recordings" / file).read_text(encoding="utf-8")


def _opened(path: Path) -> IO[bytes]:
    """Open a file, and nothing that would have to be waited for."""
    try:
        status = path.stat()
    except ValueError as error:  # A path with a zero byte.
        raise UnusableInputError(str(error)) from None
    _check_regular(status)
    # Something else may be there by now.
    return os.fdopen(
        os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb"
    )


def _checked_size(file: int, limit: int) -> int:
    status = os.fstat(file)
    _check_regular(status)
    if status.st_size > limit:
        raise UnusableInputError(f"{status.st_size} bytes are too many, the limit is {limit}")
    return status.st_size


def _check_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise UnusableInputError("not a regular file")


def _read_json(file: IO[bytes], _size: int, _name: str) -> Any:
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:  # It grew, or the system does not know its size.
        raise UnusableInputError(f"too large, the limit is {MAX_BYTES} bytes")
    return parse_json(data)


_READERS: dict[str, tuple[Reader, int]] = {
    ".npz": (read_npz, MAX_ARRAY_BYTES),
    ".safetensors": (read_safetensors, MAX_ARRAY_BYTES),
}
