"""Parameters of one call, with a number for each gate of each example: against mpmath, torch, and a layer per example."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from stgref.gates.call import Call
from tests.gates.kinds import BINARY_CONCRETE, CAPTUMS, Kind
from tests.gates.truth import Problem, worst

REDUCTIONS = ("sum", "mean", "none")
MASK = np.array([[0, 1], [1, 1], [0, 2]])


def parameters(kind: Kind, rng: np.random.Generator, dtype: str, batch: int, n: int) -> dict[str, Any]:
    """Every parameter of each example's own; options are as they are elsewhere, or further out."""
    own = kind.values(rng.standard_normal((batch, n)))
    own |= {name: value * rng.uniform(1, 2, (batch, n)) for name, value in kind.options.items()}
    return {name: value.astype(dtype) for name, value in own.items()}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_every_result_is_within_the_standards_tolerance(kind: Kind, reduction: str, dtype: str) -> None:
    """All parameters per example, the first one alone, or the last one alone; with a mask, or noise that is shared."""
    rng = np.random.default_rng([*f"{kind.name} {reduction} {dtype}".encode()])
    which = REDUCTIONS.index(reduction)
    mask, sharing = ((None, "example"), (MASK, "batch"), (MASK, "example"))[which]
    n = 3 if mask is not None else 6
    own = parameters(kind, rng, dtype, 2, n)
    given = (tuple(own), kind.names[:1], kind.names[-1:])[which]
    shared = {name: own[name][0] if name in kind.trained else kind.options[name] for name in kind.names}
    theta = {name: own[name] if name in given else shared[name] for name in kind.names}
    x, d = rng.standard_normal((2, 2, 3, 2)).astype(dtype)
    noise = kind.noise(rng.standard_normal(n if sharing == "batch" else (2, n))).astype(dtype)
    d_l0_reg = rng.standard_normal((2, n)).astype(dtype) if reduction == "none" else 0.7
    gates = kind.cls.from_pretrained(
        *(shared[name] for name in kind.trained),
        mask=mask,
        reg_weight=0.4,
        reg_reduction=reduction,
        noise_sharing=sharing,
    )
    for noise_of in (noise, None):
        index = np.arange(6).reshape(3, 2) if mask is None else mask
        p = Problem(kind, x, noise_of, theta, index, 0.4, reduction, d, d_l0_reg)
        out, pullback = gates.train(noise_of is not None).vjp(
            x, noise_of, **{name: own[name] for name in given}
        )
        got = dict(zip(("gated", "l0_reg"), out, strict=True)) | pullback(d, d_l0_reg)._asdict()
        for name, wanted in p.results().items():
            assert got[name].dtype == dtype
            assert worst(got[name], wanted, dtype) <= 1, name
        for a, b in zip(gates(x, noise_of, **{name: own[name] for name in given}), out, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.usefixtures("kernels_only")
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_the_same_parameters_for_all_are_those_of_the_gates(kind: Kind, reduction: str) -> None:
    rng = np.random.default_rng(0)
    x, d = rng.standard_normal((2, 5, 3, 2))
    noise = kind.noise(rng.standard_normal((5, 3)))
    values = kind.values(rng.standard_normal(3))
    gates = kind.cls.from_pretrained(**values, mask=MASK, reg_reduction=reduction, reg_weight=[0.1, 0.2, 0.4])
    for training in (True, False):
        (gated, l0_reg), pullback = gates.train(training).vjp(x, noise)
        own = {name: np.stack([value] * 5) for name, value in values.items()}
        (each, penalty), by_example = gates.vjp(x, noise, **own)
        np.testing.assert_array_equal(each, gated)
        shape = (5, 3) if reduction == "none" else ()
        assert penalty.shape == shape
        np.testing.assert_allclose(penalty, np.broadcast_to(l0_reg, shape), rtol=1e-15)
        share = 0.2 if reduction == "none" else 1.0  # of the terms of all examples each has its own cotangent
        wanted, got = pullback(d, 0.3), by_example(d, 0.3 * share)
        for name in ("input", *kind.names):
            a, b = getattr(got, name), getattr(wanted, name)
            a = np.sum(a, axis=0) if name in own else a
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13, err_msg=name)


def test_examples_know_nothing_of_each_other(kind: Kind) -> None:
    """A batch is a layer for each example, to the last bit; the penalty is the mean of theirs."""
    rng = np.random.default_rng(1)
    x, d = rng.standard_normal((2, 4, 3))
    noise, own = kind.noise(rng.standard_normal((4, 3))), parameters(kind, rng, "float64", 4, 3)
    gates = kind.cls(3, rng=0, fill=0.3)
    (gated, l0_reg), pullback = gates.vjp(x, noise, **own)
    gradients, penalties = pullback(d, 4.0), []
    for row in range(4):
        one = slice(row, row + 1)
        out, pulled = gates.vjp(x[one], noise[one], **{name: value[one] for name, value in own.items()})
        np.testing.assert_array_equal(out[0], gated[one])
        penalties.append(out[1])
        alone = pulled(d[one], 1.0)
        for name in ("input", *own):
            np.testing.assert_array_equal(getattr(alone, name), getattr(gradients, name)[one], err_msg=name)
    np.testing.assert_allclose(l0_reg, np.mean(penalties), rtol=1e-15)


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("mask", [None, MASK], ids=["no-mask", "mask"])
def test_torch_differentiates_the_forward_pass_alike(kind: Kind, mask: Any, training: bool) -> None:
    """To every parameter of each example's own, and to a fill."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(2)
    n = 6 if mask is None else 3
    own = parameters(kind, rng, "float64", 4, n)
    arrays = [rng.standard_normal((4, 3, 2)), *own.values(), rng.standard_normal((3, 1))]
    leaves = [torch.from_numpy(a).requires_grad_() for a in arrays]
    noise, d = (
        torch.from_numpy(kind.noise(rng.standard_normal((4, n)))),
        torch.from_numpy(arrays[0][::-1].copy()),
    )
    for reduction in ("mean", "none"):
        gates = kind.cls(n, mask=mask, xp=torch, reg_reduction=reduction, reg_weight=0.3, fill=0.0)
        gates.__dict__["fill"] = leaves[-1]  # that is the leaf itself
        named = dict(zip(own, leaves[1:-1], strict=True))
        out, pullback = gates.train(training).vjp(leaves[0], noise, **named)
        dl = torch.from_numpy(rng.standard_normal(tuple(out[1].shape)))
        wanted = torch.autograd.grad(out, leaves, (d, dl), materialize_grads=True)
        for got, want in zip(pullback(d, dl), wanted, strict=True):
            np.testing.assert_allclose(got.detach().numpy(), want.numpy(), rtol=1e-11, atol=1e-13)


def test_the_penalty_of_no_examples_is_zero(kind: Kind) -> None:
    for reduction, mask in itertools.product(REDUCTIONS, (None, [0, 1, 1])):
        n = 3 if mask is None else 2
        gates = kind.cls(n, mask=mask, reg_reduction=reduction)
        x, own = np.zeros((0, 3)), {name: np.ones((0, n)) for name in kind.trained}
        (gated, l0_reg), pullback = gates.vjp(x, **own)
        assert gated.shape == (0, 3)
        assert l0_reg.shape == ((0, n) if reduction == "none" else ())
        assert not np.any(l0_reg)
        gradients = pullback(gated)
        for name in kind.trained:
            assert getattr(gradients, name).shape == (0, n)
        assert not np.any(getattr(gradients, kind.names[-1]))


def test_test_time_values_of_each_example(kind: Kind) -> None:
    own = kind.values(np.random.default_rng(3).standard_normal((4, 3)))
    gates = kind.cls(3, rng=0)
    before = gates.state_dict()
    for rule in ("louizos", "median", "mean", "mode", "threshold"):
        got = gates.get_gate_values(rule=rule, **own)
        for row in range(4):
            alone = kind.cls.from_pretrained(**{name: value[row] for name, value in own.items()})
            np.testing.assert_array_equal(got[row], alone.get_gate_values(rule=rule))
    assert gates.get_gate_active_probs(**own).shape == (4, 3)
    gated, _ = gates.eval()(np.ones((4, 3)), **own)
    np.testing.assert_array_equal(gated, gates.get_gate_values(**own))
    for name, value in before.items():
        np.testing.assert_array_equal(gates.state_dict()[name], value)


@pytest.mark.parametrize("kind", CAPTUMS, ids=str)
def test_parameters_without_a_batch_axis_take_the_fast_way(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are as the gates' own, to the last bit."""
    rng = np.random.default_rng(4)
    x, noise, values = rng.standard_normal((20, 3)), rng.standard_normal((20, 3)), rng.standard_normal(3)
    gates, own = kind.cls(3, rng=0), kind.make(values)
    call: Call = gates._call("vjp", x, noise, **{kind.parameter: values})
    assert call.twin is not None
    (gated, l0_reg), pullback = gates.vjp(x, noise, **{kind.parameter: values})
    wanted, pulled = own.vjp(x, noise)
    np.testing.assert_array_equal(gated, wanted[0])
    assert l0_reg == wanted[1]
    for a, b in zip(pullback(x), pulled(x), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_network_of_one_layer_learns_gates_of_each_input() -> None:
    """log_alpha = w x: descent on w, by the chain rule through the pullback, opens gates where their input is useful."""
    rng = np.random.default_rng(5)
    x = rng.standard_normal((400, 1))
    target, w, losses = np.where(x > 0, x, 0.0), 0.0, []
    gates = BINARY_CONCRETE.cls(1, reg_weight=0.0)
    noise = rng.logistic(size=(400, 1))
    for _ in range(20):
        (gated, _), pullback = gates.vjp(x, noise, log_alpha_param=w * x)
        losses.append(np.mean((gated - target) ** 2))
        w -= 5.0 * np.sum(pullback(2 * (gated - target) / x.size).log_alpha_param * x)
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.5 * losses[0]
