"""Numbers of two floats against mpmath: about 31 digits in double precision, 14 in single."""

from __future__ import annotations

import math
import operator

import mpmath
import numpy as np
import pytest
from mpmath import mpf

from stgref.numerics import doubled as dd
from stgref.numerics.doubled import Doubled

XP = np
SIZE = 400
#: Wanted relative errors: a few units of 2^-104 = 5e-32 and 2^-46 = 1.4e-14; more for exp, which has x as its condition.
TOLERANCE = {"float64": 1e-28, "float32": 4e-13}
DTYPES = pytest.mark.parametrize("dtype", TOLERANCE)
#: Products split their factors by a multiplication with 2^27 (2^12): exponents stay away from both ends.
EXPONENTS = {"float64": (-480, 480), "float32": (-50, 50)}


@pytest.fixture(autouse=True)
def _eighty_digits():
    """Kernels run without floating-point warnings (dead branches of ``where`` may overflow); so do these."""
    with mpmath.workdps(80), np.errstate(over="ignore"):
        yield


def drawn(seed: int, dtype: str, exponents: tuple[int, int] | None = None) -> Doubled:
    """Random numbers with a random low half, of all sizes and both signs."""
    rng = np.random.default_rng([seed, dtype == "float32"])
    low, high = exponents or EXPONENTS[dtype]
    hi = np.ldexp(rng.uniform(1, 2, SIZE) * rng.choice([-1, 1], SIZE), rng.integers(low, high, SIZE)).astype(
        dtype
    )
    lo = (np.spacing(hi) * rng.uniform(-0.5, 0.5, SIZE)).astype(dtype)
    x = dd.doubled(XP, hi)
    return Doubled(hi, lo, x.splitter)


def exact(x: Doubled) -> list[mpf]:
    return [mpf(float(h)) + mpf(float(l)) for h, l in zip(x.hi.ravel(), x.lo.ravel(), strict=True)]


def worst(got: Doubled, wanted: list[mpf], sizes: list[mpf] | None = None) -> float:
    """The greatest error relative to ``sizes`` (to ``wanted``); the halves must not overlap either."""
    assert np.all(np.abs(got.lo) <= 0.500001 * np.spacing(np.abs(got.hi)))
    return float(
        max(abs(g - w) / abs(s) for g, w, s in zip(exact(got), wanted, sizes or wanted, strict=True))
    )


@DTYPES
@pytest.mark.parametrize("name", ["add", "sub"])
def test_sums(name, dtype):
    f = getattr(operator, name)
    near = EXPONENTS[dtype][0] // 8, EXPONENTS[dtype][1] // 8
    for seed, exponents in [(1, None), (2, near), (3, (0, 1))]:
        a, b = drawn(seed, dtype, exponents), drawn(seed + 10, dtype, exponents)
        x, y = exact(a), exact(b)
        sizes = [abs(p) + abs(q) for p, q in zip(x, y, strict=True)]
        assert worst(f(a, b), [f(p, q) for p, q in zip(x, y, strict=True)], sizes) < TOLERANCE[dtype]


@DTYPES
def test_sums_of_floats_are_exact(dtype):
    """The sum of two floats, even of almost opposite ones, is held without any error."""
    a, b = (drawn(seed, dtype, (-10, 10)).hi for seed in (4, 5))
    for other in (b, -a, np.nextafter(-a, np.asarray(0, dtype))):
        assert exact(dd.doubled(XP, a) + other) == [
            mpf(float(p)) + mpf(float(q)) for p, q in zip(a, other, strict=True)
        ]


@DTYPES
def test_products_of_floats_are_exact(dtype):
    a, b = (drawn(seed, dtype).hi for seed in (6, 7))
    assert exact(dd.doubled(XP, a) * b) == [mpf(float(p)) * mpf(float(q)) for p, q in zip(a, b, strict=True)]


@DTYPES
@pytest.mark.parametrize("name", ["mul", "truediv"])
def test_products_and_quotients(name, dtype):
    f = getattr(operator, name)
    a, b = drawn(8, dtype), drawn(9, dtype)
    x, y = exact(a), exact(b)
    assert worst(f(a, b), [f(p, q) for p, q in zip(x, y, strict=True)]) < TOLERANCE[dtype]
    assert worst(f(a, b.hi), [f(p, mpf(float(q))) for p, q in zip(x, b.hi, strict=True)]) < TOLERANCE[dtype]


@DTYPES
def test_the_other_operations(dtype):
    a = drawn(10, dtype)
    x = exact(a)
    assert worst(a.square(), [p * p for p in x]) < TOLERANCE[dtype]
    assert exact(-a) == [-p for p in x]
    assert exact(a.scaled(0.25)) == [p / 4 for p in x]
    assert exact(dd.absolute(XP, a)) == [abs(p) for p in x]
    assert exact(a[::2]) == x[::2]
    assert worst(1.0 - a, [1 - p for p in x], [1 + abs(p) for p in x]) < TOLERANCE[dtype]
    assert worst(3.0 / a, [3 / p for p in x]) < TOLERANCE[dtype]
    assert worst(3.0 * a + 1.0, [3 * p + 1 for p in x], [3 * abs(p) + 1 for p in x]) < TOLERANCE[dtype]
    assert exact(dd.where(XP, a.hi > 0, a, -a)) == [abs(p) for p in x]


REACH = {"float64": 600.0, "float32": 60.0}


@DTYPES
def test_exponential(dtype):
    """Over all orders of magnitude of the argument, and of the result as long as its low half is a normal number."""
    rng = np.random.default_rng(11)
    sign = rng.choice([-1, 1], SIZE)
    for hi in (rng.uniform(-REACH[dtype], REACH[dtype], SIZE), sign * 10 ** rng.uniform(-30, 1.5, SIZE)):
        low = (np.spacing(hi.astype(dtype)) * rng.uniform(-0.5, 0.5, SIZE)).astype(dtype)
        a = dd.doubled(XP, hi.astype(dtype)) + low
        assert worst(dd.exp(XP, a), [mpmath.exp(p) for p in exact(a)]) < TOLERANCE[dtype]


def test_exponential_underflows_gradually():
    x = np.linspace(-760.0, -640.0, 500)
    got, wanted = dd.exp(XP, dd.doubled(XP, x)).hi, np.exp(x)
    np.testing.assert_allclose(got, wanted, rtol=1e-15, atol=5e-324)
    assert dd.exp(XP, dd.doubled(XP, np.asarray([-1e4, -1e308]))).hi.tolist() == [0.0, 0.0]


def test_exponential_of_zero_is_one():
    assert exact(dd.exp(XP, dd.doubled(XP, np.zeros(1)))) == [1]


@DTYPES
def test_logarithm(dtype):
    """Relative to 1 + |log x|: near 1 the argument's own rounding is what is left."""
    low, high = (-900, 900) if dtype == "float64" else (-80, 80)
    for seed, exponents in [(12, (low, high)), (13, (-2, 2))]:
        a = dd.absolute(XP, drawn(seed, dtype, exponents))
        wanted = [mpmath.log(p) for p in exact(a)]
        assert worst(dd.log(XP, a), wanted, [1 + abs(w) for w in wanted]) < TOLERANCE[dtype]


@pytest.mark.parametrize("length", [1, 2, 3, 7, 64, 101])
@pytest.mark.parametrize("axis", [0, -1])
@DTYPES
def test_total(length, axis, dtype):
    flat = drawn(14, dtype, (-20, 20))
    rows = Doubled(*(np.resize(part, (3, length)) for part in (flat.hi, flat.lo)), flat.splitter)
    a = rows if axis == -1 else Doubled(rows.hi.T, rows.lo.T, rows.splitter)
    wanted, sizes = ([sum(g(t) for t in exact(rows[i])) for i in range(3)] for g in (mpf, abs))
    assert worst(dd.total(XP, a, axis), wanted, sizes) < TOLERANCE[dtype]


def test_powers_of_two_are_exact():
    k = np.arange(-1022, 1024)
    assert dd.power_of_two(XP, k.astype(float)).tolist() == [math.ldexp(1.0, int(i)) for i in k]


@DTYPES
def test_constants_keep_both_halves(dtype):
    got = dd.constant(XP, dd.LOG_2_HI, dd.LOG_2_LO, np.zeros(2, dtype))
    assert got.hi.dtype == got.lo.dtype == np.dtype(dtype)
    assert worst(got, [mpmath.log(2)] * 2) < {"float64": 1e-32, "float32": 1e-14}[dtype]
