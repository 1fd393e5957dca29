"""What the right answer to a case is, and how much an output may differ from it.

A case of a vector set brings its answer with it; all others are put to stgref.

stgref is asked in float64 whatever the dtype of the case, with the very numbers of the case, so a float32 subject is
judged against an answer with 29 more bits. The base noise is the one argument that may need a rounding first: given as
``uniform`` u it is log(u) - log(1 - u), in float64. That is off by about an ulp of the noise, which the noise's term in
the condition sum covers. The sum takes the noise, not u, for its argument: the condition in u is 1/(1 - u) times as
large and would forgive an error in the noise of any size as u approaches 1.
"""

from dataclasses import replace

import numpy as np

from stgref.conformance import laws, layers
from stgref.conformance.condition import Wanted
from stgref.conformance.drawn import Drawn
from stgref.conformance.errors import UnusableInputError
from stgref.conformance.functions import LAYERS, PARAMETERS
from stgref.conformance.recording import Case
from stgref.conformance.values import Array
from stgref.conformance.vector import Vector

REACH = 4


def answer(case: Case) -> dict[str, Wanted] | None:
    """Answer a case.

    Parameters
    ----------
    case : Case
        Any case.

    Returns
    -------
    dict or None
        The right answer to each result; None where an error is the right answer.

    Raises
    ------
    UnusableInputError
        If stgref finds the arguments wrong and the case does not say so, or the other way round.
    """
    if isinstance(case, Vector | Drawn):
        return case.wanted()
    try:
        wanted = _answer(case)
    except (ValueError, TypeError, IndexError) as error:
        if case.kind == "invalid":
            return None
        raise UnusableInputError(f"case {case.id!r} has no answer: {error}") from None
    if case.kind == "invalid":
        raise UnusableInputError(f"case {case.id!r} is not invalid: stgref has an answer")
    return wanted


def from_list(value: Array, name: str, case: Case) -> Array:
    """Give what was a list the shape of the right answer if both are empty: an empty list does not tell its other lengths.

    Parameters
    ----------
    value : numpy.ndarray
        What the list became.
    name : str
        The result.
    case : Case
        What was asked.

    Returns
    -------
    numpy.ndarray
        The same, or as empty as it.
    """
    right = None if value.size else (answer(case) or {}).get(name)
    return value if right is None or right.value.size else value.reshape(right.value.shape)


def conventions(case: Case) -> list[dict[str, Wanted]]:
    """Answer a case at a clip point under the other conventions.

    The derivative at a clip point is the one from the left, the one from the right, or their mean. Both sides are
    found by moving the trained parameter `REACH` ulp down and up, which is also as far as a subject's own rounding may
    have moved it.

    Parameters
    ----------
    case : Case
        Of kind ``acceptable``.

    Returns
    -------
    list of dict
        The answers from the left, from the right, and halfway.
    """
    if isinstance(case, Vector):
        return case.alternatives()
    name = _trained(case)
    parameter = np.asarray(case.array(name), "float64")
    step = REACH * float(np.finfo(case.dtype).eps) * np.maximum(np.abs(parameter), 1.0)
    sides = [
        _answer(replace(case, arguments={**case.arguments, name: np.asarray(parameter + s)}))
        for s in (-step, step)
    ]
    left, right = sides
    middle = {result: _halfway(left[result], right[result]) for result in left}
    return [left, right, middle]


def _answer(case: Case) -> dict[str, Wanted]:
    return layers.answer(case) if case.function.split(".")[0] in LAYERS else laws.answer(case)


def _trained(case: Case) -> str:
    owner = case.function.split(".")[0]
    return LAYERS[owner].parameter if owner in LAYERS else PARAMETERS[owner][0]


def _halfway(a: Wanted, b: Wanted) -> Wanted:
    return Wanted((a.value + b.value) / 2, (a.condition + b.condition) / 2)
