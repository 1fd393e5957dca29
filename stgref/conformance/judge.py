"""Judge one output."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import partial

import numpy as np

from stgref.conformance.bulk import is_bulk, judge_in_parts, off
from stgref.conformance.compare import Distance, distance
from stgref.conformance.condition import Wanted
from stgref.conformance.declared import declared_answer
from stgref.conformance.defects import diagnose
from stgref.conformance.evidence import Evidence
from stgref.conformance.profile import PLAIN, Profile
from stgref.conformance.recording import Case, Failure, Output
from stgref.conformance.reference import answer, conventions
from stgref.conformance.report import Check, Status, Worst
from stgref.conformance.spread import spread_of
from stgref.conformance.values import Array, hexadecimal
from stgref.conformance.where import inputs_of


def judge(
    case: Case, output: Output, factor: float, profile: Profile = PLAIN, *, explain: bool = True
) -> Check:
    """Check one output against the right answer.

    Parameters
    ----------
    case : Case
        What the subject was asked.
    output : mapping or Failure
        What it returned.
    factor : float
        The factor of the tolerance.
    profile : Profile
        What the subject declares.
    explain : bool
        Whether to look for a known defect.

    Returns
    -------
    Check
        Whether it is right, how far off it is, and why.
    """
    if is_bulk(case):
        return judge_in_parts(case, output, partial(judge, factor=factor, profile=profile))
    wanted = _asked(answer(case), output)
    evidence = Evidence(case, output, wanted, factor, explain=explain)
    if wanted is None:
        return _outside(evidence)
    if isinstance(output, Failure):
        return _plain(evidence, f"an error instead of numbers: {output.text}")
    if wrong := [name for name, right in wanted.items() if output[name].shape != right.value.shape]:
        name = wrong[0]
        return _plain(
            evidence, f"{name} has shape {output[name].shape}, the right one is {wanted[name].value.shape}"
        )
    declared = declared_answer(case, profile) if profile != PLAIN else None
    if declared:
        return _under(evidence, output, *declared)
    return _measured(evidence, output, wanted)


def _outside(evidence: Evidence) -> Check:
    """Judge what is asked where there is no answer: NaN stands for an error where none can be raised."""
    output = evidence.output
    if isinstance(output, Failure):
        return _plain(evidence, "")
    if all(bool(np.all(np.isnan(x))) for x in output.values()):
        return replace(
            _plain(evidence, ""), status="acceptable", diagnosis="nan, where others raise an error"
        )
    return _plain(evidence, "an error is the right answer; got numbers")


def _under(evidence: Evidence, output: Mapping[str, Array], words: str, found: dict[str, Wanted]) -> Check:
    """Judge by what the subject declares; what is right without that is right as well if it is a clamp."""
    factor, dtype = evidence.factor, evidence.case.dtype
    far = {name: distance(x, found[name], dtype, factor) for name, x in output.items()}
    if all(each.right for each in far.values()):
        return replace(
            _check(evidence, "acceptable", far), diagnosis=f"right under what is declared: {words}"
        )
    plain = _measured(evidence, output, evidence.wanted or {})
    if plain.status != "fail":
        clamps = all("clamped" in word for word in words.split(", "))
        return (
            plain
            if clamps
            else replace(plain, status="fail", diagnosis=f"right, but not under what is declared: {words}")
        )
    check = _check(evidence, "fail", far)
    return (
        check
        if check.defect
        else replace(check, diagnosis=f"{check.diagnosis}, under what is declared: {words}")
    )


def _asked(wanted: dict[str, Wanted] | None, output: Output) -> dict[str, Wanted] | None:
    """Leave out what the output is silent about; a recording is never."""
    if wanted is None or isinstance(output, Failure):
        return wanted
    return {name: each for name, each in wanted.items() if name in output}


def _measured(evidence: Evidence, output: Mapping[str, Array], wanted: Mapping[str, Wanted]) -> Check:
    case, factor = evidence.case, evidence.factor
    far = {name: distance(output[name], right, case.dtype, factor) for name, right in wanted.items()}
    status: Status = "pass" if all(each.right for each in far.values()) else "fail"
    if status == "fail" and case.kind == "acceptable":
        others = [
            {n: distance(output[n], right, case.dtype, factor) for n, right in c.items() if n in far}
            for c in conventions(case)
        ]
        nearest = {name: _nearest([far[name], *(other[name] for other in others)]) for name in far}
        if all(each.right for each in nearest.values()):
            status, far = "acceptable", nearest
    return _check(evidence, status, far)


def _nearest(distances: Sequence[Distance]) -> Distance:
    """Take each element under the convention that it is nearest to."""
    choice = np.argmin([each.tolerances for each in distances], axis=0)
    return Distance(
        *(np.choose(choice, [getattr(each, f.name) for each in distances]) for f in fields(Distance))
    )


def _check(evidence: Evidence, status: Status, far: Mapping[str, Distance]) -> Check:
    case = evidence.case
    result, worst = max(far.items(), key=lambda item: item[1].tolerances.max(initial=0.0))
    index = worst.worst if worst.got.size else None
    defect = diagnose(evidence) if status == "fail" and evidence.explain else None
    count, wrong = (
        sum(each.got.size for each in far.values()),
        sum(int(np.sum(each.tolerances > 1)) for each in far.values()),
    )
    cause = {
        "pass": "",
        "acceptable": "right under another convention for the derivative at a clip point",
        "fail": defect.description if defect else off(wrong, count),
    }
    return replace(
        _blank(case),
        status=status,
        diagnosis=cause[status],
        defect=defect.name if defect else None,
        count=count,
        worst=None if index is None else _worst(case, result, index, worst),
        spread=spread_of(case, far),
    )


def _worst(case: Case, result: str, index: tuple[int, ...], far: Distance) -> Worst:
    return Worst(
        result=result,
        index=index,
        tolerances=float(far.tolerances[index]),
        ulp=float(far.ulp[index]),
        got=hexadecimal(float(far.got[index])),
        wanted=hexadecimal(float(far.wanted[index])),
        inputs=inputs_of(case, result, index),
    )


def _plain(evidence: Evidence, problem: str) -> Check:
    """Report an output that has no numbers to compare."""
    defect = diagnose(evidence) if problem and evidence.explain else None
    return replace(
        _blank(evidence.case),
        status="fail" if problem else "pass",
        diagnosis=defect.description if defect else problem,
        defect=defect.name if defect else None,
    )


def _blank(case: Case) -> Check:
    return Check("", case.function, case.id, case.dtype, "pass")
