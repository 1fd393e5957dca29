"""The quantities that NumPy computes in single precision: the others are computed in double precision.

That the bound is kept is for `tests/accuracy` to say.
"""

from __future__ import annotations

import numpy as np
import pytest

import stgref
from stgref.numerics.quantity import Quantity, prepare
from stgref.numerics.single import SINGLE


def of(name: str) -> Quantity:
    law, quantity = name.split(".")
    return getattr(getattr(stgref, law), quantity)


@pytest.mark.parametrize("name", sorted(SINGLE))
def test_names_are_of_quantities(name):
    assert of(name).name == name
    assert of(name).single


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("given", [lambda x: x, lambda x: x.astype(x.dtype.newbyteorder())])
def test_working_precision(dtype, given):
    x = given(np.ones(3, dtype))
    for single, working in ((True, max(np.dtype(dtype), np.dtype("float32"))), (False, np.dtype("float64"))):
        call = prepare("a", {"x": x, "scale": 2.0}, single=single)
        assert np.dtype(call.working).newbyteorder("=") == working
        assert {a.dtype.newbyteorder("=") for a in call.arrays} == {working}
        assert call.dtype.newbyteorder("=") == dtype


def test_the_two_ways_to_prepare_agree():
    x = np.random.default_rng(0).normal(size=1000).astype("float32")
    for name in ("logistic.logpdf", "hard_concrete.transform", "normal.logcdf"):
        assert np.array_equal(of(name)(x, 0.5), of(name)(x.astype(">f4"), 0.5))


def test_other_libraries_compute_in_double_precision():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    x = torch.ones(3, dtype=torch.float32)
    assert prepare("a", {"x": x}, single=True).working == torch.float64
