"""The tests of samples: they blame right samples as rarely as they say, and see what they say they see."""

import numpy as np
import pytest
from scipy import stats

from stgref.conformance.statistics import Measured, binomial, catoni, dkw, dkw_band, dkw_distance

RUNS, LEVEL = 2000, 0.05
MOST = stats.binom.isf(1e-9, RUNS, LEVEL)
"""More blamed samples than this show that the rate is above `LEVEL`."""


@pytest.fixture
def rng():
    return np.random.default_rng()


def blamed(test):
    return sum(not test().passed for _ in range(RUNS))


def most_missed(runs, level):
    """More missed samples than this, out of so many with the detectable effect, show that too many are missed."""
    return stats.binom.isf(1e-9, runs, level)


def three_values(x, side="right"):
    """The distribution function of 0, 1 and 2 with probabilities 0.2, 0.5 and 0.3."""
    return np.array([0, 0.2, 0.7, 1.0])[np.searchsorted([0, 1, 2], x, side)]


def left_of_three_values(x):
    return three_values(x, "left")


def test_dkw_blames_no_more_than_it_says(rng):
    uniform = stats.uniform.cdf
    assert blamed(lambda: dkw(rng.random(40), uniform, uniform, LEVEL)) <= MOST


def test_dkw_is_right_at_atoms(rng):
    draw = lambda: rng.choice(3, 40, p=[0.2, 0.5, 0.3])  # noqa: E731
    assert blamed(lambda: dkw(draw(), three_values, left_of_three_values, LEVEL)) <= MOST
    # Without the left limits every sample is blamed.
    assert blamed(lambda: dkw(draw(), three_values, three_values, LEVEL)) == RUNS


def test_dkw_distance_by_hand():
    uniform = stats.uniform.cdf
    assert dkw_distance(np.array([0.5]), uniform, uniform) == 0.5
    assert dkw_distance(np.array([0.1, 0.2]), uniform, uniform) == pytest.approx(0.8)
    assert dkw_distance(np.array([0, 1, 2, 2]), three_values, left_of_three_values) == pytest.approx(0.2)
    assert dkw_distance(np.array([0.1, 0.2]), uniform, uniform, lambda x: 0 * x + 0.3) == pytest.approx(0.5)


def test_dkw_sees_what_it_says(rng):
    n, level = 1000, 1e-3
    shift = 2 * dkw_band(n, level)
    found = [dkw(rng.random(n) + shift, stats.uniform.cdf, stats.uniform.cdf, level) for _ in range(200)]
    # Certain: none of the sample lies below the shift, where the law has more than the band.
    assert not any(each.passed for each in found)
    assert found[0].detectable == shift


@pytest.mark.parametrize("p", [0.5, 0.03, 0.999])
def test_binomial_blames_no_more_than_it_says(rng, p):
    assert blamed(lambda: binomial(rng.binomial(60, p), 60, p, LEVEL)) <= MOST


@pytest.mark.parametrize(("n", "p", "level"), [(50, 0.3, 0.01), (100_000, 0.01, 1e-9), (7, 0.5, 0.2)])
def test_binomial_is_the_interval_of_clopper_and_pearson(n, p, level):
    accepted = [k for k in range(min(n, 2000) + 1) if binomial(k, n, p, level).passed]
    for k in {accepted[0] - 1, *accepted[::50], accepted[-1], accepted[-1] + 1} & set(range(n + 1)):
        interval = stats.binomtest(k, n).proportion_ci(1 - level, "exact")
        assert (k in accepted) == (interval.low <= p <= interval.high)


def test_binomial_accepts_what_the_survey_measured():
    """n = 1e5, p = 0.01, level 1e-9: 0.0081 to 0.0120."""
    accepted = [k for k in range(700, 1300) if binomial(k, 100_000, 0.01, 1e-9).passed]
    assert accepted[0] / 1e5 == pytest.approx(0.0081, abs=1e-4)
    assert accepted[-1] / 1e5 == pytest.approx(0.0120, abs=1e-4)


def test_binomial_sees_what_it_says(rng):
    n, p, level = 1000, 0.1, 1e-3
    effect = binomial(100, n, p, level).detectable
    missed = sum(binomial(k, n, p, level).passed for k in rng.binomial(n, p + effect, RUNS))
    assert missed <= most_missed(RUNS, level)
    assert binomial(0, n, 1e-12, level).detectable < 0.02


def test_binomial_of_what_is_certain():
    assert binomial(10, 10, 1.0, 1e-6).passed
    assert not binomial(9, 10, 1.0, 1e-6).passed
    assert not binomial(1, 10, 0.0, 1e-6).passed


def heavy(rng):
    """Student's t of 2.1 degrees of freedom: a variance of 21, and no third moment."""
    return rng.standard_t(2.1, 60)


def lopsided(rng):
    """100 with probability 0.01: mean 1."""
    return 100.0 * (rng.random(60) < 0.01) - 1


def rare(rng):
    """Once in 441 times 21, of either sign: variance 1. One of them moves the plain mean too far."""
    return rng.choice([-21.0, 0.0, 21.0], 60, p=[1 / 882, 440 / 441, 1 / 882])


def martingale(rng):
    """Each value is as large as the last sign says."""
    sign = rng.choice([-1.0, 1.0], 60)
    return sign * np.where(np.roll(sign, 1) > 0, 1.0, 0.3)


@pytest.mark.parametrize(
    ("draw", "variance"), [(heavy, 21.0), (lopsided, 99.0), (rare, 1.0), (martingale, 1.0)]
)
def test_catoni_blames_no_more_than_it_says(rng, draw, variance):
    assert blamed(lambda: catoni(draw(rng), variance, LEVEL)) <= MOST


def test_catoni_is_nearly_as_sharp_as_the_normal_test():
    found = catoni(np.zeros(100_000), 4.0, 1e-9)
    assert found.threshold / (stats.norm.isf(5e-10) / 100_000**0.5) < 1.1


def test_catoni_sees_what_it_says(rng):
    n, level = 1000, 1e-3
    effect = catoni(np.zeros(n), 4.0, level).detectable
    for sign in (-1, 1):
        missed = sum(catoni(rng.normal(sign * 2 * effect, 2, n), 4.0, level).passed for _ in range(RUNS))
        assert missed <= most_missed(RUNS, level)


def test_how_many_samples_it_takes():
    n = 1000
    found = dkw(np.zeros(n), stats.uniform.cdf, stats.uniform.cdf, 1e-6)
    more = found.needed(found.detectable / 10)
    assert more == pytest.approx(100 * n, abs=1)
    assert 2 * dkw_band(more, 1e-6) == pytest.approx(found.detectable / 10, rel=1e-4)


def test_severity():
    assert Measured(1, 0.0, 0.0, 1.0).severity == 0
    assert Measured(1, 0.1, 0.0, 1.0).severity == np.inf
    assert Measured(1, 0.1, 0.05, 1.0).severity == 2
