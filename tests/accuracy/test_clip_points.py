"""Exactly at a clip point, where the arithmetic of floats is exact too, the closed-interval derivative counts."""

import pytest

from tests.accuracy.check import DTYPES, call, find
from tests.accuracy.compare import compare
from tests.oracle import evaluate

POINTS = [
    ("rectified_gaussian.grad_transform", (-1.0, 0.5, 0.5)),
    ("rectified_gaussian.grad_transform", (1.0, 0.5, 0.5)),
    ("rectified_gaussian.grad_median", (0.0, 0.5)),
    ("rectified_gaussian.grad_median", (1.0, 0.5)),
    ("rectified_gaussian.grad_icdf", (0.5, 0.0, 0.5)),
    ("hard_concrete.grad_transform", (-3.0, 3.0, 0.5, -2.0, 2.0)),
    ("hard_concrete.grad_transform", (0.25, -0.25, 0.5, -1.0, 3.0)),
    ("hard_concrete.grad_median", (0.0, 0.5, -2.0, 2.0)),
    ("hard_concrete.grad_icdf", (0.5, 0.0, 0.5, -1.0, 3.0)),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("function", "point"), POINTS)
def test_closed_interval(function, point, dtype):
    got, complaints = call(find(function), [point], dtype, is_gradient=True)
    assert not complaints
    for field, wanted in evaluate(function, point).items():
        assert wanted.gap == 0
        assert compare(got[field].item(), wanted, dtype).tolerances <= 1, field
