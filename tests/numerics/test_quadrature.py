"""Quadrature rules against exact integrals, with nodes and integrands in 60 digits: the error is the rule's own."""

from __future__ import annotations

import itertools
import math

import mpmath
import numpy as np
import pytest
from mpmath import mpf

from stgref.numerics import quadrature
from tests.conftest import LIBRARIES

RHO = (math.pi / quadrature.GRADING) + math.hypot(1.0, math.pi / quadrature.GRADING)
SIZES = (10, 20, 30, 40, 56, 90)


@pytest.fixture(autouse=True)
def _sixty_digits():
    with mpmath.workdps(60):
        yield


def table(rule):
    nodes, weights = ([mpf(float(h)) + mpf(float(l)) for h, l in zip(t.hi, t.lo, strict=True)] for t in rule)
    return nodes, weights


def integral(rule, f):
    return mpmath.fsum(w * f(x) for x, w in zip(*table(rule), strict=True))


@pytest.mark.parametrize("n", SIZES)
def test_gauss_legendre_is_exact_for_polynomials(n):
    """Up to degree 2 n - 1, and no further."""
    rule = quadrature.gauss_legendre(n)
    for degree in {0, 1, 2, n, 2 * n - 2, 2 * n - 1}:
        assert abs(integral(rule, lambda x, k=degree: x**k) * (degree + 1) - 1) < 1e-28
    missed = mpmath.factorial(n) ** 4 / (
        (2 * n + 1) * mpmath.factorial(2 * n) ** 2
    )  # DLMF 3.5.20 for x^2n on [0, 1]
    assert (
        abs((mpf(1) / (2 * n + 1) - integral(rule, lambda x: x ** (2 * n))) - missed) < 1e-2 * missed + 1e-29
    )


@pytest.mark.parametrize("n", SIZES)
def test_rules_lie_inside_and_are_positive(n):
    for rule in (quadrature.gauss_legendre(n), quadrature.graded(n)):
        nodes, weights = table(rule)
        assert all(0 < a < b < 1 for a, b in itertools.pairwise(nodes))
        assert min(weights) > 0


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("distance", [1e-3, 3e-3, 0.01, 0.1, 0.3, 1.0, 3.0])
def test_graded_rule_keeps_its_bound_whatever_the_distance_of_the_poles(n, distance):
    """Poles at +- i distance: the relative error is at most of the order of rho^-2n, here 20 of it."""
    c = mpf(distance)
    wanted = mpmath.atan(1 / c) / c
    assert (
        abs(integral(quadrature.graded(n), lambda y: 1 / (y * y + c * c)) / wanted - 1)
        < 20 * RHO ** (-2 * n) + 1e-29
    )


@pytest.mark.parametrize("n", [56, 90])
@pytest.mark.parametrize("length", [0.01, 1.0, 30.0, 700.0, 3000.0])
def test_graded_rule_integrates_logistic_densities(n, length):
    """sigma' on [0, length]: poles at i pi, 3 i pi, ..., as near as 1e-3 of the interval."""
    wanted = mpmath.tanh(mpf(length) / 2) / 2

    def density(y):
        e = mpmath.exp(-length * y)
        return length * e / (1 + e) ** 2

    assert abs(integral(quadrature.graded(n), density) / wanted - 1) < 100 * RHO ** (-2 * n) + 1e-28


def test_more_than_a_plain_rule_could():
    """The negative control: without grading, the nearest poles are missed."""
    c = mpf("1e-3")
    wanted = mpmath.atan(1 / c) / c
    plain, graded = (
        abs(integral(rule(56), lambda y: 1 / (y * y + c * c)) / wanted - 1)
        for rule in (quadrature.gauss_legendre, quadrature.graded)
    )
    assert plain > 1e-2
    assert graded < 1e-15


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("library", ["numpy", "array-api-strict", "torch"])
def test_rules_move_to_any_library_without_loss(library, dtype):
    xp = LIBRARIES[library]()
    like = xp.asarray(np.zeros((2, 3), dtype))
    for moved, table in zip(
        quadrature.nodes(xp.xp, quadrature.graded(20), like), quadrature.graded(20), strict=True
    ):
        for part in (moved.hi, moved.lo):
            xp.assert_own(part, np.dtype(dtype), (2, 3, 20))
        hi, lo = (xp.to_numpy(part)[1, 2].astype(float) for part in (moved.hi, moved.lo))
        assert float(
            max(
                abs((mpf(a) + b) / (mpf(c) + d) - 1)
                for a, b, c, d in zip(hi, lo, table.hi, table.lo, strict=True)
            )
        ) < (1e-30 if dtype == "float64" else 1e-13)


@pytest.mark.parametrize("shape", [(), (1,), (0,), (7,), (3, 4), (2, 0), (5, 2, 3)])
@pytest.mark.parametrize("size", [1, 2, 3, 8, 100])
def test_tiles_of_any_size_give_the_same_bits(shape, size):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=shape), rng.normal(size=shape)
    sizes = []

    def f(x, y):
        sizes.append(x.size)
        return np.exp(x) * y, x - y

    wanted = np.exp(a) * b, a - b
    got = quadrature.in_tiles(np, size, f, a, b)
    assert all(np.array_equal(g, w) and g.shape == w.shape for g, w in zip(got, wanted, strict=True))
    assert max(sizes) <= size
    assert sum(sizes) == a.size


def test_lazy_arrays_are_not_cut():
    xp = LIBRARIES["dask"]()
    a = xp.asarray(np.arange(10.0))
    (got,) = quadrature.in_tiles(xp.xp, 2, lambda x: (x + 1.0,), a)
    assert got.chunks == a.chunks
    np.testing.assert_array_equal(xp.to_numpy(got), np.arange(10.0) + 1.0)


def test_tiles_are_what_the_moments_use():
    """A law's quadrature gives the same digits for an element wherever it stands in an array, whatever is beside it."""
    from stgref import hard_concrete  # noqa: PLC0415

    log_alpha = np.linspace(-6.0, 6.0, 601)
    whole = hard_concrete.mean(log_alpha)
    assert [hard_concrete.mean(float(a)) for a in log_alpha[::40]] == whole[::40].tolist()
    assert hard_concrete.grad_variance(log_alpha[:70]).temperature[::23].tolist() == [
        hard_concrete.grad_variance(a).temperature for a in log_alpha[:70:23]
    ]
