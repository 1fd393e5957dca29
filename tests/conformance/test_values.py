"""Numbers in text survive, and what is no number is refused."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stgref.conformance.errors import UnusableInputError
from stgref.conformance.values import decode, encode, hexadecimal


@given(hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0)))
def test_float64_survives(array):
    np.testing.assert_array_equal(decode(encode(array), "float64", "here"), array, strict=True)


@given(hnp.arrays(np.float32, hnp.array_shapes(min_dims=0, max_dims=3)))
def test_float32_survives(array):
    np.testing.assert_array_equal(decode(encode(array), "float32", "here"), array, strict=True)


@given(hnp.arrays(np.int64, hnp.array_shapes(min_dims=0, max_dims=2), elements=st.integers(-(2**62), 2**62)))
def test_integers_survive(array):
    np.testing.assert_array_equal(decode(encode(array), "int64", "here"), array, strict=True)


def test_the_sign_of_zero_survives():
    assert math.copysign(1, decode(encode(-0.0), "float64", "here")) == -1


@given(st.floats())
def test_hexadecimal_is_what_float_reads(number):
    again = float.fromhex(hexadecimal(number))
    assert again == number or (math.isnan(again) and math.isnan(number))


@pytest.mark.parametrize("node", [0.1, "0x1.999999999999ap-4", "0X1.999999999999AP-4"])
def test_decimal_and_hexadecimal_are_both_numbers(node):
    assert decode(node, "float64", "here") == 0.1


def test_a_number_with_more_digits_is_rounded_once():
    assert decode(0.1, "float32", "here") == np.float32(0.1)


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (None, "got null"),
        (True, "got true"),
        ("one", "got 'one'"),
        ("0x", "got '0x'"),
        ("1.5", "got '1.5'"),
        ("0x1p99999", "too large"),
        (10**400, "too large"),
        ([1.0], "got a list"),
        ({"data": [1.0]}, "'shape' and 'data'"),
        ({"shape": [1], "data": [1.0], "dtype": "O"}, "'shape' and 'data'"),
        ({"shape": [2], "data": [1.0]}, "needs 2 elements, got 1"),
        ({"shape": [10**12], "data": []}, "needs 1000000000000 elements, got 0"),
        ({"shape": [-1], "data": []}, "integers >= 0"),
        ({"shape": [True], "data": [1.0]}, "integers >= 0"),
        ({"shape": [1.0], "data": [1.0]}, "integers >= 0"),
        ({"shape": [1] * 9, "data": [1.0]}, "at most 8"),
        ({"shape": 1, "data": [1.0]}, "at most 8"),
        ({"shape": [1], "data": 1.0}, "must be a list"),
        ({"shape": [1], "data": [[1.0]]}, "got a list"),
        ({"shape": [1], "data": [None]}, "got null"),
    ],
)
def test_what_is_no_number_is_refused(node, message):
    with pytest.raises(UnusableInputError, match=r"^here: ") as caught:
        decode(node, "float64", "here")
    assert message in str(caught.value)


@pytest.mark.parametrize("node", [1.0, "0x1p+0", True, 2**63, None])
def test_what_is_no_integer_is_refused(node):
    with pytest.raises(UnusableInputError, match=r"^here: expected an integer"):
        decode(node, "int64", "here")
