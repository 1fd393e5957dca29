"""The right answers of the elementwise functions of a law."""

from collections.abc import Mapping
from functools import partial
from types import ModuleType

import numpy as np

from stgref.conformance.condition import Wanted, from_differences, from_partials
from stgref.conformance.functions import FUNCTIONS
from stgref.conformance.recording import Case
from stgref.conformance.values import Array
from stgref.laws import (
    bernoulli,
    binary_concrete,
    gumbel,
    hard_concrete,
    hard_kumaraswamy,
    kumaraswamy,
    logistic,
    normal,
    rectified_gaussian,
)

LAWS: Mapping[str, ModuleType] = {
    law.__name__.rpartition(".")[2]: law
    for law in (
        bernoulli,
        logistic,
        normal,
        gumbel,
        binary_concrete,
        hard_concrete,
        rectified_gaussian,
        kumaraswamy,
        hard_kumaraswamy,
    )
}


def answer(case: Case) -> dict[str, Wanted]:
    """Answer a case about a function of a law.

    Parameters
    ----------
    case : Case
        Its function is ``<law>.<quantity>`` or ``<law>.grad_<quantity>``; its arguments are in the function's order.

    Returns
    -------
    dict
        The right answer to each result.
    """
    law, name = case.function.split(".")
    known = FUNCTIONS.get(case.function)
    arguments = float64(case, known.arguments if known else tuple(case.arguments))
    if not name.startswith("grad_"):
        return {"value": value_of(law, name, arguments)}
    fields = getattr(LAWS[law], name)(*arguments)._fields
    return {field: from_differences(partial(_field, law, name, field), arguments) for field in fields}


def value_of(law: str, quantity: str, arguments: list[Array]) -> Wanted:
    """Evaluate a quantity of a law, with its condition sum from its gradient.

    Parameters
    ----------
    law, quantity : str
        Their names.
    arguments : list of numpy.ndarray
        In float64, all of one shape.

    Returns
    -------
    Wanted
        The value and the sum.
    """
    value = getattr(LAWS[law], quantity)(*arguments)
    gradient = getattr(LAWS[law], f"grad_{quantity}")(*arguments)
    partials = [x for name, x in zip(gradient._fields, gradient, strict=True) if name != "value"]
    return from_partials(value, arguments, partials)


def float64(case: Case, names: tuple[str, ...]) -> list[Array]:
    """Return arguments of a case in float64 and in one shape.

    Parameters
    ----------
    case : Case
        The case.
    names : tuple of str
        Which arguments.

    Returns
    -------
    list of numpy.ndarray
        The arguments, broadcast.
    """
    return [np.array(x, "float64") for x in np.broadcast_arrays(*(case.array(name) for name in names))]


def _field(law: str, name: str, field: str, *arguments: Array) -> Array:
    value: Array = getattr(getattr(LAWS[law], name)(*arguments), field)
    return value


def slope_of(law: str, quantity: str, arguments: list[Array]) -> Wanted:
    """Evaluate the derivative of a quantity of a law to its first parameter.

    Parameters
    ----------
    law, quantity : str
        Their names.
    arguments : list of numpy.ndarray
        The parameters, in float64, all of one shape.

    Returns
    -------
    Wanted
        The derivative and its condition sum.
    """
    first = getattr(LAWS[law], f"grad_{quantity}")(*arguments)._fields[0]
    return from_differences(partial(_field, law, f"grad_{quantity}", first), arguments)
