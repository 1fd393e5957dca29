"""Distribution functions, densities and quantiles: against SciPy's and against each other, over the whole domain."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from stgref import bernoulli, binary_concrete, gumbel, hard_concrete, logistic, normal, rectified_gaussian
from tests.laws.averages import NODES, WEIGHTS
from tests.laws.cases import (
    ATOMIC,
    BASE,
    EPS,
    GATES,
    INSIDE,
    LAWS,
    LOCATION_SCALE,
    NEAR_UNIT,
    PROBABILITY,
    TINY,
    Case,
    cases,
    clip_noise,
)

UNIT_LAWS = (binary_concrete, *GATES)
SCIPY = {logistic: stats.logistic, normal: stats.norm, gumbel: stats.gumbel_r}
TWINS = {"cdf": "cdf", "ccdf": "sf", "logcdf": "logcdf", "logccdf": "logsf", "pdf": "pdf", "logpdf": "logpdf"}
#: SciPy rounds its arguments as it goes, and is off by 40 eps (|f| + condition) here and there itself.
SCIPYS = 64.0


def on_base_axis(case: Case, x: float) -> tuple[float, float, float]:
    """w(x) in textbook form, the size of what is added up in it, and w'(x)."""
    if case.law in LOCATION_SCALE or case.law is rectified_gaussian:
        loc, scale = case.params
        return (x - loc) / scale, (abs(x) + abs(loc)) / scale, 1.0 / scale
    a, t, lower, upper = (*case.params, 0.0, 1.0)[:4]
    log = math.log((x - lower) / (upper - x))
    return t * log - a, t * (abs(log) + 2.0) + abs(a), t * (upper - lower) / ((x - lower) * (upper - x))


@given(cases(*LAWS).filter(lambda c: c.law not in (gumbel, bernoulli)), st.data(), st.sampled_from(sorted(TWINS)))
def test_scipy_agrees(case, data, name):
    """With SciPy's law before clipping, at the point w(x); errors as large as that of w are SciPy's argument's."""
    in_tail = case.law in LOCATION_SCALE
    x = case.params[0] + case.params[1] * data.draw(st.floats(-35.0, 35.0)) if in_tail else data.draw(INSIDE)
    w, size, slope = on_base_axis(case, x)
    base = SCIPY[BASE[case.law]]
    if "log" not in name:
        assume(abs(w) < (37.0 if base is stats.norm else 700.0))  # beyond, SciPy's erfc is 0 too early
    wanted = getattr(base, TWINS[name])(w)
    moved = max(abs(getattr(base, TWINS[name])(w * (1.0 + d) + d * size) - wanted) for d in (-(2.0**-20), 2.0**-20))
    slack = abs(wanted) + moved * 2.0**20
    if name == "pdf":
        wanted, slack = wanted * slope, slack * slope
    elif name == "logpdf":
        wanted, slack = wanted + math.log(slope), slack + abs(math.log(slope)) + 4.0
    assert abs(case(name, x) - wanted) <= SCIPYS * (EPS * slack + TINY)


@given(cases(gumbel), st.floats(-6.0, 700.0), st.sampled_from(sorted(TWINS)))
def test_scipy_agrees_on_the_gumbel_law(case, y, name):
    """Whose functions of functions are as sensitive as exp(exp(-y))."""
    loc, scale = case.params
    x = loc + scale * y
    y = (x - loc) / scale
    wanted = getattr(stats.gumbel_r(loc, scale), TWINS[name])(x)
    size = abs(wanted) * (1.0 + math.exp(-y)) * (1.0 + (abs(x) + abs(loc)) / scale)
    if "log" in name:
        size += 1.0 + abs(y) + abs(math.log(scale))
    assert abs(case(name, x) - wanted) <= SCIPYS * (EPS * size + TINY)


@given(cases(*LOCATION_SCALE))
def test_scipy_agrees_on_moments(case):
    loc, scale = case.params
    peer = SCIPY[case.law](loc, scale)
    for name, wanted in [("mean", peer.mean()), ("median", peer.median())]:
        assert abs(case(name) - wanted) <= 8 * EPS * (abs(loc) + scale)
    assert case("variance") == pytest.approx(peer.var(), rel=8 * EPS, abs=0)
    assert abs(case("entropy") - peer.entropy()) <= 8 * EPS * (2.0 + abs(math.log(scale)))


@given(cases(*LOCATION_SCALE), PROBABILITY)
def test_scipy_agrees_on_quantiles(case, p):
    loc, scale = case.params
    peer = SCIPY[case.law]
    for name, other in [("icdf", peer.ppf), ("iccdf", peer.isf)]:
        standard = float(other(p))
        slope = p / float(peer.pdf(standard)) if math.isfinite(standard) and peer.pdf(standard) > 0 else 0.0
        got = case(name, p)
        wanted = loc + scale * standard
        slack = abs(loc) + scale * (abs(standard) + min(slope, 1e3) + 1.0)
        assert got == wanted or abs(got - wanted) <= SCIPYS * EPS * slack


# --- against each other ----------------------------------------------------------------------------------------------


@given(cases(*UNIT_LAWS, bernoulli), NEAR_UNIT, NEAR_UNIT)
def test_cdf_is_monotone(case, x, y):
    """But for the rounding that the standard allows."""
    x, y = min(x, y), max(x, y)
    slack = 4.0 * (case.slack("cdf", x) + case.slack("cdf", y))
    assert case("cdf", x) <= case("cdf", y) + slack
    assert case("left_cdf" if case.law in ATOMIC else "cdf", x) <= case("cdf", x)
    assert 0.0 <= case("cdf", x) <= 1.0


@given(cases(*LAWS), st.data())
def test_cdf_and_ccdf_add_to_one(case, data):
    inside = case.law not in LOCATION_SCALE
    x = data.draw(NEAR_UNIT) if inside else case.params[0] + case.params[1] * data.draw(st.floats(-50.0, 50.0))
    assert abs(case("cdf", x) + case("ccdf", x) - 1.0) <= 4.0 * EPS


@given(cases(*GATES), st.one_of(NEAR_UNIT, st.just(0.0)))
def test_cdf_is_continuous_from_the_right(case, x):
    """The next number has the value of this one, but for the slope between them; at 1 and below 0 exactly."""
    following = math.nextafter(x, math.inf)
    if x >= 0.0 and following < 1.0:
        step = 2.0 * case("grad_cdf", following).x * (following - x)
        assert abs(case("cdf", following) - case("cdf", x)) <= step + 4.0 * (case.slack("cdf", x) + case.slack("cdf", following))
    elif x != math.nextafter(1.0, 0.0) and following != 0.0:
        assert case("cdf", following) == case("cdf", x)


@given(cases(*ATOMIC), NEAR_UNIT)
def test_left_cdf_is_cdf_less_the_atom(case, x):
    """And so continuous from the left: at an interior point it is the same number."""
    if x in (0.0, 1.0):
        atom = case("prob_zero" if x == 0.0 else "prob_one")
        assert case("pdf", x) == atom
        assert abs(case("cdf", x) - case("left_cdf", x) - atom) <= 4.0 * EPS
        assert x == 1.0 or case("left_cdf", x) == 0.0
    else:
        assert case("left_cdf", x) == case("cdf", x)


@given(cases(*ATOMIC))
def test_atoms_are_the_named_probabilities_to_the_bit(case):
    zero, one = (case("prob_zero"), case("log_prob_zero")), (case("prob_one"), case("log_prob_one"))
    active = case("prob_active"), case("log_prob_active")
    assert (case("pdf", 0.0), case("logpdf", 0.0)) == zero
    assert (case("cdf", 0.0), case("logcdf", 0.0)) == zero
    assert (case("pdf", 1.0), case("logpdf", 1.0)) == one
    assert (case("ccdf", 0.0), case("logccdf", 0.0)) == active
    for name, at in [("prob_zero", 0.0), ("prob_one", 1.0)]:
        assert tuple(case(f"grad_log_{name}")) == tuple(case("grad_logpdf", at))[1:]
    assert tuple(case("grad_prob_zero")) == tuple(case("grad_cdf", 0.0))[1:]
    assert tuple(case("grad_log_prob_active")) == tuple(case("grad_logccdf", 0.0))[1:]


@given(cases(*UNIT_LAWS, bernoulli), st.floats(1e-290, 1e3))
def test_nothing_is_outside_the_unit_interval(case, distance):
    low, high = -distance, 1.0 + distance
    assume(high > 1.0)
    assert (case("cdf", low), case("ccdf", low), case("pdf", low)) == (0.0, 1.0, 0.0)
    assert (case("cdf", high), case("ccdf", high), case("pdf", high)) == (1.0, 0.0, 0.0)
    assert (case("logcdf", low), case("logccdf", low), case("logpdf", low)) == (-math.inf, 0.0, -math.inf)
    assert (case("logcdf", high), case("logccdf", high), case("logpdf", high)) == (0.0, -math.inf, -math.inf)
    for x in (low, high):
        for name in ("grad_cdf", "grad_logcdf", "grad_logccdf", "grad_logpdf"):
            assert not any(case(name, x))


@given(cases(*GATES))
def test_probabilities_add_to_one(case):
    total = case("prob_zero") + case("prob_interior") + case("prob_one")
    assert abs(total - 1.0) <= 4.0 * EPS
    assert abs(case("prob_interior") + case("prob_one") - case("prob_active")) <= 4.0 * EPS


@given(cases(*UNIT_LAWS, moderate=True))
def test_density_integrates_to_the_probability_of_the_interior(case):
    """In x, on pieces between images of equidistant noise, so that the density is smooth on each.

    Of the binary concrete law the mirror image of its right half is taken: near 1 there are no numbers left.
    """
    if case.law in GATES:
        low, high = clip_noise(case)
        halves = [(case, max(low, -45.0), min(high, 45.0))]
        wanted = case("prob_interior")
    else:
        a, t = case.params
        halves = [(Case(case.law, (m, t)), max(-45.0, -m - 600.0 * t), -m) for m in (a, -a)]
        wanted = 1.0
    total = 0.0
    for half, low, high in halves:
        step = 0.5 * min(1.0, half.params[1]) if half.law is not rectified_gaussian else 0.5
        noise = np.linspace(low, high, int((high - low) / step) + 2)
        edges = half("transform", noise)
        width = np.diff(edges)[:, None] / 2.0
        x = edges[:-1, None] + width * (1.0 + NODES)
        inside = (x > 0.0) & (x < 1.0)
        total += np.sum(width * WEIGHTS * np.where(inside, half("pdf", np.where(inside, x, 0.5)), 0.0))
    assert total == pytest.approx(wanted, rel=1e-11, abs=1e-14)


LOGS = {"pdf": "logpdf", "cdf": "logcdf", "ccdf": "logccdf"}


@given(cases(*LAWS), st.data(), st.sampled_from(sorted(LOGS)))
def test_logarithms_are_the_logarithms(case, data, name):
    """exp(log f) = f, relative to 1 + the condition of the logarithm."""
    inside = case.law not in LOCATION_SCALE
    x = data.draw(NEAR_UNIT) if inside else case.params[0] + case.params[1] * data.draw(st.floats(-6.0, 60.0))
    value, log = case(name, x), case(LOGS[name], x)
    if value == 0.0:
        assert log < -700.0
    elif value > 1e-300:
        gradient = [d for d in case(f"grad_{LOGS[name]}", x) if not math.isnan(d)]
        condition = sum(abs(a * d) for a, d in zip((x, *case.params)[-len(gradient) :], gradient, strict=True))
        assert abs(math.log(value) - log) <= 16.0 * EPS * (1.0 + abs(log) + condition)


@given(cases(*ATOMIC))
def test_logarithms_of_probabilities_are_the_logarithms(case):
    for name in ("prob_zero", "prob_one", "prob_active", *(["prob_interior"] if case.law in GATES else [])):
        value, log = case(name), case(f"log_{name}")
        assert -math.inf < log <= 0.0
        if value > 1e-300:
            condition = sum(abs(a * d) for a, d in zip(case.params, case(f"grad_log_{name}"), strict=True))
            assert abs(math.log(value) - log) <= 16.0 * EPS * (1.0 + abs(log) + condition)


@given(cases(*UNIT_LAWS), PROBABILITY)
def test_icdf_is_the_generalised_inverse(case, p):
    """P(Z < x) <= p <= P(Z <= x) at x = icdf(p), but for the rounding of x and p that the standard allows.

    The upper one the same way, for ccdf.
    """
    x = case("icdf", p)
    gate = case.law in GATES
    if not 0.0 < p < 1.0:
        assert x == p
        assert case("iccdf", p) == 1.0 - p
        return
    assert 0.0 <= x <= 1.0
    dx = 8.0 * case.slack("icdf", p)
    below, above = x - dx, x + dx
    tolerance = 8.0 * (case.slack("cdf", below) + case.slack("cdf", above)) + 8.0 * EPS * p
    assert case("left_cdf" if gate else "cdf", below) <= p + tolerance
    assert case("cdf", above) >= p - tolerance
    y = case("iccdf", p)
    dy = 8.0 * _slack_of_iccdf(case, p)
    low, high = y - dy, y + dy
    assert case("ccdf", high) <= p * (1.0 + 64.0 * EPS) + _ccdf_slack(case, high)
    assert case("ccdf", low) >= p * (1.0 - 64.0 * EPS) - _ccdf_slack(case, low) or low <= 0.0


def _slack_of_iccdf(case: Case, p: float) -> float:
    """By differences of p and the parameters."""
    y = case("iccdf", p)
    total = abs(y) + abs(case("iccdf", min(p * (1.0 + 2.0**-20), 1.0)) - y) * 2.0**20
    for i, v in enumerate(case.params):
        moved = (*case.params[:i], v * (1.0 + 2.0**-20), *case.params[i + 1 :])
        total += abs(case.law.iccdf(p, *moved) - y) * 2.0**20
    return EPS * total + TINY


def _ccdf_slack(case: Case, x: float) -> float:
    gradient = case("grad_cdf", x)
    parts = [0.0 if math.isnan(d) else abs(v * d) for v, d in zip((x, *case.params), gradient, strict=True)]
    return 8.0 * EPS * (case("ccdf", x) + sum(parts)) + TINY


@given(cases(*LAWS))
def test_icdf_reaches_the_ends_of_the_support(case):
    ends = (-math.inf, math.inf) if case.law in LOCATION_SCALE else (0.0, 1.0)
    assert (case("icdf", 0.0), case("icdf", 1.0)) == ends
    assert (case("iccdf", 0.0), case("iccdf", 1.0)) == ends[::-1]


@given(cases(*LAWS))
def test_median_is_the_quantile_of_one_half(case):
    """But for logits below the rounding of sigma(-logits), where only the median sees the sign."""
    assume(case.law is not bernoulli or abs(case.params[0]) > 1e-15)
    if case.law is gumbel:
        assert abs(case("median") - case("icdf", 0.5)) <= 8.0 * EPS * (abs(case.params[0]) + case.params[1])
    else:
        assert case("median") == case("icdf", 0.5)


@given(cases(*UNIT_LAWS, moderate=True), st.floats(0.02, 0.98))
def test_icdf_inverts_cdf_inside(case, x):
    p = case("cdf", x)
    assume(1e-12 < p < 1.0 - 1e-12)
    slack = EPS * p / max(case("pdf", x), TINY) * (1.0 + sum(abs(v) for v in case.params))
    assert abs(case("icdf", p) - x) <= 64.0 * (slack + case.slack("icdf", p))


def test_hard_concrete_of_loose_bounds_is_the_stretched_binary_concrete():
    """Inside (0, 1) a gate is a binary concrete variable, moved: the same density, up to the stretch."""
    x = np.linspace(0.01, 0.99, 99)
    a, t, lower, upper = 0.4, 0.7, -0.3, 1.2
    s = (x - lower) / (upper - lower)
    np.testing.assert_allclose(
        hard_concrete.pdf(x, a, t, lower, upper), binary_concrete.pdf(s, a, t) / (upper - lower), rtol=1e-13
    )
    np.testing.assert_allclose(hard_concrete.cdf(x, a, t, lower, upper), binary_concrete.cdf(s, a, t), rtol=1e-13)
