"""Samples against their laws, at a false-alarm rate of 1e-9 for the whole file.

The budget is divided evenly over all checks, which are those of `stgref.conformance.statistics`. Entropy is fresh in every
run and told on failure. At n = 200000 the band is 0.0080 wide to each side: a law that is off by 0.016 anywhere is seen
with the same certainty.
"""

from __future__ import annotations

import numpy as np
import pytest

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
from stgref.conformance.statistics import binomial, dkw

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
    (kumaraswamy, (0.3, 2.5)),
    (hard_kumaraswamy, (0.6, 0.8)),
    (hard_kumaraswamy, (2.0, 3.0, -0.5, 1.05)),
]
BASES = {
    normal: noise.normal,
    rectified_gaussian: noise.normal,
    gumbel: noise.gumbel,
    kumaraswamy: noise.uniform,
    hard_kumaraswamy: noise.uniform,
}
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


def distribution(law, params, z):
    left = getattr(law, "left_cdf", law.cdf)
    return dkw(z, lambda x: law.cdf(x, *params), lambda x: left(x, *params), ALPHA)


def atom(law, params, z, at):
    p = law.prob_zero(*params) if at == 0.0 else law.prob_one(*params)
    return binomial(int(np.sum(z == at)), z.size, float(p), ALPHA)


def test_distribution(drawn):
    law, params, z, seed = drawn
    assert distribution(law, params, z).passed, f"seed {seed}"


@pytest.mark.parametrize("at", [0.0, 1.0])
@pytest.mark.parametrize("case", [case for case in LAWS if hasattr(case[0], "prob_zero")], ids=named)
def test_atoms(case, at):
    law, params = case
    seed = np.random.SeedSequence().entropy
    assert atom(law, params, law.sample((N,), *params, rng=seed), at).passed, f"seed {seed}"


@pytest.mark.parametrize("case", LAWS, ids=named)
def test_a_sample_is_the_transform_of_its_base_noise(case):
    """So that the independence of samples is that of the noise, below."""
    law, params = case
    base = BASES.get(law, noise.logistic)
    expected = law.transform(base((50, 3), rng=7), *params)
    np.testing.assert_array_equal(law.sample((50, 3), *params, rng=7), expected)


@pytest.mark.parametrize("base", [noise.uniform, noise.logistic, noise.normal, noise.gumbel])
def test_noise_is_independent_along_rows_and_columns(base):
    """Neighbours lie on the same side of the median in half of the pairs: an exact binomial test."""
    seed = np.random.SeedSequence().entropy
    x = base((1000, 200), rng=seed)
    high = x > {noise.uniform: 0.5, noise.gumbel: gumbel.median()}.get(base, 0.0)
    for agree in (high[:, ::2] == high[:, 1::2], high[::2] == high[1::2]):
        assert binomial(int(agree.sum()), agree.size, 0.5, ALPHA).passed, f"seed {seed}"


def test_noise_shared_by_columns_is_seen():
    x = np.broadcast_to(noise.logistic((1000, 1)), (1000, 200))
    agree = (x[:, ::2] > 0) == (x[:, 1::2] > 0)
    assert not binomial(int(agree.sum()), agree.size, 0.5, ALPHA).passed


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
    atoms = (0.0, 1.0) if hasattr(law, "prob_zero") else ()
    found = [distribution(law, params, z), *(atom(law, params, z, at) for at in atoms)]
    assert not all(each.passed for each in found)
