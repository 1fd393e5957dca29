"""What the laws owe each other and SciPy: hypothesis draws the parameters, quadrature over the noise the averages."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from stgref import (
    bernoulli,
    binary_concrete,
    gumbel,
    hard_concrete,
    hard_kumaraswamy,
    kumaraswamy,
    logistic,
    noise,
    normal,
    rectified_gaussian,
)

REAL = st.floats(-8.0, 8.0)
TEMPERATURE = st.floats(0.05, 5.0)
LOWER, UPPER = st.floats(-3.0, -0.01), st.floats(1.01, 4.0)
UNIT = st.floats(0.0, 1.0)
HARD = st.tuples(st.just(hard_concrete), st.tuples(REAL, TEMPERATURE, LOWER, UPPER))
RECTIFIED = st.tuples(st.just(rectified_gaussian), st.tuples(st.floats(-2.0, 3.0), st.floats(0.05, 3.0)))
SHAPE = st.floats(0.5, 3.0)
HARD_KUMARASWAMY = st.tuples(st.just(hard_kumaraswamy), st.tuples(SHAPE, SHAPE, LOWER, UPPER))
DIVERGING = st.one_of(HARD, RECTIFIED)
ATOMIC = st.one_of(HARD, RECTIFIED, HARD_KUMARASWAMY)


def stretched(law, params):
    """SciPy's distribution function of the variable before clipping."""
    if law is rectified_gaussian:
        mu, std = params
        return stats.norm(mu, std).cdf
    if law is hard_kumaraswamy:
        a, b, lower, upper = params
        return lambda x: stats.beta(1.0, b).cdf(((x - lower) / (upper - lower)) ** a)
    a, t, lower, upper = params
    return lambda x: stats.logistic(a).cdf(t * np.log((x - lower) / (upper - x)))


@given(ATOMIC, st.floats(-0.5, 1.5))
def test_cdf_is_that_of_a_clipped_variable(case, x):
    law, params = case
    expected = 0.0 if x < 0 else 1.0 if x >= 1 else stretched(law, params)(x)
    assert law.cdf(x, *params) == pytest.approx(expected, rel=1e-9, abs=1e-13)
    assert law.cdf(x, *params) + law.ccdf(x, *params) == pytest.approx(1.0, rel=4e-16)


@given(ATOMIC)
def test_cdf_is_monotone_and_right_continuous_with_the_atoms(case):
    law, params = case
    x = np.concatenate([np.linspace(-0.1, 1.1, 241), [5e-324, 1.0 - 2.0**-53]])
    x.sort()
    assert np.all(np.diff(law.cdf(x, *params)) >= -1e-16)
    for at in (0.0, 1.0):
        jump = law.cdf(at, *params) - law.left_cdf(at, *params)
        atom = law.prob_zero(*params) if at == 0.0 else law.prob_one(*params)
        assert jump == pytest.approx(atom, rel=1e-12, abs=1e-15)
        assert law.cdf(at, *params) == pytest.approx(law.cdf(np.nextafter(at, 2.0), *params), rel=1e-12)
        assert law.pdf(at, *params) == atom
    assert law.left_cdf(0.0, *params) == 0.0
    assert law.cdf(-1e-300, *params) == 0.0


@given(ATOMIC, UNIT)
def test_icdf_is_the_generalised_inverse(case, p):
    """The smallest x with cdf(x) >= p."""
    law, params = case
    x = law.icdf(p, *params)
    if 0.0 < p < 1.0:
        assert law.cdf(x, *params) >= p * (1 - 1e-12) - 1e-15
        assert law.left_cdf(x, *params) <= p * (1 + 1e-12) + 1e-15
    assert (law.icdf(0.0, *params), law.icdf(1.0, *params)) == (0.0, 1.0)
    if p > 1e-6:  # below, 1 - p keeps too little of p
        assert law.iccdf(p, *params) == pytest.approx(law.icdf(1.0 - p, *params), abs=1e-8)


@given(ATOMIC)
def test_mass_adds_to_one(case):
    law, params = case
    zero, inside, one = law.prob_zero(*params), law.prob_interior(*params), law.prob_one(*params)
    assert zero + inside + one == pytest.approx(1.0, rel=4e-16)
    # In the quantile of the base law the density is flat enough for adaptive quadrature, whatever the parameters.
    points = law.icdf(np.linspace(zero, 1.0 - one, 9)[1:-1], *params)
    points = sorted({float(x) for x in points if 0.0 < x < 1.0})
    mass = sum(
        integrate.quad(lambda x: float(law.pdf(x, *params)), a, b, epsabs=1e-13, epsrel=1e-11, limit=200)[0]
        for a, b in zip([1e-300, *points], [*points, 1.0 - 2.0**-53], strict=True)
    )
    assert mass == pytest.approx(inside, rel=1e-7, abs=1e-9)


@given(st.tuples(REAL, TEMPERATURE), st.sampled_from([0.25, 0.5, 1.0, 2.0]), REAL)
def test_mirror_symmetry(params, width, n):
    """1 - z is the law of -log_alpha with mirrored bounds; those here are exact numbers."""
    (a, t), lower, upper = params, -width, 1.0 + 2.0 * width
    here, there = (a, t, lower, upper), (-a, t, 1.0 - upper, 1.0 - lower)
    close = {"rel": 1e-12, "abs": 1e-14}
    assert hard_concrete.transform(-n, *there) == pytest.approx(
        1.0 - hard_concrete.transform(n, *here), **close
    )
    assert hard_concrete.mean(*there) == pytest.approx(1.0 - hard_concrete.mean(*here), **close)
    assert hard_concrete.variance(*there) == pytest.approx(hard_concrete.variance(*here), **close)
    assert hard_concrete.entropy(*there) == pytest.approx(hard_concrete.entropy(*here), rel=1e-11, abs=1e-13)
    assert hard_concrete.prob_zero(*there) == pytest.approx(hard_concrete.prob_one(*here), rel=1e-12)
    mu, std = 0.5 + a / 16, t
    assert rectified_gaussian.mean(1.0 - mu, std) == pytest.approx(
        1.0 - rectified_gaussian.mean(mu, std), **close
    )


SMOOTH = [
    (logistic, (0.3, 2.0)),
    (normal, (-0.2, 0.7)),
    (gumbel, (0.1, 1.5)),
    (binary_concrete, (0.4, 0.6)),
    (hard_concrete, (0.4, 0.6, -0.3, 1.2)),
    (rectified_gaussian, (0.4, 0.8)),
    (kumaraswamy, (0.4, 1.8)),
    (hard_kumaraswamy, (0.8, 1.8, -0.3, 1.2)),
]
UNIFORM = (kumaraswamy, hard_kumaraswamy)


@pytest.mark.parametrize(("law", "params"), SMOOTH)
def test_pathwise_derivative_is_implicit_reparameterisation(law, params):
    """Figurnov, Mohamed, Mnih 2018, equation (6): dz/dtheta = -F_theta(z) / f(z)."""
    n = np.linspace(0.1, 0.9, 41) if law in UNIFORM else np.linspace(-1.0, 1.0, 41)
    path = law.grad_transform(n, *params)
    inside = (path.value > 0.0) & (path.value < 1.0) if hasattr(law, "prob_zero") else np.full(n.shape, True)
    assert inside.sum() > 10
    cdf = law.grad_cdf(path.value[inside], *params)
    density = law.pdf(path.value[inside], *params)
    for name in path._fields[2:]:
        implicit = -getattr(cdf, name) / density
        np.testing.assert_allclose(getattr(path, name)[inside], implicit, rtol=1e-11, atol=1e-13)


TWICE = [
    (law, params, name)
    for law, params in SMOOTH
    for name in ("transform", "mean", "prob_active", "log_prob_active")
    if hasattr(law, f"grad2_{name}")
]


@pytest.mark.parametrize(("law", "params", "name"), TWICE)
def test_second_derivatives_are_those_of_the_gradient(law, params, name):
    """By central differences of the gradient, good to 9 digits of its size."""
    first = (0.55,) if name == "transform" else ()
    gradient, second = getattr(law, f"grad_{name}"), getattr(law, f"grad2_{name}")(*first, *params)
    for i, field in enumerate(second._fields):
        up, down = (
            getattr(gradient(*first, *params[:i], params[i] + step, *params[i + 1 :]), field)
            for step in (2.0**-17, -(2.0**-17))
        )
        assert getattr(second, field) == pytest.approx((up - down) * 2.0**16, rel=1e-7, abs=1e-9)


def over_noise(law, params, f):
    """E f(z) dz by Gauss-Legendre quadrature in the noise between the clip points, where it is smooth.

    On 24 pieces of 40 nodes: with the nearest singularity half a piece away, the error is below 1e-15. Uniform noise is
    the sigmoid of a logistic one.
    """
    base = normal if law is rectified_gaussian else logistic
    if law is rectified_gaussian:
        ends = np.asarray([-params[0], 1.0 - params[0]]) / params[1]
    elif law is hard_concrete:
        a, t, lower, upper = params
        ends = t * np.log([-lower / upper, (1.0 - lower) / (upper - 1.0)]) - a
    elif law is hard_kumaraswamy:
        ends = special.logit([law.prob_zero(*params), 1.0 - law.prob_one(*params)])
    else:
        ends = np.asarray([-45.0, 45.0])
    cuts = np.linspace(*ends, 25)
    x, w = np.polynomial.legendre.leggauss(40)
    half = np.diff(cuts)[:, None] / 2.0
    n, weight = cuts[:-1, None] + half * (x + 1.0), half * w
    path = law.grad_transform(special.expit(n) if law in UNIFORM else n, *params)
    at = weight * f(path.value) * base.pdf(n)
    return {name: np.sum(at * getattr(path, name)) for name in path._fields[2:]}


SMOOTH_CASES = st.one_of(
    st.tuples(st.just(binary_concrete), st.tuples(REAL, st.floats(0.5, 5.0))),
    st.tuples(st.just(kumaraswamy), st.tuples(SHAPE, SHAPE)),
)


@given(st.one_of(ATOMIC, SMOOTH_CASES))
def test_averages_of_the_pathwise_gradient_are_the_gradients_of_moments(case):
    """dE z = E dz, and dVar z = 2 E (z - E z) dz."""
    law, params = case
    mean = law.mean(*params)
    of_mean, of_variance = law.grad_mean(*params), law.grad_variance(*params)
    for name, value in over_noise(law, params, np.ones_like).items():
        assert value == pytest.approx(getattr(of_mean, name), rel=1e-8, abs=1e-10)
    for name, value in over_noise(law, params, lambda z: 2.0 * (z - mean)).items():
        assert value == pytest.approx(getattr(of_variance, name), rel=1e-8, abs=1e-10)


@given(REAL, REAL, LOWER, UPPER)
def test_cold_gates_are_straight_through_bernoulli_samples(a, n, lower, upper):
    """As the temperature t goes to 0 with the same noise: equal once abs(a + n) exceeds t times the larger logit of a
    clip point, and the gate's mean tends to the Bernoulli law's at the rate t.
    """
    assume(abs(a + n) > 1e-6)
    reach = max(abs(math.log(-lower / upper)), abs(math.log((1.0 - lower) / (upper - 1.0))))
    t = 0.99 * abs(a + n) / max(reach, 1.0)
    for cold in (t, t / 10, t / 1e3):
        assert hard_concrete.transform(n, a, cold, lower, upper) == bernoulli.transform(n, a)
    for cold in (
        1e-2,
        1e-3,
        1e-4,
    ):  # E z = E sigma(a - t v), with v between the clip points' and sigma' <= 1/4
        assert abs(hard_concrete.mean(a, cold, lower, upper) - bernoulli.mean(a)) <= 0.25 * cold * reach


@given(DIVERGING, DIVERGING)
def test_divergence_is_not_negative_and_vanishes_at_equality(p, q):
    if p[0] is q[0]:
        assert p[0].kl_divergence(*p[1], *q[1]) >= 0.0
    assert p[0].kl_divergence(*p[1], *p[1]) == 0.0


@given(st.sampled_from([logistic, normal, gumbel]), REAL, st.floats(-3.0, 3.0), st.floats(0.1, 5.0))
def test_location_scale_laws_against_scipy(law, x, loc, scale):
    peer = {logistic: stats.logistic, normal: stats.norm, gumbel: stats.gumbel_r}[law](loc, scale)
    close = {"rel": 1e-10, "abs": 1e-300}
    for name, other in [("pdf", peer.pdf), ("cdf", peer.cdf), ("ccdf", peer.sf), ("logpdf", peer.logpdf)]:
        assert getattr(law, name)(x, loc, scale) == pytest.approx(other(x), **close)
    for name, value in [("mean", peer.mean()), ("variance", peer.var()), ("entropy", peer.entropy())]:
        assert getattr(law, name)(loc, scale) == pytest.approx(value, rel=1e-10, abs=1e-12)


@given(SHAPE, SHAPE, st.floats(0.0, 1.0))
def test_kumaraswamy_against_a_beta_variable(a, b, x):
    """x^a has the beta law of 1 and b, and the law of b = 1 is the beta law of a and 1."""
    peer = stats.beta(1.0, b)
    assert kumaraswamy.ccdf(x, a, b) == pytest.approx(peer.sf(x**a), rel=1e-10, abs=1e-14)
    assert kumaraswamy.entropy(a, 1.0) == pytest.approx(stats.beta(a, 1.0).entropy(), rel=1e-9, abs=1e-12)
    for name, value in [("mean", stats.beta(a, 1.0).mean()), ("variance", stats.beta(a, 1.0).var())]:
        assert getattr(kumaraswamy, name)(a, 1.0) == pytest.approx(value, rel=1e-12)


@settings(max_examples=25)
@given(SHAPE, SHAPE)
def test_bounds_that_clip_nothing_leave_a_kumaraswamy_variable(a, b):
    """In the limit: what the bounds 1e-9 beyond 0 and 1 change is of the order of their distance."""
    barely = (a, b, -1e-9, 1.0 + 1e-9)
    for name in ("mean", "variance", "median"):
        whole, clipped = getattr(kumaraswamy, name)(a, b), getattr(hard_kumaraswamy, name)(*barely)
        assert clipped == pytest.approx(whole, abs=1e-8)


@given(SHAPE, SHAPE, st.floats(1e-3, 1.0 - 1e-3))
def test_kumaraswamy_laws_mirror_each_other(a, b, u):
    """z^a + (1 - u)^(1/b) = 1 is the same with 1 - u, 1/b and 1 - z, 1/a for z, a and u, b."""
    z = kumaraswamy.transform(u, a, b)
    if 1e-6 < z < 1.0 - 1e-6:  # beyond, 1 - z keeps too little of z
        assert kumaraswamy.transform(1.0 - z, 1.0 / b, 1.0 / a) == pytest.approx(1.0 - u, rel=1e-8)


def test_quasi_random_noise_integrates_better_than_any_seed():
    """The error of a mean over 4096 Sobol points is below 1e-4; that of random ones is of the order of 6e-3."""
    engine = stats.qmc.Sobol(1, rng=np.random.default_rng(0))
    z = hard_concrete.transform(noise.logistic((4096, 1), rng=engine), 0.3)
    assert abs(z.mean() - hard_concrete.mean(0.3)) < 1e-4
