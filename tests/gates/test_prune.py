"""Networks made of what is kept compute what gated ones do at test time: dense and convolutional, in NumPy and in torch."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest

from stgref import BinaryConcreteStochasticGates, GaussianStochasticGates
from tests.conftest import Library
from tests.declared import across, called
from tests.gates.kinds import Kind

ROUNDING = {"rtol": 1e-13, "atol": 1e-14}
RNG = np.random.default_rng(17)
NUMBERS = {
    "binary-concrete": [4.0, -3.0, 0.3, -9.0, -0.4, 1.0],
    "gaussian": [1.2, -0.1, 0.6, 0.0, 0.3, 0.9],
    "kumaraswamy": [4.0, -3.0, 0.3, -9.0, -0.4, 1.0],
}
"""What the gates are made of (`Kind.make`): those of `OPEN` are not 0 at test time."""
OPEN = [0, 2, 4, 5]


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0.0)


def gates_of(kind: Kind, mask: Any = None, n: int = 6) -> Any:
    return kind.make(np.asarray(NUMBERS[kind.name][:n]), mask=mask).eval()


def test_a_dense_layer_with_gated_inputs(kind):
    gates, x, w, b = gates_of(kind), *(RNG.normal(size=s) for s in ((7, 6), (3, 6), 3))
    pruned = gates.prune()
    assert pruned.kept.tolist() == OPEN
    np.testing.assert_array_equal(pruned.values, gates.get_gate_values()[OPEN])
    small = pruned.inputs(w)
    assert small.shape == (3, 4)
    np.testing.assert_allclose(pruned.take(x) @ small.T + b, gates(x)[0] @ w.T + b, **ROUNDING)


def test_a_dense_network_with_gated_units(kind):
    """As a layer before the gates and one behind them, past a function that takes 0 to 0."""
    gates, x, w1, b1, w2, b2 = gates_of(kind), *(RNG.normal(size=s) for s in ((7, 5), (6, 5), 6, (3, 6), 3))
    wanted = relu(gates(x @ w1.T + b1)[0]) @ w2.T + b2
    pruned = gates.prune()
    small, bias = pruned.outputs(w1, b1)
    np.testing.assert_allclose(relu(x @ small.T + bias) @ pruned.take(w2).T + b2, wanted, **ROUNDING)
    alone, nothing = pruned.outputs(w1)
    assert nothing is None
    np.testing.assert_array_equal(alone, small)


def test_inputs_that_share_gates(kind):
    mask = np.asarray([2, 0, 1, 1, 0, 3, 2])
    gates, x, w = gates_of(kind, mask, 4), *(RNG.normal(size=s) for s in ((5, 7), (3, 7)))
    pruned = gates.prune()
    assert pruned.kept.tolist() == [0, 2]
    assert pruned.elements().tolist() == [0, 1, 4, 6]
    np.testing.assert_allclose(pruned.take(x) @ pruned.inputs(w).T, gates(x)[0] @ w.T, **ROUNDING)


def test_weights_with_inputs_first(kind):
    gates, x, w = gates_of(kind), RNG.normal(size=(5, 6)), RNG.normal(size=(6, 3))
    pruned = gates.prune()
    for axis in (0, -2):
        np.testing.assert_allclose(pruned.take(x) @ pruned.inputs(w, axis=axis), gates(x)[0] @ w, **ROUNDING)


@pytest.mark.parametrize("groups", [False, True])
def test_a_convolutional_network(kind, groups):
    """Gated channels (alone, or in groups) of a convolution, whose outputs are gated too and made flat for a dense layer."""
    torch = pytest.importorskip("torch")
    conv = torch.nn.functional.conv2d
    mask = np.asarray([0, 1, 1, 2, 0, 3] if groups else range(6)).reshape(6, 1, 1)
    x, w1, b1, w2, b2 = (RNG.normal(size=s) for s in ((2, 6, 8, 8), (6, 6, 3, 3), 6, (4, 6 * 36), 4))
    x, w1, b1, w2, b2 = map(torch.tensor, (x, w1, b1, w2, b2))
    n = mask.max() + 1
    first = kind.make(
        torch.tensor(NUMBERS[kind.name][:n], dtype=torch.float64), mask=torch.tensor(mask)
    ).eval()
    second = kind.make(
        torch.tensor(NUMBERS[kind.name][:n][::-1], dtype=torch.float64), mask=torch.tensor(mask)
    ).eval()
    hidden = torch.relu(second(conv(first(x)[0], w1, b1))[0])
    wanted = hidden.reshape(2, -1) @ w2.T + b2

    a, b = first.prune(), second.prune()
    kernels, bias = b.outputs(a.inputs(w1), b1)
    assert tuple(kernels.shape) == (*map(len, (b.elements(), a.elements())), 3, 3)
    assert kernels.shape[0] < 6
    small = torch.relu(conv(a.take(x), kernels, bias)).reshape(2, -1)
    got = small @ b.take(w2, shape=(6, 6, 6)).T + b2
    assert isinstance(got, torch.Tensor)
    np.testing.assert_allclose(got.numpy(), wanted.numpy(), rtol=1e-12, atol=1e-12)


def test_parts_of_images_are_gated(kind):
    """A mask over height and width: elements of an example, not channels."""
    mask = np.asarray([[0, 1], [2, 3]])
    gates, x, w = gates_of(kind, mask, 4), RNG.normal(size=(5, 3, 2, 2)), RNG.normal(size=(2, 12))
    pruned = gates.prune()
    flat = pruned.take(x.reshape(5, 12), shape=(3, 2, 2))
    assert flat.shape == (5, 6)
    got = flat @ pruned.inputs(w, shape=(3, 2, 2)).T
    np.testing.assert_allclose(got, gates(x)[0].reshape(5, 12) @ w.T, **ROUNDING)
    with pytest.raises(
        ValueError, match=r"weight must have 4 elements on axis 1, as the mask of shape \(2, 2\) has"
    ):
        pruned.inputs(RNG.normal(size=(8, 3, 3, 3)))


@pytest.mark.parametrize("rule", ["louizos", "median", "mean", "mode", "threshold"])
def test_a_number_of_gates_or_those_above_a_threshold(kind, rule):
    gates = gates_of(kind)
    values = gates.get_gate_values(rule=rule)
    for n in range(7):
        kept = gates.prune(n=n, rule=rule).kept
        assert kept.tolist() == sorted(sorted(range(6), key=lambda g: (-values[g], g))[:n])
    for threshold in (0.0, 0.3, 0.999):
        pruned = gates.prune(threshold, rule=rule)
        assert pruned.kept.tolist() == [g for g in range(6) if values[g] > threshold]
        np.testing.assert_array_equal(pruned.values, values[pruned.kept])


def test_nothing_is_kept(kind):
    """The bias is all that a layer behind such gates has."""
    gates = kind.make(np.full(3, -9.0)).eval()
    pruned, w, b = gates.prune(), np.ones((2, 3)), np.asarray([0.5, -1.0])
    assert pruned.kept.shape == pruned.values.shape == pruned.elements().shape == (0,)
    assert pruned.inputs(w).shape == (2, 0)
    assert [a.shape for a in pruned.outputs(w.T, np.ones(3))] == [(0, 2), (0,)]
    x = np.ones((4, 3))
    np.testing.assert_array_equal(pruned.take(x) @ pruned.inputs(w).T + b, gates(x)[0] @ w.T + b)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_weights_keep_their_dtype_and_are_rounded_once(kind, dtype):
    gates, w = gates_of(kind), RNG.normal(size=(3, 6)).astype(dtype)
    pruned = gates.prune()
    exact = w[:, OPEN].astype(np.longdouble) * pruned.values.astype(np.longdouble)
    got = pruned.inputs(w)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, exact.astype(dtype))
    np.testing.assert_array_equal(pruned.take(w), w[:, OPEN])


def test_the_gates_and_the_weights_are_left_alone(kind):
    gates, w = gates_of(kind), RNG.normal(size=(3, 6))
    before, weights = copy.deepcopy(gates.state_dict()), w.copy()
    gates.train()
    pruned = gates.prune()
    pruned.inputs(w)[...] = 0.0
    pruned.take(w)[...] = 0.0
    assert gates.training
    assert all(np.array_equal(v, gates.state_dict()[k]) for k, v in before.items())
    np.testing.assert_array_equal(w, weights)


@across("jax-vmap")
def test_on_every_library(xp: Library, kind: Kind) -> None:
    w = RNG.normal(size=(3, 6))

    def run(numbers: Any, w: Any) -> Any:
        pruned = kind.make(numbers).prune()
        return pruned.values, *pruned.outputs(w.T, w[0, :])

    numbers = np.asarray(NUMBERS[kind.name])
    support, name = kind.cls.libraries["prune"], f"{kind.cls.__name__}.prune"
    got = called(xp, support, name, run, xp.asarray(numbers), xp.asarray(w))
    for a, b in zip(got or (), run(numbers, w), strict=bool(got)):
        xp.assert_own(a, "float64", b.shape)
        np.testing.assert_allclose(xp.to_numpy(a), b, rtol=1e-14)


GATES = BinaryConcreteStochasticGates.from_pretrained([1.0, -5.0, 0.0])
MASKED = GaussianStochasticGates.from_pretrained([1.0, 0.0], mask=[[0], [1], [1]])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: GATES.prune(1.0),
            ValueError,
            "prune: threshold must be at least 0 and less than 1, got 1.0",
        ),
        (lambda: GATES.prune(-0.1), ValueError, "threshold must be at least 0"),
        (lambda: GATES.prune(math.nan), ValueError, "threshold must be at least 0"),
        (lambda: GATES.prune("0"), TypeError, "prune: threshold takes"),
        (lambda: GATES.prune(n=4), ValueError, "prune: n must be at most the number of gates, 3, got 4"),
        (lambda: GATES.prune(n=-1), ValueError, "prune: n must be 0 or more, got -1"),
        (lambda: GATES.prune(n=1.0), TypeError, "prune: n takes an integer, got 1.0"),
        (lambda: GATES.prune(0.5, n=1), ValueError, "prune: either threshold or n can be given"),
        (lambda: GATES.prune(rule="best"), ValueError, "best"),
        (
            lambda: GATES.prune().inputs(np.ones((2, 4))),
            ValueError,
            r"inputs: weight must have 3 elements on axis 1",
        ),
        (
            lambda: GATES.prune().outputs(np.ones((3, 2)), np.ones(2)),
            ValueError,
            "outputs: bias must have 3 elements",
        ),
        (
            lambda: GATES.prune().inputs(np.ones((2, 3), int)),
            TypeError,
            "inputs: weight takes a floating dtype, got int",
        ),
        (
            lambda: GATES.prune().inputs(np.ones(3)),
            ValueError,
            "inputs: axis must be one of the 1 of weight, got 1",
        ),
        (lambda: GATES.prune().inputs(np.ones((2, 3)), axis=1.0), TypeError, "inputs: axis takes an integer"),
        (lambda: GATES.prune().take("x"), TypeError, "take: x"),
        (
            lambda: MASKED.prune().elements((2, 2)),
            ValueError,
            r"elements: shape must be one that the mask, of shape \(3, 1\)",
        ),
        (lambda: MASKED.prune().elements([3, 2]), TypeError, "elements: shape takes a tuple of integers"),
        (lambda: MASKED.prune().elements((3, True)), TypeError, "elements: shape takes a tuple of integers"),
    ],
)
def test_errors_name_the_argument(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_arrays_of_another_library_are_refused():
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match="weight"):
        GATES.prune().inputs(torch.ones(2, 3))


def test_what_closed_gates_leave_behind_cannot_be_pruned() -> None:
    gates = BinaryConcreteStochasticGates.from_pretrained(np.array([-5.0, 5.0]), fill=0.5)
    with pytest.raises(ValueError, match=r"prune: fill must be the number 0.*got 0.5"):
        gates.prune()
    gates.fill = 0.0
    assert gates.prune().kept.tolist() == [1]
