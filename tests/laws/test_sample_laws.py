"""Samples against their laws, at a false-alarm rate of 1e-9 for the whole file.

The budget is divided evenly over all checks. Continuous parts are held to the Dvoretzky-Kiefer-Wolfowitz band, with both
one-sided distribution functions so that atoms count right; atoms to exact binomial tests. Entropy is fresh in every run
and told on failure. At n = 200000 the band is 0.0080 wide to each side: a law that is off by 0.016 anywhere is seen with
the same certainty.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from stgref import (
    bernoulli,
    binary_concrete,
    gumbel,
    hard_concrete,
    logistic,
    noise,
    normal,
    rectified_gaussian,
)

N = 200_000
LAWS = [
    (logistic, (0.5, 2.0)),
    (normal, (-1.0, 0.1)),
    (gumbel, (3.0, 0.7)),
    (bernoulli, (-0.3,)),
    (bernoulli, (4.0,)),
    (binary_concrete, (0.3, 2 / 3)),
    (binary_concrete, (-2.0, 0.1)),
    (hard_concrete, (0.0,)),
    (hard_concrete, (-2.5, 0.3, -0.5, 1.05)),
    (hard_concrete, (3.0, 1.5, -2.0, 2.0)),
    (rectified_gaussian, (0.5, 0.5)),
    (rectified_gaussian, (-0.3, 0.4)),
]
CHECKS = 3 * len(LAWS) + 2 * 4  # the distribution and two atoms of each law; two directions of each noise
ALPHA = 1e-9 / CHECKS


def named(case) -> str:
    law, params = case
    return f"{law.__name__.rpartition('.')[2]}-{params}"


@pytest.fixture(params=LAWS, ids=named)
def drawn(request):
    law, params = request.param
    seed = np.random.SeedSequence().entropy
    return law, params, law.sample((N,), *params, rng=seed), seed


def dkw_distance(z, cdf, left_cdf) -> float:
    """Largest distance of the empirical distribution function from the law's, on either side of every jump."""
    points, counts = np.unique(z, return_counts=True)
    above = np.cumsum(counts) / z.size
    below = above - counts / z.size
    return max(np.max(np.abs(above - cdf(points))), np.max(np.abs(below - left_cdf(points))))


def band(n: int, alpha: float) -> float:
    return math.sqrt(math.log(2 / alpha) / (2 * n))


def law_distance(law, params, z) -> float:
    left = getattr(law, "left_cdf", law.cdf)
    return dkw_distance(z, lambda x: law.cdf(x, *params), lambda x: left(x, *params))


def test_distribution(drawn):
    law, params, z, seed = drawn
    assert law_distance(law, params, z) < band(N, ALPHA), f"seed {seed}"


@pytest.mark.parametrize("atom", [0.0, 1.0])
@pytest.mark.parametrize("case", [case for case in LAWS if hasattr(case[0], "prob_zero")], ids=named)
def test_atoms(case, atom):
    law, params = case
    seed = np.random.SeedSequence().entropy
    hits = int(np.sum(law.sample((N,), *params, rng=seed) == atom))
    p = law.prob_zero(*params) if atom == 0.0 else law.prob_one(*params)
    assert stats.binomtest(hits, N, float(p)).pvalue > ALPHA, f"seed {seed}"


@pytest.mark.parametrize("case", LAWS, ids=named)
def test_a_sample_is_the_transform_of_its_base_noise(case):
    """So that the independence of samples is that of the noise, below."""
    law, params = case
    base = {normal: noise.normal, rectified_gaussian: noise.normal, gumbel: noise.gumbel}.get(
        law, noise.logistic
    )
    expected = law.transform(base((50, 3), rng=7), *params)
    np.testing.assert_array_equal(law.sample((50, 3), *params, rng=7), expected)


@pytest.mark.parametrize("base", [noise.uniform, noise.logistic, noise.normal, noise.gumbel])
def test_noise_is_independent_along_rows_and_columns(base):
    """Neighbours lie on the same side of the median in half of the pairs: an exact binomial test."""
    seed = np.random.SeedSequence().entropy
    x = base((1000, 200), rng=seed)
    high = x > {noise.uniform: 0.5, noise.gumbel: gumbel.median()}.get(base, 0.0)
    for agree in (high[:, ::2] == high[:, 1::2], high[::2] == high[1::2]):
        assert stats.binomtest(int(agree.sum()), agree.size).pvalue > ALPHA, f"seed {seed}"


def test_noise_shared_by_columns_is_seen():
    x = np.broadcast_to(noise.logistic((1000, 1)), (1000, 200))
    agree = (x[:, ::2] > 0) == (x[:, 1::2] > 0)
    assert stats.binomtest(int(agree.sum()), agree.size).pvalue < ALPHA


WRONG = {
    "another temperature": (hard_concrete, (0.0,), lambda r: hard_concrete.sample((N,), 0.0, 0.63, rng=r)),
    "bounds swapped": (
        hard_concrete,
        (0.5, 2 / 3, -0.1, 1.3),
        lambda r: hard_concrete.sample((N,), 0.5, 2 / 3, -0.3, 1.1, rng=r),
    ),
    "uniform for logistic": (binary_concrete, (0.3,), lambda r: binary_concrete.transform(r.random(N), 0.3)),
    "variance for std": (
        rectified_gaussian,
        (0.5, 0.5),
        lambda r: rectified_gaussian.sample((N,), 0.5, 0.25, rng=r),
    ),
    "not clipped": (rectified_gaussian, (0.5, 0.5), lambda r: 0.5 + 0.5 * r.standard_normal(N)),
    "atoms shaved": (
        hard_concrete,
        (0.0,),
        lambda r: np.clip(hard_concrete.sample((N,), 0.0, rng=r), 1e-4, 1 - 1e-4),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_sampler_is_seen(name):
    """The same checks on samplers that are wrong; each is missed with a probability far below 1e-9."""
    law, params, sampler = WRONG[name]
    z = sampler(np.random.default_rng())
    atoms = [(0.0, law.prob_zero), (1.0, law.prob_one)] if hasattr(law, "prob_zero") else []
    rejected = [stats.binomtest(int(np.sum(z == at)), N, float(p(*params))).pvalue < ALPHA for at, p in atoms]
    assert law_distance(law, params, z) > band(N, ALPHA) or any(rejected)
