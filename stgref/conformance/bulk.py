"""Cases of very many numbers, judged part by part, so that the memory for it does not grow with the case."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from stgref.conformance.functions import PARAMETERS
from stgref.conformance.progress import track
from stgref.conformance.recording import Case, Failure, Output
from stgref.conformance.report import Check, Worst
from stgref.conformance.spread import merged

PART = 1 << 16
"""Numbers of one result; what is computed for them stays in the processor's cache, or near it."""


def is_bulk(case: Case) -> bool:
    """Tell a case that is judged in parts.

    Parameters
    ----------
    case : Case
        Any case.

    Returns
    -------
    bool
        Whether it is one of many numbers, each of which has its own answer.
    """
    elementwise = case.function.split(".")[0] in PARAMETERS and case.kind != "invalid"
    return elementwise and math.prod(_shape(case)) > PART


def judge_in_parts(case: Case, output: Output, judge: Callable[..., Check]) -> Check:
    """Judge a case of many numbers.

    Parameters
    ----------
    case : Case
        The case.
    output : mapping or Failure
        What the subject returned.
    judge : callable
        Judges a part, ``judge(case, output, explain=True)``; and looks for a known defect if told to explain.

    Returns
    -------
    Check
        What `judge` would say of the whole.
    """
    shape = _shape(case)
    if not isinstance(output, Failure):
        for name, value in output.items():
            if value.shape != shape:
                words = f"{name} has shape {value.shape}, the right one is {shape}"
                return Check("", case.function, case.id, case.dtype, "fail", words)
    edges = _edges(math.prod(shape))
    checks: list[Check] = []
    causes: set[str | None] = set()
    for where in track([slice(*ends) for ends in pairwise(edges)], case.id):
        part, own = _part(case, output, where)
        # A defect explains the whole if it explains every part that fails.
        checks.append(judge(part, own, explain=None not in causes and len(causes) < 2))
        if checks[-1].status == "fail":
            causes.add(checks[-1].defect)
    return _joined(checks, edges, shape)


def _edges(size: int) -> list[int]:
    """Divide numbers into parts of much the same length."""
    count = math.ceil(size / PART)
    return [size * i // count for i in range(count + 1)]


def _part(case: Case, output: Output, where: slice) -> tuple[Case, Output]:
    shape = _shape(case)
    arguments = {
        name: np.broadcast_to(value, shape).flat[where]
        if isinstance(value, np.ndarray) and value.ndim
        else value
        for name, value in case.arguments.items()
    }
    own = output if isinstance(output, Failure) else {n: value.flat[where] for n, value in output.items()}
    return replace(case, arguments=arguments), own


def _joined(checks: Sequence[Check], edges: Sequence[int], shape: tuple[int, ...]) -> Check:
    """Say of the whole what was found about its parts."""
    first = next(c for status in ("fail", "acceptable", "pass") for c in checks if c.status == status)
    spreads = [check.spread for check in checks if check.spread]
    whole = replace(
        first,
        count=sum(check.count for check in checks),
        worst=_worst(checks, edges, shape),
        spread=merged(spreads) if spreads else None,
    )
    if first.status != "fail" or whole.spread is None:
        return whole
    causes = {check.defect for check in checks if check.status == "fail"}
    if len(causes) == 1 and None not in causes:
        return whole
    return replace(whole, defect=None, diagnosis=off(whole.spread.wrong, whole.count))


def off(wrong: int, count: int) -> str:
    """Say how many numbers are wrong.

    Parameters
    ----------
    wrong, count : int
        Of how many.

    Returns
    -------
    str
        The diagnosis of what has no other.
    """
    return f"{wrong} of {count} numbers are off by more than the tolerance"


def _worst(checks: Sequence[Check], edges: Sequence[int], shape: tuple[int, ...]) -> Worst | None:
    found = [(check.worst, at) for check, at in zip(checks, edges, strict=False) if check.worst]
    if not found:
        return None
    worst, at = max(found, key=lambda each: each[0].tolerances)
    return replace(worst, index=tuple(int(i) for i in np.unravel_index(at + worst.index[0], shape)))


def _shape(case: Case) -> tuple[int, ...]:
    return np.broadcast_shapes(*(x.shape for x in case.arguments.values() if isinstance(x, np.ndarray)))
