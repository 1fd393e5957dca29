"""Which cases a subject is asked, or judged by."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

import numpy as np

from stgref.conformance.functions import LAYERS, PARAMETERS
from stgref.conformance.recording import Case

Domain: TypeAlias = Mapping[str, tuple[float, float]]
Which: TypeAlias = Callable[[Case], bool]

#: A layer's names for the parameters of its law.
LAYER_NAMES = {
    called: name
    for layer in LAYERS.values()
    for called, name in zip((layer.parameter, *layer.options), PARAMETERS[layer.law], strict=True)
}


def inside(domain: Domain | None, cases: Iterable[Case]) -> Which:
    """Tell the cases all of whose arguments are where a subject claims to be right.

    Parameters
    ----------
    domain : mapping or None
        ``(low, high)`` by the name of an argument; those that are not named may be anything.
    cases : iterable of Case
        Of which the names are known.

    Returns
    -------
    callable
        Takes a case.

    Raises
    ------
    TypeError, ValueError
        If it is no such mapping, or no case has an argument of that name.
    """
    bounds = bounds_of(domain)
    known = {name for case in cases for name in _numbers(case)}
    if unknown := [name for name in bounds if name not in known]:
        raise ValueError(
            f"domain: no case has an argument {unknown[0]!r}; there are {', '.join(sorted(known))}"
        )

    def claimed(case: Case) -> bool:
        numbers = _numbers(case)
        return all(
            bool(np.all((low <= numbers[name]) & (numbers[name] <= high)))
            for name, (low, high) in bounds.items()
            if name in numbers
        )

    return claimed


def bounds_of(domain: Domain | None) -> Domain:
    """Check what a subject claims.

    Parameters
    ----------
    domain : mapping or None
        ``(low, high)`` by the name of an argument; None claims everything.

    Returns
    -------
    mapping
        The same, as floats.

    Raises
    ------
    TypeError, ValueError
        If it is no such mapping.
    """
    if domain is None:
        return {}
    if not isinstance(domain, Mapping):
        raise TypeError(f"domain: takes a mapping of names to (low, high), got {domain!r}")
    return {name: _bounds(name, ends) for name, ends in domain.items()}


def named(patterns: Sequence[str] | str | None, functions: Collection[str]) -> Callable[[str], bool]:
    """Tell the functions whose names fit one of some patterns.

    Parameters
    ----------
    patterns : sequence of str, str or None
        Names, in which ``*`` stands for any text; None for all.
    functions : collection of str
        The names there are.

    Returns
    -------
    callable
        Takes a name.

    Raises
    ------
    ValueError
        If a pattern fits none of the names.
    """
    if patterns is None:
        return lambda _: True
    wanted = (patterns,) if isinstance(patterns, str) else tuple(patterns)
    for pattern in wanted:
        if not any(fnmatchcase(function, pattern) for function in functions):
            raise ValueError(f"function: there is none called {pattern!r}")
    return lambda function: any(fnmatchcase(function, pattern) for pattern in wanted)


def _bounds(name: Any, ends: Any) -> tuple[float, float]:
    try:
        low, high = map(float, ends)
    except (TypeError, ValueError):
        raise TypeError(f"domain: {name} takes two numbers (low, high), got {ends!r}") from None
    if not low <= high:
        raise ValueError(f"domain: {name} takes (low, high) with low <= high, got {ends!r}")
    return low, high


def _numbers(case: Case) -> dict[str, np.ndarray]:
    """Return the arguments that are numbers, by the names that laws and layers give them."""
    arrays = {name: x for name, x in case.arguments.items() if isinstance(x, np.ndarray)}
    return arrays | {LAYER_NAMES[name]: x for name, x in arrays.items() if name in LAYER_NAMES}
