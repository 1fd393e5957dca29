"""Values, penalties and gradients against mpmath, with the standard's tolerance."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from tests.gates.kinds import GAUSSIAN, KUMARASWAMY, Kind
from tests.gates.truth import Problem, worst

MASKS: dict[str, Any] = {
    "no-mask": None,
    "elements": [[0, 1], [1, 1], [0, 2]],
    "rows": [[2], [0], [1]],
    "columns": [1, 0],
    "with-batch-axis": [[[1], [0], [1]]],
    "all-one": 0,
}
REDUCTIONS = ("sum", "mean", "none")


def problem(kind: Kind, mask: Any, dtype: str, rng: np.random.Generator, **how: Any) -> Problem:
    """Make a random problem: inputs in ``dtype``, gates on both sides of both clip points and between them."""
    shape, batch_axis = (3, 3, 2), np.ndim(mask) == 3
    index = np.arange(6).reshape(3, 2) if mask is None else np.array(mask)[0 if batch_axis else ...]
    n = int(index.max()) + 1
    reduction, training, per_gate, shared = (
        how.get(k) for k in ("reduction", "training", "per_gate", "shared")
    )

    def draw(scale: float, size: Any) -> np.ndarray:
        return (scale * rng.standard_normal(size)).astype(dtype)

    def option(default: float) -> Any:
        return (default * rng.uniform(1, 2, n)).astype(dtype) if per_gate else default

    centre = 0.5 if kind.parameter == "mu" else 0.0
    return Problem(
        kind,
        x=draw(1, shape),
        noise=kind.noise(draw(1.5, n if shared else (3, n))) if training else None,
        theta={
            **kind.values((centre + draw(1.5, n)).astype(dtype)),
            **{k: option(v) for k, v in kind.options.items()},
        },
        index=np.broadcast_to(index, shape[1:]),
        reg_weight=draw(1, n) if per_gate else 0.375,
        reg_reduction=reduction,
        d_gated=draw(1, shape),
        d_l0_reg=draw(1, n) if reduction == "none" else float(draw(1, ())),
    )


def results(p: Problem, mask: Any, **settings: Any) -> dict[str, Any]:
    """Run stgref on a problem."""
    options = {name: value for name, value in p.theta.items() if name in p.kind.options}
    gates = p.kind.cls.from_pretrained(
        *(p.theta[name] for name in p.kind.trained),
        mask=mask,
        reg_weight=p.reg_weight,
        reg_reduction=p.reg_reduction,
        **options,
        **settings,
    )
    (gated, l0_reg), pullback = gates.train(p.noise is not None).vjp(p.x, p.noise)
    return {"gated": gated, "l0_reg": l0_reg, **pullback(p.d_gated, p.d_l0_reg)._asdict()}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_every_result_is_within_the_standards_tolerance(
    kind: Kind, mask: Any, dtype: str, training: bool
) -> None:
    rng = np.random.default_rng([*f"{kind.name} {mask} {dtype} {training}".encode()])
    shared = (False, True) if training else (False,)
    for (per_gate, share), reduction in zip(
        itertools.product((False, True), shared), itertools.cycle(REDUCTIONS), strict=False
    ):
        p = problem(
            kind, mask, dtype, rng, reduction=reduction, training=training, per_gate=per_gate, shared=share
        )
        got = results(p, mask, noise_sharing="batch" if share else "example")
        wanted = p.results()
        assert got.keys() == wanted.keys()
        for name, value in got.items():
            assert value.dtype == dtype
            assert worst(value, wanted[name], dtype) <= 1, (name, reduction, per_gate, share)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_every_reduction_in_training_and_evaluation(kind: Kind, reduction: str) -> None:
    rng = np.random.default_rng(len(reduction))
    for training in (True, False):
        p = problem(kind, MASKS["elements"], "float64", rng, reduction=reduction, training=training)
        wanted = p.results()
        for name, value in results(p, MASKS["elements"]).items():
            assert worst(value, wanted[name], "float64") <= 1, name


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_gates_far_out_and_penalties_in_the_tails(kind: Kind, dtype: str) -> None:
    parameter = np.array([-60.0, -20.0, -7.0, -3.0, 3.0, 7.0, 20.0, 60.0]).astype(dtype)
    rng = np.random.default_rng(8)
    for training in (True, False):
        p = Problem(
            kind,
            x=rng.standard_normal((2, 8)).astype(dtype),
            noise=kind.noise(rng.standard_normal((2, 8)).astype(dtype)) if training else None,
            theta={**kind.values(parameter), **kind.options},
            index=np.arange(8),
            reg_weight=0.1,
            reg_reduction="none",
            d_gated=rng.standard_normal((2, 8)).astype(dtype),
            d_l0_reg=rng.standard_normal(8).astype(dtype),
        )
        wanted = p.results()
        for name, value in results(p, None).items():
            assert worst(value, wanted[name], dtype) <= 1, name


def anywhere(kind: Kind, training: bool, dtype: str, rng: np.random.Generator) -> Problem:
    """Make a problem of two gates anywhere in the standard's domain, as far as 1400 digits reach."""

    def log_uniform(low: float, high: float) -> np.ndarray:
        return np.exp(rng.uniform(np.log(low), np.log(high), 2)).astype(dtype)

    sign = rng.choice([-1, 1], 2)
    if kind is KUMARASWAMY:
        theta = {
            "a": log_uniform(1e-2, 100),
            "b": log_uniform(1e-2, 100),
            "lower_bound": -log_uniform(1e-6, 10),
            "upper_bound": (1 + log_uniform(1e-6, 10)).astype(dtype),
        }
        # Half of them where the gate is not clipped.
        v = rng.uniform(0.0, 1.0, (2, 2)) - theta["lower_bound"]
        v = v / (theta["upper_bound"] - theta["lower_bound"])
        near = -np.expm1(theta["b"] * np.log1p(-(v ** theta["a"])))
        noise = (near if rng.integers(2) else rng.uniform(size=(2, 2))).astype(dtype)
        noise = noise.clip(1e-30, 1 - np.finfo(dtype).epsneg)  # where the formula has derivatives
    elif kind is GAUSSIAN:
        std = log_uniform(1e-3, 10)
        theta = {"mu": (sign * log_uniform(1e-3, 30) * std).astype(dtype), "std": std}
        noise = rng.standard_normal((2, 2))
    else:
        theta = {
            "log_alpha_param": (sign * log_uniform(1e-3, 300)).astype(dtype),
            "temperature": log_uniform(1e-3, 100),
            "lower_bound": -log_uniform(1e-6, 10),
            "upper_bound": (1 + log_uniform(1e-6, 10)).astype(dtype),
        }
        # Half of them where the gate is not clipped.
        near = theta["temperature"] * rng.standard_normal((2, 2)) - theta["log_alpha_param"]
        noise = near if rng.integers(2) else rng.logistic(size=(2, 2))
    x, d_gated = rng.standard_normal((2, 2, 2)).astype(dtype)
    d_l0_reg = rng.standard_normal(2).astype(dtype)
    noise = noise.astype(dtype) if training else None
    digits = 500 if kind is KUMARASWAMY else 1400
    return Problem(kind, x, noise, theta, np.arange(2), 0.3, "none", d_gated, d_l0_reg, digits)


@pytest.mark.most(6)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_anywhere_in_the_domain(kind: Kind, training: bool, dtype: str) -> None:
    rng = np.random.default_rng([*f"{kind.name} {training} {dtype}".encode()])
    for _ in range(3):
        p = anywhere(kind, training, dtype, rng)
        wanted = p.results()
        for name, value in results(p, None).items():
            assert worst(value, wanted[name], dtype) <= 1, (name, p)


def test_the_default_cotangent_of_the_penalty_is_one(gates: Any) -> None:
    x = np.ones((2, 3))
    for reduction in REDUCTIONS:
        gates.reg_reduction = reduction
        _, pullback = gates.eval().vjp(x)
        for default, one in zip(pullback(x), pullback(x, 1.0), strict=True):
            np.testing.assert_array_equal(default, one)
        assert np.any(pullback(x)[1] != pullback(x, 0.0)[1])


def test_the_pullback_is_linear_in_both_cotangents(kind: Kind) -> None:
    rng = np.random.default_rng(3)
    gates = kind.cls(4, mask=[[0, 1, 2], [3, 1, 1]], rng=rng, reg_reduction="none")
    x, (d, e) = rng.standard_normal((5, 2, 3)), rng.standard_normal((2, 5, 2, 3))
    dl, el = rng.standard_normal((2, 4))
    _, pullback = gates.vjp(x)
    for both, first, second in zip(
        pullback(2 * d - e, 2 * dl - el), pullback(d, dl), pullback(e, el), strict=True
    ):
        np.testing.assert_allclose(both, 2 * first - second, rtol=1e-12, atol=1e-13)


def test_vjp_returns_what_forward_returns_to_the_last_bit(kind: Kind, gates: Any) -> None:
    rng = np.random.default_rng(5)
    x, noise = rng.standard_normal((2, 20, 3))
    noise = kind.noise(noise)
    for training in (True, False):
        out, _ = gates.train(training).vjp(x, noise)
        for a, b in zip(out, gates(x, noise), strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_pullback_keeps_its_point(kind: Kind) -> None:
    """Nothing is kept on the gates, and what happens to them later does not reach a pullback."""
    rng = np.random.default_rng(6)
    x, noise, d = rng.standard_normal((3, 4, 3))
    noise = kind.noise(noise)
    gates = kind.make(
        np.array([0.1, 0.2, 0.4]),
        reg_weight=np.ones(3),
        **{k: np.full(3, v) for k, v in kind.options.items()},
    )
    before = dict(vars(gates))
    _, pullback = gates.vjp(x, noise)
    assert vars(gates) == before
    first = pullback(d, 0.5)
    for name in (*kind.trained, "reg_weight", *kind.options):
        getattr(gates, name)[:] *= 1.25
    gates.reg_reduction = "none"
    gates.vjp(2 * x, 0.5 * noise)[1](x)
    for again, once in zip(pullback(d, 0.5), first, strict=True):
        np.testing.assert_array_equal(again, once)


def test_sums_over_a_large_batch_keep_their_digits() -> None:
    """A running sum of a million equal terms is off by tens of thousands of eps."""
    x = np.full((1_000_000, 1), 0.1)
    _, pullback = GAUSSIAN.cls.from_pretrained(np.array([0.5])).eval().vjp(x)
    exact = 1_000_000 * 0.1
    assert abs(pullback(np.ones_like(x), 0.0).mu[0] - exact) <= 4 * np.finfo(float).eps * exact
    assert abs(np.cumsum(x)[-1] - exact) > 1e4 * np.finfo(float).eps * exact
