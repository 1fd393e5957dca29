"""Wrong numbers that fit no known formula get no name, whatever the function."""

import numpy as np
import pytest

import stgref
from stgref.conformance import validate
from stgref.conformance.causes import name_causes
from stgref.conformance.judge import judge
from stgref.conformance.recording import Failure, Recording
from stgref.conformance.vector_sets import all_cases, cases, sets
from tests.conformance.vector_subjects import FACTOR

FUNCTIONS = [function for functions in sets().values() for function in functions]


def spoilt(change, functions):
    """The checks of right answers that are changed."""
    asked = {
        name: case
        for name, case in all_cases().items()
        if case.function in functions and case.kind == "valid"
    }
    with np.errstate(all="ignore"):
        outputs = {
            name: {key: np.asarray(change(x), case.dtype) for key, x in case.results.items()}
            for name, case in asked.items()
        }
    checks = [judge(asked[name], output, FACTOR) for name, output in outputs.items()]
    return name_causes(checks, Recording({"name": "somebody"}, asked, outputs), FACTOR)


CHANGES = {
    "a factor": lambda x: x * x.dtype.type(1.25),
    "noise": lambda x: x * (1 + 1e-3 * np.random.default_rng(1).normal(size=x.shape)),
    "inaccuracy": lambda x: x * x.dtype.type(1 + 40 * float(np.finfo(x.dtype).eps)),
    "an offset": lambda x: x + x.dtype.type(0.01),
    "nothing but NaN": lambda x: np.full_like(x, np.nan),
    "nothing but 1": np.ones_like,
}


@pytest.mark.most(3)
@pytest.mark.parametrize("part", range(len(CHANGES)))
def test_what_fits_nothing_has_no_name(part):
    """Each change for another part of the functions, so that half of them are tried."""
    change = list(CHANGES.values())[part]
    checks = spoilt(change, set(FUNCTIONS[part :: 2 * len(CHANGES)]))
    assert any(check.status == "fail" for check in checks)
    assert [(check.id, check.defect) for check in checks if check.defect] == []


def test_right_answers_pass_and_have_no_cause():
    checks = spoilt(lambda x: x, set(FUNCTIONS[::3]))
    assert {check.status for check in checks} == {"pass"}
    assert not any(check.defect for check in checks)


def test_errors_and_arrays_of_another_shape_are_no_evidence():
    asked = {case.id: case for case in cases("bernoulli.mean", "float64")}
    outputs = {name: {"value": np.asarray(case.results["value"] * 2)} for name, case in asked.items()}
    first, second, *_ = asked
    outputs |= {first: Failure("ZeroDivisionError"), second: {"value": np.zeros(3)}}
    checks = [judge(asked[name], output, FACTOR) for name, output in outputs.items()]
    named = name_causes(checks, Recording({"name": "somebody"}, asked, outputs), FACTOR)
    found = {check.id: check.defect for check in named if check.status == "fail"}
    assert found.pop(first) is None
    assert found.pop(second) is None
    assert set(found.values()) == {"doubled"}


def test_a_function_that_never_answers_has_no_name():
    """An error that speaks of the temperature does, where others are answered."""

    def never(*own):
        raise AttributeError("no temperature here")

    def cold(log_alpha, temperature, *bounds):
        if np.any(temperature >= 1):
            raise ValueError("temperature must be less than 1")
        return stgref.hard_concrete.mean(log_alpha, temperature, *bounds)

    def names(function):
        checks = validate({"hard_concrete.mean": function}).checks
        return {check.defect for check in checks if check.status == "fail"}

    assert names(never) == {None}
    assert names(cold) == {"temperature-range"}
