"""Numbers that others made: Captum's own test values, recomputed in mpmath, and 20-digit values of the laws.

``captum_cases.json`` holds the inputs, draws and outputs of captum 0.9.0's tests/module (BSD-3, seed 1234, float32),
with the exact results for those very numbers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import stgref
from stgref.gates import BinaryConcreteStochasticGates, GaussianStochasticGates

CASES = json.loads(Path(__file__).with_name("captum_cases.json").read_text())
VALUES = json.loads((Path(__file__).parents[1] / "data" / "gate_values.json").read_text())


def layer(case: dict[str, Any]) -> tuple[Any, np.ndarray]:
    """Return the gates of a case in double precision, and its base noise."""
    mask = None if case["mask"] is None else np.array(case["mask"])
    if case["cls"] == "Gaussian":
        return GaussianStochasticGates.from_pretrained(case["mu"], mask=mask, std=case["std"]), (
            np.array(case["noise"]) / case["std"]
        )
    gates = BinaryConcreteStochasticGates.from_pretrained(case["log_alpha"], mask=mask)
    return gates, stgref.noise.logistic_from_uniform(case["u"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['cls']}-{case['case']}")
def test_captums_own_cases(case: dict[str, Any]) -> None:
    gates, noise = layer(case)
    gated, l0_reg = gates(np.array(case["x"]), noise)
    exact = np.array(case.get("out_mp", case.get("out_exact")))
    np.testing.assert_allclose(gated, exact, rtol=1e-14, atol=0)
    np.testing.assert_allclose(l0_reg, float(case["reg_mp"]), rtol=1e-15)
    np.testing.assert_allclose(gated, case["out"], atol=2.1e-7)
    np.testing.assert_allclose(l0_reg, case["reg"], rtol=2e-7)


def test_captums_binary_concrete_getters() -> None:
    """As printed in its tests, to four digits."""
    log_alpha = [0.000461305, 0.004024028, -0.010115291, 0.002167382, -0.006122731, 0.005036107]
    gates = BinaryConcreteStochasticGates.from_pretrained(log_alpha)
    assert gates.get_gate_values().round(4).tolist() == [0.5001, 0.5012, 0.4970, 0.5007, 0.4982, 0.5015]
    assert gates.get_gate_active_probs().round(4).tolist() == [0.8319, 0.8324, 0.8304, 0.8321, 0.8310, 0.8325]


def test_captums_gaussian_getters() -> None:
    mu = [0.500461280, 0.504024029, 0.489884704, 0.502167404, 0.493877262, 0.505036116]
    gates = GaussianStochasticGates.from_pretrained(mu)
    assert gates.get_gate_active_probs().round(4).tolist() == [0.8416, 0.8433, 0.8364, 0.8424, 0.8384, 0.8438]
    np.testing.assert_array_equal(gates.get_gate_values(), mu)


@pytest.mark.parametrize(
    ("cls", "parameter", "reduction", "printed"),
    [
        (BinaryConcreteStochasticGates, [0.000461305, 0.004024028, -0.010115291], "mean", 0.8316),
        (
            BinaryConcreteStochasticGates,
            [0.002167382, -0.006122731, 0.005036107],
            "none",
            [0.8321, 0.8310, 0.8325],
        ),
        (GaussianStochasticGates, [0.500461280, 0.504024029, 0.489884704], "mean", 0.8404),
        (GaussianStochasticGates, [0.502167404, 0.493877262, 0.505036116], "none", [0.8424, 0.8384, 0.8438]),
    ],
)
def test_captums_reductions(cls: Any, parameter: list[float], reduction: str, printed: Any) -> None:
    _, l0_reg = cls.from_pretrained(parameter, reg_reduction=reduction).eval()(np.ones((2, 3)))
    assert l0_reg.round(4).tolist() == printed


def test_captums_clamp() -> None:
    gates = BinaryConcreteStochasticGates.from_pretrained([10.0, -10.0, 10.0], lower_bound=-2, upper_bound=2)
    assert gates.get_gate_values().tolist() == [1.0, 0.0, 1.0]
    assert np.all(np.abs(gates.get_gate_values(clamp=False)) > 1)
    gates = GaussianStochasticGates.from_pretrained([2.0, -2.0, 2.0])
    assert gates.get_gate_values().tolist() == [1.0, 0.0, 1.0]
    assert gates.get_gate_values(clamp=False).tolist() == [2.0, -2.0, 2.0]


def of_value(value: dict[str, Any]) -> Any:
    """Return the one gate that an entry of gate_values.json is about."""
    if value["dist"] == "gaussian":
        return GaussianStochasticGates.from_pretrained([float(value["mu"])], std=float(value["std"]))
    top, _, bottom = value["temp"].partition("/")
    bounds = {"lower_bound": float(value["lower"]), "upper_bound": float(value["upper"])}
    temperature = float(top) / float(bottom or 1)
    return BinaryConcreteStochasticGates.from_pretrained(
        [float(value["log_alpha"])], temperature=temperature, **bounds
    )


@pytest.mark.parametrize("value", VALUES, ids=lambda v: "-".join(str(x) for x in list(v.values())[:5]))
def test_twenty_digit_values(value: dict[str, Any]) -> None:
    """The inputs are decimals rounded to doubles, so conditioning leaves a few hundred eps in the tails."""
    gates = of_value(value)
    expected = {"mean": gates.get_gate_values(rule="mean"), "p_active": gates.get_gate_active_probs()}
    if value["dist"] == "hard_concrete":
        expected["median_gate"] = gates.get_gate_values(rule="median")
        expected["louizos_eval"] = gates.get_gate_values()
    for name, got in expected.items():
        np.testing.assert_allclose(got, float(value[name]), rtol=3e-13, atol=5e-324, err_msg=name)


@pytest.mark.parametrize("shift", [0.0, 1e5])
def test_googles_penalty_is_a_sum_of_sigmoids(shift: float) -> None:
    """google-research/state_of_sparsity, nn_test.py; an ungated operation is reproduced exactly at log_alpha = 1e5."""
    log_alpha = np.random.default_rng(0).standard_normal(256) + shift
    gates = BinaryConcreteStochasticGates.from_pretrained(log_alpha).eval()
    x = np.random.default_rng(1).standard_normal((4, 256))
    gated, l0_reg = gates(x)
    by_formula = np.sum(1 / (1 + np.exp(-(log_alpha - (2 / 3) * np.log(0.1 / 1.1)))))
    np.testing.assert_allclose(l0_reg, by_formula, rtol=1e-14)
    if shift:
        np.testing.assert_array_equal(gated, x)


@pytest.mark.parametrize(
    ("temperature", "logits"), [(0.4, np.linspace(-2, 2, 6)), (0.1, np.linspace(-3, 3, 10))]
)
def test_policyengines_test_time_gate_is_the_median(temperature: float, logits: np.ndarray) -> None:
    gates = BinaryConcreteStochasticGates.from_pretrained(logits, temperature=temperature)
    expected = np.clip(1.2 / (1 + np.exp(-logits / temperature)) - 0.1, 0, 1)
    np.testing.assert_allclose(gates.get_gate_values(rule="median"), expected, rtol=1e-14, atol=1e-16)
