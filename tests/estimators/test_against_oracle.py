"""Every estimate and every exact moment against the oracle, and both against the laws and gates they are made of."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import MPContext

from stgref import binary_concrete, estimators, hard_concrete
from tests.estimators.oracle import Problem, draws, fp, moments, mp
from tests.estimators.oracle.judge import assert_estimates, assert_moments, assert_number
from tests.estimators.oracle.objectives import (
    Affine,
    Bent,
    Canonical,
    Cubic,
    Latent,
    Linear,
    Mirrored,
    Multilinear,
    Objective,
    Power,
    Relabelled,
)

LATENT = Latent()
EIGHTHS = st.integers(-16, 16).map(lambda n: n / 8)
TEMPERATURE = st.floats(0.3, 3.0)
COUPLING = st.sampled_from(["independent", "coupled"])


@st.composite
def questions(draw, largest: int = 3, reach: float = 4.0) -> tuple[Objective, np.ndarray]:
    """A table of 2^D values with a curved extension, and logits."""
    size = draw(st.integers(1, largest))
    table = draw(st.lists(EIGHTHS, min_size=2**size, max_size=2**size))
    bend = draw(st.lists(EIGHTHS, min_size=size, max_size=size))
    logits = draw(st.lists(st.floats(-reach, reach), min_size=size, max_size=size))
    return Bent(Multilinear(tuple(table)), tuple(bend)), np.array(logits)


OPTIONS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "score_function": st.sampled_from([0.0, -1.25, "optimal"]).map(lambda c: {"baseline": c}),
    "rloo": st.fixed_dictionaries({"k": st.integers(2, 3)}),
    "straight_through": st.one_of(
        st.sampled_from(["identity", "clipped"]).map(lambda name: {"derivative": name}),
        TEMPERATURE.map(lambda t: {"derivative": "sigmoid", "temperature": t}),
    ),
    "relaxation": st.fixed_dictionaries({"temperature": TEMPERATURE}),
    "gumbel_softmax_st": st.fixed_dictionaries({"temperature": TEMPERATURE}),
    "reinmax": st.fixed_dictionaries({"temperature": st.floats(1.0, 3.0)}),
    "gumbel_rao": st.fixed_dictionaries({"temperature": TEMPERATURE, "k": st.integers(1, 4)}),
    "arm": st.just({}),
    "disarm": st.just({}),
    "arms": st.fixed_dictionaries({"k": st.integers(2, 4)}),
    "muprop": st.just({}),
    "measure_valued": st.just({}),
    "rebar": st.fixed_dictionaries(
        {"temperature": TEMPERATURE, "eta": st.floats(-2, 2), "coupling": COUPLING}
    ),
    "relax": st.fixed_dictionaries({"control_variate": st.just(LATENT), "coupling": COUPLING}),
    "double_cv": st.fixed_dictionaries({"k": st.integers(2, 3), "alpha": EIGHTHS}),
    "finite_difference": st.fixed_dictionaries({"step": st.floats(0.05, 2.0)}),
    "vimco": st.fixed_dictionaries(
        {"k": st.integers(2, 3), "average": st.sampled_from(["geometric", "arithmetic"])}
    ),
    "sts": st.just({}),
    "noisy_rectifier": st.just({}),
}
LATENTS = ("relaxation", "gumbel_softmax_st", "gumbel_rao", "rebar", "relax", "noisy_rectifier")


def oracle_moments(name: str, objective: Objective, logits: np.ndarray, m: Any = fp, **options: Any):
    """The exact moments of the oracle, with the package's options translated."""
    p = objective.problem(logits.tolist(), m)
    if name == "relax":
        control = options.pop("control_variate")
        options |= {"c": control.f, "dc": control.df}
    if options.get("baseline") == "moving_average":
        return moments.moving_average(p, decay=options["decay"])
    return getattr(moments, name)(p, **options)


def uniform(p: Problem, noise: Any) -> Any:
    """sigma(noise), element by element through nested lists."""
    if isinstance(noise, list):
        return [uniform(p, x) for x in noise]
    return p.sigmoid(p.m.mpf(noise))


def oracle_estimate(name: str, p: Problem, row: list[Any], **options: Any) -> list[Any]:
    """One estimate of the oracle from the fields of one row of noise."""
    u = uniform(p, row)
    if name in ("rebar", "relax"):
        if options.pop("coupling") == "coupled":
            u[1] = None
        if name == "relax":
            control = options.pop("control_variate")
            options |= {"c": control.f, "dc": control.df}
    if name == "arms":  # The copula is logit(1 - u) of the paper's u = (1 - d)^(k - 1).
        k = options.pop("k")
        u = [[[1 - (1 - x) ** (p.m.mpf(1) / (k - 1)) for x in gates] for gates in u[0]]]
    if name in ("rloo", "vimco", "double_cv", "gumbel_rao"):
        options.pop("k")
    return getattr(draws, name)(p, *u, **options)


def fields(noise: Any) -> tuple[np.ndarray, ...]:
    return tuple(noise) if isinstance(noise, tuple) else (noise,)


def rows(noise: Any) -> list[list[Any]]:
    """The fields of every row, as nested lists of floats."""
    return [
        [field[n].astype(float).tolist() for field in fields(noise)] for n in range(len(fields(noise)[0]))
    ]


def oracle_estimates(name: str, p: Problem, noise: Any, **options: Any) -> list[list[Any]]:
    return [oracle_estimate(name, p, row, **options) for row in rows(noise)]


# Random objectives -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPTIONS)
@given(data=st.data(), question=questions(), seed=st.integers(0, 2**32))
@settings(max_examples=12)
def test_estimates(name, data, question, seed):
    """Four rows of drawn noise, in thirty digits."""
    objective, logits = question
    options = data.draw(OPTIONS[name])
    noise = estimators.draw_noise(name, 4, logits, rng=seed, **options)
    got = getattr(estimators, name)(objective, logits, noise, **options)
    assert got.shape == (4, len(logits))
    assert_estimates(
        got, oracle_estimates(name, objective.problem(logits.tolist()), noise, **options), floor=0.01
    )


@pytest.mark.parametrize("name", [name for name in OPTIONS if name not in LATENTS])
@given(data=st.data(), question=questions())
@settings(max_examples=12)
def test_moments_by_enumeration(name, data, question):
    objective, logits = question
    options = data.draw(OPTIONS[name])
    got = estimators.exact_moments(name, objective, logits, **options)
    assert_moments(got, oracle_moments(name, objective, logits, **options), floor=0.01)


@pytest.mark.parametrize("name", LATENTS)
@given(data=st.data(), question=questions(largest=1))
@settings(max_examples=12)
def test_moments_by_quadrature(name, data, question):
    objective, logits = question
    options = data.draw(OPTIONS[name])
    got = estimators.exact_moments(name, objective, logits, **options)
    assert_moments(got, oracle_moments(name, objective, logits, **options), floor=0.01)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("relaxation", {"temperature": 0.7}),
        ("gumbel_softmax_st", {"temperature": 0.4}),
        ("gumbel_rao", {"temperature": 0.4, "k": 3}),
        ("noisy_rectifier", {}),
        ("rebar", {"temperature": 0.7, "eta": 0.6, "coupling": "independent"}),
        ("rebar", {"temperature": 0.7, "eta": 0.6, "coupling": "coupled"}),
        ("relax", {"control_variate": LATENT, "coupling": "independent"}),
        ("relax", {"control_variate": LATENT, "coupling": "coupled"}),
    ],
)
def test_moments_of_two_gates_by_quadrature(name, options):
    """With covariances between the gates that are not zero: the objective is no sum."""
    objective, logits = Bent(Canonical(), (0.5, -1.0)), np.array([0.3, -1.1])
    want = oracle_moments(name, objective, logits, **options)
    assert abs(want.covariance[0][1]) > 1e-3
    assert_moments(estimators.exact_moments(name, objective, logits, **options), want)


@pytest.mark.parametrize("name", LATENTS)
@pytest.mark.parametrize("phi", [-9.0, 15.0, 25.0, -40.0])
def test_moments_far_out_by_quadrature(name, phi):
    options = {
        "noisy_rectifier": {},
        "relax": {"control_variate": LATENT, "coupling": "independent"},
        "rebar": {"temperature": 0.5, "eta": 0.8, "coupling": "coupled"},
        "gumbel_rao": {"temperature": 0.5, "k": 2},
    }.get(name, {"temperature": 0.5})
    logits = np.array([phi])
    want = oracle_moments(name, Cubic(), logits, mp, **options)
    assert_moments(estimators.exact_moments(name, Cubic(), logits, **options), want)


@pytest.mark.parametrize("temperature", [0.01, 0.05, 0.1, 10.0])
@pytest.mark.parametrize("name", ["relaxation", "gumbel_softmax_st", "rebar"])
def test_moments_at_other_temperatures(name, temperature):
    options = {"temperature": temperature} | ({"eta": 0.8, "coupling": "coupled"} if name == "rebar" else {})
    logits = np.array([0.7])
    want = oracle_moments(name, Cubic(), logits, mp, step=1 / 64, **options)
    assert_moments(estimators.exact_moments(name, Cubic(), logits, **options), want)


@given(question=questions(), baseline=st.lists(EIGHTHS, min_size=3, max_size=3))
@settings(max_examples=12)
def test_baselines_of_each_gate(question, baseline):
    objective, logits = question
    c = tuple(baseline[: len(logits)])
    noise = estimators.draw_noise("score_function", 5, logits, rng=1)
    got = estimators.score_function(objective, logits, noise, baseline=np.array(c))
    p = objective.problem(logits.tolist())
    assert_estimates(got, oracle_estimates("score_function", p, noise, baseline=c), floor=0.01)
    got = estimators.exact_moments("score_function", objective, logits, baseline=np.array(c))
    assert_moments(got, moments.score_function(p, baseline=c), floor=0.01)


@given(question=questions(), decay=st.floats(0.0, 0.99), seed=st.integers(0, 2**32))
@settings(max_examples=12)
def test_moving_average(question, decay, seed):
    """Row by row; and the exact moments are those of a row with a long past."""
    objective, logits = question
    options = {"baseline": "moving_average", "decay": decay}
    noise = estimators.draw_noise("score_function", 6, logits, rng=seed)
    got = estimators.score_function(objective, logits, noise, **options)
    p = objective.problem(logits.tolist())
    assert_estimates(got, draws.moving_average(p, uniform(p, noise.tolist()), decay=decay), floor=0.01)
    got = estimators.exact_moments("score_function", objective, logits, **options)
    assert_moments(got, moments.moving_average(p, decay=decay), floor=0.01)


@given(
    question=questions(largest=2), k=st.integers(2, 3), average=st.sampled_from(["geometric", "arithmetic"])
)
@settings(max_examples=12)
def test_vimco_is_unbiased_for_its_bound(question, k, average):
    objective, logits = question
    got = estimators.exact_moments("vimco", objective, logits, k=k, average=average).mean
    want = moments.vimco_gradient(objective.problem(logits.tolist(), fp), k)
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-13)


@given(question=questions(largest=2))
@settings(max_examples=12)
def test_stochastic_times_smooth_unit_with_its_score(question):
    """Unbiased for the expectation over the unit, d/dphi of sum_b P(b) f(b sqrt(theta)), here by central differences."""
    objective, logits = question
    got = estimators.exact_moments("sts", objective, logits, score=True).mean

    def unit(*phi):
        p = objective.problem(phi)
        root = [mp.sqrt(t) for t in p.theta]
        rules = [[(1 - r, 0), (r, r)] for r in root]
        return sum(w * p.f(*h) for w, h in moments.product(rules, mp.mpf(1)))

    for i in range(len(logits)):
        phi = [mp.mpf(x) for x in logits.tolist()]
        ahead, behind = list(phi), list(phi)
        ahead[i] += mp.mpf("1e-9")
        behind[i] -= mp.mpf("1e-9")
        assert_number(got[i], (unit(*ahead) - unit(*behind)) / mp.mpf("2e-9"), scale=0.1)


# Invariances, pointwise --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["rloo", "arm", "disarm", "arms", "measure_valued", "double_cv", "vimco"])
@given(data=st.data(), question=questions(), offset=st.integers(-64, 64), seed=st.integers(0, 2**32))
@settings(max_examples=8)
def test_offsets_make_no_difference(name, data, question, offset, seed):
    objective, logits = question
    options = data.draw(OPTIONS[name])
    noise = estimators.draw_noise(name, 5, logits, rng=seed, **options)
    estimate = getattr(estimators, name)
    plain = estimate(objective, logits, noise, **options)
    moved = estimate(Affine(objective, 1.0, offset), logits, noise, **options)
    np.testing.assert_allclose(moved, plain, rtol=1e-12, atol=1e-13 * (1 + abs(offset)))


@pytest.mark.parametrize("name", [name for name in OPTIONS if name != "vimco"])
@given(
    data=st.data(),
    question=questions(),
    scale=st.sampled_from([-4.0, -1.0, 0.5, 8.0]),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=6)
def test_scale_goes_through(name, data, question, scale, seed):
    """Powers of two, so that it goes through without a rounding; what is not f, c or the baseline, scales with it."""
    objective, logits = question
    options = data.draw(OPTIONS[name])
    noise = estimators.draw_noise(name, 5, logits, rng=seed, **options)
    plain = getattr(estimators, name)(objective, logits, noise, **options)
    if name == "relax":
        options["control_variate"] = Affine(LATENT, scale)
    if isinstance(options.get("baseline"), float):
        options["baseline"] *= scale
    scaled = getattr(estimators, name)(Affine(objective, scale), logits, noise, **options)
    np.testing.assert_allclose(scaled, scale * plain, rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("name", [name for name in OPTIONS if name not in ("sts", "noisy_rectifier")])
@given(data=st.data(), question=questions(), seed=st.integers(0, 2**32))
@settings(max_examples=6)
def test_relabelling_turns_the_sign(name, data, question, seed):
    """b -> 1 - b, phi -> -phi, noise -> -noise turns the sign; ARMS reflects its copula by itself."""
    objective, logits = question
    if name == "arms":
        logits = np.where(logits == 0, 1.0, logits)  # One half is not reflected on either side.
    options = data.draw(OPTIONS[name])
    noise = estimators.draw_noise(name, 5, logits, rng=seed, **options)
    turned = [field if name == "arms" else -field for field in fields(noise)]
    turned = type(noise)(*turned) if isinstance(noise, tuple) else turned[0]
    plain = getattr(estimators, name)(objective, logits, noise, **options)
    if name == "relax":
        options["control_variate"] = Mirrored(LATENT)
    other = getattr(estimators, name)(Relabelled(objective), -logits, turned, **options)
    np.testing.assert_allclose(other, -plain, rtol=1e-11, atol=1e-13)


@given(question=questions(), seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_antithetic_gates_agree_or_count(question, seed):
    """DisARM gives a gate nothing where b_i = b~_i, and half the difference times sigma(|phi|) where not."""
    objective, logits = question
    noise = estimators.draw_noise("disarm", 8, logits, rng=seed)
    got = estimators.disarm(objective, logits, noise)
    b, other = logits + noise > 0, logits - noise > 0
    difference = objective(b.astype(float)) - objective(other.astype(float))
    want = (
        difference[:, None] / 2 * np.where(b == other, 0, np.where(b, 1, -1)) / (1 + np.exp(-np.abs(logits)))
    )
    np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-16)


# Laws and gates ----------------------------------------------------------------------------------------------------------


@given(question=questions(), temperature=TEMPERATURE, seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_relaxations_are_the_gate_of_the_same_noise(question, temperature, seed):
    objective, logits = question
    noise = estimators.draw_noise("relaxation", 6, logits, rng=seed, temperature=temperature)
    gate = binary_concrete.grad_transform(noise, logits, temperature)
    b = (logits + noise > 0).astype(float)
    hard = estimators.gumbel_softmax_st(objective, logits, noise, temperature=temperature)
    np.testing.assert_allclose(hard, objective.grad(b) * gate.log_alpha, rtol=1e-13, atol=1e-300)
    soft = estimators.relaxation(objective, logits, noise, temperature=temperature)
    np.testing.assert_allclose(soft, objective.grad(gate.value) * gate.log_alpha, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("temperature", [0.3, 0.03, 0.003])
def test_hard_concrete_goes_to_the_straight_through_sample(temperature):
    """The gate is b itself but for |z| < temperature c with c = log((1 - lower) / (upper - 1)) = log 11.

    So P(gate != b) = sigma(phi + temperature c) - sigma(phi - temperature c), which goes as 2 c temperature theta (1 - theta).
    """
    phi, c = 0.7, math.log(11.0)
    noise = np.linspace(-8, 8, 4001)
    gate = hard_concrete.transform(noise, phi, temperature)
    b = (phi + noise > 0).astype(float)
    far = np.abs(phi + noise) > temperature * c * (1 + 1e-9)
    np.testing.assert_array_equal(gate[far], b[far])
    inside = np.abs(phi + noise) < temperature * c * (1 - 1e-9)
    assert np.all((gate[inside] > 0) & (gate[inside] < 1))
    differ = 1 - hard_concrete.prob_zero(phi, temperature) - hard_concrete.prob_one(phi, temperature)
    width = temperature * c
    assert_number(
        differ, 1 / (1 + math.exp(-phi - width)) - 1 / (1 + math.exp(width - phi)), 1e-12, scale=1e-2
    )
    theta = 1 / (1 + math.exp(-phi))
    assert_number(differ / (2 * c * temperature), theta * (1 - theta), width**2)


def test_clipped_straight_through_is_the_derivative_of_hardtanh():
    """clip(phi, -1, 1) has slope 1 on the closed interval, as a closed clip has."""
    logits = np.array([-1.5, -1.0000001, -1.0, -0.3, 0.0, 0.999, 1.0, 1.0000001, 40.0])
    objective = Power(3)
    noise = estimators.draw_noise("straight_through", 10, logits, rng=3)
    got = estimators.straight_through(objective, logits, noise, derivative="clipped")
    b = (logits + noise > 0).astype(float)
    h = 1e-9
    slope = np.round((np.clip(logits + h, -1, 1) - np.clip(logits - h, -1, 1)) / (2 * h), 3)
    slope[np.abs(logits) == 1] = 1.0
    np.testing.assert_array_equal(slope, [0, 0, 1, 1, 1, 1, 1, 0, 0])
    np.testing.assert_array_equal(got, objective.grad(b) * slope)


@given(slopes=st.lists(EIGHTHS, min_size=1, max_size=3), phi=st.floats(-6, 6))
@settings(max_examples=20)
def test_linear_objectives_have_one_gradient(slopes, phi):
    objective, logits = Linear(tuple(slopes), 0.3), np.full(len(slopes), phi)
    true = estimators.exact_gradient(objective, logits)
    for name, options in (
        ("straight_through", {"derivative": "sigmoid", "temperature": 1.0}),
        ("reinmax", {"temperature": 1.0}),
        ("muprop", {}),
        ("measure_valued", {}),
    ):
        got = estimators.exact_moments(name, objective, logits, **options).mean
        np.testing.assert_allclose(got, true, rtol=1e-12, atol=1e-15)


@given(question=questions(largest=2))
@settings(max_examples=20)
def test_biases_in_closed_form(question):
    """E over the others of theta f'(1) + (1 - theta) f'(0) - (f(1) - f(0)), and the same of (f'(0) + f'(1)) / 2."""
    objective, logits = question
    p = objective.problem(logits.tolist(), fp)
    true = estimators.exact_gradient(objective, logits)
    straight = (
        estimators.exact_moments("straight_through", objective, logits, derivative="sigmoid").mean - true
    )
    trapezoid = estimators.exact_moments("reinmax", objective, logits, temperature=1.0).mean - true
    for i in range(p.size):
        off_straight = off_trapezoid = 0.0
        for weight, b in p.bits():
            on, off = (*b[:i], 1, *b[i + 1 :]), (*b[:i], 0, *b[i + 1 :])
            jump = p.f(*on) - p.f(*off)
            one, zero = p.df(*on)[i], p.df(*off)[i]
            off_straight += weight * p.s2[i] * (p.theta[i] * one + p.q[i] * zero - jump)
            off_trapezoid += weight * p.s2[i] * ((one + zero) / 2 - jump)
        assert_number(straight[i], off_straight, scale=1.0)
        assert_number(trapezoid[i], off_trapezoid, scale=1.0)


# Far out -----------------------------------------------------------------------------------------------------------------

WIDE = MPContext()
WIDE.dps = 940

EXTREME = [
    ("score_function", {"baseline": 0.5}),
    ("score_function", {"baseline": "optimal"}),
    ("rloo", {"k": 3}),
    ("straight_through", {"derivative": "sigmoid", "temperature": 0.5}),
    ("relaxation", {"temperature": 0.5}),
    ("gumbel_softmax_st", {"temperature": 0.5}),
    ("reinmax", {"temperature": 1.0}),
    ("gumbel_rao", {"temperature": 0.5, "k": 3}),
    ("arm", {}),
    ("disarm", {}),
    ("arms", {"k": 3}),
    ("muprop", {}),
    ("measure_valued", {}),
    ("rebar", {"temperature": 0.5, "eta": 0.8, "coupling": "independent"}),
    ("rebar", {"temperature": 0.5, "eta": 0.8, "coupling": "coupled"}),
    ("relax", {"control_variate": LATENT, "coupling": "independent"}),
    ("relax", {"control_variate": LATENT, "coupling": "coupled"}),
    ("double_cv", {"k": 3, "alpha": -0.3}),
    ("finite_difference", {"step": 0.5}),
    ("vimco", {"k": 2, "average": "geometric"}),
    ("vimco", {"k": 2, "average": "arithmetic"}),
    ("sts", {}),
    ("noisy_rectifier", {}),
]


def named(value) -> str | None:
    return str(value) if isinstance(value, str | dict) else None


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("name", "options"), EXTREME, ids=named)
def test_finite_far_out(name, options, dtype):
    """Logits up to +-1e3, no warning, dtype in is dtype out, and no rows are no rows; the moments are finite too."""
    for pair in ([1e3, -1e3], [-1e3, 40.0], [20.0, -20.0], [-90.0, 0.0]):
        logits = np.array(pair, dtype=dtype)
        noise = estimators.draw_noise(name, 50, logits, rng=4, **options)
        got = getattr(estimators, name)(Canonical(), logits, noise, **options)
        assert got.dtype == dtype
        assert np.all(np.isfinite(got))
        exact = estimators.exact_moments(name, Canonical(), logits, **options)
        assert exact.mean.dtype == exact.covariance.dtype == dtype
        assert np.all(np.isfinite(exact.mean))
        assert np.all(np.isfinite(exact.covariance))
        assert np.all(np.diag(exact.covariance) >= 0)
    nothing = estimators.draw_noise(name, 0, logits, rng=4, **options)
    assert getattr(estimators, name)(Canonical(), logits, nothing, **options).shape == (0, 2)


@pytest.mark.parametrize(("name", "options"), [case for case in EXTREME if case[0] not in LATENTS], ids=named)
@pytest.mark.parametrize("logits", [(25.0, -40.0), (-60.0, 30.0), (300.0, -300.0)])
def test_moments_far_out_by_enumeration(name, options, logits):
    """Relative to root mean squares that are as small as the probabilities; the oracle has a thousand digits for them."""
    objective = Bent(Canonical(), (0.3, -1.0))
    want = oracle_moments(name, objective, np.array(logits), WIDE, **options)
    assert_moments(estimators.exact_moments(name, objective, np.array(logits), **options), want)


@pytest.mark.parametrize(("name", "options"), EXTREME, ids=named)
@pytest.mark.parametrize("logits", [(1e3, -1e3), (-1e3, 40.0), (20.0, -20.0), (-90.0, 0.0)])
def test_estimates_far_out(name, options, logits):
    """Entry by entry, however small; but for a difference of control variates, and of averages that agree."""
    objective = Bent(Canonical(), (0.5, -1.0))
    noise = estimators.draw_noise(name, 3, np.array(logits), rng=5, **options)
    got = getattr(estimators, name)(objective, np.array(logits), noise, **options)
    want = oracle_estimates(name, objective.problem(logits, WIDE), noise, **options)
    floor = {"relax": 1e-12, "vimco": 1e-15}.get(name, 5e-324)
    np.testing.assert_allclose(got, np.array(want, dtype=float), rtol=1e-12, atol=floor)


@pytest.mark.parametrize("coupling", ["independent", "coupled"])
@pytest.mark.parametrize(
    ("phi", "latent"), [(1e3, 0.4), (-1e3, 0.4), (1e3, -1001.5), (-1e3, 1000.5), (40.0, -41.0), (-40.0, 39.0)]
)
def test_relax_and_rebar_far_out_are_right(coupling, phi, latent):
    """Also for a b that has probability e^-1000; against the paper's form in nearly a thousand digits."""
    noise = estimators.RelaxNoise(np.array([[latent]]), np.array([[-0.847]]))
    logits = np.array([phi])
    p = Cubic().problem([phi], WIDE)
    for name, options in (
        ("rebar", {"temperature": 0.5, "eta": 0.8, "coupling": coupling}),
        ("relax", {"control_variate": LATENT, "coupling": coupling}),
    ):
        got = getattr(estimators, name)(Cubic(), logits, noise, **options)
        assert_estimates(got, oracle_estimates(name, p, noise, **options))


NAIVE = {
    "squeezed": lambda v, theta: (
        np.log(v * theta + 1 - theta) - np.log1p(-(v * theta + 1 - theta)) + np.log(theta / (1 - theta))
    ),
    "paper": lambda v, theta: np.log(v / (1 - v) / (1 - theta) + 1),
}


class Recorder(Linear):
    """A control variate that remembers at which latents its value was asked for."""

    def __call__(self, z):
        self.__dict__.setdefault("seen", []).extend(np.ravel(z).tolist())
        return super().__call__(z)


def latent_given_one(phi: float, v: float, dtype: Any, want: float) -> float:
    """The package's z~ given b = 1 and v, as RELAX's control variate sees it: the closest it was asked about."""
    noise = estimators.RelaxNoise(
        np.array([[dtype(3 - phi)]]), np.array([[dtype(math.log(v) - math.log1p(-v))]])
    )
    recorder = Recorder((1.0,))
    logits = np.array([dtype(phi)])
    got = estimators.relax(Linear((0.0,)), logits, noise, control_variate=recorder, coupling="independent")
    assert np.all(np.isfinite(got))
    return min(recorder.seen, key=lambda z: abs(z - want))


@pytest.mark.parametrize(
    ("form", "phi", "dtype"),
    [
        ("squeezed", -20.0, np.float32),
        ("squeezed", -40.0, np.float64),
        ("paper", 20.0, np.float32),
        ("paper", 40.0, np.float64),
    ],
)
def test_naive_conditionals_fail_where_ours_do_not(form, phi, dtype):
    """Section 7: logit(v theta + 1 - theta) and log(v / (1 - v) / (1 - theta) + 1) at v = .3 are lost, ours is not."""
    v, wide = 0.3, dtype(0.3)
    with np.errstate(all="ignore"):
        theta = dtype(1) / (dtype(1) + np.exp(dtype(-phi)))
        naive = float(NAIVE[form](wide, theta))
    exact = exact_latent(phi, v)
    assert not abs(naive - exact) < 1e9
    assert_number(latent_given_one(phi, v, dtype, exact), exact, 4 * np.finfo(dtype).eps)


def exact_latent(phi: float, v: float) -> float:
    return float(draws.conditional_latent(Linear((0.0,)).problem([phi], WIDE), [1], [WIDE.mpf(v)])[0])


def test_naive_conditional_in_single_precision_is_wrong_in_the_third_digit():
    """At phi = -10: .3551 for .3567."""
    theta = np.float32(1) / (np.float32(1) + np.exp(np.float32(10)))
    naive = float(NAIVE["squeezed"](np.float32(0.3), theta))
    exact = exact_latent(-10.0, 0.3)
    assert naive == pytest.approx(0.3551, abs=6e-5)
    assert exact == pytest.approx(0.3567, abs=6e-5)
    assert_number(latent_given_one(-10.0, 0.3, np.float32, exact), exact, 4 * np.finfo(np.float32).eps)
