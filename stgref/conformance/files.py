"""Read a recording. The file may come from a stranger: nothing in it is trusted, and nothing in it is run.

The formats are JSON and arrays without objects, so there is no code to execute; the size is looked at before a byte is
read; every place is checked before it is used. Whatever is wrong is one `UnusableInputError` that says where and what.
"""

import json
import stat
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from stgref.conformance.arrays import read_outputs
from stgref.conformance.errors import UnusableInputError
from stgref.conformance.parse import parse_cases, parse_outputs, parse_subject
from stgref.conformance.recording import Case, Recording
from stgref.conformance.values import kind
from stgref.conformance.vector_sets import all_cases

MAX_BYTES = 16 * 1024 * 1024
CASES_OF = "captum-0.9.0"
_KEYS = {"format", "subject", "notes", "cases", "outputs"}


def load(path: str | Path) -> Recording:
    """Read a recording from a file.

    Parameters
    ----------
    path : str or pathlib.Path
        A JSON file with ``subject`` and ``outputs``, and ``cases`` if they are its own: without them, its outputs are
        answers to the vectors, or to the cases of the recording that ships with stgref. Or an ``.npz`` file of arrays
        named ``<id>/<result>``, whose subject is the name of the file.

    Returns
    -------
    Recording
        The subject, the cases and the outputs.

    Raises
    ------
    UnusableInputError
        If the file cannot be read, is too large, is not JSON, or is not a recording.
    """
    if Path(path).suffix != ".npz":
        return parse(_document(_text(Path(path))))
    _check_file(Path(path))
    outputs = read_outputs(Path(path))
    cases = asked_cases(outputs)
    return Recording(parse_subject(Path(path).stem), cases, parse_outputs(outputs, cases))


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


def _check_file(path: Path) -> None:
    """See that there is a file, and that it is not too large."""
    try:
        status = path.stat()
    except OSError as error:
        raise UnusableInputError(error.strerror or "cannot be read") from None
    except ValueError as error:  # A path with a zero byte.
        raise UnusableInputError(str(error)) from None
    if not stat.S_ISREG(status.st_mode):
        raise UnusableInputError("not a regular file")
    if status.st_size > MAX_BYTES:
        raise UnusableInputError(f"{status.st_size} bytes are too many, the limit is {MAX_BYTES}")


def _text(path: Path) -> str:
    _check_file(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnusableInputError(error.strerror or "cannot be read") from None
    if len(data) > MAX_BYTES:
        raise UnusableInputError(f"too large, the limit is {MAX_BYTES} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnusableInputError(f"not UTF-8 text: byte {error.start} is 0x{data[error.start]:02x}") from None


def _document(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise UnusableInputError(
            f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise UnusableInputError("not a recording: nested too deeply") from None
    except UnusableInputError:
        raise
    except ValueError:  # The one left: an integer with thousands of digits.
        raise UnusableInputError("not a recording: a number has too many digits") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise UnusableInputError(f"the key {twice[:80]!r} stands twice in one object")
    return document


def _refuse(constant: str) -> NoReturn:
    raise UnusableInputError(f'not JSON: a bare {constant}; write it as text, "{constant.lower()}"')
