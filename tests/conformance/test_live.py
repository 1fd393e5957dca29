"""A live subject: called on the shipped cases; first of all stgref itself, in both dtypes."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest

import stgref
from stgref.conformance import validate

GATES = {
    "BinaryConcreteStochasticGates": ("log_alpha_param", ("temperature", "lower_bound", "upper_bound")),
    "GaussianStochasticGates": ("mu", ("std",)),
}


def layer(name, arguments):
    parameter, options = GATES[name]
    made = getattr(stgref, name).from_pretrained(
        arguments[parameter],
        **{
            key: arguments[key]
            for key in ("mask", "reg_weight", "reg_reduction", *options)
            if key in arguments
        },
    )
    return made.eval() if arguments.get("noise") is None else made


def forward(name):
    return lambda **arguments: layer(name, arguments).forward(arguments["x"], arguments["noise"])


def vjp(name):
    def call(d_gated, d_l0_reg, **arguments):
        _, pullback = layer(name, arguments).vjp(arguments["x"], arguments["noise"])
        return pullback(d_gated, d_l0_reg)._asdict()

    return call


def gate_values(name):
    return lambda clamp, **arguments: layer(name, arguments).get_gate_values(clamp=clamp)


def subject():
    laws = {
        f"{law}.{quantity}": getattr(getattr(stgref, law), quantity)
        for law in ("hard_concrete", "rectified_gaussian")
        for quantity in ("mean", "prob_active")
    }
    methods = {"forward": forward, "vjp": vjp, "get_gate_values": gate_values}
    return laws | {f"{name}.{method}": make(name) for name in GATES for method, make in methods.items()}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_stgref_passes_its_own_validation(dtype):
    report = validate(subject(), dtype=dtype)
    assert [check for check in report.checks if check.status not in {"pass", "acceptable"}] == []
    assert report.passed
    assert {check.dtype for check in report.checks} == {dtype}


@pytest.mark.parametrize("function", ["hard_concrete.prob_active", "GaussianStochasticGates.vjp"])
def test_a_wrong_function_is_blamed_and_no_other(function):
    right = subject()

    def wrong(*args, **kwargs):
        value = right[function](*args, **kwargs)
        return {name: 1.001 * x for name, x in value.items()} if isinstance(value, dict) else 1.001 * value

    report = validate({**right, function: wrong})
    assert not report.passed
    assert {check.function for check in report.checks if check.status == "fail"} == {function}


def test_what_a_subject_has_not_is_skipped():
    report = validate({"hard_concrete.mean": stgref.hard_concrete.mean}, dtype="float32")
    assert report.passed
    assert {check.status for check in report.checks if check.function == "hard_concrete.mean"} == {"pass"}
    assert {check.status for check in report.checks if check.function != "hard_concrete.mean"} == {"skipped"}


def test_an_object_is_looked_up_by_attribute_path():
    found = SimpleNamespace(
        rectified_gaussian=SimpleNamespace(prob_active=stgref.rectified_gaussian.prob_active)
    )
    statuses = {check.function: check.status for check in validate(found).checks}
    assert statuses.pop("rectified_gaussian.prob_active") == "pass"
    assert set(statuses.values()) == {"skipped"}


def test_errors_and_warnings_of_a_subject():
    def loud(log_alpha, *rest):
        warnings.warn("loud", stacklevel=1)
        return stgref.hard_concrete.prob_active(log_alpha, *rest)

    def broken(*_):
        raise ZeroDivisionError("never")

    assert validate({"hard_concrete.prob_active": loud}).passed
    report = validate({"hard_concrete.prob_active": broken})
    assert all(
        "ZeroDivisionError: never" in check.diagnosis for check in report.checks if check.status == "fail"
    )
    assert not report.passed


def test_a_subject_cannot_spoil_the_cases():
    def spoil(*arguments):
        value = stgref.hard_concrete.prob_active(*arguments)
        for x in arguments:
            x[...] = 0.5
        return value

    assert validate({"hard_concrete.prob_active": spoil}).passed


def test_arguments_have_one_shape_and_dtype():
    seen = []

    def look(*arguments):
        seen.append({(x.shape, x.dtype, type(x)) for x in arguments})
        return stgref.hard_concrete.prob_active(*arguments)

    validate({"hard_concrete.prob_active": look}, dtype="float32")
    assert all(len(kinds) == 1 for kinds in seen)
    assert {dtype for kinds in seen for _, dtype, _ in kinds} == {np.dtype("float32")}


@pytest.mark.parametrize(
    ("bad", "dtype", "error"),
    [
        ({}, "float64", TypeError),
        (3, "float64", TypeError),
        ({"nonsense": abs}, "float64", TypeError),
        (subject(), "float16", ValueError),
    ],
)
def test_a_bad_subject_is_refused(bad, dtype, error):
    with pytest.raises(error, match=r"subject|dtype"):
        validate(bad, dtype=dtype)
