"""The page on other libraries: what is out of bounds is found, placed and given a cause; NumPy's bits are recognised."""

import dataclasses

import numpy as np
import pytest

from tests.accuracy import elementary, libraries, libraries_page
from tests.accuracy.check import NUMPY
from tests.conftest import dask_library


@pytest.fixture(scope="module")
def case():
    return next(libraries.cases(16, 1, only="normal.logcdf"))


def compared(case, library):
    reference, _ = libraries.answers(case, NUMPY)
    right = libraries.outcomes(case, reference, reference, "")
    return right, libraries.measured(case, library.name, library, reference, right)


def off(name, factor):
    """A library whose results are off by ``factor``."""
    return dataclasses.replace(NUMPY, name=name, to_numpy=lambda a: np.asarray(a) * (1.0 + factor))


def test_what_is_out_of_bounds_is_told_with_its_place_and_cause(case):
    right, wrong = compared(case, off("wrong", 1e-12))
    assert not right[0].bad
    assert wrong[0].bad > 0
    assert wrong[0].worst.tolerances > 100
    own = {"wrong": {"float64": dict.fromkeys(elementary.FUNCTIONS, 0.5) | {"erfcx": 50.0, "tanh": 9.0}}}
    page = libraries_page.document({"numpy": right, "wrong": wrong}, {"other": "not here"}, own, 16, 1)
    assert "**numpy**: nothing." in page
    assert f"| `normal.logcdf` |  | float64 | {wrong[0].bad} of {wrong[0].points} | " in page
    assert wrong[0].where.startswith("x=")
    assert "| its `erfcx` |" in page
    assert "| other | not measured: not here" in page


def test_the_same_bits_are_recognised(case):
    pytest.importorskip("dask.array")
    right, lazy = compared(case, dask_library())
    assert lazy == right
    assert lazy[0].same
    assert not compared(case, off("near", 4e-16))[1][0].same


def test_errors_and_missing_results_are_told(case):
    def fail(*_):
        raise NotImplementedError

    _, rows = compared(case, dataclasses.replace(NUMPY, name="broken", call=fail))
    assert rows[0].note == "raised NotImplementedError"
    assert not rows[0].points


def test_subnormal_numbers_are_told_apart(case):
    _, exact = case.wanted["value"][0]
    assert not libraries.is_subnormal((1.0, 0.5, 0.0), exact, "float64")
    assert libraries.is_subnormal((1.0, 1e-310), exact, "float64")
    assert libraries.is_subnormal((1.0, 1e-40), exact, "float32")


def test_libraries_own_functions_are_measured():
    assert elementary.worst(NUMPY, "log1p", "float64") < 1.0
    assert elementary.worst(off("wrong", 1e-14), "log1p", "float64") > 10.0
    assert "erfcx" in elementary.used_by("normal.logcdf")
