"""Formulas that hold in different places: on NumPy each where it holds, elsewhere both; the same numbers."""

from __future__ import annotations

import array_api_strict
import numpy as np
import pytest

from stgref.numerics import host
from stgref.numerics.branches import FEW, either, overlay

N = 4 * FEW


def halves(xp, x):
    """Return the root of x from 0 on, and the logarithm of -x below, where neither takes the other's arguments."""
    return either(xp, x < 0.0, lambda x: xp.log(-x), xp.sqrt, (x, -1.0, 1.0))


@pytest.mark.parametrize("share", [0.0, 0.001, 0.05, 0.4, 0.7, 0.999, 1.0])
@pytest.mark.parametrize("shape", [(N,), (FEW // 4,), (8, N // 8)])
def test_each_element_has_its_own_formula(share, shape):
    rng = np.random.default_rng(0)
    x = rng.exponential(size=shape) * np.where(rng.random(shape) < share, -1.0, 1.0)
    with np.errstate(all="ignore"):
        wanted = np.where(x < 0.0, np.log(np.abs(x)), np.sqrt(np.abs(x)))
        assert np.array_equal(halves(host.NUMPY, x), wanted)
        assert np.array_equal(np.asarray(halves(array_api_strict, array_api_strict.asarray(x))), wanted)


def test_other_libraries_see_safe_arguments_only():
    with np.errstate(all="raise"):
        x = np.linspace(-2.0, 2.0, 10)
        assert np.all(np.isfinite(halves(np, x)))


def test_on_numpy_a_formula_sees_its_own_elements_only():
    seen = []

    def then(x):
        seen.append(x.size)
        return x

    x = np.arange(float(N)) - 3.0
    either(host.NUMPY, x < 0.0, then, lambda x: x, (x, 0.0, 0.0))
    assert seen == [3]


def test_arguments_are_not_written_to():
    x = np.arange(float(N)) - 3.0
    before = x.copy()
    result = either(host.NUMPY, x < 0.0, lambda x: -x, lambda x: x, (x, 0.0, 0.0))
    assert np.array_equal(x, before)
    assert np.array_equal(result, np.abs(x))


@pytest.mark.parametrize(
    "layout", [lambda a: a.T, lambda a: a[::2], lambda a: np.broadcast_to(a[:1], a.shape)]
)
def test_any_layout_and_scalars(layout):
    x = layout(np.random.default_rng(1).normal(size=(64, 64)))
    c = np.float64(3.0)
    got = either(host.NUMPY, x < 1.0, lambda x, c: x * c, lambda x, c: x + c, (x, 0.0, 0.0), (c, 1.0, 1.0))
    assert np.array_equal(got, np.where(x < 1.0, x * c, x + c))


@pytest.mark.parametrize("x", [np.float64(-1.0), np.float64(4.0)])
def test_a_number(x):
    assert halves(host.NUMPY, x) == (2.0 if x > 0 else 0.0)


def test_overlay():
    x = np.array([0.0, 0.5, 1.0])
    for xp in (np, host.NUMPY):
        assert np.array_equal(overlay(xp, x == 1.0, lambda v: v + 7.0, x, x), [0.0, 0.5, 8.0])
        assert np.array_equal(overlay(xp, x == 2.0, lambda v: v + 7.0, x, x), x)
