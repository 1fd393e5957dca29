"""Intervals hold what they should, as often as they should, and are numbers whatever the estimates are."""

import importlib.util
import itertools
import math
from pathlib import Path

import mpmath
import numpy as np
import pytest
from scipy import stats

from stgref import estimators, study
from stgref.study import intervals
from stgref.study.moments import Moments, of_columns
from stgref.study.summary import of_estimates
from tests.study import zoo

_PLACE = Path(__file__).parents[2] / "validation" / "coverage" / "run.py"
_SPEC = importlib.util.spec_from_file_location("coverage_run", _PLACE)
coverage = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(coverage)

PROBLEMS, FALSE_ALARM = 400, 1e-6
"""False alarms of `test_intervals_hold...`: the total of its tests, which it divides evenly."""
FIELDS = ("mean", "m2", "m3", "m4")


def exact_moments(x):
    """By definition, in 50 digits."""
    with mpmath.workdps(50):
        numbers = [mpmath.mpf(float(v)) for v in x]
        mean = mpmath.fsum(numbers) / len(numbers)
        powers = [mpmath.fsum((v - mean) ** p for v in numbers) for p in (2, 3, 4)]
        return [float(v) for v in (mean, *powers)]


@pytest.mark.parametrize("offset", [0.0, 1e3, -1e6])
def test_moments_against_fifty_digits_however_they_are_merged(offset):
    rng = np.random.default_rng(1)
    x = rng.exponential(size=3000) + offset
    wanted = exact_moments(x)
    cuts = [0, 1, 2, 500, 501, 1700, 3000]
    parts = [of_columns(x[None, a:b]) for a, b in itertools.pairwise(cuts)]
    merged = parts[0]
    for part in parts[1:]:
        merged = merged.merged(part)
    for found in (of_columns(x[None]), merged):
        for name, want in zip(FIELDS, wanted, strict=True):
            # A number is off by eps |offset|, its power by p times as much.
            assert getattr(found, name)[0] == pytest.approx(want, rel=1e-12 + 1e-15 * abs(offset)), name
        assert (found.n, found.low[0], found.high[0]) == (3000, x.min(), x.max())


def test_equal_numbers_have_no_spread_however_they_are_merged():
    parts = [of_columns(np.full((1, n), 0.1)) for n in (3, 5, 8, 1)]
    found = parts[0].merged(parts[1]).merged(parts[2].merged(parts[3]))
    assert found.mean[0] == 0.1
    assert found.m2[0] == found.m3[0] == found.m4[0] == 0.0


def test_scalars_of_whole_estimates():
    x = np.array([[1.0, 2.0], [0.0, 0.0], [-3.0, 1.0], [1e-200, -1e-200]])
    g = np.array([1.0, -1.0])
    s = of_estimates(x, g, 0, 0.0)
    cosines = [-1.0 / math.sqrt(10.0), 0.0, -4.0 / math.sqrt(20.0), 1.0]
    assert s.scalars.mean[0] == pytest.approx(np.mean(cosines), rel=1e-14)
    assert s.scalars.mean[1] == pytest.approx(np.mean([0.5, 0.0, 0.0, 1.0]))
    assert s.scalars.mean[2] == pytest.approx(np.mean([9.0, 2.0, 20.0, 2.0]), rel=1e-14)
    assert s.scalars.mean[3] == pytest.approx(np.sum(np.var(x, axis=0)), rel=1e-14)
    assert s.agreeing.tolist() == [2, 1]
    assert of_estimates(x, np.array([0.0, -1.0]), 0, 0.0).agreeing.tolist() == [1, 1]
    assert of_estimates(x, np.zeros(2), 0, 0.0).scalars.mean[0] == 0.0


@pytest.fixture(scope="module")
def outcomes():
    entropy = int(np.random.SeedSequence().entropy)
    print(f"seed {entropy}")
    return [coverage.outcome(s) for s in np.random.SeedSequence(entropy).spawn(PROBLEMS)]


@pytest.mark.parametrize("kind", coverage.KINDS)
def test_intervals_hold_the_exact_values_at_the_stated_rate(outcomes, kind):
    """Exact binomial tests, with fresh seeds: neither too few nor too many intervals hold them."""
    held = [each[kind] for each in outcomes if kind in each]
    k, n, alpha = sum(held), len(held), FALSE_ALARM / (2 * len(coverage.KINDS))
    assert stats.binom.cdf(k, n, coverage.CONFIDENCE) > alpha, f"{k} of {n} hold it"
    if kind != "sign_agreement":  # Clopper and Pearson's hold it more often, by right.
        assert stats.binom.sf(k - 1, n, coverage.CONFIDENCE) > alpha, f"{k} of {n} hold it"


def test_the_test_of_the_rate_can_fail():
    """Intervals of 80 % are found out."""
    held = sum(coverage.outcome(s, 0.8)["bias"] for s in np.random.SeedSequence(5).spawn(PROBLEMS // 2))
    assert stats.binom.cdf(held, PROBLEMS // 2, coverage.CONFIDENCE) < FALSE_ALARM / (2 * len(coverage.KINDS))


@pytest.mark.parametrize("n", [30, 1000])
def test_variance_of_two_values_is_held(n):
    """Where both are equally likely, the variance of the sample is off by its second order only."""
    rng, level, runs = np.random.default_rng(2), 0.95, 2000
    x = rng.integers(0, 2, size=(runs, n)).astype(float)
    found = intervals.variance(of_columns(x), level, 2.0**-52)
    held = int(np.sum((found.low <= 0.25) & (found.high >= 0.25)))
    assert stats.binom.cdf(held, runs, 0.93) > 1e-6, held  # the Student quantile is for normal numbers


def test_clopper_pearson_against_scipy():
    for k, n in ((0, 10), (3, 10), (10, 10), (123, 10**6)):
        want = stats.binomtest(k, n).proportion_ci(0.95, "exact")
        found = intervals.probability(np.array([k]), n, 0.95)
        assert (found.low[0], found.high[0]) == pytest.approx((want.low, want.high), rel=1e-9)


@pytest.mark.parametrize(
    "x",
    [
        np.zeros((1, 7)),
        np.full((1, 7), 1e300),
        np.array([[1e-200, -1e-200, 3e-200]]),
        np.array([[1e200, -1e200, 3e200]]),
        np.array([[5e-324, 0.0]]),
        np.array([[0.0, 1.7e308]]),
    ],
)
def test_intervals_are_numbers_in_order(x):
    with np.errstate(all="ignore"):
        m = of_columns(x)
    for found in (
        intervals.mean(m, 0.95, 1e-16),
        intervals.variance(m, 0.95, 1e-16),
        intervals.about(m, np.array([0.5]), 0.95, 1e-16),
    ):
        value, low, high = found.at(0)
        assert low <= value <= high
    assert 0.0 <= intervals.largest_share(m)[0] <= 1.0


def test_a_constant_estimator_is_held_to_the_last_bits():
    """DisARM for one fair variable: every estimate is the gradient."""
    f = estimators.objectives.Quadratic(0.4499)
    for dtype in (np.float64, np.float32):
        found = study.run(f, np.zeros(1, dtype=dtype), ["disarm"], 100_003)
        (r,), (total,) = found.to_records(), found.summaries()
        for each in (r, total):
            for name in ("variance", "mse"):
                assert each[f"{name}_low"] <= each[f"exact_{name}"] <= each[f"{name}_high"]
        assert r["bias_low"] <= 0.0 <= r["bias_high"]
        assert r["variance_low"] <= 0.0 <= r["variance_high"]
        assert r["bias_high"] - r["bias_low"] < 200 * np.finfo(dtype).eps * abs(r["mean"])
        assert r["mse_low"] <= r["exact_mse"] <= r["mse_high"]
        assert not any(isinstance(v, float) and math.isnan(v) for v in r.values())


def test_a_rare_event_is_told_of():
    """One estimate in ten thousand makes all of the scatter: `largest_share` says so."""
    f = estimators.objectives.Quadratic(0.45)
    rare, fair = (
        study.run(f, np.array([x]), ["score_function"], 20_000).to_records()[0] for x in (-9.0, 0.0)
    )
    assert rare["largest_share"] > 0.1
    assert fair["largest_share"] < 1e-3


def test_one_block_has_no_interval_of_time():
    total = study.run(zoo.F, zoo.PHI, ["arm"], 100).summaries()[0]
    assert (total["seconds_each_low"], total["seconds_each_high"]) == (0.0, math.inf)


def test_precision_is_reached_where_it_is_wished():
    found = study.run(zoo.F, zoo.PHI, ["score_function", "arm"], 10**7, precision=1e-3)
    for result in found.results:
        half = (result.mean.high - result.mean.low) / 2
        assert half.max() <= 1.001e-3
        assert result.reached
    n = [r.n_samples for r in found.results]
    assert n[1] < n[0] < 10**7
    short = study.run(zoo.F, zoo.PHI, ["arm"], 1000, precision=1e-9, relative=True)
    assert short.results[0].n_samples == 1000
    assert short.summaries()[0]["precision_reached"] is False
    assert isinstance(short.results[0].summary.estimates, Moments)
