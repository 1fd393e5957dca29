"""Exact moments of the categorical estimators: against plain enumeration, other quadratures and the Bernoulli ones."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stgref import estimators
from stgref.estimators import categorical
from stgref.estimators.categorical import rules, simplex
from tests.estimators.categorical.oracle import Binary, Brute, Level, Polynomial, Table

EXACT = 1e-12


def logits_of(shape, seed=7):
    return np.random.default_rng(seed).normal(size=shape) * 1.3


def assert_moments(got, mean, covariance, tolerance=EXACT):
    """Relative to the root mean square of each coordinate."""
    size = np.sqrt(np.einsum("ikik->ik", covariance) + mean**2)
    assert got.mean.shape == mean.shape
    assert got.covariance.shape == covariance.shape
    assert np.all(np.abs(got.mean - mean) <= tolerance * size)
    assert np.all(np.abs(got.covariance - covariance) <= tolerance * size[:, :, None, None] * size)


def variances(moments):
    return np.einsum("ikik->ik", moments.covariance)


CASES = [(1, 2), (1, 4), (2, 3), (3, 2)]


# Against plain Python ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", CASES)
def test_value_and_gradient(shape):
    f, logits = Polynomial(shape), logits_of(shape)
    brute = Brute(f, logits)
    value = math.fsum(w * brute.value(y) for w, y in brute.samples())
    assert categorical.exact_value(f, logits) == pytest.approx(value, rel=1e-14)
    assert categorical.exact_gradient(f, logits) == pytest.approx(brute.gradient(), rel=EXACT, abs=1e-13)


@pytest.mark.parametrize("shape", CASES)
@pytest.mark.parametrize(
    ("name", "options", "estimate"),
    [
        ("score_function", {}, lambda b: b.score_function()),
        ("score_function", {"baseline": 1.7}, lambda b: b.score_function(1.7)),
        ("score_function", {"baseline": "optimal"}, lambda b: b.score_function(b.optimal_baseline())),
        ("measure_valued", {}, lambda b: b.measure_valued),
        ("straight_through", {}, lambda b: b.identity),
        ("straight_through", {"derivative": "sigmoid"}, lambda b: b.straight_through(1.0)),
        (
            "straight_through",
            {"derivative": "sigmoid", "temperature": 0.4},
            lambda b: b.straight_through(0.4),
        ),
        ("reinmax", {}, lambda b: b.reinmax(1.0)),
        ("reinmax", {"temperature": 1.6}, lambda b: b.reinmax(1.6)),
    ],
)
def test_sums_over_samples(name, options, estimate, shape):
    f, logits = Polynomial(shape), logits_of(shape)
    brute = Brute(f, logits)
    assert_moments(categorical.exact_moments(name, f, logits, **options), *brute.moments(estimate(brute)))


@pytest.mark.parametrize(("shape", "k"), [((1, 3), 2), ((1, 3), 4), ((2, 2), 3), ((2, 3), 2)])
def test_rloo(shape, k):
    f, logits = Polynomial(shape), logits_of(shape)
    brute = Brute(f, logits)
    got = categorical.exact_moments("rloo", f, logits, k=k)
    assert_moments(got, *brute.moments(brute.rloo(k), draws=k))


@pytest.mark.parametrize("shape", [(2,), (2, 3)])
def test_array_baselines(shape):
    """One per variable, or one per coordinate."""
    f, logits, c = Polynomial((2, 3)), logits_of((2, 3)), np.arange(6.0)[: math.prod(shape)].reshape(shape)
    each = np.broadcast_to(c.reshape(2, -1), (2, 3)).ravel().tolist()
    brute = Brute(f, logits)
    got = categorical.exact_moments("score_function", f, logits, baseline=c)
    assert_moments(got, *brute.moments(brute.score_function(each)))


def test_moving_average_is_a_baseline_of_its_own_variance():
    """A row with a long past: c is independent, with mean E f and variance (1 - d) / (1 + d) Var f."""
    f, logits, decay = Polynomial((2, 3)), logits_of((2, 3)), 0.6
    brute = Brute(f, logits)
    mean = math.fsum(w * brute.value(y) for w, y in brute.samples())
    var = (1 - decay) / (1 + decay) * math.fsum(w * (brute.value(y) - mean) ** 2 for w, y in brute.samples())
    m, c = brute.moments(brute.score_function(mean))
    _, scores = brute.moments(brute.score)
    got = categorical.exact_moments("score_function", f, logits, baseline="moving_average", decay=decay)
    assert_moments(got, m, c + var * scores)


def test_optimal_baseline_is_the_best():
    f, logits = Polynomial((2, 3)), logits_of((2, 3))
    best = variances(categorical.exact_moments("score_function", f, logits, baseline="optimal"))
    c = np.array(Brute(f, logits).optimal_baseline()).reshape(2, 3)
    for step in (-1e-3, 1e-3):
        other = variances(categorical.exact_moments("score_function", f, logits, baseline=c + step))
        assert np.all(other > best)


# Unbiased ------------------------------------------------------------------------------------------------------------

UNBIASED = [
    ("score_function", {}, (2, 3)),
    ("score_function", {"baseline": "optimal"}, (2, 3)),
    ("rloo", {"k": 2}, (2, 3)),
    ("measure_valued", {}, (2, 3)),
    ("arsm", {}, (3, 2)),
    ("arsm", {}, (2, 3)),
    *(
        ("rebar", {"temperature": t, "eta": eta, "coupling": c}, shape)
        for shape, t, eta, c in [
            ((1, 2), 0.1, 1.0, "independent"),
            ((1, 2), 0.5, -2.0, "coupled"),
            ((1, 3), 0.2, 0.7, "independent"),
            ((1, 3), 1.5, 1.0, "coupled"),
        ]
    ),
]


@pytest.mark.parametrize(("name", "options", "shape"), UNBIASED)
def test_unbiased(name, options, shape):
    f, logits = Polynomial(shape), logits_of(shape)
    got = categorical.exact_moments(name, f, logits, **options)
    assert got.mean == pytest.approx(Brute(f, logits).gradient(), rel=EXACT, abs=2e-13)


@pytest.mark.parametrize("coupling", ["independent", "coupled"])
def test_relax_with_a_control_variate_of_the_level(coupling):
    f, logits = Polynomial((1, 2)), logits_of((1, 2))
    got = categorical.exact_moments("relax", f, logits, control_variate=Level(), coupling=coupling)
    assert got.mean == pytest.approx(Brute(f, logits).gradient(), rel=1e-11)


@pytest.mark.parametrize("coupling", ["independent", "coupled"])
def test_finer_levels_change_nothing(coupling, monkeypatch):
    f, logits = Polynomial((1, 2)), logits_of((1, 2))
    options = {"control_variate": Level(), "coupling": coupling}
    plain = categorical.exact_moments("relax", f, logits, **options)
    monkeypatch.setattr(rules, "LEVEL_STEP", 0.1)
    assert_moments(categorical.exact_moments("relax", f, logits, **options), plain.mean, plain.covariance)


def test_relax_with_the_control_variate_of_rebar():
    f, logits = Polynomial((1, 2)), logits_of((1, 2))
    c = categorical.Relaxed(f, 0.7, 0.8)
    got = categorical.exact_moments("relax", f, logits, control_variate=c)
    rebar = categorical.exact_moments("rebar", f, logits, temperature=0.7, eta=0.8)
    assert_moments(got, rebar.mean, rebar.covariance, 1e-11)


@settings(max_examples=25)
@given(
    shape=st.sampled_from([(1, 2), (1, 3), (2, 2), (2, 3), (3, 2)]),
    data=st.data(),
)
def test_unbiased_for_any_table(shape, data):
    numbers = st.floats(-3, 3, width=32)
    variables, size = shape
    values = data.draw(hnp.arrays(float, (size,) * variables, elements=numbers))
    logits = data.draw(hnp.arrays(float, shape, elements=numbers))
    f = Table(values)
    want = Brute(f, logits).gradient()
    assert categorical.exact_gradient(f, logits) == pytest.approx(want, rel=1e-11, abs=1e-14)
    for name in ("score_function", "rloo", "measure_valued", "arsm"):
        if name == "arsm" and shape == (2, 3):
            continue
        got = categorical.exact_moments(name, f, logits)
        assert got.mean == pytest.approx(want, rel=1e-11, abs=5e-14), name


@pytest.mark.parametrize("shape", [(1, 2), (2, 3), (3, 2), (2, 4)])
def test_reinmax_is_unbiased_for_quadratic_objectives(shape):
    f, logits = Polynomial(shape, degree=2), logits_of(shape)
    got = categorical.exact_moments("reinmax", f, logits)
    assert got.mean == pytest.approx(Brute(f, logits).gradient(), rel=EXACT, abs=1e-13)
    warm = categorical.exact_moments("reinmax", f, logits, temperature=1.5)
    assert not np.allclose(warm.mean, Brute(f, logits).gradient(), rtol=1e-3)


# Two categories are the Bernoulli estimators --------------------------------------------------------------------------

TWO = [
    ("score_function", {}, 2),
    ("score_function", {"baseline": "optimal"}, 2),
    ("score_function", {"baseline": "moving_average", "decay": 0.7}, 2),
    ("rloo", {"k": 3}, 2),
    ("reinmax", {"temperature": 1.3}, 2),
    ("straight_through", {"derivative": "sigmoid", "temperature": 0.7}, 2),
    ("measure_valued", {}, 2),
    ("gumbel_softmax_st", {"temperature": 0.5}, 2),
    ("gumbel_rao", {"temperature": 0.5, "k": 3}, 2),
    ("relaxation", {"temperature": 0.5}, 1),
    ("relaxation", {"temperature": 1.0}, 2),
    ("rebar", {"temperature": 0.5, "eta": 0.6}, 1),
    ("rebar", {"temperature": 0.5, "eta": 0.6, "coupling": "coupled"}, 1),
    ("rebar", {"temperature": 0.5, "eta": 0.6}, 2),
    ("arsm", {}, 2),
]


@pytest.mark.most(15)
@pytest.mark.parametrize("far", [0.0, 90.0, 150.0])
@pytest.mark.parametrize(("name", "options", "variables"), TWO)
def test_two_categories_are_bernoulli(name, options, variables, far):
    """The estimate of the second category's logit is the Bernoulli one, that of the first its opposite."""
    shape = (variables, 2)
    f, logits = Polynomial(shape), logits_of(shape)
    logits[0, 0] += far
    got = categorical.exact_moments(name, f, logits, **options)
    bernoulli = {"arsm": "arm"}.get(name, name)
    want = estimators.exact_moments(bernoulli, Binary(f), logits[:, 1] - logits[:, 0], **options)
    sign = np.array([-1.0, 1.0])
    mean = want.mean[:, None] * sign
    covariance = want.covariance[:, None, :, None] * sign[:, None, None] * sign
    assert_moments(got, mean, covariance)


# Relaxations ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "temperature"), [((2, 2), 0.6), ((1, 3), 0.3), ((1, 3), 1.0)])
def test_straight_through_of_a_linear_objective_is_its_relaxation(shape, temperature):
    """Moments given the sample, variable by variable, against the joint integral."""
    f, logits = Polynomial(shape, degree=1), logits_of(shape)
    got = categorical.exact_moments("gumbel_softmax_st", f, logits, temperature=temperature)
    want = categorical.exact_moments("relaxation", f, logits, temperature=temperature)
    assert_moments(got, want.mean, want.covariance)


def test_relaxation_of_three_categories_by_another_rule():
    """Without the latents given the sample: the ratios of the latents, over the whole plane."""
    f, logits, temperature = Polynomial((1, 3)), logits_of((1, 3)), 1.2
    axis = 0.125 * np.arange(-360, 361)
    rho = np.array(np.meshgrid(axis, axis, indexing="ij")).reshape(2, -1).T
    rho = rho[np.abs(rho).sum(axis=1) < 100]
    weights = 2 * 0.125**2 * np.exp(rho.sum(axis=1) - 3 * np.log1p(np.exp(rho).sum(axis=1)))
    # rho_j = log(E_j / E_3), and z_j - z_3 = logits_j - logits_3 - rho_j
    z = np.concatenate([logits[0, :2] - logits[0, 2] - rho, np.zeros((len(rho), 1))], axis=1) / temperature
    e = np.exp(z - z.max(axis=1, keepdims=True))
    x = e / e.sum(axis=1, keepdims=True)
    g = f.grad(x[:, None, :])[:, 0, :]
    rows = x * (g - (x * g).sum(axis=1, keepdims=True)) / temperature
    mean = weights @ rows
    covariance = (rows - mean).T * weights @ (rows - mean)
    got = categorical.exact_moments("relaxation", f, logits, temperature=temperature)
    assert_moments(got, mean[None], covariance[None, :, None, :])


@pytest.mark.parametrize("shape", [(2, 2), (1, 3)])
def test_gumbel_rao_averages_what_is_independent_given_the_sample(shape):
    f, logits = Polynomial(shape), logits_of(shape)
    straight = categorical.exact_moments("gumbel_softmax_st", f, logits, temperature=0.5)
    rao = {
        k: categorical.exact_moments("gumbel_rao", f, logits, temperature=0.5, k=k) for k in (1, 2, 10, 10**9)
    }
    assert_moments(rao[1], straight.mean, straight.covariance)
    for k in (2, 10):
        between = rao[10**9].covariance
        assert_moments(rao[k], straight.mean, between + (straight.covariance - between) / k, 1e-8)
    assert np.all(variances(rao[10]) < variances(rao[2]))
    assert np.all(variances(rao[2]) < variances(straight))


def test_low_temperature_gumbel_rao_is_reinmax():
    f, logits = Polynomial((1, 3)), logits_of((1, 3))
    got = categorical.exact_moments("gumbel_rao", f, logits, temperature=1e-3, k=10**12)
    want = categorical.exact_moments("reinmax", f, logits)
    assert got.mean == pytest.approx(want.mean, rel=1e-2)


# ARSM -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_no_line_is_missing_on_the_simplex(seed, monkeypatch):
    """Cut along more lines, the rule gives the same moments: on its pieces the estimate was linear already."""
    f, logits = Polynomial((1, 3), seed=seed), logits_of((1, 3), seed)
    plain = categorical.exact_moments("arsm", f, logits)
    lines, extra = simplex.lines, np.random.default_rng(seed).normal(size=(4, 3))
    monkeypatch.setattr(simplex, "lines", lambda row: [*lines(row), *extra])
    assert_moments(categorical.exact_moments("arsm", f, logits), plain.mean, plain.covariance)


@pytest.mark.parametrize("logits", [[0.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 2.0], [-300.0, 0.0, 900.0]])
def test_weights_of_the_simplex_add_up(logits):
    """Also where lines coincide, or cut nothing off."""
    points, weights = simplex.rule(np.array([logits]))
    assert weights.sum() == pytest.approx(1.0, rel=1e-14)
    assert np.all(weights >= 0.0)
    assert points.sum(axis=-1) == pytest.approx(1.0, rel=1e-14)
    assert weights[0] @ points[0] == pytest.approx([1 / 3] * 3, rel=1e-14)
    assert weights[0] @ points[0] ** 2 == pytest.approx([1 / 6] * 3, rel=1e-14)


# What cannot be done --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shape", "says"),
    [
        ("score_function", (30, 3), r"3\^30 = 2\.1e14"),
        ("rloo", (4, 9), r"81\^4 = 4\.3e7 combinations of samples for 4 variables"),
        ("gumbel_softmax_st", (1, 4), r"latents for 1 variable of 4 categories"),
        ("gumbel_rao", (2, 5), r"latents for 1 variable of 5 categories"),
        ("relaxation", (2, 3), r"latents for 2 variables of 3 categories"),
        ("rebar", (3, 2), r"latents for 3 variables of 2 categories"),
        ("relax", (2, 3), r"latents for 2 variables of 3 categories"),
        ("arsm", (1, 4), r"3 categories or fewer"),
        ("arsm", (4, 3), r"too large"),
    ],
)
def test_too_large(name, shape, says):
    options = {"control_variate": Level()} if name == "relax" else {}
    with pytest.raises(ValueError, match=says):
        categorical.exact_moments(name, Polynomial(shape), logits_of(shape), **options)


@pytest.mark.parametrize(
    "name", ["score_function", "rloo", "arsm", "relaxation", "gumbel_softmax_st", "rebar"]
)
def test_no_variables(name):
    with pytest.raises(ValueError, match="one variable or more"):
        categorical.exact_moments(name, Polynomial((0, 3)), np.zeros((0, 3)))


# Inequalities and invariances ------------------------------------------------------------------------------------------


def test_summing_a_variable_out_never_hurts():
    f, logits = Polynomial((2, 3)), logits_of((2, 3))
    least = variances(categorical.exact_moments("measure_valued", f, logits))
    for c in (0.0, 1.0, "optimal"):
        assert np.all(variances(categorical.exact_moments("score_function", f, logits, baseline=c)) > least)


@pytest.mark.parametrize("name", ["rloo", "measure_valued", "arsm"])
def test_constants_and_levels_do_not_matter(name):
    """f + 1e6, and logits + 5."""
    f, logits = Polynomial((2, 3)), logits_of((2, 3))
    noise = categorical.draw_noise(name, 50, logits, rng=0)
    estimate = getattr(categorical, name)
    plain = estimate(f, logits, noise)
    assert estimate(lambda b: f(b) + 1e6, logits, noise) == pytest.approx(plain, rel=1e-8, abs=1e-8)
    assert estimate(f, logits + 5.0, noise) == pytest.approx(plain, rel=1e-12, abs=1e-13)


def test_offsets_of_the_exact_gradient_do_not_cost_digits():
    f, logits = Polynomial((2, 3)), logits_of((2, 3))
    want = categorical.exact_gradient(f, logits)
    assert categorical.exact_gradient(lambda b: 2.0**30 + f(b), logits) == pytest.approx(want, abs=1e-6)


def test_objectives_with_closed_forms_are_asked():
    f = estimators.objectives.Linear(np.arange(6.0).reshape(2, 3))
    logits = logits_of((2, 3))
    plain = Table(np.add.outer(np.arange(3.0), np.arange(3.0, 6.0)))
    assert categorical.exact_gradient(f, logits) == pytest.approx(
        categorical.exact_gradient(plain, logits), rel=1e-13
    )
    got, want = (
        categorical.exact_moments("score_function", g, logits, baseline="optimal") for g in (f, plain)
    )
    assert_moments(got, want.mean, want.covariance)


def test_pointwise_zgr():
    f, logits = Polynomial((2, 3)), logits_of((2, 3))
    brute = Brute(f, logits)
    for y in itertools.product(range(3), repeat=2):
        noise = brute.one_hot(y)[None] - logits
        got = categorical.reinmax(f, logits, noise)[0].ravel()
        assert got == pytest.approx(brute.zgr(y), rel=1e-13, abs=1e-14)
