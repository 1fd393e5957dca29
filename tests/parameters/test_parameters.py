"""Parameters from probabilities, rates and means against the oracle, to the bound; conversions against what they undo."""

from __future__ import annotations

import math
import os

import numpy as np
import pytest

from stgref import binary_concrete, hard_concrete, parameters, rectified_gaussian, special
from stgref.parameters import hard_concrete_mean, rectified_mean
from tests.accuracy.arguments import DRAW, SPECIAL
from tests.accuracy.compare import compare
from tests.parameters.inverse import inverse

#: Ours, and the oracle's quantity of which it is the inverse.
INVERSES = {
    "log_alpha_from_drop_rate": ("bernoulli", "prob_zero"),
    "log_alpha_from_keep_rate": ("bernoulli", "prob_one"),
    "log_alpha_from_prob_zero": ("hard_concrete", "prob_zero"),
    "log_alpha_from_prob_active": ("hard_concrete", "prob_active"),
    "log_alpha_from_mean": ("hard_concrete", "mean"),
    "mu_from_prob_zero": ("rectified_gaussian", "prob_zero"),
    "mu_from_prob_active": ("rectified_gaussian", "prob_active"),
    "mu_from_mean": ("rectified_gaussian", "mean"),
}
DENSE = os.environ.get("STGREF_DENSE") == "1"
SOME = (0, 5, 10, 12, 16, 23)
"""Of the points, where the oracle takes up to three seconds for each: means in either tail, and in the middle."""
RARE = [5e-324, 1e-310, 1e-300, 1e-38, 1e-16, 1e-5, 0.03, 0.3, 0.5 - 2.0**-54, 0.5, 0.5 + 2.0**-53, 0.6, 0.97]
WANTED = [*RARE, 1 - 1e-5, 1 - 2.0**-53]


def points(names: tuple[str, ...], count: int) -> list[list[float]]:
    """The special probabilities with special parameters, and as many random ones."""
    rng = np.random.default_rng(20261201)
    some = [[w, *(float(rng.choice(SPECIAL[n])) for n in names)] for w in WANTED[:count]]
    drawn = [[draw(rng), *(DRAW[n](rng) for n in names)] for _ in range(count)]
    return some + drawn


def draw(rng: np.random.Generator) -> float:
    kind = rng.integers(3)
    if kind == 0:
        return float(rng.uniform(1e-3, 1.0))
    return float(10 ** rng.uniform(-300, 0)) if kind == 1 else float(1 - 10 ** rng.uniform(-15, 0))


@pytest.mark.parametrize("name", INVERSES)
def test_inverses_and_their_derivatives_are_exact(name):
    f, grad = getattr(parameters, name), getattr(parameters, f"grad_{name}")
    worst, at = 0.0, points(f.arrays[1:], 15)
    if name == "log_alpha_from_mean" and not DENSE:
        at = [at[i] for i in SOME]
    for point in at:
        got = [float(f(*point)), *map(float, grad(*point))]
        wanted = inverse(*INVERSES[name], point[0], point[1:], got[0])
        for field, value, exact in zip((name, *grad(*point)._fields), got, wanted, strict=True):
            error = compare(value, exact, "float64").tolerances
            worst = max(worst, error)
            assert error <= 1, (field, point, value, exact, error)
    print(name, f"{worst:.2f} tolerances")


def test_steps_are_enough_at_the_corners(monkeypatch):
    """More change no bit."""
    hard = [WANTED, [1e-3, 0.3, 5.0, 100.0], [-10.0, -0.1, -1e-6], [1 + 1e-6, 1.1, 11.0]]
    gauss = [WANTED, [1e-3, 1e-2, 0.1, 0.5, 1.0, 10.0]]
    before = [parameters.log_alpha_from_mean(*np.ix_(*hard)), parameters.mu_from_mean(*np.ix_(*gauss))]
    for module in (hard_concrete_mean, rectified_mean):
        monkeypatch.setattr(module, "MOST", 60)
    after = [parameters.log_alpha_from_mean(*np.ix_(*hard)), parameters.mu_from_mean(*np.ix_(*gauss))]
    for a, b in zip(before, after, strict=True):
        assert np.all(np.isfinite(a))
        np.testing.assert_array_equal(a, b)


def test_a_mean_of_one_half_is_in_the_middle():
    assert parameters.log_alpha_from_mean(0.5, [0.1, 1.0, 50.0], -0.5, 1.5).tolist() == [0.0] * 3
    assert parameters.mu_from_mean(0.5, [1e-3, 0.5, 10.0]).tolist() == [0.5] * 3


def test_a_drop_rate_closes_another_share_of_gates():
    """As measured with the layers of AMLab's L0_regularization; the exact function closes the rate itself."""
    rate = np.asarray([0.1, 0.2, 0.5, 0.8])
    closed = hard_concrete.prob_zero(parameters.log_alpha_from_drop_rate(rate))
    np.testing.assert_allclose(1 - closed, [0.978, 0.952, 0.832, 0.553], atol=5e-4)
    exactly = hard_concrete.prob_zero(parameters.log_alpha_from_prob_zero(rate))
    np.testing.assert_allclose(exactly, rate, rtol=1e-15)


NOISE = np.asarray([-2.0, -0.25, 0.0, 1.5])


def test_conversions_give_the_gates_of_their_packages():
    """Written as they have them."""
    u = special.expit(NOISE)
    alpha, temperature = 0.7, 0.4
    relaxed = (alpha * u / (1 - u)) ** (1 / temperature)  # Maddison et al.
    ours = binary_concrete.transform(NOISE, parameters.log_alpha_from_alpha(alpha), temperature)
    np.testing.assert_allclose(ours, relaxed / (1 + relaxed), rtol=1e-14)

    p = 0.3  # Gal, Hron, Kendall: the relaxed variable drops
    dropped = 1 / (1 + np.exp(-(math.log(p) - math.log(1 - p) + NOISE) / temperature))
    log_alpha = parameters.log_alpha_from_drop_logits(math.log(p) - math.log(1 - p))
    np.testing.assert_allclose(
        binary_concrete.transform(-NOISE, log_alpha, temperature), 1 - dropped, rtol=1e-14
    )
    np.testing.assert_allclose(log_alpha, parameters.log_alpha_from_drop_rate(p), rtol=1e-15)

    loc, scale = -1.25, 2.5  # TensorFlow Probability: a sigmoid of a logistic variable
    gate = 1 / (1 + np.exp(-(loc + scale * NOISE)))
    ours = parameters.log_alpha_from_loc(loc, scale), parameters.temperature_from_scale(scale)
    np.testing.assert_allclose(binary_concrete.transform(NOISE, *ours), gate, rtol=1e-14)
    assert parameters.loc_from_log_alpha(*ours) == loc
    assert parameters.scale_from_temperature(ours[1]) == scale

    mu = -0.375  # stg
    gate = np.clip(mu + 0.5 * NOISE + 0.5, 0.0, 1.0)
    ours = parameters.mu_from_stg_mu(mu)
    np.testing.assert_array_equal(rectified_gaussian.transform(NOISE, ours, 0.5), gate)
    assert parameters.stg_mu_from_mu(ours) == mu


@pytest.mark.parametrize(
    ("there", "back", "values"),
    [
        ("log_alpha_from_drop_rate", "drop_rate_from_log_alpha", [1e-300, 0.1, 0.5, 0.99]),
        ("log_alpha_from_keep_rate", "keep_rate_from_log_alpha", [1e-300, 0.1, 0.5, 0.99]),
        ("log_alpha_from_alpha", "alpha_from_log_alpha", [1e-5, 1.0, 3e4]),
        ("log_alpha_from_drop_logits", "drop_logits_from_log_alpha", [-1e4, 0.3]),
    ],
)
def test_there_and_back(there, back, values):
    """Within a rounding of the logarithm, which is of up to 690 here."""
    got = getattr(parameters, back)(getattr(parameters, there)(values))
    np.testing.assert_allclose(got, values, rtol=700 * 2.0**-52 if values[0] > 0 else 0)


@pytest.mark.parametrize("name", ["log_alpha_from_alpha", "log_alpha_from_loc", "temperature_from_scale"])
def test_slopes_of_quotients_and_logarithms(name):
    """Against central differences of 2^-20, exact to 2^-40 times the third derivative."""
    f, grad = getattr(parameters, name), getattr(parameters, f"grad_{name}")
    args, h = [1.75, 0.625][: len(f.arrays)], 2.0**-20
    for i, slope in enumerate(grad(*args)):
        moved = [[*args[:i], args[i] + s * h, *args[i + 1 :]] for s in (1, -1)]
        assert slope == pytest.approx((f(*moved[0]) - f(*moved[1])) / (2 * h), rel=1e-9)


@pytest.mark.parametrize("name", [*INVERSES])
@pytest.mark.parametrize("value", [0.0, 1.0, -0.1, 1.5, math.nan])
def test_what_no_gate_has_is_refused(name, value):
    first = getattr(parameters, name).arrays[0]
    with pytest.raises(ValueError, match=f"parameters.{name}: {first} must be strictly between 0 and 1, got"):
        getattr(parameters, name)([0.5, value])


def test_a_rate_is_trained_through():
    """Gradient descent on the drop rate itself: the mean of the gate is brought to 0.25."""
    rate = 0.5
    for _ in range(40):
        a = parameters.log_alpha_from_prob_zero(rate)
        excess = hard_concrete.mean(a) - 0.25
        by_rate = (
            hard_concrete.grad_mean(a).log_alpha * parameters.grad_log_alpha_from_prob_zero(rate).prob_zero
        )
        rate -= excess * by_rate
    assert parameters.log_alpha_from_prob_zero(rate) == pytest.approx(
        parameters.log_alpha_from_mean(0.25), rel=1e-9
    )
