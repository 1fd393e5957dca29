"""Record an implementation that is at hand: call it on the cases that ship with stgref."""

import operator
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from stgref.conformance.functions import FUNCTIONS, LAYERS
from stgref.conformance.recording import Case, Failure, Output, Recording
from stgref.conformance.terms import base_noise
from stgref.conformance.values import Array


def record(subject: Any, cases: Iterable[Case], dtype: str, *, empty: bool = False) -> Recording:
    """Call a subject on every case that it implements.

    Parameters
    ----------
    subject : mapping or object
        Callables by the names of the functions; or an object whose attributes have these names.
    cases : iterable of Case
        The cases.
    dtype : str
        The dtype in which to call it.
    empty : bool
        Whether it may have none of the functions.

    Returns
    -------
    Recording
        What it returned.

    Raises
    ------
    TypeError
        If it has none of the functions, and must have one.
    """
    asked = {case.id: case for case in cases if case.dtype == dtype}
    found = {case.function: look_up(subject, case.function) for case in asked.values()}
    outputs = {name: _ask(call, case) for name, case in asked.items() if (call := found[case.function])}
    if not outputs and not empty:
        raise TypeError(f"subject: has none of the functions {', '.join(found)}")
    return Recording({"name": name_of(subject)}, asked, outputs)


def name_of(subject: Any) -> str:
    """Say who a live subject is.

    Parameters
    ----------
    subject : object
        The subject.

    Returns
    -------
    str
        Its own name, or that of its type.
    """
    return str(getattr(subject, "__name__", type(subject).__name__))


def look_up(subject: Any, function: str) -> Callable[..., Any] | None:
    """Find a function of a subject.

    Parameters
    ----------
    subject : mapping or object
        The subject.
    function : str
        The function's public name.

    Returns
    -------
    callable or None
        None if it has none of this name.
    """
    if isinstance(subject, Mapping):
        return subject.get(function)
    try:
        call: Callable[..., Any] = operator.attrgetter(function)(subject)
    except AttributeError:
        return None
    return call


def _ask(call: Callable[..., Any], case: Case) -> Output:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _results(_call(call, case), case)
    except Exception as error:  # noqa: BLE001  whatever a stranger's code raises is its answer
        return Failure(f"{type(error).__name__}: {error}")


def _call(call: Callable[..., Any], case: Case) -> Any:
    layer = LAYERS.get(case.function.split(".")[0])
    if layer is None:
        arrays = np.broadcast_arrays(*(case.array(name) for name in FUNCTIONS[case.function].arguments))
        return call(*(np.array(x) for x in arrays))
    arguments = {name: _own(value) for name, value in case.arguments.items() if name != "uniform"}
    if "uniform" in case.arguments:
        arguments["noise"] = np.asarray(base_noise(case, layer), case.dtype)
    return call(**arguments)


def _own(value: Any) -> Any:
    """Return a copy for the subject to spoil, and a plain number for a lone one."""
    if not isinstance(value, np.ndarray):
        return value
    return np.array(value) if value.ndim else value.item()


def _results(returned: Any, case: Case) -> dict[str, Array]:
    names = FUNCTIONS[case.function].results
    if names == ("value",):
        return {"value": np.asarray(returned)}
    if hasattr(returned, "_asdict"):
        returned = returned._asdict()
    values = [returned[name] for name in names] if isinstance(returned, Mapping) else returned
    return {name: np.asarray(value) for name, value in zip(names, values, strict=True)}
