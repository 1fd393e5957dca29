"""Name the wrong formula behind the failures of a function, from all its cases together.

A single number may fit several wrong formulas by chance. So a function of the vector sets is judged whole: a formula is
named if it gives every number that the subject returned, the right ones included, and is wrong wherever the subject is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TypeAlias

import numpy as np

from stgref.conformance.condition import Wanted
from stgref.conformance.defect import Defect
from stgref.conformance.defects import DEFECTS
from stgref.conformance.mistakes.asked import Asked, Formula, Guess
from stgref.conformance.recording import Case, Failure, Output, Recording
from stgref.conformance.report import Check
from stgref.conformance.vector import Vector

Group: TypeAlias = tuple[str, str]
"""A function and a dtype."""


def name_causes(checks: Iterable[Check], recording: Recording, factor: float) -> list[Check]:
    """Name the causes of failures, function by function.

    Parameters
    ----------
    checks : iterable of Check
        Of the cases of a recording, each judged by itself.
    recording : Recording
        The cases and the outputs.
    factor : float
        The factor of the tolerance.

    Returns
    -------
    list of Check
        The same. Those of vectors that fail by their numbers have the cause that explains the whole function, or none.
    """
    found = list(checks)
    failing = dict.fromkeys(_group(check) for check in found if _by_numbers(check, recording))
    causes = _causes({group: list(_asked(recording, group, factor)) for group in failing})
    return [
        _named(check, causes[_group(check)], recording.cases[check.id])
        if _by_numbers(check, recording)
        else check
        for check in found
    ]


def _causes(asked: Mapping[Group, Sequence[Asked]]) -> dict[Group, Defect | None]:
    """Look for one cause in both dtypes: what cannot be told apart in one may be in the other. Failing that, in each."""
    causes: dict[Group, Defect | None] = {}
    for function in {function for function, _ in asked}:
        groups = [group for group in asked if group[0] == function]
        common = _cause([each for group in groups for each in asked[group]])
        alone = len(groups) == 1 or common is not None
        causes |= {group: common if alone else _cause(asked[group]) for group in groups}
    return causes


def _group(check: Check) -> Group:
    return check.function, check.dtype


def _by_numbers(check: Check, recording: Recording) -> bool:
    """Tell a case of a vector set whose numbers are wrong."""
    case = recording.cases.get(check.id)
    return check.status == "fail" and isinstance(case, Vector) and check.worst is not None


def _named(check: Check, cause: Defect | None, case: Case) -> Check:
    """Name the cause of the function; what a case of arrays was named for, by many numbers, may stand."""
    if cause is not None:
        return replace(check, defect=cause.name, diagnosis=cause.description)
    if check.defect is None or not _of_numbers(case):
        return check
    return replace(
        check, defect=None, diagnosis="off by more than the tolerance, and the function in no known way"
    )


def _asked(recording: Recording, group: Group, factor: float) -> Iterator[Asked]:
    """Put the cases of numbers side by side; a case of arrays stands alone."""
    together: list[tuple[Vector, Output]] = []
    for name, output in recording.outputs.items():
        case = recording.cases[name]
        if (case.function, case.dtype) != group or not isinstance(case, Vector) or case.kind != "valid":
            continue
        if not _fitting(case, output):
            continue
        if _of_numbers(case):
            together.append((case, output))
        else:
            yield _side_by_side([(case, output)], factor, alone=True)
    if together:
        yield _side_by_side(together, factor, alone=False)


def _of_numbers(case: Case) -> bool:
    return all(isinstance(x, np.ndarray) and x.ndim == 0 for x in case.arguments.values())


def _fitting(case: Vector, output: Output) -> bool:
    return not isinstance(output, Failure) and all(
        output[name].shape == case.results[name].shape for name in output
    )


def _side_by_side(pairs: Sequence[tuple[Vector, Output]], factor: float, *, alone: bool) -> Asked:
    cases = [case for case, _ in pairs]
    outputs = [output for _, output in pairs if not isinstance(output, Failure)]
    names = [name for name in cases[0].names if all(name in output for output in outputs)]
    answers = [case.wanted() or {} for case in cases]

    def stacked(parts: Iterable[object]) -> np.ndarray:
        kept = [np.asarray(part) for part in parts]
        return kept[0] if alone else np.stack(kept)

    return Asked(
        cases[0],
        {name: stacked(case.arguments[name] for case in cases) for name in cases[0].arguments}
        if not alone
        else dict(cases[0].arguments),
        {
            name: Wanted(
                stacked(each[name].value for each in answers),
                stacked(each[name].condition for each in answers),
                rounding=answers[0][name].rounding,
            )
            for name in names
        },
        {name: stacked(output[name] for output in outputs) for name in names},
        factor,
        alone=alone,
    )


def _cause(asked: Sequence[Asked]) -> Defect | None:
    """Choose the formula that fits, with the fewest units in the last place granted."""
    if not asked:
        return None
    function = asked[0].function
    fits = [
        (strain, place)
        for place, defect in enumerate(DEFECTS)
        for formula in _formulas(defect).get(function, ())
        if (strain := _strain(formula, asked)) is not None
    ]
    return DEFECTS[min(fits)[1]] if fits else None


def _strain(formula: Formula, asked: Sequence[Asked]) -> float | None:
    total, seen = 0.0, False
    for each in asked:
        guesses = _guesses(formula, each)
        fit = None if guesses is None else each.fit(guesses)
        if fit is None:
            return None
        total, seen = total + fit.strain, seen or fit.seen
    return total if seen else None


def _guesses(formula: Formula, asked: Asked) -> Mapping[str, Guess] | None:
    """Ask a formula; one that does not take the arguments does not apply."""
    try:
        with np.errstate(all="ignore"):
            return formula(asked)
    except ValueError:
        return None


@cache
def _formulas(defect: Defect) -> dict[str, tuple[Formula, ...]]:
    return dict(defect.formulas())
