"""Check a subject's samplers."""

import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from stgref.conformance.profile import PLAIN, Profile
from stgref.conformance.progress import track
from stgref.conformance.report import Check, Statistics
from stgref.conformance.sampling.case import ROWS, Bounds, SamplerCase, Unusable
from stgref.conformance.sampling.plan import CASES, COUNT
from stgref.conformance.statistics import Measured
from stgref.conformance.values import Array

EFFECT = 0.01
"""The effect for which a report says how many samples it takes: in probability, or in standard deviations."""


def judge_samplers(
    look_up: Callable[[str], Callable[..., Any] | None],
    subject: str,
    dtype: str,
    seed: int,
    false_alarm: float,
    bounds: Bounds = MappingProxyType({}),
    profile: Profile = PLAIN,
) -> list[Check]:
    """Check all samplers of a subject.

    Parameters
    ----------
    look_up : callable
        The subject's callable of a name; None if it has none.
    subject : str
        Who it is.
    dtype : str
        The dtype of the parameters.
    seed : int
        Of all randomness. Each sampler has its own stream, whatever else the subject has.
    false_alarm : float
        The probability with which any right sampler at all is blamed.
    bounds : mapping
        ``(low, high)`` by the name of an argument, where the subject claims to be right.
    profile : Profile
        What it declares.

    Returns
    -------
    list of Check
        Some for each case; one that says it is skipped, for a sampler that the subject has not. None at all if it has none.
    """
    found = {case.function: look_up(case.function) for case in CASES}
    if all(call is None for call in found.values()):
        return []
    checks: list[Check] = []
    for case in track(CASES, "samplers"):
        if (call := found[case.function]) is None:
            continue
        if claimed := case.claimed(bounds, profile):
            checks += judge_sampler(claimed, call, dtype, seed, false_alarm / COUNT)
        else:
            words = "no such sample is what the subject claims"
            checks.append(Check("", case.function, f"{case.id}.output", dtype, "skipped", words))
    absent = [function for function, call in found.items() if call is None]
    checks += [
        Check("", function, "*", dtype, "skipped", "the subject has no such sampler") for function in absent
    ]
    return [replace(check, subject=subject) for check in checks]


def judge_sampler(
    case: SamplerCase, call: Callable[..., Any], dtype: str, seed: int, level: float
) -> list[Check]:
    """Check one sampler in one case.

    Parameters
    ----------
    case : SamplerCase
        What it is asked.
    call : callable
        The sampler.
    dtype : str
        The dtype of the parameters.
    seed : int
        Of all randomness.
    level : float
        The probability with which each check blames a right sampler.

    Returns
    -------
    list of Check
        First ``output``: whether samples came that can be tested. Then the tests, skipped if not.
    """
    output = Check("", case.function, f"{case.id}.output", dtype, "pass", count=ROWS)
    try:
        sample = case.draw(call, dtype, _stream(case, "sample", seed))
    except Unusable as error:
        return [replace(output, status="fail", diagnosis=str(error)), *_skipped(case, dtype)]
    checks = [output, *_tested(case, sample, dtype, seed, level)]
    if all(check.status == "pass" for check in checks):
        return checks
    return list(_explained(case, sample, dtype, seed, checks))


def _skipped(case: SamplerCase, dtype: str) -> Iterable[Check]:
    for name in case.tests:
        yield Check("", case.function, f"{case.id}.{name}", dtype, "skipped", "no samples that can be tested")


def _tested(case: SamplerCase, sample: Array, dtype: str, seed: int, level: float) -> Iterable[Check]:
    for name, test in case.tests.items():
        with np.errstate(all="ignore"):
            measured = test(sample, level, dtype)
        worst = max(measured, key=lambda each: each.severity)
        yield Check(
            "",
            case.function,
            f"{case.id}.{name}",
            dtype,
            "pass" if worst.passed else "fail",
            count=sample.size,
            statistics=_statistics(worst, level, seed),
        )


def _statistics(worst: Measured, level: float, seed: int) -> Statistics:
    return Statistics(
        where=worst.where,
        samples=worst.samples,
        statistic=worst.statistic,
        threshold=worst.threshold,
        level=level,
        detectable=worst.detectable,
        effect=EFFECT,
        needed=worst.needed(EFFECT),
        seed=str(seed),
        curve=worst.curve,
    )


def _explained(
    case: SamplerCase, sample: Array, dtype: str, seed: int, checks: Iterable[Check]
) -> Iterable[Check]:
    with np.errstate(all="ignore"):
        mistake = case.explain(sample, dtype, _stream(case, "explain", seed))
    for check in checks:
        if check.status == "pass" or check.statistics is None:
            yield check
        else:
            off, limit = check.statistics.statistic, check.statistics.threshold
            words = f"off by {off:.4g} where {limit:.4g} is allowed: {check.statistics.where}"
            yield replace(
                check,
                diagnosis=mistake.description if mistake else words,
                defect=mistake.name if mistake else None,
            )


def _stream(case: SamplerCase, purpose: str, seed: int) -> np.random.Generator:
    """Make randomness that depends on the case alone, not on the others or their order."""
    key = (zlib.crc32(case.id.encode()), zlib.crc32(purpose.encode()))
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
