"""Recordings in files of arrays: how their names and their header make the document that the JSON would be.

An array is named ``<id>/<result>``; the text of an error, ``<id>/error``. A recording with cases of its own has a header, a
JSON text under the name ``recording``: an object with ``cases``, and perhaps ``subject`` and ``notes``, as the JSON has
them. Arguments that are arrays stand outside the header, named ``cases/<id>/<argument>``. They have the dtype of the case.
"""

from collections.abc import Mapping
from typing import Any

from stgref.conformance.errors import UnusableInputError
from stgref.conformance.values import Array, kind

HEADER = "recording"
ERROR = "error"
ARGUMENTS = "cases/"
_KEYS = {"format", "subject", "notes", "cases"}


def document(arrays: Mapping[str, Array | str], header: Any, name: str) -> dict[str, Any]:
    """Put arrays and header together.

    Parameters
    ----------
    arrays : mapping
        Numbers, and the texts of errors, by their names.
    header : object
        What the JSON parser made of the header; None if there is none.
    name : str
        The subject, if the header does not say who it is.

    Returns
    -------
    dict
        The document of a recording, with arrays in place of lists of numbers. Its places are still to be checked.

    Raises
    ------
    UnusableInputError
        If a name is none of these, or an argument belongs to no case.
    """
    head = _checked(header)
    arguments = _arguments(head.get("cases"))
    outputs: dict[str, dict[str, Any]] = {}
    for key, value in arrays.items():
        if key.startswith(ARGUMENTS):
            _add_argument(arguments, key, value)
        else:
            case, slash, result = key.rpartition("/")
            if not slash:
                raise UnusableInputError(f"an array is named '<id>/<result>', this one {key[:80]!r}")
            outputs.setdefault(case, {})[result] = value
    return {"subject": name, **head, "outputs": outputs}


def _checked(header: Any) -> dict[str, Any]:
    if header is None:
        return {}
    if not isinstance(header, dict):
        raise UnusableInputError(f"the header {HEADER!r} must be an object, not {kind(header)}")
    if unknown := set(header) - _KEYS:
        raise UnusableInputError(
            f"unknown key {min(unknown)[:40]!r} in the header; it has {', '.join(sorted(_KEYS))}"
        )
    return header


def _arguments(cases: Any) -> dict[str, Any]:
    """Find the arguments of each case, by its id; whatever is no case is found later."""
    nodes = [node for node in cases if isinstance(node, dict)] if isinstance(cases, list) else []
    return {node["id"]: node.setdefault("arguments", {}) for node in nodes if isinstance(node.get("id"), str)}


def _add_argument(arguments: Mapping[str, Any], key: str, value: Array | str) -> None:
    """Put an array where the JSON has its argument."""
    case, _, argument = key.removeprefix(ARGUMENTS).rpartition("/")
    if case not in arguments:
        raise UnusableInputError(f"array {key[:80]!r}: the header has no case {case[:80]!r}")
    if not isinstance(arguments[case], dict) or argument in arguments[case]:
        raise UnusableInputError(f"array {key[:80]!r}: the header has the argument as well")
    arguments[case][argument] = value
