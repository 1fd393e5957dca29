"""Record an implementation that is at hand: call it on the cases that ship with stgref."""

import inspect
import operator
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from stgref.conformance.calls import call
from stgref.conformance.drawn import Drawn
from stgref.conformance.errors import said
from stgref.conformance.functions import FUNCTIONS, LAYERS
from stgref.conformance.recording import Case, Failure, Output, Recording
from stgref.conformance.reference import from_list
from stgref.conformance.terms import base_noise
from stgref.conformance.values import Array, real
from stgref.conformance.vector import Vector


def record(
    subject: Any, cases: Iterable[Case], dtype: str, which: Callable[[Case], bool], *, empty: bool = False
) -> Recording:
    """Call a subject on every case that it implements.

    Parameters
    ----------
    subject : mapping or object
        Callables by the names of the functions; or an object whose attributes have these names.
    cases : iterable of Case
        The cases.
    dtype : str
        The dtype in which to call it.
    which : callable
        Takes a case, returns whether the subject is asked it.
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
    there_are = list(cases)
    names = list(dict.fromkeys(case.function for case in there_are))
    found = {name: f for name in names if (f := look_up(subject, name)) is not None}
    if not found and not empty:
        few = f"{', '.join(names[:6])} ... ({len(names)} in all)" if len(names) > 6 else ", ".join(names)
        raise TypeError(f"subject: has none of the functions {few}")
    asked = {case.id: case for case in there_are if case.dtype == dtype and which(case)}
    outputs: dict[str, Output] = {}
    for name, f in found.items():
        outputs |= _answers(f, [case for case in asked.values() if case.function == name])
    in_order = {name: outputs[name] for name in asked if name in outputs}
    return Recording({"name": name_of(subject)}, asked, in_order)


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
    try:
        return str(getattr(subject, "__name__", type(subject).__name__))
    except Exception:  # noqa: BLE001  an attribute may be anybody's code
        return type(subject).__name__


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
        owner = operator.attrgetter(function.rpartition(".")[0])(subject)
        call: Callable[..., Any] = getattr(owner, function.rpartition(".")[2])
    except Exception:  # noqa: BLE001  an attribute may be anybody's code
        return None
    return None if inspect.isclass(owner) and _is_method(call) else call


def _is_method(call: Callable[..., Any]) -> bool:
    """Tell a method that lacks its object."""
    return inspect.isfunction(call) and next(iter(inspect.signature(call).parameters), "") == "self"


def _answers(f: Callable[..., Any], cases: Sequence[Case]) -> dict[str, Output]:
    """Call a function on its cases: those of single numbers at once, as arrays, the others one by one."""
    numbers = [case for case in cases if isinstance(case, Vector) and case.elementwise]
    together = _together(f, [case for case in numbers if case.kind != "invalid"])
    alone = [case for case in cases if case.id not in together]
    return together | {case.id: _ask(f, case) for case in alone}


def _together(f: Callable[..., Any], cases: Sequence[Vector]) -> dict[str, Output]:
    """Call a function on many numbers; nothing is answered if that is an error, or not one number for each."""
    if not cases:
        return {}
    names, count = cases[0].arguments, len(cases)
    columns = [np.array([case.arguments[name] for case in cases], cases[0].dtype) for name in names]
    try:
        results = _quietly(f, cases[0], *columns)
        spread = {name: np.broadcast_to(value, (count,)) for name, value in results.items()}
    except (Exception, SystemExit):  # noqa: BLE001  one of the numbers may be to blame: each is asked for by itself
        return {}
    return {
        case.id: {name: np.asarray(value[i]) for name, value in spread.items()}
        for i, case in enumerate(cases)
    }


def _ask(f: Callable[..., Any], case: Case) -> Output:
    try:
        if isinstance(case, Vector) and case.elementwise:
            arguments = (np.array([x], case.dtype) for x in case.arguments.values())
            return {name: np.reshape(x, ()) for name, x in _quietly(f, case, *arguments).items()}
        return _ask_points(f, case) if isinstance(case, Drawn) else _quietly(partial(_call, f, case), case)
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a stranger's code raises is its answer
        return Failure(said(error))


def _ask_points(f: Callable[..., Any], case: Drawn) -> dict[str, Array]:
    """Call a function on all points at once; one by one if that is an error, or not one number for each."""
    columns = [np.array(x) for x in case.arguments.values()]
    count = len(columns[0])
    try:
        results = _quietly(f, case, *map(np.copy, columns))
        return {name: np.broadcast_to(value, (count,)) for name, value in results.items()}
    except (Exception, SystemExit):  # noqa: BLE001  it may take single numbers only
        single = [_quietly(f, case, *(x[i : i + 1].copy() for x in columns)) for i in range(count)]
        return {name: np.array([each[name].item() for each in single], case.dtype) for name in single[0]}


def _quietly(f: Callable[..., Any], case: Case, *arguments: Array) -> dict[str, Array]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return _results(f(*arguments), case)


def _call(f: Callable[..., Any], case: Case) -> Any:
    layer = LAYERS.get(case.function.split(".")[0])
    if layer and "uniform" in case.arguments:
        return call(case.asking("noise", np.asarray(base_noise(case, layer), case.dtype)), f)
    if layer or isinstance(case, Vector):
        return call(case, f)
    arrays = np.broadcast_arrays(*(case.array(name) for name in FUNCTIONS[case.function].arguments))
    return f(*map(np.array, arrays))


def _results(returned: Any, case: Case) -> dict[str, Array]:
    """Name what was returned; fields of a gradient may be absent."""
    names = case.result_names
    if names == ("value",):
        return {"value": _real(returned, "value", case)}
    if hasattr(returned, "_asdict"):
        returned = returned._asdict()
    if not isinstance(returned, Mapping):
        returned = dict(zip(names, returned, strict=True))
    # A gradient that is None is one that is not there; a layer has both its results.
    gradients = not case.function.endswith(".forward")
    given = {name: returned[name] for name in names if name in returned}
    given = {name: value for name, value in given.items() if value is not None or not gradients}
    if not given:
        raise TypeError(f"returns none of {', '.join(names)}")
    return {name: _real(value, name, case) for name, value in given.items()}


def _real(value: Any, name: str, case: Case) -> Array:
    array = real(value, name)
    return from_list(array, name, case) if isinstance(value, list | tuple) else array
