"""What the law is set up with is trained, and changed by schedules: every derivative is that of an exact objective."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stgref.study import schedules
from tests.gates.kinds import KINDS, Kind

OPTIONS = [(kind, name) for kind in KINDS for name in kind.names]
EACH = pytest.mark.parametrize(("kind", "name"), OPTIONS, ids=[f"{k}-{name}" for k, name in OPTIONS])
X, TARGET, WEIGHT = np.array([1.0, -2.0, 0.5]), np.array([0.3, -1.5, 0.4]), 0.05
RATES = {"std": 0.02, "temperature": 0.05, "lower_bound": 0.02, "upper_bound": 0.02}


def exact_loss(gates: Any) -> float:
    """E sum (z x - y)^2 + penalty, of the mean and variance of the gates' law: no samples."""
    theta = [getattr(gates, name) for name in gates.family.names]
    mean, variance = gates.family.law.mean(*theta), gates.family.law.variance(*theta)
    second = variance + mean**2
    loss = np.sum(X**2 * second - 2 * X * TARGET * mean + TARGET**2)
    return float(loss + WEIGHT * np.sum(gates.family.law.prob_active(*theta)))


@EACH
def test_a_few_steps_decrease_an_exact_objective(kind: Kind, name: str) -> None:
    """Stochastic gradients of many samples; one parameter is trained, and the others stay."""
    options = {key: np.full(3, value) for key, value in kind.options.items()}
    gates = kind.make(np.array([0.2, 0.4, 0.3]), reg_weight=WEIGHT, rng=1, **options)
    x = np.broadcast_to(X, (4000, 3))
    losses = [exact_loss(gates)]
    for _ in range(4):
        (gated, _), pullback = gates.vjp(x)
        gradient = getattr(pullback(2 * (gated - TARGET) / len(x)), name)
        assert gradient.shape == (3,)
        setattr(gates, name, getattr(gates, name) - RATES.get(name, 0.1) * gradient)
        losses.append(exact_loss(gates))
    assert losses == sorted(losses, reverse=True), losses
    assert losses[0] - losses[-1] > 1e-4


@EACH
def test_the_penalty_alone_teaches_every_parameter(kind: Kind, name: str) -> None:
    """Evaluation is deterministic: the penalty goes down with each step, by its gradient to first order."""
    options = {key: np.full(3, value) for key, value in kind.options.items()}
    gates = kind.make(np.array([0.2, 0.4, 0.3]), **options).eval()
    none = np.zeros((1, 3))
    for _ in range(3):
        (_, before), pullback = gates.vjp(none)
        gradient, rate = getattr(pullback(none), name), 1e-3
        setattr(gates, name, getattr(gates, name) - rate * gradient)
        _, after = gates(none)
        assert np.any(gradient)
        np.testing.assert_allclose((before - after) / rate, np.sum(gradient**2), rtol=0.01)


@EACH
@pytest.mark.parametrize("reduction", ["sum", "mean", "none"])
def test_no_schedule_leaves_a_penalty_behind(kind: Kind, name: str, reduction: str) -> None:
    """Captum keeps the offset of the temperature and the bounds that it was built with (defect D8)."""
    values = {**kind.values(np.array([-0.3, 0.2, 0.9])), **kind.options}
    gates = kind.cls.from_pretrained(**values, reg_weight=0.3, reg_reduction=reduction)
    rng = np.random.default_rng(0)
    x, noise, d = rng.standard_normal((3, 4, 3))
    noise, start = kind.noise(noise), values[name]
    schedule = schedules.Exponential(1.0, 1.7, 5)
    seen = []
    for step in range(6):
        setattr(gates, name, start * schedule(step))
        fresh = kind.cls.from_pretrained(**{**values, name: start * schedule(step)})
        fresh.reg_weight, fresh.reg_reduction = 0.3, reduction
        for training in (True, False):
            out, pullback = gates.train(training).vjp(x, noise)
            wanted, expected = fresh.train(training).vjp(x, noise)
            for a, b in zip((*out, *pullback(d)), (*wanted, *expected(d)), strict=True):
                np.testing.assert_array_equal(a, b)
            for a, b in zip(gates(x, noise), wanted, strict=True):
                np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(gates.get_gate_active_probs(), fresh.get_gate_active_probs())
        seen.append(float(np.sum(out[1])))
    assert len(set(seen)) == 6
