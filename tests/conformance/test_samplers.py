"""Samplers of a live subject: the right ones pass, every wrong one is caught by the check meant for it, and named."""

import json
import math

import numpy as np
import pytest
from scipy.special import expit

import stgref
from stgref.conformance import validate
from stgref.conformance.sampling.catalogue import MISTAKES
from stgref.conformance.sampling.estimators import LOGITS, SmoothCase, objective
from stgref.conformance.sampling.judge import _stream, judge_sampler
from stgref.conformance.sampling.plan import CASES, COUNT
from stgref.conformance.writers import write
from tests.conformance import samplers
from tests.conformance.sampler_zoo import ZOO
from tests.conformance.samplers import RIGHT, estimator, failing, found, law, spoiled


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_right_samplers_pass(dtype):
    report = validate(RIGHT, dtype=dtype)
    assert report.passed, [check for check in report.checks if check.status == "fail"]
    assert {check.function for check in report.checks if check.status == "pass"} == RIGHT.keys()


def test_stgref_itself_passes_by_attribute_path():
    report = validate(stgref)
    functions = {check.function for check in report.checks if check.statistics}
    assert {
        "hard_concrete.sample",
        "hard_kumaraswamy.sample",
        "categorical.sample",
        "gumbel.sample",
    } <= functions
    assert not [check for check in report.checks if check.statistics and check.status != "pass"]


def test_other_ways_to_sample_pass():
    """By inversion, by comparing uniforms, and row by row."""

    def inverted(shape, *params, rng):
        return stgref.hard_concrete.icdf(rng.random(shape), *params)

    def compared(shape, logits, *, rng):
        return rng.random(shape) < expit(logits)

    assert not failing(found("hard_concrete.sample", inverted))
    assert not failing(found("bernoulli.sample", compared))
    for name in ("default", "baseline", "moving_average"):
        assert not failing(found("estimators.score_function.sample", samplers.row_by_row, name=name))


def test_a_loose_budget_is_honoured():
    """Of 60 runs at a rate of 0.2, fewer than 30 blame anything; the tests are conservative, so far fewer do."""
    part = {name: RIGHT[name] for name in ("bernoulli.sample", "estimators.disarm.sample")}
    cases = [case for case in CASES if case.function in part]
    level = 0.2 / sum(len(case.tests) for case in cases)
    wrong = 0
    for seed in np.random.SeedSequence().generate_state(60):
        checks = [
            check
            for case in cases
            for check in judge_sampler(case, part[case.function], "float64", int(seed), level)
        ]
        wrong += any(check.status == "fail" for check in checks)
    assert wrong < 30


SMOOTH = [case for case in CASES if isinstance(case, SmoothCase) and case.largest < math.inf]


@pytest.mark.parametrize("case", SMOOTH, ids=lambda case: case.id)
def test_no_estimate_is_larger_than_the_bound(case):
    """And it is no idle one: some estimate is larger than a fifth of it."""
    sample = RIGHT[case.function](
        50_000, objective(), np.array(LOGITS), rng=np.random.default_rng(), **case.own
    )
    assert 0.2 * case.largest < np.max(np.abs(sample)) <= case.largest


@pytest.mark.most(25)
@pytest.mark.parametrize("name", ZOO)
def test_a_wrong_sampler_is_caught_and_named(name):
    function, call, case, check, mistake = ZOO[name]
    checks = found(function, call, name=case)
    assert check in failing(checks)
    assert {each.defect for each in checks if each.status == "fail"} == {mistake}
    words = {each.name: each.description for each in MISTAKES}.get(mistake, "is allowed")
    assert all(words in each.diagnosis for each in checks if each.status == "fail")


def test_every_mistake_is_in_the_zoo():
    assert {mistake for *_, mistake in ZOO.values() if mistake} == {mistake.name for mistake in MISTAKES}


@pytest.mark.parametrize(
    ("function", "call", "only"),
    [
        ("bernoulli.sample", law("bernoulli", change=samplers.shared), {"gates"}),
        ("normal.sample", law("normal", change=samplers.antithetic), {"batch"}),
        ("estimators.rloo.sample", estimator("rloo", spoil=spoiled(k=2)), {"variance", "gates", "batch"}),
    ],
)
def test_what_is_right_about_a_wrong_sampler_passes(function, call, only):
    assert failing(found(function, call)) <= only


def raises(*_, **__):
    raise ZeroDivisionError("never")


def test_an_innocent_function_is_never_blamed_for_another():
    wrong = {name: raises if "rloo" in name else call for name, call in RIGHT.items()}
    wrong["bernoulli.sample"] = ZOO["gates share noise, discrete"][1]
    failed = {check.function for check in validate(wrong).checks if check.status == "fail"}
    assert failed == {"bernoulli.sample", "estimators.rloo.sample"}


def test_verdicts_do_not_depend_on_what_else_a_subject_has():
    alone, among = (
        {check.id: check for check in validate(subject, rng=11).checks if check.function == "gumbel.sample"}
        for subject in ({"gumbel.sample": RIGHT["gumbel.sample"]}, dict(reversed(RIGHT.items())))
    )
    assert alone == among


def test_the_seed_of_a_report_draws_the_same_again():
    part = {"hard_concrete.sample": RIGHT["hard_concrete.sample"]}
    for rng in (None, 3, np.random.SeedSequence(5), np.random.default_rng(7), np.random.PCG64(1)):
        first = validate(part, rng=rng)
        (seed,) = {check.statistics.seed for check in first.checks if check.statistics}
        assert validate(part, rng=int(seed)).checks == first.checks
    assert validate(part, rng=1).checks != validate(part, rng=2).checks
    assert validate(part).checks != validate(part).checks


def test_a_seed_means_the_same_in_every_process():
    (case,) = (case for case in CASES if case.id == "logistic.sample.columns")
    words = _stream(case, "sample", 3).bit_generator.random_raw(2)
    assert words.tolist() == [3275884623885155613, 3219429797096445470]


def test_the_budget_is_divided_over_all_checks():
    report = validate(RIGHT, false_alarm=1e-3)
    levels = [check.statistics.level for check in report.checks if check.statistics]
    assert len(levels) == COUNT
    assert math.fsum(levels) == pytest.approx(1e-3)


def test_the_smallest_effect_and_the_samples_it_takes_are_reported():
    report = validate({"bernoulli.sample": RIGHT["bernoulli.sample"]})
    measured = [check.statistics for check in report.checks if check.statistics]
    assert all(0 < each.threshold < each.detectable < 0.1 for each in measured)
    assert all(
        each.needed == math.ceil(each.samples * (each.detectable / each.effect) ** 2) for each in measured
    )
    written = [check["statistics"] for check in json.loads(report.to_json())["checks"] if check["statistics"]]
    assert [each["needed"] for each in written] == [each.needed for each in measured]


def test_a_written_report_tells_effects_and_mistakes(tmp_path):
    report = validate({"bernoulli.sample": ZOO["gates share noise, discrete"][1]}, rng=1)
    write(report, tmp_path / "report.md")
    text = (tmp_path / "report.md").read_text().replace("\\", "")
    assert "bernoulli.sample.columns.gates" in text
    assert "seen from" in text
    assert "noise-shared-by-gates" in text
    assert "rng = 1" in text


@pytest.mark.parametrize("missing", ["estimators.rloo.sample", "gumbel.sample"])
def test_a_sampler_that_a_subject_has_not_is_skipped(missing):
    part = {"normal.sample": RIGHT["normal.sample"]}
    (check,) = (check for check in validate(part).checks if check.function == missing)
    assert (check.id, check.status) == ("*", "skipped")


def test_a_subject_without_samplers_hears_nothing_of_them():
    report = validate({"hard_concrete.mean": stgref.hard_concrete.mean})
    assert not [check for check in report.checks if check.function.endswith(".sample")]


@pytest.mark.parametrize("bad", [0, 1, -1e-6, math.nan, math.inf])
def test_a_bad_budget_is_refused(bad):
    with pytest.raises(ValueError, match="false_alarm"):
        validate(RIGHT, false_alarm=bad)


@pytest.mark.parametrize("bad", ["seed", 1.5, True, -1])
def test_a_bad_rng_is_refused(bad):
    with pytest.raises((TypeError, ValueError), match="rng"):
        validate(RIGHT, rng=bad)
