"""What must hold exactly, from printed constants, closed forms and inequalities; and what must not be believed.

Everything here goes through the public functions. Sections are those of the collected facts: closed forms in one
dimension (4.1), the canonical constants (4.2), the published toys (5), and the lists of 5.9.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stgref import estimators
from tests.estimators.oracle import moments as oracle
from tests.estimators.oracle import printed
from tests.estimators.oracle.judge import assert_number, grid
from tests.estimators.oracle.objectives import (
    Affine,
    Bent,
    Canonical,
    Cubic,
    Latent,
    Linear,
    Multilinear,
    Objective,
    Power,
    Relabelled,
    Square,
)

# Values of f whose squares are no subnormal numbers, which have no digits to compare.
VALUES = st.floats(-2, 2).map(lambda x: round(x, 9))
THETAS = (0.03, 0.2, 0.5, 0.7, 0.95)
LATENT = Latent()
DIGIT = 0.6
"""Printed numbers are believed to a little more than half of their last digit."""


def logit(theta: float) -> float:
    return math.log(theta / (1 - theta))


def bernoulli(phi: float) -> tuple[float, float, float]:
    """theta, theta (1 - theta), and the smaller of theta and 1 - theta."""
    theta, q = 1 / (1 + math.exp(-phi)), 1 / (1 + math.exp(phi))
    return theta, theta * q, min(theta, q)


def exact(name, objective, logits, **options):
    return estimators.exact_moments(name, objective, np.asarray(logits, dtype=float), **options)


def mean(name, objective, logits, **options):
    return exact(name, objective, logits, **options).mean


def variance(name, objective, logits, **options):
    return np.diag(exact(name, objective, logits, **options).covariance)


def one_variance(name, objective, phi, **options):
    return float(variance(name, objective, [phi], **options)[0])


def gradient(objective, logits):
    return estimators.exact_gradient(objective, np.asarray(logits, dtype=float))


def value(objective, logits):
    return float(estimators.exact_value(objective, np.asarray(logits, dtype=float)))


def estimate(name, objective, logits, noise, **options):
    return getattr(estimators, name)(objective, np.asarray(logits, dtype=float), noise, **options)


# What the exact functions are ----------------------------------------------------------------------------------------


def test_value_and_gradient_are_those_of_the_enumeration():
    for objective, logits in (
        (Canonical(), Canonical.logits),
        (Square(0.3), (-2.0, 0.1, 1.4)),
        (Cubic(), (0.7,)),
    ):
        p = objective.problem(logits)
        assert_number(value(objective, logits), p.value())
        for got, want in zip(gradient(objective, logits), p.gradient(), strict=True):
            assert_number(got, want, scale=1e-2)


class Targets(Objective):
    """sum_i (b_i - t_i)^2."""

    def __init__(self, *targets):
        self.targets = targets

    def f(self, *b):
        return sum((x - t) ** 2 for x, t in zip(b, self.targets, strict=True))

    def df(self, *b):
        return [2 * (x - t) for x, t in zip(b, self.targets, strict=True)]


def test_three_targets():
    """Section 5.8: targets linspace(.2, .9, 3); each gate's gradient is theta (1 - theta) (1 - 2 t)."""
    targets = (0.2, 0.55, 0.9)
    logits = (-1.0, 0.0, 2.0)
    for got, phi, t in zip(gradient(Targets(*targets), logits), logits, targets, strict=True):
        assert_number(got, bernoulli(phi)[1] * (1 - 2 * t))


def test_shared_logit_of_three_targets():
    """Section 5.7: D = 3, targets (.6, .51, .48), one logit for all."""
    objective = Targets(0.6, 0.51, 0.48)
    assert_number(gradient(objective, [0.0] * 3).sum(), -0.045)
    assert float(gradient(objective, [-4.0] * 3).sum()) == pytest.approx(-0.00317929, abs=DIGIT * 1e-8)


# 4.1: one dimension ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theta", THETAS)
class TestOneDimension:
    objective = Cubic()
    f0, f1 = 0.2, 0.7
    slope0, slope1 = 0.3, 1.7

    def test_the_objective_is_what_it_says(self, theta):
        """Kept beside the closed forms that use its four numbers."""
        at = np.array([[0.0], [1.0]])
        assert self.objective(at) == pytest.approx([self.f0, self.f1], rel=1e-15)
        assert self.objective.grad(at)[:, 0] == pytest.approx([self.slope0, self.slope1], rel=1e-15)

    @pytest.mark.parametrize("c", [0.0, -0.7, 0.4, 2.0])
    def test_score_function(self, theta, c):
        phi = logit(theta)
        theta, s2, _ = bernoulli(phi)
        want = s2 * ((1 - theta) * self.f1 + theta * self.f0 - c) ** 2
        assert_number(one_variance("score_function", self.objective, phi, baseline=c), want, scale=1e-3)

    def test_score_function_with_mean_and_optimal_baseline(self, theta):
        phi = logit(theta)
        theta, s2, _ = bernoulli(phi)
        delta = self.f1 - self.f0
        got = one_variance("score_function", self.objective, phi, baseline=value(self.objective, [phi]))
        assert_number(got, s2 * (1 - 2 * theta) ** 2 * delta**2, scale=delta**2)
        got = one_variance("score_function", self.objective, phi, baseline="optimal")
        assert_number(got, 0.0, scale=delta**2)

    @pytest.mark.parametrize("k", [2, 3, 4, 5])
    def test_rloo(self, theta, k):
        phi = logit(theta)
        _, s2, _ = bernoulli(phi)
        delta = self.f1 - self.f0
        want = delta**2 * (s2 * (1 - 3 * s2) / k - (k - 3) * s2**2 / (k * (k - 1)))
        assert_number(one_variance("rloo", self.objective, phi, k=k), want)
        if k == 2:
            assert_number(want, delta**2 * s2 * (1 - 2 * s2) / 2)

    def test_arm_and_disarm(self, theta):
        phi = logit(theta)
        theta, s2, q = bernoulli(phi)
        delta = self.f1 - self.f0
        arm = one_variance("arm", self.objective, phi)
        disarm = one_variance("disarm", self.objective, phi)
        rloo = one_variance("rloo", self.objective, phi, k=2)
        assert_number(arm, delta**2 * (2 / 3 * (1 / 8 - abs(theta - 0.5) ** 3) - s2**2))
        assert_number(disarm, delta**2 * q * (1 - q) ** 2 * (1 - 2 * q) / 2, scale=delta**2)
        assert_number(arm - disarm, delta**2 * q**3 / 6, scale=delta**2)
        assert_number(disarm / rloo, (1 - q) * (1 - 2 * q) / (1 - 2 * q + 2 * q**2), scale=1.0)
        assert disarm <= rloo * (1 + 1e-12)

    def test_signal_of_disarm(self, theta):
        """Its squared signal-to-noise ratio is 2q / (1 - 2q); by probability its variance explodes as 1 / (2q)."""
        phi = logit(theta)
        _, s2, q = bernoulli(phi)
        got = exact("disarm", self.objective, [phi])
        assert_number(
            got.covariance[0, 0] * 2 * q, (1 - 2 * q) * got.mean[0] ** 2, scale=float(got.mean[0] ** 2)
        )
        delta = self.f1 - self.f0
        assert_number(got.covariance[0, 0] / s2**2, delta**2 * (1 - 2 * q) / (2 * q), scale=delta**2)

    def test_straight_through(self, theta):
        phi = logit(theta)
        theta, s2, _ = bernoulli(phi)
        copied = theta * self.slope1 + (1 - theta) * self.slope0
        jump = s2 * (self.slope1 - self.slope0) ** 2
        for derivative, factor in (("identity", 1.0), ("sigmoid", s2), ("clipped", float(abs(phi) <= 1))):
            got = exact("straight_through", self.objective, [phi], derivative=derivative)
            assert_number(got.mean[0], factor * copied)
            assert_number(got.covariance[0, 0], factor**2 * jump)

    @pytest.mark.parametrize("temperature", [0.3, 1.7])
    def test_straight_through_with_a_temperature(self, theta, temperature):
        phi = logit(theta)
        theta, _, _ = bernoulli(phi)
        _, warm, _ = bernoulli(phi / temperature)
        got = exact("straight_through", self.objective, [phi], derivative="sigmoid", temperature=temperature)
        assert_number(got.mean[0], warm / temperature * (theta * self.slope1 + (1 - theta) * self.slope0))

    def test_reinmax_is_the_trapezoid_rule(self, theta):
        phi = logit(theta)
        theta, s2, _ = bernoulli(phi)
        got = exact("reinmax", self.objective, [phi], temperature=1.0)
        assert_number(got.mean[0], s2 * (self.slope0 + self.slope1) / 2)
        want = s2 / 4 * ((1 - theta) * self.slope1 - theta * self.slope0) ** 2
        assert_number(got.covariance[0, 0], want, scale=1e-3)

    def test_measure_valued_is_exact(self, theta):
        got = exact("measure_valued", self.objective, [logit(theta)])
        assert_number(got.mean[0], gradient(self.objective, [logit(theta)])[0])
        assert abs(got.covariance[0, 0]) <= 1e-30

    @pytest.mark.parametrize("step", [1e-3, 0.1, 1.0])
    def test_finite_differences(self, theta, step):
        phi = logit(theta)
        ahead, _, _ = bernoulli(phi + step)
        behind, _, _ = bernoulli(phi - step)
        delta = self.f1 - self.f0
        slope = delta * (ahead - behind) / (2 * step)
        got = exact("finite_difference", self.objective, [phi], step=step)
        assert_number(got.mean[0], slope, 1e-16 / step + 1e-12)
        want = delta**2 * (ahead - behind) / (4 * step**2) - slope**2
        assert_number(got.covariance[0, 0], want, 1e-15 / step + 1e-12)
        central = (value(self.objective, [phi + step]) - value(self.objective, [phi - step])) / (2 * step)
        assert_number(got.mean[0], central, 1e-12 + 1e-14 / step, scale=1.0)

    def test_stochastic_times_smooth_unit(self, theta):
        """Its mean is (1/2) theta (1 - theta) f'(sqrt theta), and lacks the score of its binary factor."""
        phi = logit(theta)
        theta, s2, _ = bernoulli(phi)
        root = math.sqrt(theta)
        a, b, c, d = self.objective.coefficients
        slope = b + root * (2 * c + root * 3 * d)
        got = exact("sts", self.objective, [phi])
        assert_number(got.mean[0], s2 * slope / 2)
        assert_number(got.covariance[0, 0], root * (1 - root) * (root * (1 - theta) / 2 * slope) ** 2)
        jump = a + root * (b + root * (c + root * d)) - a
        true = root * (1 - theta) / 2 * (jump + root * slope)
        assert_number(true - got.mean[0], root * (1 - theta) / 2 * jump, 1e-11)

    def test_stochastic_times_smooth_unit_gives_half_of_the_slope(self, theta):
        """d E h / d phi is theta (1 - theta); the estimate of it for f(h) = h has half that mean."""
        _, s2, _ = bernoulli(logit(theta))
        assert_number(mean("sts", Linear((1.0,)), [logit(theta)])[0], s2 / 2)

    def test_noisy_rectifier(self, theta):
        """Logistic noise: P(h > 0) = sigma(a), E h = softplus(a), d E h / da = sigma(a)."""
        a = logit(theta)
        theta, s2, _ = bernoulli(a)
        got = exact("noisy_rectifier", Linear((1.0,)), [a])
        assert_number(got.mean[0], theta)
        assert_number(got.covariance[0, 0], s2)
        square = Cubic((0.0, 0.0, 1.0, 0.0))
        assert_number(mean("noisy_rectifier", square, [a])[0], 2 * math.log1p(math.exp(a)))

    def test_binary_concrete_at_temperature_one(self, theta):
        phi = logit(theta)
        alpha = math.exp(phi)
        want = 1 / 6 if alpha == 1 else alpha * ((alpha + 1) * phi - 2 * (alpha - 1)) / (alpha - 1) ** 3
        assert_number(mean("relaxation", Linear((1.0,)), [phi], temperature=1.0)[0], want, 1e-11)


def test_disarm_at_one_half():
    """ARM Delta^2 / 48, DisARM 0, RLOO of two Delta^2 / 16."""
    delta = 0.5
    assert_number(one_variance("arm", Cubic(), 0.0), delta**2 / 48)
    assert_number(one_variance("disarm", Cubic(), 0.0), 0.0, scale=1e-3)
    assert_number(one_variance("rloo", Cubic(), 0.0, k=2), delta**2 / 16)


def test_straight_through_is_reinmax_at_one_half():
    noise = estimators.draw_noise("reinmax", 64, np.zeros(1), rng=5)
    for objective in (Cubic(), Power(3.0)):
        np.testing.assert_allclose(
            estimate("reinmax", objective, [0.0], noise, temperature=1.0),
            estimate("straight_through", objective, [0.0], noise, derivative="sigmoid"),
            rtol=1e-14,
        )


def test_straight_through_goes_the_wrong_way_between_theta_and_one_half():
    """For (b - t)^2 its mean over the true gradient is 2 (theta - t) / (1 - 2 t)."""
    t = 0.4
    for theta in (0.1, 0.3, 0.45, 0.9):
        phi = logit(theta)
        ratio = (
            mean("straight_through", Square(t), [phi], derivative="sigmoid")[0]
            / gradient(Square(t), [phi])[0]
        )
        assert_number(ratio, 2 * (theta - t) / (1 - 2 * t), 1e-11)
        assert (ratio < 0) == (theta < t)


def test_reinmax_at_another_temperature_is_biased_even_for_a_quadratic():
    for temperature in (1.1, 1.5, 2.0):
        off = mean("reinmax", Canonical(), Canonical.logits, temperature=temperature) - printed.TRUE
        assert np.max(np.abs(off)) > 1e-4


# 4.1: several dimensions -----------------------------------------------------------------------------------------------


@given(st.lists(VALUES, min_size=8, max_size=8), st.lists(st.floats(-4, 4), min_size=3, max_size=3))
@settings(max_examples=25)
def test_what_arm_pays_for_its_uniforms(table, logits):
    """Var ARM_i - Var DisARM_i = E[(f(b) - f(b~))^2 (1[b_i != b~_i] q_i^2 + 1[b_i = b~_i] (1 - 2 q_i)^2)] / 12."""
    objective = Multilinear(tuple(table))
    p = objective.problem(logits)
    want = np.zeros(3)
    for weight, cell in oracle.product([oracle.antithetic_cells(p, i) for i in range(3)], p.m.mpf(1)):
        square = (p.f(*[c[0] for c in cell]) - p.f(*[c[1] for c in cell])) ** 2
        for i, c in enumerate(cell):
            q = min(p.theta[i], p.q[i])
            want[i] += float(weight * square * (q**2 if c[0] != c[1] else (1 - 2 * q) ** 2) / 12)
    arm, disarm = (variance(name, objective, logits) for name in ("arm", "disarm"))
    scale = max(map(abs, table)) ** 2
    for i in range(3):
        assert_number(arm[i] - disarm[i], want[i], scale=scale)
        assert disarm[i] <= arm[i] + 1e-14 * scale


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("theta", [0.2, 0.5, 0.9])
def test_separable_objectives(theta, size):
    """f = a sum b + const with one probability for all gates."""
    t, phi = 0.45, logit(theta)
    theta, _, q = bernoulli(phi)
    a = (1 - 2 * t) / size
    rloo = variance("rloo", Square(t), [phi] * size, k=2)
    disarm = variance("disarm", Square(t), [phi] * size)
    arm = variance("arm", Square(t), [phi] * size)
    for i in range(size):
        want = separable(a, theta, size)
        assert_number(rloo[i], want["rloo"], scale=a**2)
        assert_number(disarm[i], want["disarm"], scale=a**2)
        assert_number(rloo[i] - disarm[i], a**2 * q**2 * (1 - q) / 2, scale=a**2)
        assert_number(arm[i], want["arm"], scale=a**2)
        assert disarm[i] <= rloo[i]


def separable(a: float, theta: float, size: int) -> dict[str, float]:
    q, s2 = min(theta, 1 - theta), theta * (1 - theta)
    disarm = a**2 * (1 - q) ** 2 * (q * (1 - 2 * q) / 2 + (size - 1) * q**2)
    extra = 2 * q * (1 + 2 * q * (size - 1)) * q**2 + (1 - 2 * q) * 2 * q * (size - 1) * (1 - 2 * q) ** 2
    return {
        "rloo": a**2 * (s2 * (1 - 2 * s2) / 2 + (size - 1) * s2**2),
        "disarm": disarm,
        "arm": disarm + a**2 * extra / 12,
    }


# 4.2 -------------------------------------------------------------------------------------------------------------------


def test_canonical_value_and_gradient():
    assert value(Canonical(), Canonical.logits) == pytest.approx(printed.VALUE, rel=1e-15)
    assert gradient(Canonical(), Canonical.logits) == pytest.approx(printed.TRUE, abs=DIGIT * 1e-12)


@pytest.mark.parametrize(("name", "options", "want_mean", "want_variance"), printed.CANONICAL)
def test_canonical_constants(name, options, want_mean, want_variance):
    got = exact(name, Canonical(), Canonical.logits, **options)
    assert got.mean == pytest.approx(want_mean, abs=DIGIT * 1e-12)
    assert np.diag(got.covariance) == pytest.approx(want_variance, abs=DIGIT * 1e-11)


def test_canonical_optimal_baselines():
    """The constants that are best are the ones that ``optimal`` takes."""
    got = exact("score_function", Canonical(), Canonical.logits, baseline=np.array(printed.BASELINES))
    want = exact("score_function", Canonical(), Canonical.logits, baseline="optimal")
    np.testing.assert_allclose(got.covariance, want.covariance, rtol=1e-11)


@pytest.mark.parametrize(("temperature", "eta", "want"), printed.CANONICAL_REBAR)
def test_canonical_rebar(temperature, eta, want):
    got = exact(
        "rebar", Canonical(), Canonical.logits, temperature=temperature, eta=eta, coupling="independent"
    )
    assert got.mean == pytest.approx(printed.TRUE, abs=1e-12)
    assert np.diag(got.covariance) == pytest.approx(want, abs=DIGIT * 1e-8)


# 5.1: the toy of REBAR and RELAX ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("t", "g", "variances"), printed.TOY)
def test_toy_at_the_start(t, g, variances):
    assert_number(gradient(Square(t), [0.0])[0], g, 1e-11)
    options = {"rloo": {"k": 2}}
    for name, want in variances.items():
        got = one_variance(name, Square(t), 0.0, **options.get(name, {}))
        assert got == pytest.approx(want, rel=5e-5, abs=DIGIT * 1e-9 if name == "score_function" else 1e-16)


@pytest.mark.parametrize(("t", "temperature", "coupling", "want"), printed.TOY_REBAR)
def test_toy_rebar(t, temperature, coupling, want):
    got = exact("rebar", Square(t), [0.0], temperature=temperature, eta=1.0, coupling=coupling)
    assert_number(got.mean[0], (1 - 2 * t) / 4, scale=0.1)
    assert float(got.covariance[0, 0]) == pytest.approx(want, abs=DIGIT * 1e-9)


@pytest.mark.parametrize(("name", "options", "want", "digit"), printed.TOY_AT_TWO)
def test_toy_at_two(name, options, want, digit):
    got = exact(name, Square(0.45), [2.0], **options)
    assert float(got.mean[0]) == pytest.approx(0.01049935854, abs=DIGIT * 1e-11)
    assert float(got.covariance[0, 0]) == pytest.approx(want, abs=digit)


@pytest.mark.parametrize(("phi", "name", "options", "want_mean", "want_variance"), printed.TOY_RELAXATIONS)
def test_toy_relaxations(phi, name, options, want_mean, want_variance):
    if name == "gumbel_rao":
        one, two = (exact(name, Square(0.45), [phi], k=k, **options) for k in (1, 2))
        got_mean, got_variance = two.mean[0], 2 * two.covariance[0, 0] - one.covariance[0, 0]
    else:
        got = exact(name, Square(0.45), [phi], **options)
        got_mean, got_variance = got.mean[0], got.covariance[0, 0]
    assert float(got_mean) == pytest.approx(want_mean, abs=DIGIT * 1e-10)
    assert float(got_variance) == pytest.approx(want_variance, abs=DIGIT * 1e-10)


@pytest.mark.parametrize("t", [0.45, 0.49, 0.499])
def test_toy_losses(t):
    """Optimum t^2 at theta = 0, the worst (1 - t)^2 at theta = 1, and their mean at the start."""
    assert_number(value(Square(t), [-1e3]), t**2)
    assert_number(value(Square(t), [1e3]), (1 - t) ** 2)
    assert_number(value(Square(t), [0.0]), (t**2 + (1 - t) ** 2) / 2)
    assert_number(value(Square(t), [logit(t)]), t * (1 - t))
    stuck = mean("straight_through", Square(t), [logit(t)], derivative="sigmoid")
    assert abs(stuck[0]) < 1e-16


@pytest.mark.parametrize("t", [0.1, 0.45])
def test_relaxation_of_the_toy(t):
    """At temperature 1 and phi = 0: (1 - 2 t) / 6, two thirds of the true gradient."""
    got = exact("relaxation", Square(t), [0.0], temperature=1.0)
    assert_number(got.mean[0], (1 - 2 * t) / 6)
    assert_number(got.mean[0] / gradient(Square(t), [0.0])[0], 2 / 3, 1e-11)
    assert_number(got.covariance[0, 0], 4 * (1 / 105 - t / 30 + t**2 / 30) - ((1 - 2 * t) / 6) ** 2)


def test_what_rao_and_blackwell_save_at_phi_zero():
    """Temperature 1: Var(ST-GS) - Var(GR) = (f'(0)^2 + f'(1)^2) / 360."""
    one, two = (one_variance("gumbel_rao", Cubic(), 0.0, temperature=1.0, k=k) for k in (1, 2))
    rao_blackwell = 2 * two - one
    straight = one_variance("gumbel_softmax_st", Cubic(), 0.0, temperature=1.0)
    assert_number(straight - rao_blackwell, (0.3**2 + 1.7**2) / 360, scale=straight)


def test_reinmax_is_gumbel_rao_without_temperature():
    """Mean and variance in the limit of low temperatures; the mean is off by tau p'(0) log 2 (f'(1) - f'(0)) + O(tau^2).

    p is the density of the latent: E[sigma'(z / tau) / tau | z > 0] = (p(0) / 2 + tau p'(0) log 2 + ...) / theta.
    """
    phi = 1.5
    theta, s2, _ = bernoulli(phi)
    slope = s2 * (2 * theta - 1) * math.log(2) * 2
    limit = exact("reinmax", Square(0.45), [phi], temperature=1.0)
    for temperature in (0.2, 0.1, 0.05):
        one, two = (exact("gumbel_rao", Square(0.45), [phi], temperature=temperature, k=k) for k in (1, 2))
        assert_number(
            (two.mean[0] - limit.mean[0]) / temperature, slope, 3 * temperature**2 + 0.1 * temperature
        )
        rao_blackwell = 2 * two.covariance[0, 0] - one.covariance[0, 0]
        assert abs(rao_blackwell - limit.covariance[0, 0]) < 0.1 * temperature


def rebar_quadratic(objective, logits, i=0, **options):
    """Var(eta) = R - 2 eta RC + eta^2 C, from three etas."""
    zero, one, two = (variance("rebar", objective, logits, eta=eta, **options)[i] for eta in (0.0, 1.0, 2.0))
    c = (two - 2 * one + zero) / 2
    return zero, (c - (one - zero)) / 2, c


def test_hot_rebar_is_the_optimal_baseline():
    """With lambda to infinity the control variate is f(1/2) (b - theta): eta* = c* / f(1/2) = 101, and no variance."""
    _, rc, c = rebar_quadratic(Square(0.45), [0.0], temperature=1e5, coupling="independent")
    assert float(rc / c) == pytest.approx(101, rel=1e-2)
    hot = one_variance("rebar", Square(0.45), 0.0, temperature=1e5, eta=101.0, coupling="independent")
    assert 0 <= hot < 1e-8


# 5.2 -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theta", printed.ARMS)
@pytest.mark.parametrize("k", [2, 3, 4, 6])
def test_arms_toy(theta, k):
    t = 0.49
    got = exact("arms", Square(t), [logit(theta)], k=k)
    assert_number(got.mean[0], (1 - 2 * t) * theta * (1 - theta), 1e-11)
    assert float(got.covariance[0, 0]) / (1 - 2 * t) ** 2 == pytest.approx(
        printed.ARMS[theta][k], abs=DIGIT * 1e-8
    )


@pytest.mark.parametrize("k", printed.RLOO)
def test_arms_toy_by_rloo(k):
    got = one_variance("rloo", Linear((1.0,)), logit(0.3), k=k)
    assert got == pytest.approx(printed.RLOO[k], abs=DIGIT * 1e-5)


# 5.5 -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("theta", "rloo", "disarm", "arm"),
    [
        (0.5, 1.25e-9, 1.24375e-9, 1.66042e-9),
        (0.7, 8.8368e-10, 8.8053e-10, 9.9839e-10),
        (0.9, 1.6488e-10, 1.6443e-10, 3.3492e-10),
        (0.99, None, 2.431e-12, 3.365e-11),
    ],
)
def test_two_hundred_gates(theta, rloo, disarm, arm):
    """The closed forms of `test_separable_objectives` at D = 200, t = .499, to the printed digits."""
    got = separable((1 - 2 * 0.499) / 200, theta, 200)
    for name, want in (("rloo", rloo), ("disarm", disarm), ("arm", arm)):
        if want is not None:
            digits = len(f"{want:g}".split("e")[0].replace(".", ""))
            assert got[name] == pytest.approx(want, rel=DIGIT * 10.0 ** (1 - digits))


def test_two_hundred_gates_row_by_row():
    """What is too large to enumerate is still what the formulas say: MuProp's rest is the constant 1/4 at phi = 0."""
    size, logits = 200, np.zeros(200)
    noise = estimators.draw_noise("muprop", 4, logits, rng=8)
    b = (noise > 0).astype(float)
    got = estimators.muprop(Square(0.499), logits, noise)
    np.testing.assert_allclose(got, 0.25 * (b - 0.5) + 2 * 0.001 / size / 4, rtol=1e-11)


@pytest.mark.parametrize(
    ("theta", "alpha", "want"), [(0.7, -0.0049, 1.1e-11), (0.9, -0.0025, 2.2e-13), (0.7, -1.0, 3.6e-5)]
)
def test_two_hundred_gates_with_double_control_variates(theta, alpha, want):
    """Some eighty times below RLOO, and far above it for alpha = -1; a fixed sample, the same for every run."""
    logits = np.full(200, logit(theta))
    noise = estimators.draw_noise("double_cv", 4000, logits, rng=3, k=2)
    got = estimators.double_cv(Square(0.499), logits, noise, k=2, alpha=alpha)
    assert np.mean(np.var(got, axis=0)) == pytest.approx(want, rel=0.06)


# 5.6 -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theta", [0.1, 0.3, 0.5, 0.8])
@pytest.mark.parametrize(
    ("p", "reinmax", "straight"), [(1.5, 0.5008368, -3.4958), (2, 1.0, -3.0), (3, 1.9933555, -2.0332)]
)
def test_polynomial_programme(theta, p, reinmax, straight):
    """ReinMax has one ratio to the true gradient for every theta, and its sign; straight-through's is wrong at .3."""
    logits = [logit(theta)] * 2
    true = gradient(Power(p), logits)
    got = mean("reinmax", Power(p), logits, temperature=1.0) / true
    assert got == pytest.approx([reinmax] * 2, abs=DIGIT * 1e-7)
    ratio = mean("straight_through", Power(p), logits, derivative="sigmoid") / true
    if theta == 0.3:
        assert ratio == pytest.approx([straight] * 2, abs=DIGIT * 1e-4)
    if theta == 0.5:
        assert ratio == pytest.approx(got, rel=1e-12)


@pytest.mark.parametrize(
    ("p", "best", "worst"), [(1.5, 0.3018691770, 0.4078909168), (2, 0.2025, 0.3025), (3, 0.091125, 0.166375)]
)
def test_polynomial_losses(p, best, worst):
    assert value(Power(p), [-1e3] * 2) == pytest.approx(best, abs=DIGIT * 1e-10)
    assert value(Power(p), [1e3] * 2) == pytest.approx(worst, abs=DIGIT * 1e-10)


# 5.9 A: the mean is the gradient -----------------------------------------------------------------------------------------

UNBIASED = [
    ("score_function", {}),
    ("score_function", {"baseline": -1.3}),
    ("score_function", {"baseline": np.array([0.2, -5.0])}),
    ("score_function", {"baseline": "optimal"}),
    ("rloo", {"k": 2}),
    ("rloo", {"k": 4}),
    ("measure_valued", {}),
    ("arm", {}),
    ("disarm", {}),
    ("arms", {"k": 2}),
    ("arms", {"k": 3}),
    ("arms", {"k": 5}),
    ("muprop", {}),
    ("rebar", {"temperature": 0.5, "eta": 1.0, "coupling": "independent"}),
    ("rebar", {"temperature": 0.5, "eta": -2.0, "coupling": "coupled"}),
    ("rebar", {"temperature": 3.0, "eta": 0.7, "coupling": "coupled"}),
    ("relax", {"control_variate": LATENT, "coupling": "independent"}),
    ("relax", {"control_variate": LATENT, "coupling": "coupled"}),
    ("double_cv", {"k": 2, "alpha": -0.3}),
    ("double_cv", {"k": 3, "alpha": 2.0}),
]


def named(value) -> str | None:
    return str(value) if isinstance(value, str | dict) else None


@pytest.mark.parametrize(("name", "options"), UNBIASED, ids=named)
@pytest.mark.parametrize("objective", [Canonical(), Bent(Canonical(), (0.7, -1.2))], ids=["plain", "bent"])
def test_unbiased(name, options, objective):
    """Also where the continuous extension is another one: the mean sees the corners only."""
    logits = Canonical.logits
    got = exact(name, objective, logits, **options)
    size = np.sqrt(np.diag(got.covariance) + got.mean**2)
    want = np.array([float(x) for x in Canonical().problem(logits).gradient()])
    assert np.all(np.abs(got.mean - want) <= 1e-12 * size), got.mean - want


@pytest.mark.parametrize("size", [1, 2, 3])
def test_reinmax_is_unbiased_for_quadratics(size):
    class Quadratic(Objective):
        def f(self, *b):
            return sum((i + 1) * x * x - x for i, x in enumerate(b)) + 0.4 * sum(b) ** 2

        def df(self, *b):
            return [2 * (i + 1) * x - 1 + 0.8 * sum(b) for i, x in enumerate(b)]

    logits = [-1.7, 0.4, 2.2][:size]
    np.testing.assert_allclose(
        mean("reinmax", Quadratic(), logits, temperature=1.0), gradient(Quadratic(), logits), rtol=1e-12
    )


BY_VALUES_ALONE = [
    ("score_function", {"baseline": "optimal"}),
    ("rloo", {"k": 3}),
    ("arm", {}),
    ("disarm", {}),
    ("arms", {"k": 3}),
    ("measure_valued", {}),
    ("finite_difference", {"step": 0.5}),
    ("vimco", {"k": 3}),
]


@pytest.mark.parametrize(("name", "options"), BY_VALUES_ALONE, ids=named)
def test_values_alone(name, options):
    """These never ask for a gradient, so the extension of f is none of their business."""
    noise = estimators.draw_noise(name, 50, np.array(Canonical.logits), rng=2, **options)
    plain = estimate(name, Canonical(), Canonical.logits, noise, **options)
    bare = estimate(name, Canonical().__call__, Canonical.logits, noise, **options)
    np.testing.assert_array_equal(plain, bare)
    bent = estimate(name, Bent(Canonical(), (0.7, -1.2)), Canonical.logits, noise, **options)
    np.testing.assert_allclose(plain, bent, rtol=1e-13, atol=1e-15)


# 5.9 B -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("logits", [(0.3, -1.1), (2.5, 2.5), (0.0, -3.0)])
def test_arms_of_two_is_disarm(logits):
    two, disarm = exact("arms", Canonical(), logits, k=2), exact("disarm", Canonical(), logits)
    np.testing.assert_allclose(two.mean, disarm.mean, rtol=1e-12)
    np.testing.assert_allclose(two.covariance, disarm.covariance, rtol=1e-12)


@given(
    st.lists(VALUES, min_size=8, max_size=8),
    st.lists(st.floats(-3, 3), min_size=3, max_size=3),
    st.lists(st.floats(0.01, 0.99), min_size=3, max_size=3),
)
@settings(max_examples=25)
def test_disarm_is_the_mean_of_arm_in_a_cell(table, logits, uniforms):
    """E[ARM | b, b~]: ARM is linear in u_i between the thresholds, so its mean over a cell is its value at the centre."""
    objective = Multilinear(tuple(table))
    centres = []
    for phi, u in zip(logits, uniforms, strict=True):
        theta = 1 / (1 + math.exp(-phi))
        edges = sorted((0.0, theta, 1 - theta, 1.0))
        low, high = next((a, b) for a, b in itertools.pairwise(edges) if a <= u <= b and b > a)
        centre = (low + high) / 2
        centres.append(math.log(centre / (1 - centre)))
    noise = np.array([centres])
    got = estimate("arm", objective, logits, noise)
    want = estimate("disarm", objective, logits, noise)
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-13 * max(map(abs, table)))


def test_rloo_of_two_is_half_the_product_of_differences():
    logits = np.array(Canonical.logits)
    noise = estimators.draw_noise("rloo", 40, logits, rng=6, k=2)
    assert noise.shape == (40, 2, 2)
    b = (logits + noise > 0).astype(float)
    f = Canonical()(b)
    want = (f[:, 0] - f[:, 1])[:, None] * (b[:, 0] - b[:, 1]) / 2
    np.testing.assert_allclose(estimators.rloo(Canonical(), logits, noise, k=2), want, rtol=1e-13, atol=1e-16)


def test_double_cv_without_alpha_is_rloo():
    for k in (2, 3):
        double = exact("double_cv", Canonical(), Canonical.logits, k=k, alpha=0.0)
        plain = exact("rloo", Canonical(), Canonical.logits, k=k)
        np.testing.assert_allclose(double.mean, plain.mean, rtol=1e-13)
        np.testing.assert_allclose(double.covariance, plain.covariance, rtol=1e-13)


def test_rebar_without_eta_is_the_score_function():
    plain = exact("score_function", Canonical(), Canonical.logits)
    for coupling in ("independent", "coupled"):
        got = exact("rebar", Canonical(), Canonical.logits, temperature=0.5, eta=0.0, coupling=coupling)
        np.testing.assert_allclose(got.mean, plain.mean, rtol=1e-12)
        np.testing.assert_allclose(got.covariance, plain.covariance, rtol=1e-12)


class Soft(Objective):
    """eta f(sigma(z / temperature)): the control variate with which RELAX is REBAR."""

    def __init__(self, base, eta, temperature):
        self.base, self.eta, self.temperature = base, eta, temperature

    def soft(self, z):
        return [1 / (1 + np.exp(-x / self.temperature)) for x in z]

    def f(self, *z):
        return self.eta * self.base.f(*self.soft(z))

    def df(self, *z):
        s = self.soft(z)
        return [
            self.eta * g * x * (1 - x) / self.temperature for g, x in zip(self.base.df(*s), s, strict=True)
        ]


@pytest.mark.parametrize("coupling", ["independent", "coupled"])
def test_rebar_is_relax_with_the_relaxed_objective(coupling):
    rebar = exact("rebar", Canonical(), Canonical.logits, temperature=0.7, eta=0.6, coupling=coupling)
    control = Soft(Canonical(), 0.6, 0.7)
    relax = exact("relax", Canonical(), Canonical.logits, control_variate=control, coupling=coupling)
    np.testing.assert_allclose(relax.mean, rebar.mean, rtol=1e-12)
    np.testing.assert_allclose(relax.covariance, rebar.covariance, rtol=1e-12)


# 5.9 C -----------------------------------------------------------------------------------------------------------------


@given(
    st.lists(VALUES, min_size=4, max_size=4),
    st.lists(st.floats(-3, 3), min_size=2, max_size=2),
    st.floats(-3, 3),
)
@settings(max_examples=25)
def test_the_optimal_baseline_is_the_best_constant_and_the_measure_valued_estimate_better(table, logits, c):
    objective = Multilinear(tuple(table))
    slack = 1e-13 * max(map(abs, [*table, c])) ** 2
    optimal = variance("score_function", objective, logits, baseline="optimal")
    assert np.all(optimal <= variance("score_function", objective, logits, baseline=c) + slack)
    assert np.all(variance("measure_valued", objective, logits) <= optimal + slack)


def test_disarm_is_never_worse_than_arm():
    """Three hundred random objectives of up to four gates."""
    rng = np.random.default_rng(20)
    for trial in range(300):
        size = 1 + trial % 4
        objective = Multilinear(tuple(rng.normal(size=2**size)))
        logits = 2 * rng.normal(size=size)
        arm, disarm = variance("arm", objective, logits), variance("disarm", objective, logits)
        assert np.all(disarm <= arm * (1 + 1e-12))


@pytest.mark.parametrize("temperature", [0.3, 1.0])
def test_gumbel_rao_interpolates(temperature):
    """Var = Var(GR) + (Var(ST-GS) - Var(GR)) / K, with equal means, falling in K."""
    logits = (0.3, -1.1)
    straight = exact("gumbel_softmax_st", Canonical(), logits, temperature=temperature)
    raos = {k: exact("gumbel_rao", Canonical(), logits, temperature=temperature, k=k) for k in (1, 2, 5, 50)}
    np.testing.assert_allclose(raos[1].covariance, straight.covariance, rtol=1e-12)
    limit = 2 * raos[2].covariance - raos[1].covariance
    for k, rao in raos.items():
        np.testing.assert_allclose(rao.mean, straight.mean, rtol=1e-12)
        np.testing.assert_allclose(rao.covariance, limit + (straight.covariance - limit) / k, rtol=1e-11)
    for few, many in itertools.pairwise(raos.values()):
        assert np.all(np.diag(many.covariance) < np.diag(few.covariance))


@pytest.mark.parametrize("coupling", ["independent", "coupled"])
def test_rebar_is_quadratic_in_eta_with_its_minimum_at_eta_star(coupling):
    """And the control variate has mean 0: the mean does not move with eta."""
    options = {"temperature": 0.7, "coupling": coupling}
    r, rc, c = rebar_quadratic(Canonical(), Canonical.logits, **options)
    for eta in (-1.0, 0.4, 3.0):
        got = variance("rebar", Canonical(), Canonical.logits, eta=eta, **options)[0]
        assert_number(got, r - 2 * eta * rc + eta**2 * c, 1e-11)
    best = rc / c
    at_best = variance("rebar", Canonical(), Canonical.logits, eta=best, **options)[0]
    assert_number(at_best, r - rc**2 / c, 1e-11)
    for eta in (best - 0.1, best + 0.1):
        assert variance("rebar", Canonical(), Canonical.logits, eta=eta, **options)[0] > at_best


# 5.9 D -----------------------------------------------------------------------------------------------------------------


def test_linear_objectives():
    objective, logits = Linear((0.7, -1.3, 0.2), 0.4), (0.3, -1.1, 2.0)
    true = gradient(objective, logits)
    for name, options in (
        ("muprop", {}),
        ("double_cv", {"k": 2, "alpha": -1.0}),
        ("double_cv", {"k": 3, "alpha": -1.0}),
    ):
        got = exact(name, objective, logits, **options)
        np.testing.assert_allclose(got.mean, true, rtol=1e-12)
        assert np.max(np.abs(got.covariance)) < 1e-28
    for name, options in (("reinmax", {"temperature": 1.0}), ("straight_through", {"derivative": "sigmoid"})):
        np.testing.assert_allclose(mean(name, objective, logits, **options), true, rtol=1e-12)


CONSTANT = [
    ("rloo", {"k": 2}),
    ("rloo", {"k": 3}),
    ("arm", {}),
    ("disarm", {}),
    ("arms", {"k": 3}),
    ("measure_valued", {}),
]


@pytest.mark.parametrize(("name", "options"), [*CONSTANT, ("score_function", {"baseline": 0.75})], ids=named)
def test_constant_objectives(name, options):
    """Zero, row by row and exactly: the constant is one that floats have."""
    objective, logits = Linear((0.0, 0.0), 0.75), np.array([0.3, -1.1])
    noise = estimators.draw_noise(name, 30, logits, rng=1, **options)
    assert np.all(estimate(name, objective, logits, noise, **options) == 0)


# 5.9 E -----------------------------------------------------------------------------------------------------------------

INVARIANT = [
    *CONSTANT,
    ("double_cv", {"k": 3, "alpha": -0.3}),
    ("vimco", {"k": 3, "average": "geometric"}),
    ("vimco", {"k": 3, "average": "arithmetic"}),
]


@pytest.mark.parametrize(("name", "options"), INVARIANT, ids=named)
def test_offsets_make_no_difference(name, options):
    logits = np.array(Canonical.logits)
    noise = estimators.draw_noise(name, 60, logits, rng=4, **options)
    plain = estimate(name, Canonical(), logits, noise, **options)
    moved = estimate(name, Affine(Canonical(), 1.0, 8.0), logits, noise, **options)
    np.testing.assert_allclose(moved, plain, rtol=1e-12, atol=1e-13)


def test_offsets_make_a_difference_to_the_score_function():
    logits = Canonical.logits
    moved = exact("score_function", Affine(Canonical(), 1.0, 8.0), logits)
    plain = exact("score_function", Canonical(), logits)
    np.testing.assert_allclose(moved.mean, plain.mean, rtol=1e-12, atol=1e-12)
    assert np.all(np.diag(moved.covariance) > 10 * np.diag(plain.covariance))


HOMOGENEOUS = [
    ("score_function", {}),
    ("score_function", {"baseline": "optimal"}),
    ("score_function", {"baseline": "moving_average", "decay": 0.9}),
    ("straight_through", {"derivative": "identity"}),
    ("straight_through", {"derivative": "sigmoid", "temperature": 0.7}),
    ("straight_through", {"derivative": "clipped"}),
    ("relaxation", {"temperature": 0.7}),
    ("gumbel_softmax_st", {"temperature": 0.7}),
    ("reinmax", {"temperature": 1.3}),
    ("gumbel_rao", {"temperature": 0.7, "k": 3}),
    ("arm", {}),
    ("disarm", {}),
    ("arms", {"k": 3}),
    ("muprop", {}),
    ("measure_valued", {}),
    ("rloo", {"k": 3}),
    ("rebar", {"temperature": 0.7, "eta": 0.6, "coupling": "independent"}),
    ("rebar", {"temperature": 0.7, "eta": 0.6, "coupling": "coupled"}),
    ("double_cv", {"k": 3, "alpha": -0.3}),
    ("finite_difference", {"step": 0.5}),
]


@pytest.mark.parametrize(("name", "options"), [*HOMOGENEOUS, ("sts", {}), ("noisy_rectifier", {})], ids=named)
def test_scale_goes_through(name, options):
    """Powers of two, so that it goes through without a rounding."""
    logits = np.array(Canonical.logits)
    noise = estimators.draw_noise(name, 20, logits, rng=7, **options)
    plain = estimate(name, Canonical(), logits, noise, **options)
    doubled = estimate(name, Affine(Canonical(), -2.0), logits, noise, **options)
    np.testing.assert_allclose(doubled, -2 * plain, rtol=1e-13)


@pytest.mark.parametrize(
    ("name", "options"), [*HOMOGENEOUS, ("vimco", {"k": 3, "average": "geometric"})], ids=named
)
def test_relabelling_turns_the_sign(name, options):
    """b -> 1 - b, phi -> -phi, noise -> -noise; ARMS reflects its copula by itself."""
    logits = np.array(Canonical.logits)
    noise = estimators.draw_noise(name, 20, logits, rng=9, **options)
    if name == "arms":
        turned = noise
    else:
        turned = type(noise)(*[-x for x in noise]) if isinstance(noise, tuple) else -noise
    plain = estimate(name, Canonical(), logits, noise, **options)
    other = estimate(name, Relabelled(Canonical()), -logits, turned, **options)
    np.testing.assert_allclose(other, -plain, rtol=1e-11, atol=1e-14)


# 5.9 F: not to be believed -----------------------------------------------------------------------------------------------


def test_disarm_may_be_worse_than_rloo():
    """theta = (.9, .5), f = b_2: for the first gate, which does not matter, (1/2) q (1 - q)^2 against q (1 - q) / 4."""
    objective, logits, q = Linear((0.0, 1.0)), (logit(0.9), 0.0), 0.1
    disarm = variance("disarm", objective, logits)[0]
    rloo = variance("rloo", objective, logits, k=2)[0]
    assert_number(disarm, 0.0405, 1e-11)
    assert_number(rloo, 0.0225, 1e-11)
    assert_number(disarm / rloo, 2 * (1 - q), 1e-11)


def test_arms_may_be_worse_than_averaged_disarm():
    """At theta = 1/2 pairs have no variance, and more antithetic samples have some."""
    assert one_variance("disarm", Linear((1.0,)), 0.0) <= 1e-16
    for k in (3, 4, 6):
        assert one_variance("arms", Linear((1.0,)), 0.0, k=k) > 8e-4


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("coupling", ["independent", "coupled"])
def test_rebar_with_eta_one_may_be_worse_than_the_score_function(temperature, coupling):
    """On the toy that it was made for."""
    plain = one_variance("score_function", Square(0.45), 0.0)
    assert (
        one_variance("rebar", Square(0.45), 0.0, temperature=temperature, eta=1.0, coupling=coupling) > plain
    )


# Averages over a grid of noise -------------------------------------------------------------------------------------------


def test_moving_average_knows_the_past_only():
    """Every row has the mean g over all histories; including the current value would leave decay times g."""
    objective, phi, decay = Square(0.45), 0.4, 0.7
    theta = 1 / (1 + math.exp(-phi))
    total = np.zeros(3)
    for bits in itertools.product((0, 1), repeat=3):
        noise = np.array([[1.0] if bit else [-1.0] for bit in bits])
        weight = math.prod(theta if bit else 1 - theta for bit in bits)
        rows = estimate("score_function", objective, [phi], noise, baseline="moving_average", decay=decay)
        total += weight * rows[:, 0]
    np.testing.assert_allclose(total, gradient(objective, [phi])[0], rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("relaxation", {"temperature": 0.5}),
        ("gumbel_softmax_st", {"temperature": 0.5}),
        ("noisy_rectifier", {}),
        ("score_function", {"baseline": 0.3}),
        ("disarm", {}),
        ("reinmax", {"temperature": 1.4}),
    ],
)
def test_moments_are_those_of_the_estimates(name, options):
    """`exact_moments` against the estimator itself on a quadrature of its noise."""
    phi = 0.7
    noise, weights = grid(phi)
    rows = estimate(name, Cubic(), [phi], noise[:, None], **options)[:, 0]
    got = exact(name, Cubic(), [phi], **options)
    if name == "disarm":  # It has a second threshold, at u = theta, which the grid does not split at.
        rows, weights = estimate(name, Cubic(), [phi], cells(phi)[0], **options)[:, 0], cells(phi)[1]
    centre = weights @ rows
    assert_number(got.mean[0], centre)
    assert_number(got.covariance[0, 0], weights @ (rows - centre) ** 2)


def cells(phi: float) -> tuple[np.ndarray, np.ndarray]:
    """One logistic draw in every cell of (b, b~), with the cell's probability."""
    _, _, q = bernoulli(phi)
    far = 2 * abs(phi) + 1
    return np.array([[-far], [0.0], [far]]), np.array([q, 1 - 2 * q, q])
