"""The right answers of the elementwise functions of a law."""

from collections.abc import Mapping
from functools import partial
from types import ModuleType

import numpy as np

from stgref.conformance.condition import Wanted, from_differences, from_partials
from stgref.conformance.functions import FUNCTIONS
from stgref.conformance.recording import Case
from stgref.conformance.values import Array
from stgref.laws import hard_concrete, rectified_gaussian

LAWS: Mapping[str, ModuleType] = {"hard_concrete": hard_concrete, "rectified_gaussian": rectified_gaussian}


def answer(case: Case) -> dict[str, Wanted]:
    """Answer a case about a function of a law.

    Parameters
    ----------
    case : Case
        Its function is ``<law>.<quantity>`` or ``<law>.grad_<quantity>``.

    Returns
    -------
    dict
        The right answer to each result.
    """
    law, name = case.function.split(".")
    arguments = float64(case, FUNCTIONS[case.function].arguments)
    if not name.startswith("grad_"):
        return {"value": value_of(law, name, arguments)}
    fields = FUNCTIONS[case.function].results
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
    return from_partials(value, arguments, getattr(LAWS[law], f"grad_{quantity}")(*arguments))


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
