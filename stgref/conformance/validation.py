"""Check a subject's outputs against the reference."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from stgref.conformance.causes import name_causes
from stgref.conformance.declared import can_be_asked
from stgref.conformance.defects import UNCHECKED
from stgref.conformance.drawing import drawn_for
from stgref.conformance.errors import UnusableInputError
from stgref.conformance.expected import compare_with_expected, expected_defects
from stgref.conformance.files import load, shipped, shipped_cases, shipped_names
from stgref.conformance.judge import judge
from stgref.conformance.live import look_up, name_of, record
from stgref.conformance.profile import PLAIN, Profile, profile_of
from stgref.conformance.progress import track
from stgref.conformance.recording import DTYPES, Case, Recording
from stgref.conformance.report import Check, Report
from stgref.conformance.sampling import SAMPLERS, judge_samplers, seed_of
from stgref.conformance.selection import NO_SUCH, Domain, bounds_of, inside, named, unknown
from stgref.conformance.vector import Vector
from stgref.conformance.vector_sets import all_cases
from stgref.numerics.arguments import choice, number
from stgref.numerics.domains import DOMAINS, POSITIVE

SHIPPED = shipped_names()
TOLERANCE = 4.0
FALSE_ALARM = 1e-6


def validate(
    subject_or_path: Any = None,
    *,
    dtype: str = "float64",
    tolerance: float = TOLERANCE,
    domain: Domain | None = None,
    rng: Any = None,
    profile: Any = None,
    functions: Sequence[str] | str | None = None,
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
        A recording, or the file that holds one. Or a live subject, which is called on the cases that ship with stgref, and on
        points that are drawn, the same ones every time, for each function of a scalar law (the case ``<function>.<f32|f64>.drawn``):
        callables by the names of the functions, or an object whose attributes have these names. By default, every
        recording that ships with stgref; these are known to show certain defects, and pass if exactly those are caught.
    dtype : {"float64", "float32"}
        The dtype in which a live subject is called; the cases of a recording have theirs.
    tolerance : float, default 4
        The factor in the bound.
    domain : mapping, optional
        ``(low, high)`` by the name of an argument, where the subject claims less than everything: cases with another value are
        left out, and points are drawn there.
    rng : int, SeedSequence, Generator or BitGenerator, optional
        Source of the randomness that a live subject's samplers are given; by default fresh entropy, which the report tells.
        What one sampler is given does not depend on the others.
    profile : Profile, mapping, str or pathlib.Path, optional
        The conventions that the subject declares, or the name of one of `PROFILES`, or a JSON file: it is held to those, and right
        under them is ``acceptable``.
    functions : str or sequence of str, optional
        Names of functions, in which ``*`` stands for any text: the only ones that are checked.
    false_alarm : float, default 1e-6
        The probability that any right sampler at all is blamed, divided over all checks of samples that there are.

    Returns
    -------
    Report
        One check for each case; for samplers, one for each test of a case.

    Raises
    ------
    UnusableInputError
        If the file cannot be read, or does not hold a recording; or if nothing is left to check.
    TypeError
        If a live subject has none of the functions, or an argument is of another type.
    ValueError
        If the tolerance is not a positive number, the false-alarm rate not between 0 and 1, or there is no such dtype, argument,
        convention or function.

    Examples
    --------
    >>> from stgref.conformance import validate
    >>> report = validate()
    >>> report.passed
    True
    >>> {"empty-batch", "erf-tail", "mask-gap"} <= {check.defect for check in report.checks}
    True
    """
    tolerance = number("validate", "tolerance", tolerance, POSITIVE)
    false_alarm = number("validate", "false_alarm", false_alarm, DOMAINS["u"])
    choice("validate", "dtype", dtype, DTYPES)
    seed, declared = seed_of(rng), profile_of(profile)
    if subject_or_path is None:
        return _shipped(tolerance, functions)
    subject = load(subject_or_path) if isinstance(subject_or_path, str | Path) else subject_or_path
    if isinstance(subject, Recording):
        asked = _named(subject.cases, named(functions, _functions(subject.cases)))
        recording = subject.only(_choice(asked, domain, declared))
        return _report(recording, _checks(recording, tolerance, declared, asked), tolerance)
    cases = {**shipped_cases(), **all_cases()}
    of_function = named(functions, _functions(cases) | SAMPLERS)
    asked = _named(cases, of_function)
    samples = judge_samplers(
        lambda name: look_up(subject, name) if of_function(name) else None,
        name_of(subject),
        dtype,
        seed,
        false_alarm,
        bounds_of(domain),
        declared,
    )
    chosen = _choice(asked, domain, declared)
    asked |= drawn_for(subject, _functions(asked), dtype, domain, declared)
    recording = record(subject, asked.values(), dtype, chosen, empty=bool(samples))
    asked = {name: case for name, case in asked.items() if case.dtype == dtype}
    checks = (_lenient(check, recording) for check in _checks(recording, tolerance, declared, asked))
    slips = unknown(subject, _functions(cases) | SAMPLERS, of_function)
    no_such = (Check(recording.name, name, "*", dtype, "skipped", NO_SUCH) for name in slips)
    return _report(recording, (*checks, *samples, *no_such), tolerance)


def _report(recording: Recording, checks: Iterable[Check], tolerance: float) -> Report:
    judged = tuple(replace(check, expected=check.status != "fail") for check in checks)
    if all(check.status == "skipped" for check in judged):
        raise UnusableInputError("there is nothing to check: no case is left of what the subject implements")
    return Report((recording.subject,), tolerance, judged)


def _functions(cases: Mapping[str, Case]) -> set[str]:
    return {case.function for case in cases.values()}


def _named(cases: Mapping[str, Case], of_function: Callable[[str], bool]) -> dict[str, Case]:
    return {name: case for name, case in cases.items() if of_function(case.function)}


def _choice(cases: Mapping[str, Case], domain: Domain | None, profile: Profile) -> Callable[[Case], bool]:
    claimed = inside(domain, cases.values())
    return lambda case: case.id in cases and claimed(case) and can_be_asked(case, profile)


def _lenient(check: Check, recording: Recording) -> Check:
    """Let a live subject answer where there is no answer, unless it is a known defect: its caller may check arguments."""
    case = recording.cases.get(check.id)
    accepted = check.status == "fail" and check.defect in {None, UNCHECKED}
    if accepted and isinstance(case, Vector) and case.kind == "invalid":
        return replace(
            check, status="acceptable", diagnosis="numbers, and no error, outside the domain", defect=None
        )
    return check


def _shipped(tolerance: float, functions: Sequence[str] | str | None) -> Report:
    recordings = {name: shipped(name) for name in SHIPPED}
    every = set().union(*(_functions(recording.cases) for recording in recordings.values()))
    of_function = named(functions, every)
    checks: list[Check] = []
    for name, recording in recordings.items():
        expected = expected_defects(name, recording)
        asked = recording.only(lambda case: of_function(case.function))
        # What a framework does not implement is no news here: validation/RESULTS.md lists it.
        answered = (check for check in _checks(asked, tolerance) if check.status != "skipped")
        checks += [compare_with_expected(check, expected) for check in answered]
    return Report(tuple(recording.subject for recording in recordings.values()), tolerance, tuple(checks))


def _checks(
    recording: Recording,
    tolerance: float,
    profile: Profile = PLAIN,
    there_are: Mapping[str, Case] | None = None,
) -> Iterable[Check]:
    """Judge every output; skip the functions that have none, of all that there are."""
    judged = [
        replace(judge(recording.cases[name], output, tolerance, profile), subject=recording.name)
        for name, output in track(recording.outputs.items(), recording.name)
    ]
    yield from name_causes(judged, recording, tolerance)
    asked, answered = (
        _kinds(recording.cases),
        _kinds({name: recording.cases[name] for name in recording.outputs}),
    )
    for function, dtype in _kinds(there_are or recording.cases):
        if (function, dtype) not in answered:
            why = (
                "the subject has no output for it"
                if (function, dtype) in asked
                else "no case is where the subject claims to be right"
            )
            yield Check(recording.name, function, "*", dtype, "skipped", why)


def _kinds(cases: Mapping[str, Case]) -> dict[tuple[str, str], None]:
    """Return the functions and dtypes, in order."""
    return dict.fromkeys((case.function, case.dtype) for case in cases.values())
