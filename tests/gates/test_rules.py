"""The named test-time values, before and after clipping."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

import stgref
from stgref.gates import BinaryConcreteStochasticGates, GaussianStochasticGates, KumaraswamyStochasticGates
from tests.gates.kinds import BINARY_CONCRETE, GAUSSIAN, KUMARASWAMY, Kind

LOG_ALPHA = np.array([-7.0, -2.5, -1.0, 0.0, 0.4, 1.7, 6.0])
SETTINGS = {"temperature": 0.4, "lower_bound": -0.2, "upper_bound": 1.05}
BINARY = {"log_alpha": LOG_ALPHA, "temperature": 0.4, "lower": -0.2, "upper": 1.05}
MU = np.array([-1.0, 0.0, 0.3, 0.5, 0.9, 1.0, 2.0])


def binary() -> Any:
    return BinaryConcreteStochasticGates.from_pretrained(LOG_ALPHA, **SETTINGS)


def gaussian() -> Any:
    return GaussianStochasticGates.from_pretrained(MU, std=0.3)


A, B = np.array([0.02, 0.3, 1.0, 5.0, 0.5, 40.0]), np.array([3.0, 2.0, 1.0, 1.0, 0.1, 0.05])
BOUNDS = {"lower": -0.2, "upper": 1.05}


def kumaraswamy() -> Any:
    return KumaraswamyStochasticGates.from_pretrained(A, B, lower_bound=-0.2, upper_bound=1.05)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize(
    ("rule", "raw"),
    [("louizos", sigmoid(LOG_ALPHA) * 1.25 - 0.2), ("median", sigmoid(LOG_ALPHA / 0.4) * 1.25 - 0.2)],
)
def test_binary_concrete_rules_with_a_formula(rule: str, raw: np.ndarray) -> None:
    np.testing.assert_allclose(binary().get_gate_values(rule=rule), np.clip(raw, 0, 1), rtol=1e-13)
    np.testing.assert_allclose(binary().get_gate_values(clamp=False, rule=rule), raw, rtol=1e-13)
    assert np.any(raw < 0)
    assert np.any(raw > 1)


def test_scaled() -> None:
    np.testing.assert_allclose(
        binary().get_gate_values(rule="scaled"), sigmoid(0.8 * LOG_ALPHA / 0.4), rtol=1e-14
    )


def test_kumaraswamy_rules_with_a_formula() -> None:
    """Before stretching, the median is (1 - 2^(-1/b))^(1/a) and the mean b B(1 + 1/a, b)."""
    v = (1 - 0.5 ** (1 / B)) ** (1 / A)
    mean = np.array([float(b * mpmath.beta(1 + 1 / a, b)) for a, b in zip(A, B, strict=True)])
    for rule, inside in (("louizos", v), ("median", v), ("mean", mean)):
        raw = 1.25 * inside - 0.2
        np.testing.assert_allclose(kumaraswamy().get_gate_values(clamp=False, rule=rule), raw, rtol=1e-12)
        if rule != "mean":
            np.testing.assert_allclose(
                kumaraswamy().get_gate_values(rule=rule), np.clip(raw, 0, 1), rtol=1e-12
            )
            assert np.any(raw < 0)
            assert np.any(raw > 1)


def test_the_mode_is_what_layers_in_the_wild_do_with_the_exact_mean() -> None:
    """0 or 1 where that atom is the most probable, else the mean: of the clipped gate, .8813, not of v, .8333."""
    law, parameters = stgref.hard_kumaraswamy, {"a": A, "b": B, **BOUNDS}
    zero, one, between = (getattr(law, f"prob_{part}")(**parameters) for part in ("zero", "one", "interior"))
    best = np.argmax([zero, one, between], axis=0)
    assert set(best) == {0, 1, 2}
    wanted = np.choose(best, [np.zeros(6), np.ones(6), law.mean(**parameters)])
    np.testing.assert_array_equal(kumaraswamy().get_gate_values(rule="mode"), wanted)
    gates = KumaraswamyStochasticGates.from_pretrained([5.0], [1.0])
    assert gates.get_gate_values(rule="mean").round(4) == 0.8813
    assert gates.get_gate_values(rule="mode").round(4) == 0.8813


def test_gaussian_rules_with_a_formula() -> None:
    for rule in ("louizos", "median"):
        np.testing.assert_array_equal(gaussian().get_gate_values(rule=rule), np.clip(MU, 0, 1))
    for rule in ("louizos", "median", "mean"):
        np.testing.assert_array_equal(gaussian().get_gate_values(clamp=False, rule=rule), MU)


@pytest.mark.parametrize(
    ("make", "law", "parameters"),
    [
        (binary, stgref.hard_concrete, BINARY),
        (gaussian, stgref.rectified_gaussian, {"mu": MU, "std": 0.3}),
        (kumaraswamy, stgref.hard_kumaraswamy, {"a": A, "b": B, **BOUNDS}),
    ],
)
def test_mean_mode_and_threshold_are_the_laws(make: Any, law: Any, parameters: dict[str, Any]) -> None:
    mean = law.mean(**parameters)
    zero, one, between = (getattr(law, f"prob_{part}")(**parameters) for part in ("zero", "one", "interior"))
    largest = np.argmax([zero, one, between], axis=0)
    np.testing.assert_array_equal(make().get_gate_values(rule="mean"), mean)
    mode = make().get_gate_values(rule="mode")
    np.testing.assert_array_equal(mode, np.select([largest == 0, largest == 1], [0.0, 1.0], mean))
    assert set(largest) == {0, 1, 2}
    threshold = make().get_gate_values(rule="threshold")
    np.testing.assert_array_equal(threshold, np.where(law.prob_active(**parameters) > 0.5, 1.0, 0.0))
    assert set(threshold) == {0.0, 1.0}


def test_mode_is_the_mean_on_a_tie_of_the_atoms() -> None:
    gates = BinaryConcreteStochasticGates.from_pretrained([0.0], temperature=0.05)
    assert gates.get_gate_values(rule="mode").tolist() == [0.5]
    gates = BinaryConcreteStochasticGates.from_pretrained(
        [0.0], temperature=0.05, lower_bound=-9, upper_bound=10
    )
    assert gates.get_gate_values(rule="mode")[0] == pytest.approx(0.5)


def test_threshold_is_decided_before_rounding_to_single_precision() -> None:
    """P(z > 0) is above 1/2 by less than half an ulp of float32."""
    mu = np.array([1e-9, -1e-9, 0.0], "float32")
    assert GaussianStochasticGates.from_pretrained(mu).get_gate_values(rule="threshold").tolist() == [1, 0, 0]


@pytest.mark.parametrize("temperature", [0.1, 2 / 3, 1.0, 3.0])
def test_the_mean_before_clipping_is_the_stretched_laws(temperature: float) -> None:
    """By mpmath's quadrature of upper s + lower (1 - s) over the logistic density."""
    gates = BinaryConcreteStochasticGates.from_pretrained(
        LOG_ALPHA, **{**SETTINGS, "temperature": temperature}
    )

    def exact(a: float) -> float:
        def integrand(u: Any) -> Any:
            v = (mpmath.log(u / (1 - u)) + a) / temperature
            return 1 / (1 + mpmath.exp(-v))

        centre = 1 / (1 + mpmath.exp(a))
        return float(1.25 * mpmath.quad(integrand, [0, centre / 2, centre, (1 + centre) / 2, 1]) - 0.2)

    got = gates.get_gate_values(clamp=False, rule="mean")
    np.testing.assert_allclose(got, [exact(a) for a in LOG_ALPHA], rtol=1e-9, atol=1e-10)


def test_the_default_is_captums_and_what_evaluation_uses(kind: Kind) -> None:
    gates = kind.make(np.array([-1.0, 0.2, 0.5, 4.0])).eval()
    gated, _ = gates(np.ones((2, 4)))
    np.testing.assert_array_equal(gated, np.stack([gates.get_gate_values()] * 2))
    np.testing.assert_array_equal(gates.get_gate_values(), gates.get_gate_values(True, "louizos"))


@pytest.mark.parametrize("rule", ["louizos", "median", "mean", "mode", "threshold"])
def test_every_rule_keeps_the_parameters_dtype(kind: Kind, rule: str) -> None:
    for dtype in ("float16", "float32", "float64"):
        values = kind.cls(3, dtype=dtype).get_gate_values(rule=rule)
        assert values.dtype == dtype
        assert values.shape == (3,)


def test_rules_that_there_are_not() -> None:
    allowed = '"louizos", "median", "mean", "mode", "threshold"'
    for make in (gaussian, kumaraswamy):
        with pytest.raises(ValueError, match=f"rule for these gates takes one of {allowed}, got 'scaled'"):
            make().get_gate_values(rule="scaled")
    for make, rules in [
        (binary, ("scaled", "mode", "threshold")),
        (gaussian, ("mode", "threshold", "scaled")),
        (kumaraswamy, ("mode", "threshold", "scaled")),
    ]:
        for rule in rules:
            words = f'rule with clamp=False takes one of "louizos", "median", "mean", got {rule!r}'
            with pytest.raises(ValueError, match=words):
                make().get_gate_values(clamp=False, rule=rule)
    with pytest.raises(ValueError, match=r'rule takes one of "louizos", .*"threshold", got \'average\''):
        binary().get_gate_values(rule="average")
    with pytest.raises(TypeError, match="rule takes one of"):
        binary().get_gate_values(rule=3)
    with pytest.raises(TypeError, match="clamp takes True or False, got 1"):
        binary().get_gate_values(1)
    with pytest.raises(TypeError, match="clamp takes True or False, got 'louizos'"):
        binary().get_gate_values("louizos")


def test_getters_change_nothing_and_hand_out_copies(kind: Kind) -> None:
    gates = kind.make(np.array([0.2, 0.4]))
    for get in (
        gates.get_gate_values,
        lambda: gates.get_gate_values(clamp=False),
        gates.get_gate_active_probs,
    ):
        first = get()
        kept = first.copy()
        first[:] = 7.0
        np.testing.assert_array_equal(get(), kept)


def test_kinds_are_the_ones_tested() -> None:
    classes = BinaryConcreteStochasticGates, GaussianStochasticGates, KumaraswamyStochasticGates
    assert tuple(kind.cls for kind in (BINARY_CONCRETE, GAUSSIAN, KUMARASWAMY)) == classes
