"""Samplers that raise, or return what cannot be tested: one check fails, and no other."""

import math

import numpy as np
import pytest

from stgref.conformance import validate
from tests.conformance.samplers import RIGHT, failing, found


def raises(*_, **__):
    raise ZeroDivisionError("never")


OTHERS = {
    name: RIGHT[name]
    for name in ("logistic.sample", "hard_concrete.sample", "categorical.sample", "estimators.arm.sample")
}
HOSTILE = {
    "raises": (raises, "ZeroDivisionError: never"),
    "too few rows": (
        lambda shape, *_, **__: np.zeros((3, shape[1])),
        "shape (3, 4), the right one is (50000, 4)",
    ),
    "transposed": (lambda shape, *_, **__: np.zeros(shape[::-1]), "shape (4, 50000)"),
    "single precision": (
        lambda shape, *_, **__: np.zeros(shape, "float32"),
        "dtype float32, the right one is float64",
    ),
    "integers": (lambda shape, *_, **__: np.zeros(shape, int), "dtype int64"),
    "objects": (lambda shape, *_, **__: np.full(shape, None), "dtype object"),
    "text": (lambda *_, **__: "hello", "shape ()"),
    "nothing": (lambda *_, **__: None, "shape ()"),
    "NaN": (
        lambda shape, *_, **__: np.where(np.arange(4) < 1, np.nan, np.zeros(shape)),
        "50000 of 200000 samples are NaN",
    ),
    "infinite": (lambda shape, *_, **__: np.full(shape, math.inf), "NaN or infinite"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_tested_fails_once(name):
    call, words = HOSTILE[name]
    report = validate({**OTHERS, "normal.sample": call})
    (failed,) = (check for check in report.checks if check.status == "fail")
    assert failed.id == "normal.sample.columns.output"
    assert words in failed.diagnosis
    skipped = [
        check for check in report.checks if check.function == "normal.sample" and check.status == "skipped"
    ]
    assert len(skipped) == 3


def test_categories_must_be_one_hot():
    (output, *_) = found("categorical.sample", lambda shape, *_, **__: np.ones(shape))
    assert (output.status, output.diagnosis) == ("fail", "samples are not one-hot")


def test_discrete_samples_may_be_integers():
    def whole(shape, logits, *, rng):
        return RIGHT["categorical.sample"](shape, logits, rng=rng).astype("int32")

    assert not failing(found("categorical.sample", whole))


def test_a_subject_may_warn_and_spoil_its_arguments():
    def loud(shape, *params, rng):
        np.log(np.zeros(1))
        z = RIGHT["logistic.sample"](shape, *params, rng=rng)
        for x in params:
            x[...] = 7
        return z

    assert not failing(found("logistic.sample", loud))


def test_one_buffer_for_all_calls_is_allowed():
    buffer = np.empty((50_000, 4))

    def reused(shape, *params, rng):
        buffer[...] = RIGHT["normal.sample"](shape, *params, rng=rng)
        return buffer

    assert not failing(found("normal.sample", reused))


@pytest.mark.parametrize("function", ["normal.sample", "hard_concrete.sample", "estimators.disarm.sample"])
@pytest.mark.parametrize(("dtype", "size"), [("float64", 1e300), ("float64", 1e-300), ("float32", 1e38)])
def test_extreme_samples_are_wrong_and_no_more(function, dtype, size):
    def extreme(shape, *params, rng, **_):
        shape = shape if isinstance(shape, tuple) else (shape, 2)
        return (rng.choice([-size, size], shape)).astype(dtype)

    checks = [check for check in found(function, extreme, dtype) if check.statistics]
    assert any(check.status == "fail" for check in checks)
    assert all(math.isfinite(check.statistics.statistic) for check in checks)


def test_what_is_no_callable_fails_alone():
    report = validate({"normal.sample": np.zeros(3), "logistic.sample": RIGHT["logistic.sample"]})
    assert {check.function for check in report.checks if check.status == "fail"} == {"normal.sample"}
