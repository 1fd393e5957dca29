"""Name the wrong formula behind the failures of a function, from all its cases together.

A single number may fit several wrong formulas by chance. So a function of the vector sets is judged whole: a formula is
named if it gives every number that the subject returned, the right ones included, and is wrong wherever the subject is.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TypeAlias

import numpy as np

from stgref.conformance.condition import Wanted
from stgref.conformance.defect import Defect
from stgref.conformance.defects import DEFECTS
from stgref.conformance.drawn import Drawn
from stgref.conformance.mistakes.asked import Asked, Fit, Formula, Guess
from stgref.conformance.recording import Case, Failure, Output, Recording
from stgref.conformance.report import Check
from stgref.conformance.vector import Vector

ENOUGH = 4
"""Where several formulas fit, in how many cases they must be wrong: then they are the same formula by different names."""

Group: TypeAlias = tuple[str, str]
"""A function and a dtype."""
ENOUGH = 4
"""Errors without an answer between them, which are no longer about what is asked."""


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
    found = _without_silence(list(checks), recording)
    failing = dict.fromkeys(_group(check) for check in found if _by_numbers(check, recording))
    causes = _causes({group: list(_asked(recording, group, factor)) for group in failing})
    return [
        _named(check, causes[_group(check)], recording.cases[check.id])
        if _by_numbers(check, recording)
        else check
        for check in found
    ]


def _without_silence(checks: Sequence[Check], recording: Recording) -> list[Check]:
    """Take the names from the errors of a function that never answers: none of its arguments is to blame."""
    asked = Counter(_kind(recording.cases[name]) for name in recording.outputs)
    answered = {
        _kind(recording.cases[name])
        for name, output in recording.outputs.items()
        if not isinstance(output, Failure)
    }

    def silent(check: Check) -> bool:
        group = _group(check)
        return check.defect is not None and group not in answered and asked[group] >= ENOUGH

    return [
        replace(check, defect=None, diagnosis=_error(recording.outputs[check.id])) if silent(check) else check
        for check in checks
    ]


def _error(output: Output) -> str:
    return f"an error instead of numbers: {output.text}" if isinstance(output, Failure) else ""


def _causes(asked: Mapping[Group, Sequence[Asked]]) -> dict[Group, Defect | None]:
    """Look for one cause in both dtypes: what cannot be told apart in one may be in the other. Failing that, in each."""
    causes: dict[Group, Defect | None] = {}
    for function in {function for function, _ in asked}:
        fits = {group: _fits(function, asked[group]) for group in asked if group[0] == function}
        common = _best(list(fits.values()))
        causes |= {group: common or _best([each]) for group, each in fits.items()}
    return causes


def _group(check: Check) -> Group:
    return check.function, check.dtype


def _kind(case: Case) -> Group:
    return case.function, case.dtype


def _by_numbers(check: Check, recording: Recording) -> bool:
    """Tell a case of a vector set, or of drawn points, whose numbers are wrong."""
    case = recording.cases.get(check.id)
    return check.status == "fail" and isinstance(case, Vector | Drawn) and check.worst is not None


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


def _fits(function: str, asked: Sequence[Asked]) -> dict[tuple[int, int], Fit]:
    """Find the formulas that fit, by the place of the defect and of the formula in it."""
    places = [
        (place, variant, formula)
        for place, defect in enumerate(DEFECTS)
        for variant, formula in enumerate(_formulas(defect).get(function, ()))
    ]
    found = {(place, variant): _fit(formula, asked) for place, variant, formula in places if asked}
    return {key: fit for key, fit in found.items() if fit is not None}


def _fit(formula: Formula, asked: Sequence[Asked]) -> Fit | None:
    total = Fit()
    for each in asked:
        guesses = _guesses(formula, each)
        fit = None if guesses is None else each.fit(guesses)
        if fit is None:
            return None
        total = total + fit
    return total


def _best(fits: Sequence[Mapping[tuple[int, int], Fit]]) -> Defect | None:
    """Choose what fits everywhere: with the least strain, and the first of those; none, if few numbers decide."""
    common = set.intersection(*(set(each) for each in fits))
    total = {key: sum((each[key] for each in fits), start=Fit()) for key in common}
    ranked = sorted((fit.strain, key[0], fit.seen) for key, fit in total.items() if fit.seen)
    if not ranked:
        return None
    least, place, seen = ranked[0]
    rivals = {other for strain, other, _ in ranked if strain == least}
    return DEFECTS[place] if len(rivals) == 1 or seen >= ENOUGH else None


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
