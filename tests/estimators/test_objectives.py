"""Objectives against definitions written for scalars in mpmath: its differentiation, enumeration, quadrature."""

import copy
import dataclasses
import functools
import itertools
import operator
import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from mpmath import mp

from stgref.estimators.objectives import (
    Cosine,
    Exponential,
    Flattened,
    Linear,
    MeanQuadratic,
    Multilinear,
    Network,
    Pairwise,
    Polynomial,
    Quadratic,
    Scaled,
    Sum,
)

RTOL = 1e-12
A, B, C = [0.3, -1.2, 2.0], [0.45, -0.3, 0.8], [1.0, 2.5, 0.25]
Q = [[0.5, 0.7, -0.2], [0.0, 1.5, 0.3], [1.1, -0.4, -0.6]]
TABLE = [[[0.5, -1.0], [2.0, 0.25]], [[1.5, 3.0], [-0.75, 0.1]]]
W1, B1, W2 = [[1.0, -2.0, 0.5], [0.3, 0.9, -1.1]], [0.2, -0.7], [1.5, -0.8]
T2 = [[0.1, -0.4, 0.7], [0.45, 1.2, -0.2]]  # (D, K) = (2, 3)
E2 = [[1.0, -2.0, 0.5], [3.0, 0.7, -1.5]]


@pytest.fixture(autouse=True)
def _digits():
    with mp.workdps(40):
        yield


@dataclasses.dataclass(frozen=True)
class Case:
    """An objective, and its definition of a nested list of numbers (mpf) of one point."""

    f: Any
    truth: Callable[[Any], Any]
    shape: tuple[int, ...] = (3,)


def total(term, *lists, of=None):
    """The sum over coordinates of ``term(x, *parameters)``; with ``of``, the mean."""
    return lambda x: sum(term(*each) for each in zip(x, *lists, strict=True)) / (of or 1)


def total_2(term, *tables, of=None):
    return lambda x: total(term, *(functools.reduce(operator.iadd, t, []) for t in tables), of=of)(
        [n for row in x for n in row]
    )


def pairwise_truth(x):
    pairs = itertools.product(range(3), repeat=2)
    return sum(Q[i][j] * x[i] * x[j] for i, j in pairs) + sum(a * n for a, n in zip(A, x, strict=True)) + 0.5


def table_truth(x):
    """Interpolation of the table: each corner, times its weight."""
    corners = itertools.product((0, 1), repeat=3)
    return sum(
        TABLE[i][j][k] * mp.fprod(n if c else 1 - n for c, n in zip((i, j, k), x, strict=True))
        for i, j, k in corners
    )


def monomials_truth(x):
    """The same numbers as coefficients."""
    subsets = itertools.product((0, 1), repeat=3)
    return sum(TABLE[i][j][k] * x[0] ** i * x[1] ** j * x[2] ** k for i, j, k in subsets)


def network_truth(x):
    u = [sum(w * n for w, n in zip(row, x, strict=True)) + b for row, b in zip(W1, B1, strict=True)]
    return sum(w * mp.tanh(n) for w, n in zip(W2, u, strict=True)) + 0.25


def power(p):
    return lambda x, t: abs(x - t) ** mp.mpf(p)


SQUARE = lambda x, t, w=1: w * (x - t) ** 2  # noqa: E731
SEPARABLE = {
    "linear": Case(Linear(A, 0.5), lambda x: total(lambda x, a: a * x, A)(x) + 0.5),
    "linear-number": Case(Linear(0.7), total(lambda x: 0.7 * x)),
    "quadratic": Case(Quadratic(B, C), total(SQUARE, B, C)),
    "quadratic-number": Case(Quadratic(0.45), total(lambda x: (x - 0.45) ** 2)),
    "quadratic-weights": Case(Quadratic(0.45, C), total(lambda x, w: w * (x - 0.45) ** 2, C)),
    "mean-quadratic": Case(MeanQuadratic(B), total(SQUARE, B, of=3)),
    "mean-quadratic-number": Case(MeanQuadratic(0.499), total(lambda x: (x - 0.499) ** 2, of=3)),
    "cosine": Case(Cosine(C), total(lambda x, k: mp.cos(k * x), C)),
    "cosine-number": Case(Cosine(0.001), total(lambda x: mp.cos(0.001 * x))),
    "exponential": Case(Exponential(C), total(lambda x, k: mp.exp(-k * x**2), C)),
    "exponential-number": Case(Exponential(1e-9), total(lambda x: mp.exp(-1e-9 * x**2))),
}
CLOSED = SEPARABLE | {
    "polynomial-1": Case(Polynomial(0.45, 1), total(lambda x: abs(x - 0.45), of=3)),
    "polynomial-1.5": Case(Polynomial(0.45, 1.5), total(lambda x: power(1.5)(x, 0.45), of=3)),
    "polynomial-2": Case(Polynomial(B, 2), total(power(2), B, of=3)),
    "polynomial-3": Case(Polynomial(B, 3, "sum"), total(power(3), B)),
    "pairwise": Case(Pairwise(Q, A, 0.5), pairwise_truth),
    "pairwise-number": Case(
        Pairwise(Q, 0.7), lambda x: pairwise_truth(x) - 0.5 + total(lambda x, a: (0.7 - a) * x, A)(x)
    ),
    "multilinear": Case(Multilinear(TABLE), monomials_truth),
    "from-values": Case(Multilinear.from_values(TABLE), table_truth),
    "sum": Case(
        Sum(Quadratic(B, C), Pairwise(Q, A, 0.5), Multilinear(TABLE)),
        lambda x: total(SQUARE, B, C)(x) + pairwise_truth(x) + monomials_truth(x),
    ),
    "scaled": Case(-0.3 * (Linear(A) + Pairwise(Q)), lambda x: mp.mpf(-0.3) * (pairwise_truth(x) - 0.5)),
}
CATEGORICAL = {
    "linear-2": Case(Linear(E2, -0.5), lambda x: total_2(lambda x, a: a * x, E2)(x) - 0.5, (2, 3)),
    "quadratic-2": Case(Quadratic(T2, E2), total_2(SQUARE, T2, E2), (2, 3)),
    "mean-quadratic-2": Case(MeanQuadratic(T2), total_2(SQUARE, T2, of=6), (2, 3)),
    "polynomial-2": Case(Polynomial(T2, 1.5), total_2(power(1.5), T2, of=6), (2, 3)),
    "polynomial-sum-2": Case(Polynomial(T2, 3, "sum"), total_2(power(3), T2), (2, 3)),
    "sum-2": Case(
        Quadratic(T2) + 2.0 * Linear(E2),
        lambda x: total_2(SQUARE, T2)(x) + 2 * total_2(lambda x, a: a * x, E2)(x),
        (2, 3),
    ),
}
OPEN = {
    "network": Case(Network(W1, B1, W2, 0.25), network_truth),
    "network-in-sum": Case(
        Network(W1, B1, W2, 0.25) + Quadratic(B), lambda x: network_truth(x) + total(SQUARE, B)(x)
    ),
    "flattened": Case(
        Flattened(Pairwise(np.kron(np.eye(2), Q))),
        lambda x: sum(Q[i][j] * row[i] * row[j] for row in x for i in range(3) for j in range(3)),
        (2, 3),
    ),
}
ALL = CLOSED | CATEGORICAL | OPEN


def cases(table):
    return pytest.mark.parametrize("case", table.values(), ids=table.keys())


def points_of(shape, seed=0, batch=(2, 2)):
    """Real points, and some zeros and ones."""
    rng = np.random.default_rng(seed)
    x = 1.5 * rng.standard_normal((*batch, *shape))
    x[0, 0] = rng.integers(0, 2, shape)
    return x


def exactly(x):
    """A point as a nested list of mpf."""
    return [exactly(row) for row in x] if np.ndim(x) else mp.mpf(float(x))


def mapped(function, x, shape):
    """``function`` of all points in ``x``, one by one, as an array of objects."""
    flat = np.reshape(x, (-1, *shape))
    results = [np.asarray(function(each), dtype=object) for each in flat]
    return np.reshape(results, (*x.shape[: x.ndim - len(shape)], *results[0].shape))


def assert_close(got, truth, size=None, rtol=RTOL, atol=1e-20):
    """Each number is right to ``rtol`` of its ``size``, by default of the largest of them; the truth itself to ``atol``."""
    truth = np.asarray(truth, dtype=object)
    size = np.asarray(max(np.ravel(abs(truth))) if size is None else size, dtype=object)
    assert np.shape(got) == truth.shape
    triples = zip(np.ravel(got), truth.ravel(), np.broadcast_to(size, truth.shape).ravel(), strict=True)
    for g, t, s in triples:
        assert abs(mp.mpf(float(g)) - t) <= rtol * s + atol, f"got {g}, want {mp.nstr(t, 17)}"


# --- derivatives as written --------------------------------------------------------------------------------------------


def moved(truth, x, *moves):
    """``truth`` at x + sum of t_j v_j, as a function of the numbers t_j."""

    def at(*t):
        steps = sum(n * np.asarray(v, dtype=object) for n, v in zip(t, moves, strict=True))
        return truth((np.asarray(exactly(x), dtype=object) + steps).tolist())

    return at


def units(shape):
    return np.eye(np.prod(shape, dtype=int)).reshape(-1, *shape)


@cases(ALL)
def test_value(case):
    b = points_of(case.shape)
    assert_close(case.f(b), mapped(lambda x: case.truth(exactly(x)), b, case.shape))


@cases(ALL)
def test_grad(case):
    b = points_of(case.shape)

    def truth(x):
        slopes = [mp.diff(moved(case.truth, x, e), 0) for e in units(case.shape)]
        return np.reshape(slopes, case.shape)

    assert_close(case.f.grad(b), mapped(truth, b, case.shape))


@cases(ALL)
def test_hessian_product(case):
    b, v = points_of(case.shape, batch=(1, 2)), points_of(case.shape, 1, batch=(1, 2))

    def truth(x):
        pairs = zip(x.reshape(2, *case.shape), v.reshape(2, *case.shape), strict=True)
        return [
            np.reshape(
                [mp.diff(moved(case.truth, x, e, d), (0, 0), (1, 1)) for e in units(case.shape)], case.shape
            )
            for x, d in pairs
        ]

    assert_close(case.f.hessian_product(b, v), np.reshape(truth(b), b.shape))


def test_a_power_at_its_target():
    b, one = np.array([0.45, 1.45]), np.ones(2)
    for p, slope, curvature in (
        (1, [0, 1], [0, 0]),
        (1.5, [0, 1.5], [0, 0.75]),
        (2, [0, 2], [2, 2]),
        (3, [0, 3], [0, 6]),
    ):
        f = Polynomial(0.45, p, "sum")
        np.testing.assert_allclose(f.grad(b), slope, rtol=1e-14)
        np.testing.assert_allclose(f.hessian_product(b, one), curvature, rtol=1e-14)


def test_a_saturated_network_keeps_the_digits_of_its_slope():
    f = Network([[30.0]], [0.0], [1.0])
    assert_close(f.grad([1.0]), [30 / mp.cosh(30) ** 2], atol=0)
    assert_close(f.hessian_product([1.0], [1.0]), [-1800 * mp.tanh(30) / mp.cosh(30) ** 2], atol=0)


# --- exact means ---------------------------------------------------------------------------------------------------------


def chances(logits):
    """Probabilities of the outcomes of each variable, and the outcomes as points."""
    if np.ndim(logits) == 1:
        return [[1 / (1 + mp.exp(x)), 1 / (1 + mp.exp(-x))] for x in exactly(logits)], [mp.mpf(0), mp.mpf(1)]
    weights = [[mp.exp(x - max(row)) for x in row] for row in exactly(logits)]
    return [[w / sum(row) for w in row] for row in weights], np.eye(np.shape(logits)[1], dtype=int).tolist()


def enumerated(truth, logits):
    """E f, its gradient by conditioning, and the sizes of what they are made of."""
    p, points = chances(logits)
    variables, m = len(p), len(points)
    value, size = mp.mpf(0), mp.mpf(0)
    given_outcome, given_size = [[mp.mpf(0)] * m for _ in p], [[mp.mpf(0)] * m for _ in p]
    for outcome in itertools.product(range(m), repeat=variables):
        f = truth([points[k] for k in outcome])
        weights = [p[i][k] for i, k in enumerate(outcome)]
        value, size = value + mp.fprod(weights) * f, size + mp.fprod(weights) * abs(f)
        for i, k in enumerate(outcome):
            w = mp.fprod(weights[:i] + weights[i + 1 :])
            given_outcome[i][k] += w * f
            given_size[i][k] += w * abs(f)
    if np.ndim(logits) == 1:
        gradient = [q0 * q1 * (f1 - f0) for (q0, q1), (f0, f1) in zip(p, given_outcome, strict=True)]
        sizes = [q0 * q1 * (f1 + f0 + 1) for (q0, q1), (f0, f1) in zip(p, given_size, strict=True)]
        return value, size, gradient, sizes
    rows = range(variables)
    gradient = [
        [
            p[i][k] * mp.fsum(p[i][j] * (given_outcome[i][k] - given_outcome[i][j]) for j in range(m))
            for k in range(m)
        ]
        for i in rows
    ]
    sizes = [
        [
            p[i][k] * mp.fsum(p[i][j] * (given_size[i][k] + given_size[i][j] + 1) for j in range(m) if j != k)
            for k in range(m)
        ]
        for i in rows
    ]
    return value, size + 1, gradient, sizes


@cases(CLOSED | CATEGORICAL)
def test_exact_means(case):
    logits = 2.0 * points_of(case.shape)
    results = [enumerated(case.truth, x) for x in logits.reshape(-1, *case.shape)]
    values, sizes, gradients, gradient_sizes = zip(*results, strict=True)
    assert_close(case.f.exact_value(logits), np.reshape(values, (2, 2)), np.reshape(sizes, (2, 2)), atol=0)
    shape = logits.shape
    assert_close(
        case.f.exact_gradient(logits), np.reshape(gradients, shape), np.reshape(gradient_sizes, shape), atol=0
    )


FAR = ([1e3, -1e3, 0.5], [-1e3, -40.0, 1e3], [1e3, 1e3, 1e3], [-1e3, -1e3, -1e3], [40.0, -80.0, 700.0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@cases(CLOSED | CATEGORICAL)
def test_exact_means_in_the_tails(case, dtype):
    for triple in FAR:
        logits = np.asarray(triple if len(case.shape) == 1 else [triple, triple[::-1]], dtype=dtype)
        value, size, gradient, sizes = enumerated(case.truth, logits)
        got = (case.f.exact_value(logits), case.f.exact_gradient(logits))
        info = np.finfo(dtype)
        rtol = RTOL if dtype == np.float64 else 2 * float(info.eps)
        for numbers, truth, its_size in zip(got, (value, gradient), (size, sizes), strict=True):
            assert numbers.dtype == dtype
            assert_close(numbers, truth, its_size, rtol, atol=float(info.smallest_subnormal))


def test_small_steps_keep_their_digits():
    for f, step in ((Cosine(1e-5), mp.cos(1e-5) - 1), (Exponential(1e-9), mp.expm1(-1e-9))):
        assert_close(f.exact_gradient(np.zeros(1)), [step / 4], atol=0)


def test_rare_costs_keep_their_digits():
    q = 1 / (1 + mp.exp(40))
    assert_close(Quadratic(1.0).exact_value([40.0]), q, atol=0)
    assert_close(Polynomial(1.0, 1.5).exact_value([[40.0, 40.0]]), [q], atol=0)
    q = 2 / (2 + mp.exp(40))
    assert_close(Quadratic([[1.0, 0.0, 0.0]]).exact_value([[40.0, 0.0, 0.0]]), 2 * q, atol=0)


def test_exact_means_in_fractions():
    # phi = 0: all outcomes are as likely, and the mean is a fraction.
    target = Fraction(499, 1000)
    each = (target**2 + (1 - target) ** 2) / 2
    f, zero = MeanQuadratic(float(target)), np.zeros(200)
    assert f.exact_value(zero) == pytest.approx(float(each), rel=1e-14)
    np.testing.assert_allclose(f.exact_gradient(zero), float((1 - 2 * target) / 4 / 200), rtol=RTOL)


def test_the_published_constants():
    phi = np.array([0.3, -1.1])
    f = Quadratic([0.45, 0.3], [1.0, 2.0]) + Pairwise([[0.0, 0.7], [0.0, 0.0]])
    assert f.exact_value(phi) == pytest.approx(0.7401590166482248, rel=1e-14)
    np.testing.assert_allclose(f.exact_gradient(phi), [0.067181526233, 0.225239161265], rtol=1e-11)
    for p, best, worst in ((1.5, 0.3018691770, 0.4078909168), (2, 0.2025, 0.3025), (3, 0.091125, 0.166375)):
        ends = Polynomial(0.45, p).exact_value(np.array([[-1e3] * 128, [1e3] * 128]))
        np.testing.assert_allclose(ends, [best, worst], rtol=1e-9)
    shared = Quadratic([0.6, 0.51, 0.48])
    for eta, slope in ((0.0, -0.045), (-4.0, -0.00317929)):
        assert shared.exact_gradient(np.full(3, eta)).sum() == pytest.approx(slope, rel=1e-6)


def test_no_closed_form_no_method():
    closed, gaussian = ("exact_value", "exact_gradient"), ("gaussian_value", "gaussian_gradient")
    for f, has, lacks in (
        (Network.random(3, 2, 0), (), closed + gaussian),
        (Polynomial(0.45, 3), closed, gaussian),
        (Quadratic(0.45), closed + gaussian, ()),
        (Quadratic(0.45) + Linear(1.0), closed + gaussian, ()),
        (Quadratic(0.45) + Polynomial(0.45, 3), closed, gaussian),
        (2.0 * (Quadratic(0.45) + Network.random(3, 2, 0)), (), closed + gaussian),
        (Sum(Linear(1.0), np.sum), (), ("grad", "hessian_product", *closed, *gaussian)),
        (Flattened(Linear(1.0)), (), closed + gaussian),
    ):
        assert all(hasattr(f, name) for name in has), f
        assert not any(hasattr(f, name) for name in lacks), f


# --- Gaussian means --------------------------------------------------------------------------------------------------------


def integrated(truth, mu, s):
    """E f of one Gaussian variable and its derivatives, by quadrature with the scores."""

    def mean(score):
        density = lambda x: mp.npdf(x, mu, s) * score(x) * truth([x])  # noqa: E731
        return mp.quad(density, [mu + i * s for i in range(-16, 17, 2)])

    return (
        mean(lambda x: x**0),
        mean(lambda x: (x - mu) / s**2),
        mean(lambda x: ((x - mu) ** 2 - s**2) / s**3),
    )


ONE = {
    "linear": Case(Linear(-1.3, 0.5), lambda x: -1.3 * x[0] + 0.5, (1,)),
    "quadratic": Case(Quadratic(0.45, 2.5), lambda x: 2.5 * (x[0] - 0.45) ** 2, (1,)),
    "mean-quadratic": Case(MeanQuadratic(0.45), lambda x: (x[0] - 0.45) ** 2, (1,)),
    "cosine": Case(Cosine(2.5), lambda x: mp.cos(2.5 * x[0]), (1,)),
    "exponential": Case(Exponential(0.75), lambda x: mp.exp(-0.75 * x[0] ** 2), (1,)),
    "sum": Case(
        Quadratic(0.45) + 2 * Cosine(1.5), lambda x: (x[0] - 0.45) ** 2 + 2 * mp.cos(1.5 * x[0]), (1,)
    ),
}


@cases(ONE)
def test_gaussian_means(case):
    for mu, s in ((0.0, 1.0), (-1.75, 0.25), (1.0, 1.5)):
        value, d_mu, d_std = integrated(case.truth, mp.mpf(mu), mp.mpf(s))
        got = case.f.gaussian_gradient(np.array([mu]), np.array([s]))
        assert_close(case.f.gaussian_value(np.array([mu]), np.array([s])), value, size=1)
        assert_close(got.mu, [d_mu], size=1)
        assert_close(got.std, [d_std], size=1)


@cases(SEPARABLE)
def test_gaussian_means_of_several_variables(case):
    """Each variable alone: the others are where they are, with almost no spread."""
    mu, s, tiny = np.array([[0.5, -1.0, 0.25], [1.5, 0.0, -2.0]]), np.array([0.5, 1.5, 0.8]), 1e-200
    values, gradients = case.f.gaussian_value(mu, s), case.f.gaussian_gradient(mu, s)
    at_mean, means = case.f(mu), np.zeros(2)
    for i in range(3):
        alone = np.where(np.arange(3) == i, s, tiny)
        means += case.f.gaussian_value(mu, alone) - at_mean
        single = case.f.gaussian_gradient(mu, alone)
        np.testing.assert_allclose(gradients.mu[:, i], single.mu[:, i], rtol=RTOL)
        np.testing.assert_allclose(gradients.std[:, i], single.std[:, i], rtol=RTOL)
    np.testing.assert_allclose(values, at_mean + means, rtol=RTOL, atol=RTOL)


def test_a_number_for_all_standard_deviations():
    f, mu = Quadratic(B), np.array([[0.5, -1.0, 0.25]])
    by_number, by_array = f.gaussian_gradient(mu, 0.5), f.gaussian_gradient(mu, np.full((1, 3), 0.5))
    for one, other in zip(by_number, by_array, strict=True):
        np.testing.assert_array_equal(one, other)
    for f in (Quadratic(B), Linear(0.7), MeanQuadratic(0.45)):
        assert f.gaussian_value(0.5, np.ones(3)) == f.gaussian_value(np.full(3, 0.5), np.ones(3))


# --- libraries, dtypes, shapes -------------------------------------------------------------------------------------------

ACROSS = [
    "linear",
    "quadratic",
    "quadratic-number",
    "mean-quadratic-number",
    "polynomial-1.5",
    "polynomial-3",
    "pairwise",
    "multilinear",
    "cosine-number",
    "exponential",
    "sum",
    "quadratic-2",
    "polynomial-sum-2",
    "sum-2",
    "network",
    "flattened",
]


@pytest.mark.parametrize("name", ACROSS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_library(xp, name, dtype):
    f, shape = ALL[name].f, ALL[name].shape
    b, v = (points_of(shape, seed).astype(dtype) for seed in (0, 1))
    calls = {
        "__call__": (b,),
        "grad": (b,),
        "hessian_product": (b, v),
        "exact_value": (b,),
        "exact_gradient": (b,),
    }
    calls |= {"gaussian_value": (b, v**2 + 1), "gaussian_gradient": (b, v**2 + 1)}
    for method, given_arrays in calls.items():
        if not hasattr(f, method):
            continue
        got = xp.call(getattr(f, method), *map(xp.asarray, given_arrays))
        want = getattr(f, method)(*given_arrays)
        for one, other in zip(*(x if isinstance(x, tuple) else (x,) for x in (got, want)), strict=True):
            xp.assert_own(one, dtype, other.shape)
            eps = float(np.finfo(dtype).eps)
            np.testing.assert_allclose(xp.to_numpy(one), other, rtol=8 * eps, atol=32 * eps)


def test_parameters_of_every_library(xp):
    b = points_of((3,))
    made = Pairwise(xp.asarray(np.array(Q)), xp.asarray(np.array(A, dtype=np.float32)), 0.5)
    np.testing.assert_array_equal(made(b), Pairwise(Q, np.array(A, dtype=np.float32), 0.5)(b))
    xp.assert_own(made.grad(xp.asarray(b)), np.float64, b.shape)


@cases(ALL)
def test_half_precision_is_single_rounded_once_more(case):
    b, v = (points_of(case.shape, seed).astype(np.float16) for seed in (0, 1))
    for method, given_arrays in (("__call__", (b,)), ("grad", (b,)), ("hessian_product", (b, v))):
        got = getattr(case.f, method)(*given_arrays)
        exact = getattr(case.f, method)(*(x.astype(np.float64) for x in given_arrays))
        assert got.dtype == np.float16
        np.testing.assert_array_equal(got, exact.astype(np.float32).astype(np.float16))


@cases(ALL)
def test_points_one_by_one_and_none(case):
    b = points_of(case.shape)
    rows = b.reshape(-1, *case.shape)
    single = [case.f(x) for x in rows]
    assert all(isinstance(x, np.float64) for x in single)
    np.testing.assert_allclose(np.ravel(case.f(b)), single, rtol=RTOL, atol=RTOL)
    np.testing.assert_allclose(
        case.f.grad(b).reshape(rows.shape), [case.f.grad(x) for x in rows], rtol=RTOL, atol=RTOL
    )
    empty = np.zeros((0, *case.shape))
    assert case.f(empty).shape == (0,)
    assert case.f.grad(empty).shape == case.f.hessian_product(empty, empty).shape == empty.shape
    if hasattr(case.f, "exact_value"):
        assert case.f.exact_value(empty).shape == (0,)
        assert case.f.exact_gradient(empty).shape == empty.shape


@cases(ALL)
def test_points_broadcast_with_vectors(case):
    b, v = points_of(case.shape), points_of(case.shape, 1)
    for x, y in ((b, v[0, 0]), (b[0, 0], v)):
        want = case.f.hessian_product(*np.broadcast_arrays(x, y))
        np.testing.assert_allclose(case.f.hessian_product(x, y), want, rtol=RTOL, atol=RTOL)


def test_integers_and_lists_are_doubles():
    f = Quadratic([0.45, 0.3])
    for b in ([1, 0], np.array([1, 0]), np.array([1, 0], dtype=np.int8)):
        assert f(b) == f(np.array([1.0, 0.0]))
        assert f.grad(b).dtype == np.float64


def test_results_share_no_memory_with_parameters():
    f = Linear(A)
    f.grad(np.zeros(3))[:] = 7.0
    f.hessian_product(np.zeros(3), np.ones(3))[:] = 7.0
    np.testing.assert_array_equal(f.grad(np.zeros(3)), A)
    identity = Sum(lambda b: b[..., 0])
    b = np.ones((2, 1))
    identity(b)[:] = 7.0
    assert np.all(b == 1.0)


def test_beyond_the_dtype_without_a_warning():
    with np.errstate(all="raise"):
        assert Quadratic(0.0)(np.array([1e30], dtype=np.float32)) == np.inf
        assert Exponential(1.0)(np.array([1e30], dtype=np.float32)) == 0.0
        assert (2.0 * Quadratic(0.0))(np.array([1e30], dtype=np.float32)) == np.inf


# --- properties ------------------------------------------------------------------------------------------------------------

NUMBERS = st.floats(-8.0, 8.0).map(lambda x: round(x, 3))
VECTORS = arrays(np.float64, 3, elements=NUMBERS)


@given(VECTORS, VECTORS, VECTORS, NUMBERS)
def test_linear_in_its_slopes(a1, a2, b, c):
    both = Linear(a1 + c * a2)
    parts = Linear(a1) + c * Linear(a2)
    np.testing.assert_allclose(both(b), parts(b), rtol=RTOL, atol=1e-10)
    np.testing.assert_allclose(both.grad(b), parts.grad(b), rtol=RTOL, atol=1e-10)
    np.testing.assert_allclose(both.exact_value(b), parts.exact_value(b), rtol=RTOL, atol=1e-10)
    np.testing.assert_allclose(both.exact_gradient(b), parts.exact_gradient(b), rtol=RTOL, atol=1e-10)


@given(VECTORS, NUMBERS, NUMBERS)
def test_sums_and_multiples(b, c, d):
    f, g = Quadratic(B, C), Pairwise(Q, A)
    h = c * f + g * d
    for method in ("__call__", "grad", "exact_value", "exact_gradient"):
        one, other = getattr(f, method)(b), getattr(g, method)(b)
        np.testing.assert_allclose(getattr(h, method)(b), c * one + d * other, rtol=RTOL, atol=1e-10)
    v = b[::-1]
    want = c * f.hessian_product(b, v) + d * g.hessian_product(b, v)
    np.testing.assert_allclose(h.hessian_product(b, v), want, rtol=RTOL, atol=1e-10)


@given(st.integers(1, 7).flatmap(lambda d: arrays(np.float64, (2,) * d, elements=NUMBERS)))
def test_from_values_has_the_values(table):
    f = Multilinear.from_values(table)
    corners = np.stack(np.meshgrid(*[[0.0, 1.0]] * table.ndim, indexing="ij"), axis=-1)
    np.testing.assert_allclose(f(corners), table, rtol=0, atol=1e-11)
    far = np.where(corners > 0.5, 1e3, -1e3)
    np.testing.assert_allclose(f.exact_value(far), table, rtol=0, atol=1e-11)


@pytest.mark.parametrize("name", [n for n in CLOSED if n != "from-values"])
@given(logits=VECTORS)
def test_means_do_not_depend_on_the_extension(name, logits):
    f = CLOSED[name].f
    corners = np.stack(np.meshgrid(*[[0.0, 1.0]] * 3, indexing="ij"), axis=-1)
    g = Multilinear.from_values(f(corners))
    np.testing.assert_allclose(f.exact_value(logits), g.exact_value(logits), rtol=RTOL, atol=RTOL)
    np.testing.assert_allclose(f.exact_gradient(logits), g.exact_gradient(logits), rtol=1e-9, atol=RTOL)


@given(VECTORS, VECTORS)
def test_flattened_points(b, v):
    f = Network(W1, B1, W2)
    g, shaped = Flattened(f, 2), (3, 1)
    assert g(b.reshape(shaped)) == f(b)
    np.testing.assert_array_equal(g.grad(b.reshape(shaped)).ravel(), f.grad(b))
    got = g.hessian_product(b.reshape(shaped), v.reshape(shaped))
    np.testing.assert_array_equal(got.ravel(), f.hessian_product(b, v))


def test_many_variables():
    d, rng = 14, np.random.default_rng(0)
    values, logits = rng.standard_normal((2,) * d), rng.standard_normal(d)
    f = Multilinear.from_values(values)
    theta = 1 / (1 + np.exp(-logits))
    want = values
    for p in theta[::-1]:
        want = want[..., 0] * (1 - p) + want[..., 1] * p
    assert f.exact_value(logits) == pytest.approx(want, abs=1e-10)
    step = 1e-6 * np.eye(d)
    numeric = (f.exact_value(logits + step) - f.exact_value(logits - step)) / 2e-6
    np.testing.assert_allclose(f.exact_gradient(logits), numeric, atol=1e-6)


# --- objects ---------------------------------------------------------------------------------------------------------------


@cases(ALL)
def test_kept_as_it_was_made(case):
    b = points_of(case.shape)
    for twin in (pickle.loads(pickle.dumps(case.f)), copy.deepcopy(case.f)):  # noqa: S301 (its own)
        np.testing.assert_array_equal(twin(b), case.f(b))
        np.testing.assert_array_equal(twin.grad(b), case.f.grad(b))
    with pytest.raises(dataclasses.FrozenInstanceError):
        case.f.t = 0.0
    assert repr(case.f).startswith(type(case.f).__name__ + "(")


def test_parameters_are_copies():
    t = np.array(B)
    f = Quadratic(t)
    t[:] = 7.0
    assert f.t.tolist() == B
    with pytest.raises(ValueError, match="read-only"):
        f.t[0] = 7.0


def test_repr():
    assert repr(Quadratic(0.45)) == "Quadratic(t=0.45, weight=1.0)"
    assert repr(Linear([1, 2]) + Quadratic(np.zeros(200))) == (
        "Sum(Linear(a=[1.0, 2.0], c=0.0), Quadratic(t=<array (200,)>, weight=1.0))"
    )
    assert repr(np.float64(2.0) * Polynomial(0.45, 3)) == (
        "Scaled(objective=Polynomial(t=0.45, p=3.0, reduction='mean'), factor=2.0)"
    )


def test_random_objectives_are_reproducible():
    b = points_of((4,))
    for make in (lambda rng: Multilinear.random(4, rng), lambda rng: Network.random(4, 3, rng)):
        np.testing.assert_array_equal(make(5)(b), make(np.random.default_rng(5))(b))
        assert np.all(make(5)(b) != make(6)(b))
    assert Network.random(4, 3, 0).W1.shape == (3, 4)


# --- bad input -------------------------------------------------------------------------------------------------------------

X = np.zeros(3)
BAD = {
    "Linear: a must be finite": lambda: Linear([1.0, np.nan]),
    "Linear: c must be finite, got inf": lambda: Linear(1.0, np.inf),
    "Linear: c takes a real number": lambda: Linear(1.0, [1.0]),
    "Linear: a takes a number or an array of shape \\(D,\\) or \\(D, K\\).* got shape \\(1, 1, 1\\)": lambda: (
        Linear([[[1.0]]])
    ),
    "Linear: a takes .* one variable or more, got shape \\(0,\\)": lambda: Linear([]),
    "Quadratic: t takes a real number or an array of them, got str": lambda: Quadratic("0.45"),
    "Quadratic: t takes real numbers, got a bool": lambda: Quadratic(True),
    "Quadratic: t takes real numbers, got dtype bool": lambda: Quadratic([True]),
    "Quadratic: t takes real numbers, got dtype complex128": lambda: Quadratic(np.array([1j])),
    "Quadratic: t is no array": lambda: Quadratic([[1.0], [1.0, 2.0]]),
    "Quadratic: arrays must have the same shape, got t \\(2,\\), weight \\(3,\\)": lambda: Quadratic(
        [1, 2], [1, 2, 3]
    ),
    "MeanQuadratic: t must be finite, got nan": lambda: MeanQuadratic(np.nan),
    "Polynomial: p must be finite and 1 or more, got 0.5": lambda: Polynomial(0.45, 0.5),
    "Polynomial: p takes a real number": lambda: Polynomial(0.45, "3"),
    'Polynomial: reduction takes one of "mean", "sum", got \'max\'': lambda: Polynomial(0.45, 3, "max"),
    "Pairwise: Q must have shape \\(D, D\\) = \\(2, 2\\), got \\(2, 3\\)": lambda: Pairwise(np.zeros((2, 3))),
    "Pairwise: Q must have shape \\(D, D\\), got \\(\\)": lambda: Pairwise(1.0),
    "Pairwise: a must have shape \\(D,\\) = \\(3,\\), got \\(2,\\)": lambda: Pairwise(Q, [1.0, 2.0]),
    "Multilinear: coefficients must have shape \\(2, ..., 2\\).* got \\(2, 3\\)": lambda: Multilinear(
        np.zeros((2, 3))
    ),
    "Multilinear: coefficients .* got \\(\\)": lambda: Multilinear(1.0),
    "Multilinear.from_values: table must .* got \\(4,\\)": lambda: Multilinear.from_values(np.zeros(4)),
    "Multilinear.random: D must be 1 or more, got 0": lambda: Multilinear.random(0),
    "Multilinear.random: D takes an integer, got 2.0": lambda: Multilinear.random(2.0),
    "rng takes a seed": lambda: Multilinear.random(2, "seed"),
    "Network: W1 must have shape \\(H, D\\), got \\(2,\\)": lambda: Network([1.0, 2.0], [1.0], [1.0]),
    "Network: b1 must have shape \\(H,\\) = \\(2,\\), got \\(3,\\)": lambda: Network(W1, [1.0] * 3, W2),
    "Network: w2 must have shape \\(H,\\) = \\(2,\\), got \\(\\)": lambda: Network(W1, B1, 1.0),
    "Network.random: hidden must be 1 or more": lambda: Network.random(3, 0),
    "Cosine: k must be finite": lambda: Cosine(np.inf),
    "Exponential: k must be finite and 0 or more, got -1.0": lambda: Exponential(-1.0),
    "Exponential: k must be finite and 0 or more, got \\[": lambda: Exponential([1.0, -1.0]),
    "Sum: objectives takes one or more, got none": Sum,
    "Sum: objectives\\[1\\] takes a callable f\\(b\\), got 3": lambda: Sum(Linear(1.0), 3),
    "Sum: objectives takes points with as many axes": lambda: Linear(1.0) + Linear(E2),
    "Scaled: factor must be finite": lambda: np.nan * Linear(1.0),
    "Scaled: factor takes a number, got an array of shape \\(2,\\)": lambda: Linear(1.0) * [1.0, 2.0],
    "Scaled: factor takes a number, got an array of shape \\(3,\\)": lambda: X * Linear(1.0),
    "Scaled: factor takes a real number or an array of them, got NoneType": lambda: Linear(1.0) * None,
    "Scaled: objective takes a callable": lambda: Scaled(1.0, 2.0),
    "Flattened: objective takes a callable": lambda: Flattened(1.0),
    "Flattened: event_ndim must be 1 or more, got 0": lambda: Flattened(Linear(1.0), 0),
    "Quadratic: b must have shape \\(..., 2\\), got \\(2, 3\\)": lambda: Quadratic([1, 2])(np.zeros((2, 3))),
    "Quadratic: b must have shape \\(..., D\\), got \\(\\)": lambda: Quadratic(0.45)(1.0),
    "MeanQuadratic: b must have shape \\(..., D\\), got \\(4, 0\\)": lambda: MeanQuadratic(0.45)(
        np.zeros((4, 0))
    ),
    "Quadratic: b must have shape \\(..., 2, 3\\), got \\(6,\\)": lambda: Quadratic(T2)(np.zeros(6)),
    "Quadratic: b takes a floating or integer dtype, got bool": lambda: Quadratic(0.45)(
        np.ones(3, dtype=bool)
    ),
    "Quadratic: b takes a real number or an array": lambda: Quadratic(0.45)("b"),
    "Network.grad: b must have shape \\(..., 3\\), got \\(4,\\)": lambda: Network(W1, B1, W2).grad(
        np.zeros(4)
    ),
    "Pairwise.hessian_product: v must have shape \\(..., 3\\), got \\(2,\\)|do not broadcast: b \\(3,\\), v \\(2,\\)": lambda: (
        Pairwise(Q).hessian_product(X, X[:2])
    ),
    "Linear.hessian_product: b must have shape \\(..., D\\), got \\(1,\\)": lambda: Linear(
        1.0
    ).hessian_product(X[:1], X),
    "Multilinear.exact_value: logits must have shape \\(..., 3\\), got \\(2,\\)": lambda: Multilinear(
        TABLE
    ).exact_value(X[:2]),
    "Linear.exact_gradient: logits must have shape \\(..., 2, 3\\)": lambda: Linear(E2).exact_gradient(X),
    "Cosine.gaussian_value: std must be finite and greater than 0": lambda: Cosine(1.0).gaussian_value(X, X),
    "Cosine.gaussian_gradient: mu must have shape \\(..., D\\), got \\(\\)": lambda: Cosine(
        1.0
    ).gaussian_gradient(0.0, 1.0),
    "Sum: exact_value takes parts that have it, got Network": lambda: (
        Linear(1.0) + Network(W1, B1, W2)
    ).exact_value(X),
    "Sum has no attribute 'other'": lambda: (Linear(1.0) + Linear(1.0)).other,
    "Sum.hessian_product takes b, v": lambda: (Linear(1.0) + Linear(1.0)).hessian_product(X),
    "Scaled.grad takes b": lambda: (2.0 * Linear(1.0)).grad(points=X),
    "Flattened: b must have 2 axes or more, got \\(3,\\)": lambda: Flattened(Linear(1.0))(X),
    "Flattened.grad: b takes a real number or an array": lambda: Flattened(Linear(1.0)).grad(None),
}


@pytest.mark.parametrize("message", BAD)
def test_bad_input(message):
    with pytest.raises((TypeError, ValueError, AttributeError), match=message) as caught:
        BAD[message]()
    assert "\n" not in str(caught.value)


def test_no_algebra_with_other_things():
    for make in (lambda: Linear(1.0) + 1.0, lambda: Linear(1.0) * Linear(1.0)):
        with pytest.raises(TypeError, match="unsupported operand"):
            make()
