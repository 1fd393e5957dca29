"""Gaussian estimators: closed forms, independent quadrature, sampling, and the mistakes that must be noticed."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mpmath import MPContext

from stgref import estimators
from stgref.estimators import gaussian
from stgref.estimators.gaussian import draws
from stgref.estimators.objectives import Cosine, Exponential, Quadratic
from tests.estimators.smooth import Z_BOUND, Cubic, Ridge, assert_close, assert_sampled, refuses

NAMES = ("pathwise", "score_function", "measure_valued", "delta")
OPTIONS: list[tuple[str, dict[str, Any]]] = [
    ("pathwise", {}),
    ("score_function", {}),
    ("score_function", {"baseline": 0.7}),
    ("score_function", {"baseline": "optimal"}),
    ("measure_valued", {}),
    ("measure_valued", {"coupling": "independent"}),
    ("delta", {}),
    ("delta", {"eta": 0.6}),
]

mp = MPContext()
mp.dps = 25


def one(name: str, f: Any, mu: float, std: float, **options: Any) -> tuple[float, float, float, float]:
    """Mean and variance to mu, and to std."""
    m = gaussian.exact_moments(name, f, np.array([mu]), np.array([std]), **options)
    return tuple(float(x) for p in m for x in (p.mean[0], p.covariance[0, 0]))


# Closed forms --------------------------------------------------------------------------------------------------------

LAWS = [(1.0, 1.5), (-0.4, 0.3), (2.0, 4.0)]


@pytest.mark.parametrize(("mu", "s"), LAWS)
@pytest.mark.parametrize("k", [-3.0, 0.1, 1.0, 10.0])
class TestSquare:
    """f = (x - k)^2, d = mu - k."""

    def assert_forms(
        self, got: tuple[float, ...], mu: float, s: float, k: float, want: tuple[float | None, ...]
    ) -> None:
        d = mu - k
        for mean, variance, truth, exact in (
            (got[0], got[1], 2 * d, want[0]),
            (got[2], got[3], 2 * s, want[1]),
        ):
            assert_close(mean, truth, math.hypot(truth, math.sqrt(variance)) + s)
            if exact is not None:
                assert_close(variance, exact, exact + truth**2 + s**2)

    def test_pathwise(self, mu: float, s: float, k: float) -> None:
        d = mu - k
        got = one("pathwise", Quadratic(k), mu, s)
        self.assert_forms(got, mu, s, k, (4 * s**2, 4 * d**2 + 8 * s**2))

    def test_score_function(self, mu: float, s: float, k: float) -> None:
        d = mu - k
        want = (d**4 / s**2 + 14 * d**2 + 15 * s**2, 2 * d**4 / s**2 + 60 * d**2 + 74 * s**2)
        self.assert_forms(one("score_function", Quadratic(k), mu, s), mu, s, k, want)

    def test_score_function_with_mean(self, mu: float, s: float, k: float) -> None:
        d = mu - k
        got = one("score_function", Quadratic(k), mu, s, baseline=d * d + s * s)
        self.assert_forms(got, mu, s, k, (8 * d**2 + 10 * s**2, None))

    def test_score_function_with_optimal_baseline(self, mu: float, s: float, k: float) -> None:
        d = mu - k
        want = (8 * d**2 + 6 * s**2, 40 * d**2 + 24 * s**2)
        got = one("score_function", Quadratic(k), mu, s, baseline="optimal")
        self.assert_forms(got, mu, s, k, want)
        best = gaussian.Gradients(d * d + 3 * s * s, np.array([d * d + 5 * s * s]))
        self.assert_forms(one("score_function", Quadratic(k), mu, s, baseline=best), mu, s, k, want)

    def test_measure_valued(self, mu: float, s: float, k: float) -> None:
        d = mu - k
        got = one("measure_valued", Quadratic(k), mu, s)
        self.assert_forms(got, mu, s, k, (d**2 * (16 / math.pi - 4), 4 * d**2 + 4 * s**2))

    def test_measure_valued_independent(self, mu: float, s: float, k: float) -> None:
        d = mu - k
        got = one("measure_valued", Quadratic(k), mu, s, coupling="independent")
        self.assert_forms(got, mu, s, k, (4 / math.pi * (d**2 * (2 - math.pi / 2) + s**2), None))

    def test_delta_has_no_variance(self, mu: float, s: float, k: float) -> None:
        got = one("delta", Quadratic(k), mu, s)
        scale = (abs(mu - k) + s) ** 2 / s
        assert_close(got, (2 * (mu - k), 0.0, 2 * s, 0.0), (scale, scale**2, scale, scale**2))


PRINTED = {
    0.5: (0.0392846452, 0.4552483845),
    1.0: (0.2676740216, 0.3239933716),
    5.0: (12.49999999968, 0.49999999968),
}


@pytest.mark.parametrize(("mu", "s"), [(1.0, 1.0), (1.0, 1.5), (-0.4, 0.3)])
@pytest.mark.parametrize("k", [0.5, 1.0, 5.0])
def test_cosine(mu: float, s: float, k: float) -> None:
    a = (k * s) ** 2
    slope = k**2 * math.exp(-a) * math.sin(k * mu) ** 2
    pathwise = k**2 * (1 - math.exp(-2 * a) * math.cos(2 * k * mu)) / 2 - slope
    score = (1 + (1 - 4 * a) * math.exp(-2 * a) * math.cos(2 * k * mu)) / (2 * s**2) - slope
    truth = Cosine(k).gaussian_gradient(np.array([mu]), np.array([s]))
    for name, want in (("pathwise", pathwise), ("score_function", score), ("measure_valued", None)):
        got = one(name, Cosine(k), mu, s)
        assert_close(got[0], -k * math.exp(-a / 2) * math.sin(k * mu), math.hypot(got[0], math.sqrt(got[1])))
        assert_close(got[2], truth.std[0], math.hypot(got[2], math.sqrt(got[3])))
        if want is not None:
            assert_close(got[1], want, want)
    if mu == s == 1.0:
        assert (pathwise, score) == pytest.approx(PRINTED[k], abs=6e-11)
    assert (pathwise > score) == (k * s > 1.0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("k", [0.0, 0.1, 1.0, 10.0])
def test_exponential_of_a_square(name: str, k: float) -> None:
    """The means, by differentiation of E f = v^{-1/2} e^{-k mu^2 / v}, v = 1 + 2 k s^2."""
    mu, s = 0.7, 1.5
    v = 1 + 2 * k * s * s
    value = math.exp(-k * mu * mu / v) / math.sqrt(v)
    by_v = value * (k * mu * mu / v**2 - 1 / (2 * v))
    got = one(name, Exponential(k), mu, s)
    assert_close(got[0], -2 * k * mu / v * value, math.hypot(got[0], math.sqrt(got[1])) + 1e-15)
    assert_close(got[2], by_v * 4 * k * s, math.hypot(got[2], math.sqrt(got[3])) + 1e-15)


def test_pathwise_loses_where_f_oscillates() -> None:
    """Figure 3 of Mohamed et al.: the pathwise variance grows with k, that of the score function is bounded."""
    k = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0]
    pathwise, score = ([one(n, Cosine(x), 1.0, 1.0)[1] for x in k] for n in ("pathwise", "score_function"))
    assert all(np.diff(pathwise) > 0.0)
    assert max(score) < 1.0
    assert [p < q for p, q in zip(pathwise, score, strict=True)] == [True, True, True, False, False, False]


# Quadrature of another kind ------------------------------------------------------------------------------------------


def phi(x: Any) -> Any:
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


LINE = [-13, -6, -3, -1, 0, 1, 3, 6, 13]
HALF = LINE[4:]


def mean_and_variance(estimate: Callable[[Any], Any], density: Callable[[Any], Any], ends: list[int]) -> Any:
    mean = mp.quad(lambda x: density(x) * estimate(x), ends)
    return mean, mp.quad(lambda x: density(x) * (estimate(x) - mean) ** 2, ends)


CURVES: dict[str, tuple[Any, Callable[..., Any], Callable[..., Any], Callable[..., Any]]] = {
    "cosine": (
        Cosine(1.3),
        lambda x: mp.cos(1.3 * x),
        lambda x: -1.3 * mp.sin(1.3 * x),
        lambda x: -1.69 * mp.cos(1.3 * x),
    ),
    "bell": (
        Exponential(0.6),
        lambda x: mp.exp(-0.6 * x * x),
        lambda x: -1.2 * x * mp.exp(-0.6 * x * x),
        lambda x: (1.44 * x * x - 1.2) * mp.exp(-0.6 * x * x),
    ),
}


@pytest.mark.parametrize("curve", CURVES)
def test_one_variable_against_mpmath(curve: str) -> None:
    """Means and variances of the textbook formulas, by adaptive quadrature in 25 digits."""
    objective, f, df, ddf = CURVES[curve]
    mu, s = mp.mpf("0.7"), mp.mpf("1.25")
    scores = (lambda e: e / s, lambda e: (e * e - 1) / s)
    wanted: dict[Any, list[Any]] = {}
    wanted["pathwise", ""] = [
        mean_and_variance(g, phi, LINE) for g in (lambda e: df(mu + s * e), lambda e: df(mu + s * e) * e)
    ]
    for baseline in (0.0, 0.7):
        wanted["score_function", baseline] = [
            mean_and_variance(lambda e, score=score, c=baseline: (f(mu + s * e) - c) * score(e), phi, LINE)
            for score in scores
        ]
    best = [
        mp.quad(lambda e, q=q: phi(e) * f(mu + s * e) * q(e) ** 2, LINE)
        / mp.quad(lambda e, q=q: phi(e) * q(e) ** 2, LINE)
        for q in scores
    ]
    wanted["score_function", "optimal"] = [
        mean_and_variance(lambda e, q=q, c=c: (f(mu + s * e) - c) * q(e), phi, LINE)
        for q, c in zip(scores, best, strict=True)
    ]

    def rest(e: Any) -> Any:
        return f(mu + s * e) - f(mu) - s * e * df(mu) - (s * e) ** 2 / 2 * ddf(mu)

    wanted["delta", ""] = [
        mean_and_variance(lambda e: rest(e) * e / s + df(mu), phi, LINE),
        mean_and_variance(lambda e: rest(e) * (e * e - 1) / s + s * ddf(mu), phi, LINE),
    ]
    weibull = mean_and_variance(
        lambda w: (f(mu + s * w) - f(mu - s * w)) / (s * mp.sqrt(2 * mp.pi)),
        lambda w: w * mp.exp(-w * w / 2),
        HALF,
    )
    parts = [
        mean_and_variance(f_of, density, ends)
        for f_of, density, ends in (
            (lambda w: f(mu + s * w), lambda w: w * mp.exp(-w * w / 2), HALF),
            (lambda w: f(mu - s * w), lambda w: w * mp.exp(-w * w / 2), HALF),
            (lambda m: f(mu + s * m), lambda m: m * m * phi(m), LINE),
            (lambda e: f(mu + s * e), phi, LINE),
        )
    ]
    wanted["measure_valued", "independent"] = [
        ((a[0] - b[0]) / c, (a[1] + b[1]) / c**2)
        for a, b, c in ((parts[0], parts[1], s * mp.sqrt(2 * mp.pi)), (parts[2], parts[3], s))
    ]
    for (name, option), want in wanted.items():
        options = {"score_function": {"baseline": option}, "measure_valued": {"coupling": option}}.get(
            name, {}
        )
        got = one(name, objective, float(mu), float(s), **options)
        for i, (mean, variance) in enumerate(want):
            size = math.hypot(float(mean), math.sqrt(variance))
            assert_close(got[2 * i], float(mean), size)
            assert_close(got[2 * i + 1], float(variance), size**2)
    got = one("measure_valued", objective, float(mu), float(s))
    assert_close(got[:2], [float(x) for x in weibull], [1.0, float(weibull[1])])


def test_coupled_maxwell_against_scipy() -> None:
    """The double integral over M and N = M U, as one over the triangle |n| < |m|, on which their density is |m| phi(m)."""
    integrate = pytest.importorskip("scipy.integrate")
    mu, s, k = 0.7, 1.25, 1.3

    def density(n: float, m: float) -> float:
        return abs(m) * math.exp(-m * m / 2) / math.sqrt(2 * math.pi)

    def drop(n: float, m: float) -> float:
        return (math.cos(k * (mu + s * m)) - math.cos(k * (mu + s * n))) / s

    def expected(g: Callable[[float], float]) -> float:
        triangles = (0.0, 10.0, 0.0, lambda m: m), (-10.0, 0.0, lambda m: m, 0.0)
        parts = [
            integrate.dblquad(lambda n, m: density(n, m) * g(drop(n, m)), *ends, epsabs=1e-13, epsrel=1e-13)
            for ends in triangles
        ]
        return sum(part[0] for part in parts)

    mean = expected(lambda x: x)
    got = one("measure_valued", Cosine(k), mu, s)
    assert_close(got[2:], (mean, expected(lambda x: (x - mean) ** 2)), 1.0)


def hermite(n: int) -> tuple[np.ndarray, np.ndarray]:
    x, w = np.polynomial.hermite_e.hermegauss(n)
    return x, w / math.sqrt(2 * math.pi)


@pytest.mark.parametrize(("name", "options"), [o for o in OPTIONS if o[0] != "measure_valued"])
def test_two_variables_against_hermite(name: str, options: dict[str, Any]) -> None:
    """All covariances, by tensor Gauss-Hermite quadrature of textbook formulas."""
    f, mu, s = Ridge(), np.array([0.3, -0.6]), np.array([0.8, 1.1])
    x, w = hermite(48)
    e, weights = np.stack([a.ravel() for a in np.meshgrid(x, x)], axis=-1), np.outer(w, w).ravel()
    points = mu + s * e
    scores = e / s, (e**2 - 1) / s
    if name == "pathwise":
        rows = f.grad(points), f.grad(points) * e
    elif name == "score_function":
        c = options.get("baseline", 0.0)
        c = [
            weights @ (f(points)[:, None] * q**2) / (weights @ q**2) if c == "optimal" else c for q in scores
        ]
        rows = tuple((f(points)[:, None] - b) * q for q, b in zip(scores, c, strict=True))
    else:
        eta, d = options.get("eta", 1.0), s * e
        hessian = np.stack([f.hessian_product(mu, np.eye(2)[i]) for i in range(2)])
        h = f(mu) + d @ f.grad(mu) + 0.5 * np.einsum("ni,ij,nj->n", d, hessian, d)
        known = f.grad(mu), np.diag(hessian) * s
        rows = tuple((f(points) - eta * h)[:, None] * q + eta * g for q, g in zip(scores, known, strict=True))
    got = gaussian.exact_moments(name, f, mu, s, **options)
    for moments, row in zip(got, rows, strict=True):
        mean = weights @ row
        covariance = (row - mean).T @ ((row - mean) * weights[:, None])
        size = np.sqrt(np.diag(covariance) + mean**2)
        assert_close(moments.mean, mean, size)
        assert_close(moments.covariance, covariance, np.outer(size, size))


def test_measure_valued_of_two_variables() -> None:
    """Of two variables, estimates depend on one sample each: their covariance is 0, and the variance is one over a mixture."""
    f, mu, s = Ridge(), np.array([0.3, -0.6]), np.array([0.8, 1.1])
    x, p = hermite(48)
    for coupling in ("coupled", "independent"):
        got = gaussian.exact_moments("measure_valued", f, mu, s, coupling=coupling)
        for i in range(2):
            parts = []
            for other in mu[1 - i] + s[1 - i] * x:

                def alone(b: Any, other: float = other, i: int = i) -> Any:
                    return f(np.stack([b[..., 0], 0 * b[..., 0] + other][:: 1 - 2 * i], axis=-1))

                parts.append(one("measure_valued", alone, mu[i], s[i], coupling=coupling))
            means, variances = np.array(parts)[:, ::2], np.array(parts)[:, 1::2]
            centre = p @ means
            want = p @ (variances + (means - centre) ** 2)
            size = np.sqrt(want + centre**2)
            assert_close([m.mean[i] for m in got], centre, size)
            assert_close([m.covariance[i, i] for m in got], want, size**2)
            for m in got:
                assert_close(m.covariance[i, 1 - i], 0.0, m.covariance[i, i])


def test_measure_valued_of_three_variables() -> None:
    """Covariances from the one sample that two estimates share, for a polynomial, of which few nodes give all moments."""
    f, mu, s = Cubic(), np.array([0.3, -0.6, 0.1]), np.array([0.8, 1.1, 0.5])
    got = gaussian.exact_moments("measure_valued", f, mu, s)
    # Given the rest y of the sample, the means are E f' and E f' e of f = x_i + .4 x_i^2 - .3 x_i^3 + x_i y_1 y_2 + ...
    x, p = hermite(6)
    for i, j in itertools.combinations(range(3), 2):
        (k,) = {0, 1, 2} - {i, j}
        shared = mu[k] + s[k] * x
        by_mu = p @ (shared - mu[k]) ** 2 * mu[i] * mu[j]
        assert_close(got.mu.covariance[i, j], by_mu, 1.0)
        assert_close(got.std.covariance[i, j], 0.0, 1.0)
    slopes = 1 + 0.8 * mu - 0.9 * (mu**2 + s**2) + mu.prod() / mu
    curvature = s * (0.8 - 1.8 * mu)
    assert_close(got.mu.mean, slopes, 3.0)
    assert_close(got.std.mean, curvature, 3.0)


# What is estimated ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("objective", [Cosine(1.7), Exponential(0.5), Quadratic(0.3)], ids=repr)
def test_exact_value_and_gradient(objective: Any) -> None:
    """Closed form, quadrature of grad f, and quadrature of f, are one."""
    mu, s = np.array([0.3, -1.0]), np.array([0.6, 1.4])

    class Without:
        __call__ = staticmethod(objective)
        grad = staticmethod(objective.grad)

    value = gaussian.exact_value(objective, mu, s)
    assert value == objective.gaussian_value(mu, s)
    assert_close(gaussian.exact_value(Without(), mu, s), value, 1.0)
    want = gaussian.exact_gradient(objective, mu, s)
    assert isinstance(want, gaussian.Gradients)
    for f in (Without(), objective.__call__):
        for got, exact in zip(gaussian.exact_gradient(f, mu, s), want, strict=True):
            assert_close(got, exact, 3.0)


@pytest.mark.parametrize("name", NAMES)
def test_every_estimator_is_unbiased(name: str) -> None:
    mu, s = np.array([0.3, -0.6]), np.array([0.8, 1.1])
    for options in [o for n, o in OPTIONS if n == name]:
        got = gaussian.exact_moments(name, Ridge(), mu, s, **options)
        for moments, want in zip(got, gaussian.exact_gradient(Ridge(), mu, s), strict=True):
            assert_close(moments.mean, want, 10.0)


def test_moments_of_a_moving_average() -> None:
    """The average is independent of its row, so its variance (1 - decay) / (1 + decay) Var f comes on top."""
    mu, s, decay = 0.4, 1.3, 0.8
    fixed = one("score_function", Quadratic(0.0), mu, s, baseline=mu**2 + s**2)
    got = one("score_function", Quadratic(0.0), mu, s, baseline="moving_average", decay=decay)
    spread = (1 - decay) / (1 + decay) * (4 * mu**2 * s**2 + 2 * s**4)
    want = (fixed[0], fixed[1] + spread / s**2, fixed[2], fixed[3] + 2 * spread / s**2)
    assert_close(got, want, np.maximum(np.abs(want), 10.0))


# Sampling, and mistakes ----------------------------------------------------------------------------------------------

MU, STD = np.array([0.3, -0.6]), np.array([0.8, 1.1])
N = 60_000


def sampled(name: str, f: Any = None, seed: int = 7, **options: Any) -> gaussian.Gradients:
    noise = gaussian.draw_noise(name, N, MU, STD, seed, **options)
    return getattr(gaussian, name)(f or Ridge(), MU, STD, noise, **options)


@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_samples_have_the_exact_moments(name: str, options: dict[str, Any]) -> None:
    exact = gaussian.exact_moments(name, Ridge(), MU, STD, **options)
    for estimates, moments in zip(sampled(name, **options), exact, strict=True):
        assert_sampled(estimates, moments.mean, moments.covariance)


def test_coupled_is_told_from_independent() -> None:
    exact = gaussian.exact_moments("measure_valued", Ridge(), MU, STD)
    for wrong, moments in zip(sampled("measure_valued", coupling="independent"), exact, strict=True):
        assert refuses(assert_sampled, wrong, moments.mean, moments.covariance)


def test_a_missing_scale_is_noticed() -> None:
    f = Cosine(1.0)
    exact = gaussian.exact_moments("score_function", f, MU, STD)
    for right, moments in zip(sampled("score_function", f), exact, strict=True):
        assert_sampled(right, moments.mean, moments.covariance)
        assert refuses(assert_sampled, right * STD, moments.mean, moments.covariance)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda z: z._replace(weibull=z.weibull / math.sqrt(2)),  # Weibull(2, 1)
        lambda z: z._replace(maxwell=np.abs(z.maxwell)),  # one-sided
        lambda z: z._replace(maxwell=np.sign(z.maxwell) * z.weibull),  # Rayleigh in both directions
        lambda z: z._replace(uniform=2 * z.uniform - 1),  # N on both sides of 0, whatever M
    ],
)
def test_noise_of_another_law_is_noticed(wrong: Callable[[Any], Any]) -> None:
    exact = gaussian.exact_moments("measure_valued", Ridge(), MU, STD)
    noise = wrong(gaussian.draw_noise("measure_valued", N, MU, STD, 7))
    found = gaussian.measure_valued(Ridge(), MU, STD, noise)
    pairs = list(zip(found, exact, strict=True))
    assert any(refuses(assert_sampled, e, m.mean, m.covariance) for e, m in pairs)


def test_the_gradient_of_an_expansion_that_moves_is_noticed() -> None:
    """Deriving E h also through the point of its expansion, which adds half the third derivative times std^2."""
    exact = gaussian.exact_moments("delta", Cosine(1.0), MU, STD)
    right = sampled("delta", Cosine(1.0)).mu
    assert_sampled(right, exact.mu.mean, exact.mu.covariance)
    wrong = right + 0.5 * np.sin(MU) * STD**2
    assert refuses(assert_sampled, wrong, exact.mu.mean, exact.mu.covariance)


def test_laws_of_the_noise() -> None:
    """Moments of the draws, and N = M U, are as they should be."""
    n = 200_000
    w, m = draws.rayleigh(n, 1), draws.maxwell(n, 2)
    u = gaussian.draw_noise("measure_valued", n, np.zeros(1), np.ones(1), 3).uniform[:, 0]
    for x, moments in (
        (w, (math.sqrt(math.pi / 2), 2.0, 3 * math.sqrt(math.pi / 2), 8.0)),
        (m, (0.0, 3.0, 0.0, 15.0)),
        (m * u, (0.0, 1.0, 0.0, 3.0)),
    ):
        for power, want in enumerate(moments, 1):
            z = (np.mean(x**power) - want) / (np.std(x**power) / math.sqrt(n))
            assert abs(z) < Z_BOUND
    assert np.all(w > 0.0)


def test_moving_average_knows_past_rows_only() -> None:
    mu, s, decay = np.array([0.5]), np.array([1.0]), 0.7
    noise = gaussian.draw_noise("score_function", 6, mu, s, 3)
    values, c, wanted = Quadratic(0.0)(mu + s * noise), 0.0, []
    for f, e in zip(values, noise[:, 0], strict=True):
        wanted.append(((f - c) * e, (f - c) * (e * e - 1)))
        c = decay * c + (1 - decay) * f
    got = gaussian.score_function(Quadratic(0.0), mu, s, noise, baseline="moving_average", decay=decay)
    np.testing.assert_allclose(np.concatenate(got, axis=1), wanted, rtol=1e-13, atol=1e-13)


def test_an_average_that_knows_its_own_row_is_noticed() -> None:
    """It scales the mean by the decay."""
    mu, s, decay = np.array([0.5]), np.array([1.0]), 0.7
    noise = gaussian.draw_noise("score_function", N, mu, s, 3)
    options = {"baseline": "moving_average", "decay": decay}
    exact = gaussian.exact_moments("score_function", Quadratic(0.0), mu, s, **options)
    right = gaussian.score_function(Quadratic(0.0), mu, s, noise, **options)
    plain = gaussian.score_function(Quadratic(0.0), mu, s, noise)
    past = plain.mu - right.mu  # c e, so that the average with the current row is decay c + (1 - decay) f
    wrong = plain.mu - decay * past - (1 - decay) * plain.mu
    assert_sampled(right.mu, exact.mu.mean, exact.mu.covariance)
    assert refuses(assert_sampled, wrong, exact.mu.mean, exact.mu.covariance)
    assert abs(wrong.mean() / right.mu.mean() - decay) < 1e-12


def test_a_constant_objective() -> None:
    """Differences are exactly 0, and so is a score function centred with the constant."""
    constant = estimators.objectives.Exponential(0.0)
    noise = gaussian.draw_noise("measure_valued", 5, MU, STD, 0)
    for coupling in ("coupled", "independent"):
        for g in gaussian.measure_valued(constant, MU, STD, noise, coupling=coupling):
            assert np.all(g == 0.0)
    for g in gaussian.score_function(constant, MU, STD, noise.sample, baseline=2.0):
        assert np.all(g == 0.0)


def test_pathwise_is_what_autograd_finds() -> None:
    torch = pytest.importorskip("torch")
    mu, s = (torch.tensor(x, requires_grad=True) for x in (MU, STD))
    noise = gaussian.draw_noise("pathwise", 9, MU, STD, 5)
    got = gaussian.pathwise(Ridge(), MU, STD, noise)
    for row, e in enumerate(torch.tensor(noise)):
        for g, want in zip(got, torch.autograd.grad(Ridge()(mu + s * e), (mu, s)), strict=True):
            np.testing.assert_allclose(g[row], want.numpy(), rtol=1e-13, atol=1e-13)
