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


@pytest.mark.parametrize(
    "node",
    [
        *(0.1, "0x1.999999999999ap-4", "0X1.999999999999AP-4", "0.1", ".1", "+1.E-1", "0.1" + 39 * "0"),
        *({"hex": "0x1.999999999999ap-4"}, {"hex": "0x1.999999999999ap-4", "decimal": "0.1"}),
    ],
)
def test_decimal_and_hexadecimal_are_both_numbers(node):
    assert decode(node, "float64", "here") == 0.1


@pytest.mark.parametrize("node", ["inf", "+Infinity", "INF", "1e99999", {"hex": "inf", "decimal": "inf"}])
def test_infinity_has_many_names(node):
    assert decode(node, "float32", "here") == math.inf
    assert decode("-Infinity", "float64", "here") == -math.inf
    assert np.isnan(decode("NaN", "float64", "here"))


@pytest.mark.parametrize(
    "node",
    [
        [[1, "2"], ["0x3", 4.0]],
        {"shape": [2, 2], "hex": ["0x1p+0", "0x1p+1", "0x3", "0x1p+2"]},
        {"shape": [2, 2], "hex": ["1", "2", "3", "4"], "decimal": ["1.0", "2.0", "3.0", "4.0"]},
    ],
)
def test_lists_and_the_notation_of_the_vectors_are_arrays(node):
    np.testing.assert_array_equal(decode(node, "float32", "here"), np.float32([[1, 2], [3, 4]]), strict=True)


@pytest.mark.parametrize(("node", "shape"), [([], (0,)), ([[], []], (2, 0)), ([[[]]], (1, 1, 0))])
def test_an_empty_list_is_an_array(node, shape):
    assert decode(node, "float64", "here").shape == shape


def test_a_number_with_more_digits_is_rounded_once():
    assert decode(0.1, "float32", "here") == np.float32(0.1)


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("0x1.0000010000000001", "0x1.000002p+0"),  # Next to the middle of two; float64 would put it there.
        ("0x1.000001", "0x1p+0"),
        ("0x1.000002ffffffffff", "0x1.000002p+0"),
        ("1.0000000596046447753906250000000000000001", "0x1.000002p+0"),
        ("1.0000001788139343261718749999999999999999", "0x1.000002p+0"),
        ("1.000000178813934326171875", "0x1.000004p+0"),
        ("1e-99999", "0x0p+0"),
    ],
)
def test_text_is_not_rounded_twice(text, wanted, sign):
    assert hexadecimal(float(decode(sign + text, "float32", "here"))) == sign + wanted


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (None, "got null"),
        (True, "got true"),
        ("one", "got 'one'"),
        ("0x", "got '0x'"),
        (".", "got '.'"),
        ("1_0", "got '1_0'"),
        (" 1", "got ' 1'"),
        ("\u0663", "got '\u0663'"),
        ("1e", "got '1e'"),
        (41 * "1", "got '1111"),
        ("0x1p99999", "too large"),
        (10**400, "too large"),
        ([1.0, None], "got null"),
        ([[1.0], [1.0, 2.0]], "of one length"),
        ([[1.0], 2.0], "of one length"),
        ([[[[[[[[[1.0]]]]]]]]], "at most 8 deep"),
        ({"hex": ["0x1p+0"]}, "got a list"),
        ({"hex": {"hex": "0x1p+0"}}, "got an object"),
        ({"shape": [2], "hex": ["0x1p+0"]}, "needs 2 elements, got 1"),
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
