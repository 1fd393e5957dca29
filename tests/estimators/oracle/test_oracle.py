"""The oracle against itself, by two routes, and against the printed constants, before it judges anybody."""

from __future__ import annotations

import itertools
import math

import pytest

from tests.estimators.oracle import Moments, Problem, average, draws, fp, moments, mp
from tests.estimators.oracle.average import gauss, midpoints, tanh_sinh

PHI = (0.3, -1.1)


def f(x, y):
    return (x - 0.45) ** 2 + 2 * (y - 0.3) ** 2 + 0.7 * x * y


def df(x, y):
    return 2 * (x - 0.45) + 0.7 * y, 4 * (y - 0.3) + 0.7 * x


def cubic(x):
    return x**3 - 0.8 * x**2 + 0.3 * x + 0.2


def dcubic(x):
    return (3 * x**2 - 1.6 * x + 0.3,)


def c(*z):
    """A control variate of the latent that is no function of sigma."""
    return sum(0.2 * x**2 - 0.1 * x for x in z) + 0.05 * z[0] * z[-1]


def dc(*z):
    slopes = [0.4 * x - 0.1 for x in z]
    slopes[0] += 0.05 * z[-1]
    slopes[-1] += 0.05 * z[0]
    return slopes


def toy(t, phi, m=mp):
    return Problem(lambda x: (x - t) ** 2, lambda x: (2 * (x - t),), (phi,), m)


CANONICAL = Problem(f, df, PHI)
ONE = Problem(cubic, dcubic, (0.7,))


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
    p = Problem(f, df, phi)
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
    ("name", "options"), [("rebar", {"temperature": 0.7, "eta": 0.6}), ("relax", {"c": c, "dc": dc})]
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
            return draws.conditional_latent(Problem(f, df, tuple(logits)), b, v)[i]

        assert abs(mp.diff(moved, p.phi[i]) - slope) < 1e-12


def test_rules_have_converged():
    for p, step in ((ONE, 1 / 64), (Problem(f, df, PHI, fp), 1 / 24)):
        for name, options in (
            ("rebar", {"temperature": 0.5, "eta": 1}),
            ("relaxation", {"temperature": 0.5}),
        ):
            exact = getattr(moments, name)
            agree(exact(p, **options), exact(p, step=step, **options), 1e-13)


# The printed constants -----------------------------------------------------------------------------------------------

TRUE = (0.067181526233, 0.225239161265)
PRINTED = [
    ("score_function", {}, TRUE, (0.18022277033, 0.359473566325)),
    ("score_function", {"baseline": 0.7401590166482248}, TRUE, (0.061106480998, 0.089939471213)),
    ("score_function", {"baseline": "optimal"}, TRUE, (0.060697223155, 0.022107995793)),
    ("rloo", {"k": 2}, TRUE, (0.070904946169, 0.099534757912)),
    ("rloo", {"k": 3}, TRUE, (0.033819395556, 0.048168164506)),
    ("measure_valued", {}, TRUE, (0.005486627472, 0.004205333505)),
    ("muprop", {}, TRUE, (0.142883964806, 0.241201810892)),
    ("double_cv", {"k": 2, "alpha": -0.3}, TRUE, (0.065095721759, 0.117016092787)),
    ("disarm", {}, TRUE, (0.049320262127, 0.064043641774)),
    ("arms", {"k": 2}, TRUE, (0.049320262127, 0.064043641774)),
    ("arm", {}, TRUE, (0.059477515418, 0.068371769573)),
    ("reinmax", {"temperature": 1.0}, TRUE, (0.061826735728, 0.322675506208)),
    (
        "straight_through",
        {"derivative": "sigmoid"},
        (0.103577710188, 0.037674337902),
        (0.063921811421, 0.109454657588),
    ),
]


def test_canonical_value_gradient_and_baselines():
    p = CANONICAL
    assert [float(x) for x in p.gradient()] == pytest.approx(TRUE, abs=6e-13)
    assert float(p.value()) == pytest.approx(0.7401590166482248, abs=1e-16)
    assert [float(x) for x in draws.optimal_baseline(p)] == pytest.approx(
        (0.699242740483, 1.341839248482), abs=6e-13
    )


@pytest.mark.parametrize(("name", "options", "mean", "variance"), PRINTED)
def test_canonical_constants(name, options, mean, variance):
    got = getattr(moments, name)(CANONICAL, **options)
    assert [float(x) for x in got.mean] == pytest.approx(mean, abs=6e-13)
    assert [float(x) for x in got.variance] == pytest.approx(variance, abs=6e-12)


@pytest.mark.parametrize(
    ("temperature", "eta", "variance"),
    [
        (0.5, 1, (0.06719868, 0.22491208)),
        (1, 1, (0.0791917, 0.21640302)),
        (1, 0.3, (0.14178678, 0.3052133)),
        (2, 1, (0.094136, 0.22451482)),
    ],
)
def test_canonical_rebar(temperature, eta, variance):
    got = moments.rebar(Problem(f, df, PHI, fp), temperature=temperature, eta=eta)
    assert got.mean == pytest.approx(TRUE, abs=1e-12)
    assert got.variance == pytest.approx(variance, abs=6e-9)


@pytest.mark.parametrize(
    ("t", "g", "half", "two"),
    [
        (0.45, 0.025, (0.022653117, 0.024067107), (0.016671408, 0.01606133)),
        (0.49, 0.005, (0.022304608, 0.023524629), (0.016630602, 0.015997777)),
        (0.499, 5e-4, (0.022290232, 0.023502252), (0.016628918, 0.015995155)),
    ],
)
def test_toy_rebar(t, g, half, two):
    p = toy(t, 0.0)
    for temperature, printed in ((0.5, half), (2, two)):
        for coupling, variance in zip(("independent", "coupled"), printed, strict=True):
            got = moments.rebar(p, temperature=temperature, eta=1, coupling=coupling)
            assert abs(got.mean[0] - g) < 1e-15
            assert float(got.variance[0]) == pytest.approx(variance, abs=6e-10)


@pytest.mark.parametrize(
    ("name", "options", "mean", "variance"),
    [
        ("relaxation", {"temperature": 1}, 0.0518547929, 0.0030389882),
        ("relaxation", {"temperature": 0.5}, 0.0498904788, 0.0094447149),
        ("gumbel_softmax_st", {"temperature": 1}, 0.0792148636, 0.0203442148),
        ("gumbel_softmax_st", {"temperature": 0.1}, 0.0279360006, 0.2532362437),
        ("gumbel_rao", {"temperature": 0.1, "k": 10**12}, 0.0279360006, 0.0296230562),
        ("gumbel_rao", {"temperature": 1, "k": 10**12}, 0.0792148636, 0.0135703983),
    ],
)
def test_toy_relaxations(name, options, mean, variance):
    got = getattr(moments, name)(toy(0.45, 1.5), **options)
    assert float(got.mean[0]) == pytest.approx(mean, abs=6e-11)
    assert float(got.variance[0]) == pytest.approx(variance, abs=6e-11)


def test_vimco_is_unbiased_for_the_bound():
    for k, average_ in itertools.product((2, 3), ("geometric", "arithmetic")):
        got = moments.vimco(CANONICAL, k=k, average=average_).mean
        assert [float(x) for x in got] == pytest.approx(
            [float(x) for x in moments.vimco_gradient(CANONICAL, k)], rel=1e-14
        )
