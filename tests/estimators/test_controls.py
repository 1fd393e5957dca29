"""Negative controls: the mistakes people make, and that the comparisons of the other tests see every one of them.

A mutant is a small function with a flag for its mistake. Without the mistake it must pass the comparison it fails with it,
so that it is the mistake that is seen. Below, `draw_noise` and the estimators together against `exact_moments`, by
statistics whose false-alarm rate is proved and stated.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import special, stats

from stgref import estimators
from tests.estimators.oracle import draws, moments, mp
from tests.estimators.oracle.judge import (
    assert_estimates,
    assert_moments,
    assert_number,
    grid,
    moments_of,
    sizes,
    tensor,
)
from tests.estimators.oracle.objectives import Canonical, Cubic, Latent, Square

TOY = Square(0.45)


def package(name, objective, logits, **options):
    return estimators.exact_moments(name, objective, np.asarray(logits, dtype=float), **options)


# REBAR and RELAX ---------------------------------------------------------------------------------------------------------


def conditional_latent(phi, b, v, mirrored=False):
    """z~ and d z~ / d phi from v = logistic noise; mirrored uses 1 - v for b = 0, equal in law but not under coupling."""
    theta = special.expit(phi)
    w = np.where(b == 0, -v, v) if mirrored else v
    on, off = w + np.logaddexp(0, phi), -w + np.logaddexp(0, -phi)
    z = np.where(b == 1, np.logaddexp(0, on), -np.logaddexp(0, off))
    slope = np.where(b == 1, theta * special.expit(on), (1 - theta) * special.expit(off))
    return z, slope


def coupled(phi, noise):
    """The v for which z~ = z: `conditional_latent` solved for v."""
    z = phi + noise
    on = np.log(np.expm1(np.abs(z))) - np.logaddexp(0, phi)
    off = np.logaddexp(0, -phi) - np.log(np.expm1(np.abs(z)))
    return np.where(z > 0, on, off)


def rebar(phi, noise, v, temperature, eta, through=True, missing_temperature=False, mirrored=False):
    """REBAR for the toy of one gate, on columns of noise."""
    b = (phi + noise > 0).astype(float)
    z = phi + noise
    other, slope = conditional_latent(phi, b, v, mirrored)
    if not through:
        slope = 1.0

    def relaxed(z):
        s = special.expit(z / temperature)
        rate = s * (1 - s) / (1 if missing_temperature else temperature)
        return TOY(s[:, None]), TOY.grad(s[:, None])[:, 0] * rate

    _, direct = relaxed(z)
    value, conditional = relaxed(other)
    return (
        (TOY(b[:, None]) - eta * value) * (b - special.expit(phi)) + eta * (direct - conditional * slope)
    )[:, None]


def rebar_grid(phi):
    (noise, v), weights = tensor(grid(phi, 1 / 16), grid(0.0, 1 / 16))
    return noise, v, weights


@pytest.mark.parametrize(
    ("phi", "temperature", "wrong", "right"),
    [(0.0, 0.5, 0.00767132, 0.025), (2.0, 1.0, -0.00441898, 0.01049936)],
)
def test_gradient_not_taken_through_the_conditional_latent(phi, temperature, wrong, right):
    """d z~ / d phi = 1, as if z~ were phi + noise: the means are those printed, at phi = 2 of the wrong sign."""
    options = {"temperature": temperature, "eta": 1.0, "coupling": "independent"}
    exact = moments.rebar(TOY.problem([phi]), **options)
    noise, v, weights = rebar_grid(phi)
    assert_moments(moments_of(rebar(phi, noise, v, temperature, 1.0), weights), exact)
    assert_moments(package("rebar", TOY, [phi], **options), exact)
    assert float(exact.mean[0]) == pytest.approx(right, abs=6e-9)
    mutant = moments_of(rebar(phi, noise, v, temperature, 1.0, through=False), weights)
    assert float(mutant.mean[0]) == pytest.approx(wrong, abs=6e-9)
    with pytest.raises(AssertionError, match="mean"):
        assert_moments(mutant, exact)


def few_rows(phi):
    """Noise of both signs of z, and of the conditional latent."""
    return np.array([-2.5, -0.4, 0.3, 1.7]) - phi, np.array([0.8, -1.3, 0.1, -0.6])


def uniforms(noise):
    """sigma(noise) in the oracle's digits."""
    return [1 / (1 + mp.exp(-mp.mpf(x))) for x in noise.tolist()]


def test_rows_of_rebar():
    """The same mistakes, and a missing 1 / temperature, row by row."""
    phi, temperature = 0.6, 0.5
    noise, v = few_rows(phi)
    p = TOY.problem([phi])
    want = [
        draws.rebar(p, [x], [y], temperature=temperature, eta=0.7)
        for x, y in zip(uniforms(noise), uniforms(v), strict=True)
    ]
    assert_estimates(rebar(phi, noise, v, temperature, 0.7), want)
    given = estimators.RelaxNoise(noise[:, None], v[:, None])
    got = estimators.rebar(
        TOY, np.array([phi]), given, temperature=temperature, eta=0.7, coupling="independent"
    )
    assert_estimates(got, want)
    for mistake in ({"through": False}, {"missing_temperature": True}, {"mirrored": True}):
        with pytest.raises(AssertionError, match="row"):
            assert_estimates(rebar(phi, noise, v, temperature, 0.7, **mistake), want)


def test_a_conditional_that_runs_the_other_way():
    """For b = 0 with 1 - v in place of v: the same law, so independent coupling cannot tell; coupled z~ is not z."""
    phi, temperature = 0.6, 0.5
    p = TOY.problem([phi])
    noise, v, weights = rebar_grid(phi)
    exact = moments.rebar(p, temperature=temperature, eta=0.7)
    for mirrored in (False, True):
        assert_moments(moments_of(rebar(phi, noise, v, temperature, 0.7, mirrored=mirrored), weights), exact)
    noise, weights = grid(phi)
    off_threshold = np.abs(phi + noise) > 1e-14
    noise, weights = noise[off_threshold], weights[off_threshold]
    exact = moments.rebar(p, temperature=temperature, eta=0.7, coupling="coupled")
    same = coupled(phi, noise)
    np.testing.assert_allclose(
        conditional_latent(phi, (phi + noise > 0).astype(float), same)[0], phi + noise, rtol=1e-11
    )
    assert_moments(moments_of(rebar(phi, noise, same, temperature, 0.7), weights), exact)
    with pytest.raises(AssertionError, match="covariance"):
        assert_moments(moments_of(rebar(phi, noise, same, temperature, 0.7, mirrored=True), weights), exact)


def test_missing_temperature_in_rebar():
    phi, temperature = 0.6, 0.5
    exact = moments.rebar(TOY.problem([phi]), temperature=temperature, eta=0.7)
    noise, v, weights = rebar_grid(phi)
    with pytest.raises(AssertionError, match="mean"):
        assert_moments(
            moments_of(rebar(phi, noise, v, temperature, 0.7, missing_temperature=True), weights), exact
        )


# The others --------------------------------------------------------------------------------------------------------------


def moving_average(objective, logits, noise, decay, including_current=False):
    b = (logits + noise > 0).astype(float)
    c, rows = 0.0, []
    for value, sample in zip(objective(b), b, strict=True):
        after = decay * c + (1 - decay) * value
        rows.append((value - (after if including_current else c)) * (sample - special.expit(logits)))
        c = after
    return np.array(rows)


def over_histories(estimate, phi, rows=3):
    """Means of the rows of a sequential estimator of one gate, over all histories."""
    theta, total = special.expit(phi), 0.0
    for bits in itertools.product((0, 1), repeat=rows):
        noise = np.where(np.array(bits) == 1, 1.0, -1.0)[:, None]
        total = total + math.prod(theta if bit else 1 - theta for bit in bits) * estimate(noise)[:, 0]
    return total


def test_moving_average_that_includes_the_current_value():
    """Its mean is the gradient times decay."""
    phi, decay = 0.4, 0.9
    logits = np.array([phi])
    true = TOY.problem([phi]).gradient()[0]
    options = {"baseline": "moving_average", "decay": decay}
    for got in (
        over_histories(lambda noise: estimators.score_function(TOY, logits, noise, **options), phi),
        over_histories(lambda noise: moving_average(TOY, logits, noise, decay), phi),
    ):
        for row in got:
            assert_number(row, true)
    mutant = over_histories(
        lambda noise: moving_average(TOY, logits, noise, decay, including_current=True), phi
    )
    for row in mutant:
        assert_number(row, decay * float(true))
        with pytest.raises(AssertionError):
            assert_number(row, true)


def test_noise_shared_by_the_gates():
    """Every gate by itself is right, so are all means and variances; the covariance is not."""
    logits = np.array([0.4, 0.4])
    exact = package("straight_through", TOY, logits, derivative="sigmoid")
    want = moments.straight_through(TOY.problem(logits.tolist()), derivative="sigmoid")
    assert_moments(exact, want)
    column, weights = grid(0.4)
    shared = estimators.straight_through(TOY, logits, np.stack([column] * 2, axis=-1), derivative="sigmoid")
    mutant = moments_of(shared, weights)
    np.testing.assert_allclose(mutant.mean, exact.mean, rtol=1e-12)
    np.testing.assert_allclose(mutant.variance, np.diag(exact.covariance), rtol=1e-12)
    assert_number(mutant.covariance[0][1], exact.covariance[0, 0])
    assert abs(exact.covariance[0, 1]) < 1e-17
    with pytest.raises(AssertionError, match="covariance"):
        assert_moments(mutant, want)


def disarm(objective, logits, noise, half=0.5, weighted=True):
    first, second = (logits + noise > 0).astype(float), (logits - noise > 0).astype(float)
    difference = objective(first) - objective(second)
    sign = np.where(first == second, 0.0, np.where(second == 1, -1.0, 1.0))
    return half * difference[:, None] * sign * (special.expit(np.abs(logits)) if weighted else 1.0)


def antithetic_cells(logits):
    """One draw in each cell of (b, b~) of two gates, and the cells' probabilities."""
    rules = []
    for phi in logits:
        q = special.expit(-abs(phi))
        rules.append((np.array([-9.0, 0.0, 9.0]), np.array([q, 1 - 2 * q, q])))
    noise, weights = tensor(*rules)
    return np.stack(noise, axis=-1), weights


@pytest.mark.parametrize("mistake", [{"half": 1.0}, {"weighted": False}], ids=str)
def test_disarm_without_one_of_its_factors(mistake):
    logits = np.array(Canonical.logits)
    noise, weights = antithetic_cells(logits)
    exact = moments.disarm(Canonical().problem(Canonical.logits))
    for right in (disarm(Canonical(), logits, noise), estimators.disarm(Canonical(), logits, noise)):
        assert_moments(moments_of(right, weights), exact)
    assert_moments(package("disarm", Canonical(), logits), exact)
    mutant = moments_of(disarm(Canonical(), logits, noise, **mistake), weights)
    factor = 2.0 if "half" in mistake else 1 / special.expit(np.abs(logits))
    np.testing.assert_allclose(mutant.mean, factor * np.array(exact.mean, dtype=float), rtol=1e-12)
    with pytest.raises(AssertionError, match="mean"):
        assert_moments(mutant, exact)


def rloo(objective, logits, noise, own_value=False):
    b = (logits + noise > 0).astype(float)
    f, k = objective(b), noise.shape[1]
    others = (
        np.mean(f, axis=1, keepdims=True) if own_value else (np.sum(f, axis=1, keepdims=True) - f) / (k - 1)
    )
    return np.mean((f - others)[..., None] * (b - special.expit(logits)), axis=1)


def test_leave_one_out_that_leaves_nobody_out():
    """The mean of all values as baseline: the gradient times (k - 1) / k."""
    phi, k = 0.4, 3
    theta = special.expit(phi)
    columns, weights = tensor(*[(np.array([-9.0, 9.0]), np.array([1 - theta, theta]))] * k)
    noise = np.stack(columns, axis=-1)[..., None]
    exact = moments.rloo(TOY.problem([phi]), k=k)
    logits = np.array([phi])
    assert_moments(moments_of(rloo(TOY, logits, noise), weights), exact)
    assert_moments(moments_of(estimators.rloo(TOY, logits, noise, k=k), weights), exact)
    mutant = moments_of(rloo(TOY, logits, noise, own_value=True), weights)
    assert_number(mutant.mean[0], (k - 1) / k * float(exact.mean[0]))
    with pytest.raises(AssertionError, match="mean"):
        assert_moments(mutant, exact)


def relaxation(objective, phi, noise, temperature, location=None, missing_temperature=False):
    s = special.expit(((phi if location is None else location) + noise) / temperature)
    rate = s * (1 - s) / (1 if missing_temperature else temperature)
    return (objective.grad(s[:, None])[:, 0] * rate)[:, None]


@pytest.mark.parametrize(
    "mistake", [{"location": special.expit(0.6)}, {"missing_temperature": True}], ids=str
)
def test_probability_for_the_logit_and_missing_temperature(mistake):
    """Binary concrete with theta where phi belongs, and without 1 / temperature."""
    phi, temperature = 0.6, 0.5
    noise, weights = grid(phi)
    exact = moments.relaxation(Cubic().problem([phi]), temperature=temperature)
    for right in (
        relaxation(Cubic(), phi, noise, temperature),
        estimators.relaxation(Cubic(), np.array([phi]), noise[:, None], temperature=temperature),
    ):
        assert_moments(moments_of(right, weights), exact)
    mutant = relaxation(Cubic(), phi, noise, temperature, **mistake)
    with pytest.raises(AssertionError, match="mean"):
        assert_moments(moments_of(mutant, weights), exact)
    rows = np.flatnonzero(np.abs(noise) < 20)[::9]
    want = [
        draws.relaxation(Cubic().problem([phi]), [x], temperature=temperature) for x in uniforms(noise[rows])
    ]
    with pytest.raises(AssertionError, match="row"):
        assert_estimates(mutant[rows], want)


def straight_through(objective, logits, noise, temperature, missing_temperature=False):
    t = special.expit(logits / temperature)
    rate = t * (1 - t) / (1 if missing_temperature else temperature)
    return objective.grad((logits + noise > 0).astype(float)) * rate


def test_straight_through_with_a_temperature_but_not_its_inverse():
    """All estimates are off by the factor temperature."""
    logits, temperature = np.array(Canonical.logits), 0.7
    noise = estimators.draw_noise("straight_through", 9, logits, rng=2)
    p = Canonical().problem(Canonical.logits)
    options = {"derivative": "sigmoid", "temperature": temperature}
    want = [draws.straight_through(p, u, **options) for u in special.expit(noise).tolist()]
    assert_estimates(estimators.straight_through(Canonical(), logits, noise, **options), want)
    assert_estimates(straight_through(Canonical(), logits, noise, temperature), want)
    mutant = straight_through(Canonical(), logits, noise, temperature, missing_temperature=True)
    with pytest.raises(AssertionError, match="row"):
        assert_estimates(mutant, want)
    assert_estimates(mutant / temperature, want)


# Samples -----------------------------------------------------------------------------------------------------------------

CASES = [
    ("score_function", {}),
    ("score_function", {"baseline": "optimal"}),
    ("rloo", {"k": 3}),
    ("straight_through", {"derivative": "identity"}),
    ("straight_through", {"derivative": "sigmoid", "temperature": 0.5}),
    ("straight_through", {"derivative": "clipped"}),
    ("relaxation", {"temperature": 0.5}),
    ("gumbel_softmax_st", {"temperature": 0.5}),
    ("reinmax", {"temperature": 1.0}),
    ("gumbel_rao", {"temperature": 0.5, "k": 3}),
    ("arm", {}),
    ("disarm", {}),
    ("arms", {"k": 3}),
    ("arms", {"k": 4}),
    ("muprop", {}),
    ("measure_valued", {}),
    ("rebar", {"temperature": 0.5, "eta": 0.7, "coupling": "independent"}),
    ("rebar", {"temperature": 0.5, "eta": 0.7, "coupling": "coupled"}),
    ("relax", {"control_variate": Latent(), "coupling": "independent"}),
    ("relax", {"control_variate": Latent(), "coupling": "coupled"}),
    ("double_cv", {"k": 2, "alpha": -0.3}),
    ("finite_difference", {"step": 0.5}),
    ("vimco", {"k": 3, "average": "geometric"}),
    ("vimco", {"k": 3, "average": "arithmetic"}),
    ("sts", {}),
    ("noisy_rectifier", {}),
]
FALSE_ALARMS = 1e-9
"""Of the whole file: a third each for the means, the laws of the noise, and its independence."""
BLOCKS, BLOCK = 65, 400
WIDTH = 3.0


def named(value) -> str | None:
    return str(value) if isinstance(value, str | dict) else None


def median_of_means(rows: np.ndarray) -> np.ndarray:
    """Median over the blocks of the blocks' means."""
    return np.median(rows.reshape(BLOCKS, BLOCK, -1).mean(axis=1), axis=0)


def test_false_alarm_rate_of_the_median_of_means():
    """By Cantelli a block is too high with probability at most 1 / (1 + w^2), whatever the tails; half of them must be."""
    one_side = stats.binom.sf(BLOCKS // 2, BLOCKS, 1 / (1 + WIDTH**2))
    assert 2 * one_side * 2 * len(CASES) < FALSE_ALARMS / 3


def assert_mean(rows, exact) -> None:
    """The mean of samples, within what their exact variance allows."""
    off = np.abs(median_of_means(rows) - np.asarray(exact.mean, dtype=float))
    allowed = WIDTH * np.sqrt(np.diag(np.asarray(exact.covariance, dtype=float)) / BLOCK) + 1e-12
    assert np.all(off <= allowed), f"mean off by {off}, {allowed} allowed"


@pytest.mark.parametrize(("name", "options"), CASES, ids=named)
def test_samples_have_the_exact_mean(name, options):
    """Fresh noise in every run."""
    logits, seed = np.array(Canonical.logits), np.random.SeedSequence().entropy
    noise = estimators.draw_noise(name, BLOCKS * BLOCK, logits, rng=seed, **options)
    rows = getattr(estimators, name)(Canonical(), logits, noise, **options)
    try:
        assert_mean(rows, package(name, Canonical(), logits, **options))
    except AssertionError as error:
        error.add_note(f"seed {seed}")
        raise


@pytest.mark.parametrize(("name", "options"), CASES, ids=named)
def test_samples_have_the_exact_covariance(name, options):
    """One seed for all times, so this needs no rate: six standard errors, which are the sample's own."""
    logits = np.array(Canonical.logits)
    noise = estimators.draw_noise(name, 40_000, logits, rng=20, **options)
    rows = getattr(estimators, name)(Canonical(), logits, noise, **options)
    exact = package(name, Canonical(), logits, **options)
    centred = rows - exact.mean
    products = centred[:, :, None] * centred[:, None, :]
    error = np.std(products, axis=0) / math.sqrt(len(rows))
    assert np.all(np.abs(np.mean(products, axis=0) - exact.covariance) <= 6 * error + 1e-14)


def test_the_mean_of_samples_sees_mutants():
    logits = np.array(Canonical.logits)
    exact = package("disarm", Canonical(), logits)
    noise = estimators.draw_noise("disarm", BLOCKS * BLOCK, logits, rng=1)
    assert_mean(disarm(Canonical(), logits, noise), exact)
    for mistake in ({"half": 1.0}, {"weighted": False}):
        with pytest.raises(AssertionError, match="mean off"):
            assert_mean(disarm(Canonical(), logits, noise, **mistake), exact)


NOISES = [
    ("score_function", {}),
    ("rloo", {"k": 2}),
    ("gumbel_rao", {"temperature": 0.5, "k": 2}),
    ("arms", {"k": 3}),
    ("rebar", {"temperature": 0.5, "eta": 1.0, "coupling": "independent"}),
    ("relax", {"control_variate": Latent(), "coupling": "coupled"}),
    ("double_cv", {"k": 2, "alpha": 0.5}),
    ("vimco", {"k": 2}),
    ("sts", {}),
]
MOST_COLUMNS = 6
LAW_ALPHA = FALSE_ALARMS / 3 / (len(NOISES) * MOST_COLUMNS)
PAIR_ALPHA = FALSE_ALARMS / 3 / (len(NOISES) * MOST_COLUMNS**2)


def columns(noise) -> list[np.ndarray]:
    fields = noise if isinstance(noise, tuple) else (noise,)
    return [column for field in fields for column in field.reshape(field.shape[0], -1).T]


def assert_standard_logistic(column) -> None:
    """Within the band of Dvoretzky, Kiefer, Wolfowitz and Massart."""
    u = np.sort(special.expit(column))
    steps = np.arange(len(u) + 1) / len(u)
    distance = max(np.max(steps[1:] - u), np.max(u - steps[:-1]))
    allowed = math.sqrt(math.log(2 / LAW_ALPHA) / (2 * len(u)))
    assert distance <= allowed, f"distance {distance}, {allowed} allowed"


def assert_independent_signs(one, other) -> None:
    """Signs agree as a fair coin does, exactly binomial."""
    count = int(np.sum((one > 0) == (other > 0)))
    p_value = stats.binomtest(count, len(one)).pvalue
    assert p_value >= PAIR_ALPHA, f"signs agree {count} times of {len(one)}, p = {p_value}"


@pytest.mark.parametrize(("name", "options"), NOISES, ids=named)
def test_drawn_noise_is_standard_logistic_and_independent(name, options):
    """But for the k samples of ARMS, which are to repel each other: there P(u_1, u_2 <= p) is the copula's."""
    seed = np.random.SeedSequence().entropy
    noise = estimators.draw_noise(name, 100_000, np.zeros(2), rng=seed, **options)
    drawn = columns(noise)
    assert 2 <= len(drawn) <= MOST_COLUMNS
    try:
        for column in drawn:
            assert_standard_logistic(column)
            assert_independent_signs(column[:-1], column[1:])
        for (i, one), (j, other) in itertools.combinations(enumerate(drawn), 2):
            if name == "arms" and i % 2 == j % 2:
                assert_dirichlet(one, other, options["k"])
            else:
                assert_independent_signs(one, other)
    except AssertionError as error:
        error.add_note(f"seed {seed}")
        raise


def assert_dirichlet(one, other, k, p=0.4) -> None:
    """P(u_1 <= p and u_2 <= p) = max(0, 2 p^(1/(k-1)) - 1)^(k-1), u = sigma(-copula)."""
    count = int(np.sum((special.expit(-one) <= p) & (special.expit(-other) <= p)))
    both = max(0.0, 2 * p ** (1 / (k - 1)) - 1) ** (k - 1)
    p_value = stats.binomtest(count, len(one), both).pvalue
    assert p_value >= PAIR_ALPHA, f"{count} times of {len(one)}, p = {p_value}"


def test_the_noise_tests_see_what_they_are_for():
    """Noise shared by two gates, uniforms for logistics, a scale of 1.2, and independent copulas."""
    noise = estimators.draw_noise("score_function", 100_000, np.zeros(2), rng=3)
    with pytest.raises(AssertionError, match="signs"):
        assert_independent_signs(noise[:, 0], noise[:, 0])
    for column in (special.expit(noise[:, 0]), 1.2 * noise[:, 0]):
        with pytest.raises(AssertionError, match="distance"):
            assert_standard_logistic(column)
    with pytest.raises(AssertionError, match="times"):
        assert_dirichlet(noise[:, 0], noise[:, 1], 3)


def test_the_comparisons_have_the_tolerance_they_say():
    """Two parts in 10^12 are seen, in any row and coordinate and in either moment."""
    exact = moments.rloo(Canonical().problem(Canonical.logits))
    mean, covariance = exact.arrays()
    size = sizes(exact)
    for i in range(2):
        off = np.array(mean)
        off[i] += 2e-12 * size[i]
        with pytest.raises(AssertionError, match="mean"):
            assert_moments(estimators.Moments(off, covariance), exact)
        for j in range(2):
            wrong = np.array(covariance)
            wrong[i, j] += 2e-12 * size[i] * size[j]
            with pytest.raises(AssertionError, match="covariance"):
                assert_moments(estimators.Moments(mean, wrong), exact)
    rows = np.array([[1.0, 0.5], [2.0, 3.0]])
    for i, j in itertools.product(range(2), range(2)):
        wrong = rows.copy()
        wrong[i, j] += 7e-12
        with pytest.raises(AssertionError, match="row"):
            assert_estimates(wrong, rows.tolist())
