"""The yardstick: what counts as right, and how an error is measured."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import stgref
from stgref.conformance import Case
from stgref.conformance.compare import distance
from stgref.conformance.condition import STEP, Wanted, from_differences, from_partials
from stgref.conformance.judge import judge

DTYPES = ("float32", "float64")


def measured(got, value, condition, dtype="float64", factor=4.0):
    return distance(
        np.asarray([got], dtype), Wanted(np.asarray([value]), np.asarray([condition])), dtype, factor
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("off", "right"), [(0, True), (7, True), (8, True), (9, False), (400, False)])
def test_the_tolerance_is_4_eps_times_the_condition(dtype, off, right):
    eps = float(np.finfo(dtype).eps)
    far = measured(1.0, 1 + off * eps, 2.0, dtype)
    assert far.right == right
    assert far.tolerances[0] == pytest.approx(off / 8, rel=0.01)
    assert far.ulp[0] == pytest.approx(off, rel=0.01)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("rounding", "off", "right"), [(0, 1, True), (0, 2, False), (0.5, 2, True), (0.5, 3, False)]
)
def test_what_the_answer_was_rounded_by_is_allowed_for(dtype, rounding, off, right):
    wanted = Wanted(np.asarray(1.5), np.asarray(1.5), rounding=rounding)
    got = np.asarray(1.5 + off * float(np.finfo(dtype).eps), dtype)
    assert distance(got, wanted, dtype, 1.0).right == right


def test_the_rounding_of_an_infinity_is_none():
    wanted = Wanted(np.asarray(np.inf), np.asarray(0.0), rounding=0.5)
    assert distance(np.asarray(np.inf), wanted, "float64", 4.0).right
    assert not distance(np.asarray(1e308), wanted, "float64", 4.0).right


def test_there_is_no_absolute_tolerance():
    assert not measured(0.0, 1e-300, 1e-300).right
    assert measured(0.0, 1e-300, 1e-300).tolerances[0] > 1e15


@pytest.mark.parametrize("dtype", DTYPES)
def test_underflow_may_lose_the_smallest_number_and_no_more(dtype):
    tiny = float(np.finfo(dtype).smallest_subnormal)
    assert measured(0.0, tiny, 0.0, dtype).right
    assert not measured(0.0, 2 * tiny, 0.0, dtype).right


def test_the_nearest_number_is_right_whatever_the_condition():
    assert measured(0.1, 0.1 + 1e-9, 0.0, "float32").right
    assert measured(np.inf, 1e300, 1.0, "float32").right


@pytest.mark.parametrize(
    ("got", "value", "right"),
    [
        (np.nan, 1.0, False),
        (np.inf, 1.0, False),
        (1.0, np.nan, False),
        (1.0, np.inf, False),
        (-np.inf, np.inf, False),
        (np.nan, np.nan, True),
        (-np.inf, -np.inf, True),
        (-0.0, 0.0, True),
    ],
)
def test_numbers_that_are_not_finite(got, value, right):
    far = measured(got, value, 1.0)
    assert far.right == right
    assert far.tolerances[0] == (0 if right else np.inf)


def test_the_worst_element_is_found():
    wanted = Wanted(np.ones((2, 3)), np.ones((2, 3)))
    got = np.ones((2, 3))
    got[1, 2] += 1e-10
    assert distance(got, wanted, "float64", 4).worst == (1, 2)


@given(st.floats(-30, 30), st.floats(0.1, 10))
def test_the_condition_by_differences_is_the_one_by_derivatives(x, t):
    arguments = [np.asarray([x]), np.asarray([t])]
    value = np.exp(arguments[0] / arguments[1])
    exact = from_partials(value, arguments, [value / t, -value * x / t**2])
    near = from_differences(lambda a, b: np.exp(a / b), arguments)
    np.testing.assert_allclose(near.condition, exact.condition, rtol=1e-3 if abs(x / t) < 100 else 0.01)


@pytest.mark.parametrize("x", [1 - STEP / 4, 1.0, 1 + STEP / 4])
def test_a_jump_nearby_is_no_sensitivity(x):
    step = from_differences(lambda a: np.where(a >= 1, a, 0.0), [np.asarray([x])])
    assert step.condition[0] <= 2.001


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 0.0, 5e-324, 1.7e308])
@pytest.mark.parametrize("condition", [0.0, 1.0, np.inf, np.nan])
def test_what_is_right_to_the_last_bit_is_off_by_nothing(value, condition):
    far = measured(value, value, condition)
    assert (far.tolerances[0], far.ulp[0], far.right) == (0.0, 0.0, True)
    assert not measured(1.0, value, 1.0).right


def test_the_condition_at_the_end_of_a_domain():
    """One part in a million further down, the upper bound would be less than 1; further up, it is none of its business."""
    upper = np.float32(1 + 1e-6)
    arguments = {"log_alpha": 0.3, "temperature": 0.5, "lower": -0.1, "upper": upper}
    arguments = {name: np.asarray([value], "float32") for name, value in arguments.items()}
    case = Case("c", "hard_concrete.grad_mean", "float32", arguments)
    right = stgref.hard_concrete.grad_mean(*arguments.values())._asdict()
    for factor, status in ((1, "pass"), (1 + 1e-4, "fail")):
        output = {name: factor * value for name, value in right.items()}
        assert judge(case, output, 4).status == status
