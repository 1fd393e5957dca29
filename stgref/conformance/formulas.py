"""Ways to say which wrong formula an implementation has: each returns a predicate of the `Evidence` of a failure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from stgref.conformance.condition import Wanted
from stgref.conformance.errors import UnusableInputError
from stgref.conformance.evidence import Evidence, Explains, Predicted
from stgref.conformance.functions import LAYERS, PARAMETERS
from stgref.conformance.laws import float64
from stgref.conformance.layers import penalty, share
from stgref.conformance.recording import Argument, Case
from stgref.conformance.reference import answer
from stgref.conformance.values import Array

Formula: TypeAlias = Callable[..., Wanted]


def value(function: str, formula: Formula) -> Explains:
    """Explain the value of a function by another formula.

    Parameters
    ----------
    function : str
        Its public name.
    formula : callable
        Takes the function's arguments in the dtype of the case.

    Returns
    -------
    callable
        The predicate.
    """

    def explains(evidence: Evidence) -> bool:
        # Where an error is the right answer, the formula has none to give.
        if evidence.case.function != function or evidence.wanted is None:
            return False
        law = function.split(".", maxsplit=1)[0]
        return evidence.reproduced_by({"value": formula(*_own(evidence.case, PARAMETERS[law]))})

    return explains


def open_probability(law: str, formula: Formula) -> Explains:
    """Explain an open probability, or the penalty made of it, by another formula.

    Parameters
    ----------
    law : str
        The law of the gate.
    formula : callable
        Takes the law's parameters in the dtype of the case.

    Returns
    -------
    callable
        The predicate.
    """
    direct = value(f"{law}.prob_active", formula)

    def explains(evidence: Evidence) -> bool:
        if not _is_layer(evidence.case, law, "forward"):
            return direct(evidence)
        case = evidence.case
        if evidence.wanted is None:
            return False
        p = formula(*_own(case, _names(case)))
        total = Wanted(penalty(case, p.value), np.abs(penalty(case, np.abs(p.value) + p.condition)))
        if isinstance(p, Predicted):
            whole = case.arguments["reg_reduction"] == "none"
            total = Predicted(total.value, total.condition, np.abs(penalty(case, p.step)), whole)
        return evidence.reproduced_by({"l0_reg": total})

    return explains


def open_slope(law: str, formula: Formula) -> Explains:
    """Explain the gradient of the penalty by another formula for one gate's.

    Parameters
    ----------
    law : str
        The law of the gate.
    formula : callable
        The derivative of the open probability; takes the law's parameters in the dtype of the case.

    Returns
    -------
    callable
        The predicate.
    """

    def explains(evidence: Evidence) -> bool:
        case = evidence.case
        if evidence.wanted is None or not _is_layer(case, law, "vjp"):
            return False
        name = LAYERS[case.function.split(".")[0]].parameter
        data = answer(
            replace(case, arguments={**case.arguments, "d_l0_reg": np.zeros_like(case.array("d_l0_reg"))})
        )
        if data is None:
            return False
        scale, dp = np.asarray(case.array("d_l0_reg") * share(case)), formula(*_own(case, _names(case)))
        total = Wanted(
            data[name].value + scale * dp.value, data[name].condition + np.abs(scale) * dp.condition
        )
        if isinstance(dp, Predicted):
            total = Predicted(total.value, total.condition, np.abs(scale) * dp.step)
        return evidence.reproduced_by({name: total})

    return explains


def answers_instead(
    change: Callable[[Case], Mapping[str, Argument]], results: Sequence[str], function: str = ""
) -> Explains:
    """Explain the output as the right answer to another question.

    Parameters
    ----------
    change : callable
        Takes the case, returns the arguments that the subject has taken for others; none if it would not.
    results : sequence of str
        The results that it gets wrong in this way.
    function : str
        What the names of the functions in question begin with.

    Returns
    -------
    callable
        The predicate.
    """

    def explains(evidence: Evidence) -> bool:
        case = evidence.case
        changed = change(case) if case.function.startswith(function) else {}
        if not changed:
            return False
        kept = {name: x for name, x in case.arguments.items() if name != "uniform" or "noise" not in changed}
        try:
            other = answer(replace(case, arguments={**kept, **changed}))
        except UnusableInputError:
            return False
        return evidence.reproduced_by(
            {name: other[name] for name in results if name in other} if other else {}
        )

    return explains


def _own(case: Case, names: tuple[str, ...]) -> list[Array]:
    return [x.astype(case.dtype) for x in float64(case, names)]


def _names(case: Case) -> tuple[str, ...]:
    layer = LAYERS[case.function.split(".")[0]]
    return (layer.parameter, *layer.options)


def _is_layer(case: Case, law: str, method: str) -> bool:
    name, _, called = case.function.partition(".")
    return name in LAYERS and LAYERS[name].law == law and called == method
