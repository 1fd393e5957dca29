"""Ways to write a wrong formula down."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, TypeAlias

import numpy as np

from stgref.conformance.condition import from_differences
from stgref.conformance.laws import LAWS
from stgref.conformance.mistakes.asked import NORMAL, Asked, Formula, Guess
from stgref.conformance.values import Array

UNITS = (0, 1, -1, 2, -2)
"""By how many units in its last place an elementary function may be off in a wrong formula."""

ENDS = {"p": (0.0, 1.0), "upper": (1 + 2.0**-52, np.inf)}

Given: TypeAlias = dict[str, Array]
"""Arguments by name."""
Formulas: TypeAlias = Mapping[str, tuple[Formula, ...]]


def right(function: str, given: Given) -> Given:
    """Answer a function rightly, in float64.

    Parameters
    ----------
    function : str
        Its public name.
    given : dict
        The arguments, in order.

    Returns
    -------
    dict
        The results by name, of arrays that cannot be written to.
    """
    arrays = map(np.asarray, given.values())
    return dict(_answers(function, *((x.tobytes(), x.dtype.str, x.shape) for x in arrays)))


@lru_cache(maxsize=256)
def _answers(function: str, *given: tuple[bytes, str, tuple[int, ...]]) -> Given:
    """What `right` answers: the many wrong formulas of one function ask the same, over and over."""
    import stgref  # noqa: PLC0415  with the laws, which not every check needs

    arrays = [np.frombuffer(data, dtype).reshape(shape) for data, dtype, shape in given]
    made = attrgetter(function)(stgref)(*arrays)
    fields = made._asdict() if hasattr(made, "_asdict") else {"value": made}
    answers = {name: np.asarray(x, "float64") for name, x in fields.items()}
    for x in answers.values():
        x.flags.writeable = False
    return answers


def exactly(wrong: Callable[[Given], Mapping[str, Array]]) -> Formula:
    """Take a formula whose numbers are accurate; it is the formula that is wrong.

    Parameters
    ----------
    wrong : callable
        Takes the arguments in float64, returns the results that it touches.

    Returns
    -------
    callable
        The formula.
    """

    def formula(asked: Asked) -> dict[str, Guess]:
        given = asked.exact
        names = [name for name in wrong(given) if name in asked.got]
        made = from_differences(_stacked(wrong, names, given), list(given.values()))
        return {
            name: Guess(value[None], condition)
            for name, value, condition in zip(names, made.value, made.condition, strict=True)
        }

    return formula


def _stacked(
    wrong: Callable[[Given], Mapping[str, Array]], names: list[str], given: Given
) -> Callable[..., Array]:
    """Return the results as one array; arguments that are moved for the condition stay in their domain."""

    def value(*arguments: Array) -> Array:
        tamed = {
            name: np.clip(x, *ENDS.get(name, (-np.inf, np.inf)))
            for name, x in zip(given, arguments, strict=True)
        }
        made = wrong(tamed)
        return np.stack(
            [np.broadcast_to(np.asarray(made[name], "float64"), arguments[0].shape) for name in names]
        )

    return value


def lossy(
    inner: Callable[[Given], Array], outer: Callable[[Array, Given], Array], name: str = "value"
) -> Formula:
    """Take a formula that loses digits.

    Parameters
    ----------
    inner : callable
        Takes the arguments in the dtype of the cases, returns the number that loses them, rounded to it.
    outer : callable
        Takes that number and the arguments, returns the result.
    name : str
        The name of the result.

    Returns
    -------
    callable
        The formula.
    """
    return lossy_fields(inner, {name: outer})


def lossy_fields(
    inner: Callable[[Given], Array], outers: Mapping[str, Callable[[Array, Given], Array]]
) -> Formula:
    """Take a formula that loses digits, of several results.

    Parameters
    ----------
    inner : callable
        As `lossy` takes it.
    outers : mapping
        For each result, what `lossy` takes as ``outer``.

    Returns
    -------
    callable
        The formula.
    """

    def formula(asked: Asked) -> dict[str, Guess]:
        given = asked.native
        rounded = np.asarray(inner(given), asked.dtype)
        unit = np.spacing(np.abs(np.where(np.isfinite(rounded), rounded, 0)))
        flushed = np.where(np.abs(rounded) < NORMAL * np.finfo(asked.dtype).smallest_normal, 0, rounded)
        choices = [*(rounded + k * unit for k in UNITS), flushed]
        made = {
            name: np.stack([np.asarray(outer(each, given), "float64") for each in choices])
            for name, outer in outers.items()
            if name in asked.got
        }
        return {name: Guess(x, asked.wanted[name].condition + np.abs(x[0])) for name, x in made.items()}

    return formula


@cache
def functions() -> Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the scalar functions of the vector sets.

    Returns
    -------
    mapping
        The names of the arguments and of the results, by the name of the function.
    """
    from stgref.conformance.vector_sets import document  # noqa: PLC0415  which knows the judge

    described: dict[str, Any] = {}
    for law in LAWS:
        described |= document(law)["functions"]
    return {
        name: (tuple(each["arguments"]), tuple(each["results"]))
        for name, each in described.items()
        if name.partition(".")[0] in LAWS
    }


def for_each(names: Iterable[str], make: Callable[[str], Formula | None]) -> Formulas:
    """Write the same formula for several functions.

    Parameters
    ----------
    names : iterable of str
        The functions.
    make : callable
        Takes the name of a function, returns the formula; None where there is none.

    Returns
    -------
    mapping
        The formulas by function.
    """
    return {name: (formula,) for name in names if (formula := make(name))}


def merged(*parts: Formulas) -> Formulas:
    """Join formulas.

    Parameters
    ----------
    *parts : mapping
        Formulas by function.

    Returns
    -------
    mapping
        All of them: alternatives where a function is in several.
    """
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: tuple(formula for part in parts for formula in part.get(name, ())) for name in names}
