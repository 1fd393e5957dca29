"""Read a recording. The file may come from a stranger: nothing in it is trusted, and nothing in it is run.

The format is JSON, so there is no code to execute; the size is looked at before a byte is read; every place is
checked before it is used. Whatever is wrong is one `UnusableInputError` that says where and what.
"""

import json
import stat
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

from stgref.conformance.errors import UnusableInputError
from stgref.conformance.parse import parse_cases, parse_outputs, parse_subject
from stgref.conformance.recording import Case, Recording
from stgref.conformance.values import kind

MAX_BYTES = 16 * 1024 * 1024
CASES_OF = "captum-0.9.0"
_KEYS = {"format", "subject", "notes", "cases", "outputs"}


def load(path: str | Path) -> Recording:
    """Read a recording from a file.

    Parameters
    ----------
    path : str or pathlib.Path
        A JSON file with ``subject`` and ``outputs``, and ``cases`` if they are its own: without them, its outputs are
        answers to the cases that ship with stgref.

    Returns
    -------
    Recording
        The subject, the cases and the outputs.

    Raises
    ------
    UnusableInputError
        If the file cannot be read, is too large, is not JSON, or is not a recording.
    """
    return parse(_document(_text(Path(path))))


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
    cases = parse_cases(document["cases"]) if "cases" in document else shipped_cases()
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


def shipped_cases() -> Mapping[str, Case]:
    """Return the cases that ship with stgref.

    Returns
    -------
    mapping
        The cases by their ids.
    """
    return parse_cases(json.loads(shipped_text(f"{CASES_OF}.json"))["cases"])


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


def _text(path: Path) -> str:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnusableInputError("not a regular file")
        if status.st_size > MAX_BYTES:
            raise UnusableInputError(f"{status.st_size} bytes are too many, the limit is {MAX_BYTES}")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnusableInputError(error.strerror or "cannot be read") from None
    except ValueError as error:  # A path with a zero byte; or one of the two above.
        raise UnusableInputError(str(error)) from None
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
