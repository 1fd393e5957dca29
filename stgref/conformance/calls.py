"""How a live subject is called on a case of a vector set."""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

import numpy as np

from stgref.conformance.functions import LAYERS
from stgref.conformance.recording import Case

ESTIMATORS = "estimators"
NOISE = "noise"
TANGENT = "d_"


def call(case: Case, f: Callable[..., Any]) -> Any:
    """Call a function on the arguments of a case, as subjects are called.

    Parameters
    ----------
    case : Case
        Of a vector set.
    f : callable
        Implements the function of the case.

    Returns
    -------
    object
        What it returns.
    """
    owner = case.function.partition(".")[0]
    if owner in LAYERS:
        return f(**{name: _plain(value) for name, value in case.arguments.items()})
    return _estimate(case, f) if owner == ESTIMATORS else _quantity(case, f)


def _quantity(case: Case, f: Callable[..., Any]) -> Any:
    """Call a function of a law: tangents go by keyword, all else by position."""
    given = {name: np.array(value) for name, value in case.arguments.items()}
    tangents = {name: value for name, value in given.items() if name.startswith(TANGENT)}
    return f(*(value for name, value in given.items() if name not in tangents), **tangents)


def _estimate(case: Case, f: Callable[..., Any]) -> Any:
    """Call an estimator: objective, parameters, noise, and options by keyword."""
    import stgref  # noqa: PLC0415  with the estimators, which not every check needs

    arguments: dict[str, Any] = dict(case.arguments)
    objective, options = arguments.pop("objective"), arguments.pop("options", {})
    noise = [np.array(arguments.pop(name)) for name in case.arguments if name.partition(".")[0] == NOISE]
    packed = attrgetter(case.function)(stgref).noise.pack(noise)
    given = {name: _option(value) for name, value in options.items()}
    return f(_option(objective), *map(np.array, arguments.values()), packed, **given)


def _option(value: Any) -> Any:
    """Return an objective that is written as its name and its fields, anything else as it is."""
    if not isinstance(value, Mapping):
        return value
    from stgref.estimators import objectives  # noqa: PLC0415

    fields = {name: _option(part) for name, part in value.items() if name != "name"}
    return getattr(objectives, value["name"])(**fields)


def _plain(value: Any) -> Any:
    """Return a copy for the subject to spoil, and a plain number for a lone one."""
    if not isinstance(value, np.ndarray):
        return value
    return np.array(value) if value.ndim else value.item()
