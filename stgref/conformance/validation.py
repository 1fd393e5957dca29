"""Check a subject's outputs against the reference."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from stgref.conformance.expected import compare_with_expected, expected_defects
from stgref.conformance.files import load, shipped, shipped_cases, shipped_names
from stgref.conformance.judge import judge
from stgref.conformance.live import look_up, name_of, record
from stgref.conformance.recording import DTYPES, Recording
from stgref.conformance.report import Check, Report
from stgref.conformance.sampling import judge_samplers, seed_of

SHIPPED = shipped_names()
TOLERANCE = 4.0
FALSE_ALARM = 1e-6


def validate(
    subject_or_path: Any = None,
    *,
    dtype: str = "float64",
    tolerance: float = TOLERANCE,
    rng: Any = None,
    false_alarm: float = FALSE_ALARM,
) -> Report:
    """Check outputs of somebody's implementation against stgref.

    Every number is compared with stgref's. It is right if it is off by at most
    ``tolerance * eps * (|f| + sum_i |x_i df/dx_i|)``, with the eps of its dtype, the function f and its arguments x_i:
    by a few roundings of the result and of the arguments.

    Samples are tested against their exact laws and moments, by tests whose false-alarm rate is proved. Names that end in
    ``.sample`` are samplers: ``<law>.sample(shape, *params, rng=Generator)`` of shape (n, G), with a column for each of
    G parameters, and ``estimators.<name>.sample(n, objective, logits, rng=Generator, **options)`` of shape (n, D). Rows
    and columns are independent. Each is called twice with the same generator.

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
    rng : int, SeedSequence, Generator or BitGenerator, optional
        Source of the randomness that a live subject's samplers are given; by default fresh entropy, which the report tells.
        What one sampler is given does not depend on the others.
    false_alarm : float, default 1e-6
        The probability that any right sampler at all is blamed, divided over all checks of samples that there are.

    Returns
    -------
    Report
        One check for each case; for samplers, one for each test of a case.

    Raises
    ------
    UnusableInputError
        If the file cannot be read, or does not hold a recording.
    TypeError
        If a live subject has none of the functions.
    ValueError
        If the tolerance is not a positive number, the false-alarm rate not between 0 and 1, or there is no such dtype.

    Examples
    --------
    >>> from stgref.conformance import validate
    >>> report = validate()
    >>> report.passed
    True
    >>> sorted({check.defect for check in report.checks if check.defect})[:3]
    ['empty-batch', 'erf-tail', 'mask-gap']
    """
    if not 0 < tolerance < float("inf"):
        raise ValueError(f"tolerance: takes a positive number, got {tolerance!r}")
    if not 0 < false_alarm < 1:
        raise ValueError(f"false_alarm: takes a number between 0 and 1, got {false_alarm!r}")
    if dtype not in DTYPES:
        raise ValueError(f"dtype: takes one of {', '.join(DTYPES)}, got {dtype!r}")
    seed = seed_of(rng)
    if subject_or_path is None:
        return _shipped(tolerance)
    samples = _samples(subject_or_path, dtype, seed, false_alarm)
    recording = _recording(subject_or_path, dtype, sampler=bool(samples))
    checks = (*_checks(recording, tolerance), *samples)
    return Report(
        (recording.subject,),
        tolerance,
        tuple(replace(check, expected=check.status != "fail") for check in checks),
    )


def _samples(subject_or_path: Any, dtype: str, seed: int, false_alarm: float) -> list[Check]:
    if isinstance(subject_or_path, Recording | str | Path):
        return []
    look = partial(look_up, subject_or_path)
    return judge_samplers(look, name_of(subject_or_path), dtype, seed, false_alarm)


def _recording(subject_or_path: Any, dtype: str, *, sampler: bool) -> Recording:
    if isinstance(subject_or_path, Recording):
        return subject_or_path
    if isinstance(subject_or_path, str | Path):
        return load(subject_or_path)
    return record(subject_or_path, shipped_cases().values(), dtype, empty=sampler)


def _shipped(tolerance: float) -> Report:
    recordings = {name: shipped(name) for name in SHIPPED}
    checks: list[Check] = []
    for name, recording in recordings.items():
        expected = expected_defects(name, recording)
        # What a framework does not implement is no news here: validation/RESULTS.md lists it.
        answered = (check for check in _checks(recording, tolerance) if check.status != "skipped")
        checks += [compare_with_expected(check, expected) for check in answered]
    return Report(tuple(recording.subject for recording in recordings.values()), tolerance, tuple(checks))


def _checks(recording: Recording, tolerance: float) -> Iterable[Check]:
    answered = {(recording.cases[name].function, recording.cases[name].dtype) for name in recording.outputs}
    for name, output in recording.outputs.items():
        yield replace(judge(recording.cases[name], output, tolerance), subject=recording.name)
    for function, dtype in dict.fromkeys((case.function, case.dtype) for case in recording.cases.values()):
        if (function, dtype) not in answered:
            yield Check(recording.name, function, "*", dtype, "skipped", "the subject has no output for it")
