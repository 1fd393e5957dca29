"""Check a subject's outputs against the reference."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from stgref.conformance.expected import compare_with_expected, expected_defects
from stgref.conformance.files import load, shipped, shipped_cases
from stgref.conformance.judge import judge
from stgref.conformance.live import record
from stgref.conformance.recording import Recording
from stgref.conformance.report import Check, Report

SHIPPED = ("captum-0.9.0",)
TOLERANCE = 4.0


def validate(subject_or_path: Any = None, *, dtype: str = "float64", tolerance: float = TOLERANCE) -> Report:
    """Check outputs of somebody's implementation against stgref.

    Every number is compared with stgref's. It is right if it is off by at most
    ``tolerance * eps * (|f| + sum_i |x_i df/dx_i|)``, with the eps of its dtype, the function f and its arguments x_i:
    by a few roundings of the result and of the arguments.

    Parameters
    ----------
    subject_or_path : str, pathlib.Path, Recording, mapping or object, optional
        A recording, or the file that holds one. Or a live subject, which is called on the cases that ship with stgref:
        callables by the names of the functions, or an object whose attributes have these names. By default, every
        recording that ships with stgref; these are known to show certain defects, and pass if exactly those are caught.
    dtype : {"float64", "float32"}
        The dtype in which a live subject is called; the cases of a recording have theirs.
    tolerance : float, default 4
        The factor in the bound.

    Returns
    -------
    Report
        One check for each case.

    Raises
    ------
    UnusableInputError
        If the file cannot be read, or does not hold a recording.
    TypeError
        If a live subject has none of the functions.
    ValueError
        If the tolerance is not a positive number, or there is no such dtype.

    Examples
    --------
    >>> from stgref.conformance import validate
    >>> report = validate()
    >>> report.passed
    True
    >>> sorted({check.defect for check in report.checks if check.status == "fail"})[:3]
    ['empty-batch', 'erf-tail', 'mask-gap']
    """
    if not 0 < tolerance < float("inf"):
        raise ValueError(f"tolerance: takes a positive number, got {tolerance!r}")
    if subject_or_path is None:
        return _shipped(tolerance)
    recording = _recording(subject_or_path, dtype)
    checks = (replace(check, expected=check.status != "fail") for check in _checks(recording, tolerance))
    return Report((recording.subject,), tolerance, tuple(checks))


def _recording(subject_or_path: Any, dtype: str) -> Recording:
    if isinstance(subject_or_path, Recording):
        return subject_or_path
    if isinstance(subject_or_path, str | Path):
        return load(subject_or_path)
    return record(subject_or_path, shipped_cases().values(), dtype)


def _shipped(tolerance: float) -> Report:
    recordings = {name: shipped(name) for name in SHIPPED}
    checks: list[Check] = []
    for name, recording in recordings.items():
        expected = expected_defects(name, recording)
        checks += [compare_with_expected(check, expected) for check in _checks(recording, tolerance)]
    return Report(tuple(recording.subject for recording in recordings.values()), tolerance, tuple(checks))


def _checks(recording: Recording, tolerance: float) -> Iterable[Check]:
    answered = {(recording.cases[name].function, recording.cases[name].dtype) for name in recording.outputs}
    for name, output in recording.outputs.items():
        yield replace(judge(recording.cases[name], output, tolerance), subject=recording.name)
    for function, dtype in dict.fromkeys((case.function, case.dtype) for case in recording.cases.values()):
        if (function, dtype) not in answered:
            yield Check(recording.name, function, "*", dtype, "skipped", "the subject has no output for it")
