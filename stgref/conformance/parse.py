"""From the JSON of a recording to cases and outputs, every place checked."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from stgref.conformance.errors import UnusableInputError
from stgref.conformance.functions import FLAG, FUNCTIONS, INTEGER, LAYERS, PARAMETERS, TEXT, Function
from stgref.conformance.recording import DTYPES, KINDS, Argument, Case, Failure, Output
from stgref.conformance.reference import from_list
from stgref.conformance.values import Array, decode, kind

MAX_TEXT = 500
MAX_ELEMENTS = 1_000_000
BROADCAST = {name for names in PARAMETERS.values() for name in names}
BROADCAST |= {name for layer in LAYERS.values() for name in (layer.parameter, *layer.options)}
_CASE_KEYS = {"id", "function", "dtype", "kind", "flags", "arguments"}


def parse_subject(node: Any) -> Mapping[str, Any]:
    """Check who made the recording.

    Parameters
    ----------
    node : object
        A name, or an object with at least ``name``.

    Returns
    -------
    mapping
        Text by text.
    """
    subject = {"name": node} if isinstance(node, str) else node
    if not isinstance(subject, dict) or not isinstance(subject.get("name"), str):
        raise UnusableInputError("'subject' must be a name, or an object with a 'name'")
    for key in subject:
        if not key.isprintable() or len(key) > MAX_TEXT:
            raise UnusableInputError(f"'subject': a key must be printable text, got {key[:40]!r}")
        _text(subject, key, "'subject'")
    return subject


def parse_cases(node: Any) -> Mapping[str, Case]:
    """Read the cases.

    Parameters
    ----------
    node : object
        A list of objects with ``id``, ``function``, ``dtype``, ``arguments`` and perhaps ``kind`` and ``flags``.

    Returns
    -------
    mapping
        The cases by their ids.
    """
    if not isinstance(node, list):
        raise UnusableInputError(f"'cases' must be a list, not {kind(node)}")
    cases: dict[str, Case] = {}
    for position, entry in enumerate(node):
        case = _case(entry, f"case {position}")
        if case.id in cases:
            raise UnusableInputError(f"case {position}: the id {case.id!r} is taken")
        cases[case.id] = case
    return cases


def parse_outputs(node: Any, cases: Mapping[str, Case]) -> Mapping[str, Output]:
    """Read the outputs and see that they answer the cases.

    A function that is not answered at all in a dtype is one that the subject does not implement. Of one that it does
    implement, it answers every case.

    Parameters
    ----------
    node : object
        An object that gives the results of each case by its id.
    cases : mapping
        The cases.

    Returns
    -------
    mapping
        The outputs by the ids of their cases.
    """
    if not isinstance(node, dict):
        raise UnusableInputError(f"'outputs' must be an object, not {kind(node)}")
    if not node:
        raise UnusableInputError("'outputs' is empty: there is nothing to check")
    if unknown := [name for name in node if name not in cases]:
        raise UnusableInputError(f"outputs for an unknown case {unknown[0][:80]!r}")
    answered = {(cases[name].function, cases[name].dtype) for name in node}
    for case in cases.values():
        if (case.function, case.dtype) in answered and case.id not in node:
            raise UnusableInputError(
                f"no output for case {case.id!r}, although others of {case.function} have one"
            )
    return {name: _output(entry, cases[name]) for name, entry in node.items()}


def _case(node: Any, where: str) -> Case:
    if not isinstance(node, dict):
        raise UnusableInputError(f"{where} must be an object, not {kind(node)}")
    if unknown := set(node) - _CASE_KEYS:
        raise UnusableInputError(f"{where}: unknown key {min(unknown)[:40]!r}")
    name = _text(node, "id", where)
    where = f"case {name[:80]!r}"
    function = _one_of(node, "function", FUNCTIONS, where)
    dtype = _one_of(node, "dtype", DTYPES, where)
    answer = next(
        known for known in KINDS if known == _one_of({"kind": "valid"} | node, "kind", KINDS, where)
    )
    flags = node.get("flags", [])
    if not isinstance(flags, list) or not all(isinstance(flag, str) and flag.isprintable() for flag in flags):
        raise UnusableInputError(f"{where}: 'flags' must be a list of texts")
    arguments = _arguments(node.get("arguments"), FUNCTIONS[function], dtype, where)
    _check_size(arguments, where, bulk=answer != "invalid" and function.split(".")[0] not in LAYERS)
    return Case(name, function, dtype, arguments, answer, tuple(flags))


def _arguments(node: Any, function: Function, dtype: str, where: str) -> Mapping[str, Argument]:
    if not isinstance(node, dict):
        raise UnusableInputError(f"{where}: 'arguments' must be an object, not {kind(node)}")
    expected = set(function.arguments)
    if "noise" in expected and "uniform" in node:
        expected = expected - {"noise"} | {"uniform"}
    if missing := expected - set(node):
        raise UnusableInputError(f"{where}: argument {min(missing)!r} is missing")
    if unknown := set(node) - expected:
        raise UnusableInputError(f"{where}: unknown argument {min(unknown)[:40]!r}")
    # In the order of the function, whatever that of the file.
    names = [name if name in node else "uniform" for name in function.arguments]
    return {name: _argument(name, node[name], dtype, f"{where}, {name}") for name in names}


def _check_size(arguments: Mapping[str, Argument], where: str, *, bulk: bool) -> None:
    """See that small parameters do not broadcast to something large, and that only what can be divided is large."""
    largest = max((x.size for x in arguments.values() if isinstance(x, np.ndarray)), default=0)
    if largest > MAX_ELEMENTS and not bulk:
        raise UnusableInputError(f"{where}: {largest} elements, over {MAX_ELEMENTS}")
    parameters = (x for name, x in arguments.items() if name in BROADCAST)
    try:
        shape = np.broadcast_shapes(*(x.shape for x in parameters if isinstance(x, np.ndarray)))
    except ValueError:
        raise UnusableInputError(f"{where}: the arguments do not broadcast") from None
    limit = max(MAX_ELEMENTS, largest)
    if math.prod(shape) > limit:
        raise UnusableInputError(
            f"{where}: the arguments broadcast to {math.prod(shape)} elements, over {limit}"
        )


def _argument(name: str, node: Any, dtype: str, where: str) -> Argument:
    if name in TEXT:
        return _one_of({name: node}, name, TEXT[name], where)
    if name in FLAG:
        if not isinstance(node, bool):
            raise UnusableInputError(f"{where} must be true or false, not {kind(node)}")
        return node
    if node is None and name in {"noise", "mask"}:
        return None
    array = _asked(node, "int64" if name in INTEGER else dtype, where)
    if not np.all(np.isfinite(array)):
        raise UnusableInputError(f"{where} must be finite")
    return array


def _asked(node: Any, dtype: str, where: str) -> Array:
    """Read an argument; an array is of the dtype, for another one would have asked another question."""
    if not isinstance(node, np.ndarray):
        return decode(node, dtype, where)
    if node.dtype.str[1:] != np.dtype(dtype).str[1:]:
        raise UnusableInputError(f"{where}: takes {dtype}, got {node.dtype}")
    return node.astype(dtype, copy=False)


def _output(node: Any, case: Case) -> Output:
    where = f"output {case.id!r}"
    if not isinstance(node, dict):
        raise UnusableInputError(f"{where} must be an object, not {kind(node)}")
    if set(node) == {"error"} and isinstance(node["error"], str):
        return Failure("".join(c if c.isprintable() else " " for c in node["error"][:MAX_TEXT]))
    if not node and case.kind == "invalid":  # As the vector sets have it: no results.
        return Failure("no results")
    results = case.result_names
    if missing := [name for name in results if name not in node]:
        raise UnusableInputError(f"{where}: result {missing[0]!r} is missing")
    if unknown := [name for name in node if name not in results]:
        raise UnusableInputError(f"{where}: unknown result {unknown[0][:40]!r}")
    found = {name: _numbers(node[name], case.dtype, f"{where}, {name}") for name in results}
    return {
        name: from_list(x, name, case) if isinstance(node[name], list) else x for name, x in found.items()
    }


def _numbers(node: Any, dtype: str, where: str) -> Array:
    """Read numbers from JSON, or take an array; one that has more digits is rounded once."""
    if not isinstance(node, np.ndarray):
        return decode(node, dtype, where)
    with np.errstate(over="ignore"):
        return node.astype(dtype, copy=False)


def _text(node: Mapping[str, Any], key: str, where: str) -> str:
    value = node.get(key)
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > MAX_TEXT:
        raise UnusableInputError(
            f"{where}: {key[:40]!r} must be printable text, of 1 to {MAX_TEXT} characters"
        )
    return value


def _one_of(node: Mapping[str, Any], key: str, known: Any, where: str) -> str:
    value = node.get(key)
    if not isinstance(value, str) or value not in known:
        shown = repr(value[:60]) if isinstance(value, str) else kind(value)
        few = f"; one of {', '.join(known)}" if len(known) < 6 else ""
        raise UnusableInputError(f"{where}: unknown {key} {shown}{few}")
    return value
