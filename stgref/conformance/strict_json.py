"""JSON from strangers: nothing twice, no bare NaN, and one clear error for whatever is wrong."""

import json
from typing import Any, NoReturn

from stgref.conformance.errors import UnusableInputError


def parse_json(data: bytes) -> Any:
    """Read a JSON document.

    Parameters
    ----------
    data : bytes
        UTF-8 text, of a size that was looked at.

    Returns
    -------
    object
        The document.

    Raises
    ------
    UnusableInputError
        If it is not UTF-8, not JSON, too deep, or has a key twice or an integer of thousands of digits.
    """
    try:
        return json.loads(_text(data), object_pairs_hook=_unique, parse_constant=_refuse)
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


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnusableInputError(f"not UTF-8 text: byte {error.start} is 0x{data[error.start]:02x}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name, value in pairs:
        if name in document:
            raise UnusableInputError(f"the key {name[:80]!r} stands twice in one object")
        document[name] = value
    return document


def _refuse(constant: str) -> NoReturn:
    raise UnusableInputError(f'not JSON: a bare {constant}; write it as text, "{constant.lower()}"')
