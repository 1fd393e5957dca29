"""The laws of vectors: against each other, their limits, torch, and their samples.

The samples' checks share a false-alarm rate of 1e-9, divided evenly over them. At n = 100000 two distribution functions
that differ by 0.06 anywhere are told apart with the same certainty for a category of probability 0.3.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from stgref import bernoulli, binary_concrete, categorical, concrete, exp_concrete, noise
from tests.numerics.catalogue import modules
from tests.oracle.vectors import VECTOR_LAWS

K = 4
N = 100_000
LOGITS = np.asarray([0.7, -1.5, 0.25, 1.0])
REAL = st.floats(-30.0, 30.0)
VECTOR = st.integers(1, 6).flatmap(lambda k: st.lists(REAL, min_size=k, max_size=k))
PAIR = st.integers(1, 6).flatmap(lambda k: st.tuples(*[st.lists(REAL, min_size=k, max_size=k)] * 2))
TRIPLE = st.integers(1, 6).flatmap(lambda k: st.tuples(*[st.lists(REAL, min_size=k, max_size=k)] * 3))
TEMPERATURE = st.floats(0.01, 20.0)
CLOSE = {"rtol": 1e-12, "atol": 1e-12}


@given(PAIR, TEMPERATURE)
def test_concrete_samples_are_on_the_simplex_at_the_exponentials(pair, t):
    x = concrete.transform(*pair, t)
    assert x.sum() == pytest.approx(1.0, rel=1e-14)
    np.testing.assert_allclose(np.exp(exp_concrete.transform(*pair, t)), x, rtol=1e-10, atol=1e-300)
    assert x[np.argmax(categorical.transform(*pair))] == x.max()


@given(TRIPLE, TEMPERATURE)
def test_tangents_and_cotangents_are_adjoint(triple, t):
    """<c, J d> = <J' c, d>, for every argument."""
    c, n, a = map(np.asarray, triple)
    d_n, d_a, d_t = np.cos(n), np.sin(a + 1.0), 0.5
    for law in (concrete, exp_concrete):
        back = law.vjp_transform(c, n, a, t)
        there = law.jvp_transform(n, a, t, d_noise=d_n, d_logits=d_a, d_temperature=d_t)
        size = np.abs(c).sum() * (1 + np.abs((n + a) / t).max()) / t
        parts = (back.noise * d_n).sum() + (back.logits * d_a).sum() + back.temperature * d_t
        assert abs((c * there).sum() - parts) <= 1e-12 * size
    b = categorical.transform(n[::-1], a)
    back = categorical.vjp_conditional_latent(c, n, b, a)
    there = categorical.jvp_conditional_latent(n, b, a, d_noise=d_n, d_logits=d_a)
    assert abs((c * there).sum() - (back.noise * d_n).sum() - (back.logits * d_a).sum()) <= 1e-12 * (
        1 + np.abs(c).sum()
    )


@given(VECTOR)
def test_probabilities_and_entropy(logits):
    p, log_p = categorical.mean(logits), categorical.log_probs(logits)
    assert p.sum() == pytest.approx(1.0, rel=1e-14)
    np.testing.assert_allclose(np.exp(log_p), p, rtol=1e-12)
    assert categorical.entropy(logits) == pytest.approx(-(p * log_p).sum(), rel=1e-9, abs=1e-13)
    assert 0.0 <= categorical.entropy(logits) <= math.log(len(p)) * (1 + 1e-15)
    atoms = np.eye(len(p))
    np.testing.assert_array_equal(categorical.pdf(atoms, logits), p)
    np.testing.assert_array_equal(categorical.logpdf(atoms, logits), log_p)
    score = categorical.grad_logpdf(atoms, logits).logits
    np.testing.assert_allclose(score, atoms - p, atol=1e-15)
    np.testing.assert_allclose(p @ score, 0.0, atol=1e-15)


@given(st.floats(-700.0, 700.0))
def test_two_categories_are_a_bernoulli_law(a):
    assert categorical.mean([0.0, a])[1] == pytest.approx(bernoulli.mean(a), rel=1e-14)
    assert categorical.entropy([0.0, a]) == pytest.approx(bernoulli.entropy(a), rel=1e-13, abs=1e-300)
    assert categorical.log_probs([0.0, a])[1] == pytest.approx(bernoulli.log_prob_one(a), rel=1e-14)


@given(st.floats(-5.0, 5.0), st.floats(0.2, 5.0), st.floats(0.01, 0.99))
def test_two_categories_are_a_binary_concrete_law(a, t, x):
    point = [1.0 - x, x]
    assert concrete.logpdf(point, [0.0, a], t) == pytest.approx(
        binary_concrete.logpdf(x, a, t), rel=1e-12, abs=1e-12
    )
    logit = binary_concrete.logpdf_logit(math.log(x / (1 - x)), a, t)
    assert exp_concrete.logpdf(np.log(point), [0.0, a], t) == pytest.approx(logit, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("t", [0.6, 1.0, 2.5])
def test_density_of_three_categories_integrates_to_one(t):
    """Over the log ratios to the last category, on a grid: for a smooth integrand that decays, errors are below 1e-8."""
    zeta = np.arange(-90.0, 90.0, 0.25)
    v = np.stack(np.broadcast_arrays(zeta[:, None], zeta, 0.0), axis=-1)
    x = v - np.logaddexp.reduce(v, axis=-1)[..., None]
    density = exp_concrete.pdf(x, LOGITS[:3], t)
    assert density.sum() * 0.25**2 == pytest.approx(1.0, abs=1e-8)
    np.testing.assert_allclose(
        concrete.pdf(np.exp(x), LOGITS[:3], t) * np.exp(x.sum(axis=-1)), density, rtol=1e-10, atol=1e-300
    )


def test_density_on_the_first_coordinates_integrates_to_one():
    """By Gauss-Legendre quadrature of x = u^3 and y = (1 - x) v^3, which smooths the edges enough for six digits."""
    u, weight = np.polynomial.legendre.leggauss(200)
    u, weight = (u + 1) / 2, weight / 2
    x, slope = u[:, None] ** 3, 3 * u**2 * weight
    y = (1 - x) * u**3
    point = np.stack(np.broadcast_arrays(x, y, (1 - x) * (1 - u**3)), axis=-1)
    mass = slope[:, None] * (1 - x) * slope * concrete.pdf(point, LOGITS[:3], 1.5)
    assert mass.sum() == pytest.approx(1.0, abs=1e-5)


@given(PAIR)
def test_conditional_latents_give_the_sample_back(pair):
    g, logits = map(np.asarray, pair)
    for k in range(len(g)):
        b = np.eye(len(g))[k]
        z = categorical.conditional_latent(g, b, logits)
        assert np.all(z <= z[k])
        largest = np.logaddexp.reduce(logits) + g[k]
        assert z[k] == pytest.approx(largest, rel=1e-13, abs=1e-13)
        others = np.arange(len(g)) != k
        rates = np.exp(largest - z[others]), np.exp(largest - logits[others] - g[others]) + 1.0
        np.testing.assert_allclose(*rates, rtol=1e-9)


@given(st.floats(-40.0, 40.0), st.floats(-40.0, 40.0))
def test_bernoulli_latents_are_at_the_share_of_the_noise(l, a):
    """P(latent > z) = P(b = 1) sigma(-l) given 1, P(latent < z) = P(b = 0) sigma(l) given 0."""
    above = bernoulli.conditional_latent(l, 1.0, a)
    below = bernoulli.conditional_latent(l, 0.0, a)
    assert below <= 0.0 <= above
    assert bernoulli.mean(a - above) == pytest.approx(bernoulli.mean(a) * bernoulli.mean(-l), rel=1e-12)
    assert bernoulli.mean(below - a) == pytest.approx(bernoulli.mean(-a) * bernoulli.mean(l), rel=1e-12)


@given(st.floats(-40.0, 40.0), st.floats(-700.0, 700.0))
def test_gradients_of_bernoulli_latents_by_differences(l, a):
    for b in (0.0, 1.0):
        path, h = bernoulli.grad_conditional_latent(l, b, a), 1e-4

        def slope(d_noise, d_logits, b=b, h=h):
            up, down = (bernoulli.conditional_latent(l + s * d_noise, b, a + s * d_logits) for s in (h, -h))
            return (up - down) / (2 * h)

        assert path.value == bernoulli.conditional_latent(l, b, a)
        assert path.noise == pytest.approx(slope(1.0, 0.0), rel=1e-4, abs=1e-8)
        assert path.logits == pytest.approx(slope(0.0, 1.0), rel=1e-4, abs=1e-8)


CHECKS = 1 + 2 * K + K * K
ALPHA = 1e-9 / CHECKS


def test_samples_against_their_laws():
    """Which category, by exact binomial tests; concrete and conditional latents by Kolmogorov's.

    Latents of the first category given the sample k are compared with those of plain draws that came out as k.
    """
    seed = np.random.SeedSequence()
    rng = np.random.default_rng(seed)
    b = categorical.sample((N, K), LOGITS, rng=rng)
    x = concrete.sample((N, K), LOGITS, 0.5, rng=rng)
    for k, p in enumerate(categorical.mean(LOGITS)):
        for hard in (b, x == x.max(axis=-1)[:, None]):
            count = int(hard[:, k].sum())
            assert stats.binomtest(count, N, p).pvalue > ALPHA, seed.entropy
    g = noise.gumbel((N, K), rng=rng)
    z = LOGITS + g
    chosen = categorical.transform(g, LOGITS)
    fresh = noise.gumbel((N, K), rng=rng)
    conditional = categorical.conditional_latent(fresh, chosen, LOGITS)
    for k in range(K):
        rows = chosen[:, k] == 1
        for j in range(K):
            p = stats.ks_2samp(z[rows, j], conditional[rows, j]).pvalue
            assert p > ALPHA, (k, j, p, seed.entropy)
    two = concrete.sample((N, 2), [0.0, 0.75], 0.5, rng=rng)[:, 1]
    assert stats.kstest(two, lambda v: binary_concrete.cdf(v, 0.75, 0.5)).pvalue > ALPHA, seed.entropy


def test_agrees_with_torch():
    """Where torch's own densities are accurate; its autograd goes through the textbook transforms."""
    torch = pytest.importorskip("torch")
    from torch.distributions.relaxed_categorical import (  # noqa: PLC0415 (only where there is torch)
        ExpRelaxedCategorical,
        RelaxedOneHotCategorical,
    )

    rng = np.random.default_rng(0)
    cases = [
        (concrete, RelaxedOneHotCategorical, torch.softmax),
        (exp_concrete, ExpRelaxedCategorical, torch.log_softmax),
    ]
    for law, peer, f in cases:
        for t in (0.5, 1.0, 3.0):
            arrays = rng.gumbel(size=(5, K)), rng.normal(size=(5, K)), np.asarray(t)
            n, a, tau = (torch.tensor(v, requires_grad=True) for v in arrays)
            c = rng.normal(size=(5, K))
            y = f((n + a) / tau, -1)
            np.testing.assert_allclose(law.transform(*arrays), y.detach(), **CLOSE)
            wanted = torch.autograd.grad((y * torch.tensor(c)).sum(), (n, a, tau))
            got = law.vjp_transform(c, *arrays)
            for mine, theirs in zip((got.noise, got.logits, got.temperature.sum()), wanted, strict=True):
                np.testing.assert_allclose(mine, theirs, **CLOSE)
            point = y.detach().requires_grad_()
            logpdf = peer(tau, logits=a, validate_args=False).log_prob(point)
            np.testing.assert_allclose(
                law.logpdf(point.detach().numpy(), *arrays[1:]), logpdf.detach(), **CLOSE
            )
            slopes = law.grad_logpdf(point.detach().numpy(), *arrays[1:])
            wanted = torch.autograd.grad(logpdf.sum(), (point, a, tau))
            for mine, theirs in zip((slopes.x, slopes.logits, slopes.temperature.sum()), wanted, strict=True):
                np.testing.assert_allclose(mine, theirs, rtol=1e-8, atol=1e-8)


def test_every_law_of_vectors_has_an_oracle():
    found = {
        name for name, law in modules().items() if getattr(getattr(law, "transform", None), "vectors", ())
    }
    assert set(VECTOR_LAWS) == found
