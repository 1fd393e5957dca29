"""The oracle against itself, by two routes, and against the printed constants, before it judges anybody."""

from __future__ import annotations

import itertools
import math

import pytest

from tests.estimators.oracle import Moments, Problem, average, draws, fp, moments, mp, printed
from tests.estimators.oracle.average import gauss, midpoints, tanh_sinh
from tests.estimators.oracle.objectives import Canonical, Cubic, Latent, Linear, Square

CANONICAL = Canonical().problem(Canonical.logits)
ONE = Cubic().problem([0.7])
C = Latent()


def agree(got: Moments, want: Moments, tolerance: float) -> None:
    scale = [
        math.sqrt(float(want.covariance[i][i] + want.mean[i] ** 2)) + 1e-150 for i in range(len(want.mean))
    ]
    for i, a in enumerate(scale):
        assert abs(got.mean[i] - want.mean[i]) <= tolerance * a
        for j, b in enumerate(scale):
            assert abs(got.covariance[i][j] - want.covariance[i][j]) <= tolerance * a * b


# The two routes ------------------------------------------------------------------------------------------------------

ONE_DRAW = [
    ("score_function", {"baseline": 0.3}),
    ("score_function", {"baseline": (0.3, -0.2)}),
    ("score_function", {"baseline": "optimal"}),
    ("straight_through", {"derivative": "identity"}),
    ("straight_through", {"derivative": "sigmoid", "temperature": 0.7}),
    ("straight_through", {"derivative": "clipped"}),
    ("reinmax", {"temperature": 1.0}),
    ("reinmax", {"temperature": 1.5}),
    ("muprop", {}),
    ("measure_valued", {}),
    ("arm", {}),
    ("disarm", {}),
]


@pytest.mark.parametrize(("name", "options"), ONE_DRAW)
def test_one_draw_of_two_gates(name, options):
    p = CANONICAL
    edges = [sorted((t, q)) for t, q in zip(p.theta, p.q, strict=True)]
    grid = average(
        p,
        [gauss(p, edges[0]), gauss(p, edges[1])],
        lambda x, y: getattr(draws, name)(p, (x, y), **options),
    )
    agree(grid, getattr(moments, name)(p, **options), 1e-25)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("rloo", {}),
        ("double_cv", {"alpha": -0.3}),
        ("vimco", {"average": "geometric"}),
        ("vimco", {"average": "arithmetic"}),
    ],
)
def test_three_draws_of_two_gates(name, options):
    p, k = CANONICAL, 3
    rules = [midpoints(p, [q]) for q in p.q] * k
    grid = average(
        p, rules, lambda *u: getattr(draws, name)(p, [u[2 * a : 2 * a + 2] for a in range(k)], **options)
    )
    agree(grid, getattr(moments, name)(p, k=k, **options), 1e-25)


def test_sts_and_finite_differences_of_two_gates():
    p = CANONICAL
    edges = [[1 - mp.sqrt(t)] for t in p.theta]
    grid = average(p, [midpoints(p, e) for e in edges], lambda *u: draws.sts(p, u))
    agree(grid, moments.sts(p), 1e-25)
    h = 0.25
    edges = [[p.sigmoid(-phi - h), p.sigmoid(-phi), p.sigmoid(h - phi)] for phi in p.phi]
    grid = average(p, [midpoints(p, e) for e in edges], lambda *u: draws.finite_difference(p, u, step=h))
    agree(grid, moments.finite_difference(p, step=h), 1e-25)


def test_moving_average_after_a_long_past():
    """The variance of a row after r others is that of the limit, but for what is left of c_0 = 0."""
    p, decay, rows = ONE, 0.1, 10
    grid = average(
        p,
        [midpoints(p, p.q)] * (rows + 1),
        lambda *u: draws.moving_average(p, [[x] for x in u], decay=decay)[-1],
    )
    agree(grid, moments.moving_average(p, decay=decay), 20 * decay**rows)


def simplex(p: Problem, i: int):
    """Weighted (d_1, d_2, d_3) of Dir(1, 1, 1) for what is constant between the lines d_j = t."""
    t = 1 - mp.sqrt(min(p.theta[i], p.q[i]))
    outer = sorted({mp.mpf(0), mp.mpf(1), *(x for x in (t, 1 - t, 1 - 2 * t) if 0 < x < 1)})
    for a, b in itertools.pairwise(outer):
        x = (a + b) / 2
        inner = sorted({mp.mpf(0), 1 - x, *(y for y in (t, 1 - x - t) if 0 < y < 1 - x)})
        for low, high in itertools.pairwise(inner):
            y = (low + high) / 2
            yield 2 * (b - a) * (high - low), (x, y, 1 - x - y)


@pytest.mark.parametrize("phi", [(0.3, -1.1), (-0.2, 2.5)])
def test_arms_over_the_simplex(phi):
    p = Canonical().problem(phi)
    outcomes = [
        (w * v, draws.arms(p, list(zip(d, e, strict=True))))
        for w, d in simplex(p, 0)
        for v, e in simplex(p, 1)
    ]
    agree(moments.of(outcomes), moments.arms(p, k=3), 1e-25)
    pair = average(
        p,
        [midpoints(p, [p.theta[i], p.q[i]]) for i in range(2)],
        lambda x, y: draws.arms(p, [(x, y), (1 - x, 1 - y)]),
    )
    agree(pair, moments.arms(p, k=2), 1e-25)
    agree(pair, moments.disarm(p), 1e-25)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("relaxation", {"temperature": 0.7}),
        ("gumbel_softmax_st", {"temperature": 0.7}),
        ("noisy_rectifier", {}),
    ],
)
def test_one_latent_of_one_gate(name, options):
    grid = average(ONE, [tanh_sinh(ONE, ONE.q)], lambda u: getattr(draws, name)(ONE, [u], **options))
    agree(grid, getattr(moments, name)(ONE, **options), 1e-13)


def test_gumbel_softmax_of_two_gates():
    p = CANONICAL
    rules = [tanh_sinh(p, [q], 1 / 5) for q in p.q]
    grid = average(p, rules, lambda *u: draws.gumbel_softmax_st(p, u, temperature=1.0))
    agree(grid, moments.gumbel_softmax_st(p, temperature=1.0), 1e-8)


def test_gumbel_rao_of_one_gate():
    """The estimate knows u through b alone, so one point on either side of the threshold will do."""
    v = tanh_sinh(ONE, [], 1 / 6)
    for k in (1, 2):
        grid = average(
            ONE,
            [midpoints(ONE, ONE.q), *[v] * k],
            lambda u, *rows: draws.gumbel_rao(ONE, [u], [[x] for x in rows], temperature=0.5),
        )
        agree(grid, moments.gumbel_rao(ONE, temperature=0.5, k=k), 1e-9)


@pytest.mark.parametrize(
    ("name", "options"), [("rebar", {"temperature": 0.7, "eta": 0.6}), ("relax", {"c": C.f, "dc": C.df})]
)
def test_latent_control_variates_of_one_gate(name, options):
    u, v = tanh_sinh(ONE, ONE.q, 1 / 5), tanh_sinh(ONE, [], 1 / 5)
    draw, exact = getattr(draws, name), getattr(moments, name)
    grid = average(ONE, [u, v], lambda x, y: draw(ONE, [x], [y], **options))
    agree(grid, exact(ONE, **options), 1e-8)
    grid = average(ONE, [tanh_sinh(ONE, ONE.q)], lambda x: draw(ONE, [x], None, **options))
    agree(grid, exact(ONE, coupling="coupled", **options), 1e-13)


def test_coupled_latent_is_the_latent_and_its_slope_the_implicit_one():
    p, u = CANONICAL, (mp.mpf("0.35"), mp.mpf("0.9"))
    b, v = draws.bits(p, u), draws.coupled_uniform(p, u)
    z = draws.conditional_latent(p, b, v)
    for i, want in enumerate(draws.latent(p, u)):
        assert abs(z[i] - want) < 1e-27
    for i, slope in enumerate(draws.conditional_slope(p, b, v)):

        def moved(phi, i=i):
            logits = list(p.phi)
            logits[i] = phi
            return draws.conditional_latent(Canonical().problem(logits), b, v)[i]

        assert abs(mp.diff(moved, p.phi[i]) - slope) < 1e-12


@pytest.mark.parametrize("phi", [0.7, -6.0, 30.0])
def test_rules_have_converged(phi):
    p = Cubic().problem([phi])
    for name, options in (("rebar", {"temperature": 0.1, "eta": 1}), ("relaxation", {"temperature": 0.5})):
        exact = getattr(moments, name)
        agree(exact(p, **options), exact(p, step=1 / 48, **options), 1e-15)


def test_rules_of_two_gates_have_converged():
    p = Canonical().problem(Canonical.logits, fp)
    agree(moments.relaxation(p, temperature=0.5), moments.relaxation(p, temperature=0.5, step=1 / 20), 1e-13)


# The printed constants -----------------------------------------------------------------------------------------------


def test_canonical_value_gradient_and_baselines():
    p = CANONICAL
    assert [float(x) for x in p.gradient()] == pytest.approx(printed.TRUE, abs=6e-13)
    assert float(p.value()) == pytest.approx(printed.VALUE, abs=2e-16)
    assert [float(x) for x in draws.optimal_baseline(p)] == pytest.approx(printed.BASELINES, abs=6e-13)


@pytest.mark.parametrize(("name", "options", "mean", "variance"), printed.CANONICAL)
def test_canonical_constants(name, options, mean, variance):
    got = getattr(moments, name)(CANONICAL, **options)
    assert [float(x) for x in got.mean] == pytest.approx(mean, abs=6e-13)
    assert [float(x) for x in got.variance] == pytest.approx(variance, abs=6e-12)


@pytest.mark.parametrize(("temperature", "eta", "variance"), printed.CANONICAL_REBAR)
def test_canonical_rebar(temperature, eta, variance):
    got = moments.rebar(Canonical().problem(Canonical.logits, fp), temperature=temperature, eta=eta)
    assert got.mean == pytest.approx(printed.TRUE, abs=1e-12)
    assert got.variance == pytest.approx(variance, abs=6e-9)


@pytest.mark.parametrize(("t", "temperature", "coupling", "variance"), printed.TOY_REBAR)
def test_toy_rebar(t, temperature, coupling, variance):
    p = Square(t).problem([0.0])
    got = moments.rebar(p, temperature=temperature, eta=1, coupling=coupling)
    assert abs(got.mean[0] - p.gradient()[0]) < 1e-15
    assert float(got.variance[0]) == pytest.approx(variance, abs=6e-10)


@pytest.mark.parametrize(("name", "options", "variance", "digit"), printed.TOY_AT_TWO)
def test_toy_at_two(name, options, variance, digit):
    got = getattr(moments, name)(Square(0.45).problem([2.0]), **options)
    assert float(got.mean[0]) == pytest.approx(0.01049935854, abs=6e-12)
    assert float(got.variance[0]) == pytest.approx(variance, abs=digit)


@pytest.mark.parametrize(("phi", "name", "options", "mean", "variance"), printed.TOY_RELAXATIONS)
def test_toy_relaxations(phi, name, options, mean, variance):
    if name == "gumbel_rao":
        options = {**options, "k": 10**12}
    got = getattr(moments, name)(Square(0.45).problem([phi]), **options)
    assert float(got.mean[0]) == pytest.approx(mean, abs=6e-11)
    assert float(got.variance[0]) == pytest.approx(variance, abs=6e-11)


@pytest.mark.parametrize("probability", printed.ARMS)
def test_arms_variances(probability):
    p = Linear((1.0,)).problem([math.log(probability / (1 - probability))])
    for k, variance in printed.ARMS[probability].items():
        assert float(moments.arms(p, k=k).variance[0]) == pytest.approx(variance, abs=6e-9)


def test_vimco_is_unbiased_for_the_bound():
    for k, average_ in itertools.product((2, 3), ("geometric", "arithmetic")):
        got = moments.vimco(CANONICAL, k=k, average=average_).mean
        assert [float(x) for x in got] == pytest.approx(
            [float(x) for x in moments.vimco_gradient(CANONICAL, k)], rel=1e-14
        )
