"""What a closed gate puts in the place of its input: against mpmath, torch, and gates without it."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from tests.conftest import Library
from tests.declared import across
from tests.gates.kinds import GAUSSIAN, Kind
from tests.gates.truth import Problem, worst

SHAPES = {"number": None, "scalar": (), "columns": (2,), "rows": (3, 1), "all": (3, 2)}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_result_is_within_the_standards_tolerance(kind: Kind, shape: Any, dtype: str) -> None:
    rng = np.random.default_rng([*f"{kind.name} {shape} {dtype}".encode()])
    mask = None if shape == (3, 2) else np.array([[0, 1], [1, 1], [0, 2]])
    n = 6 if mask is None else 3
    x, d = rng.standard_normal((2, 2, 3, 2)).astype(dtype)
    fill = 0.3 if shape is None else rng.standard_normal(shape).astype(dtype)
    noise = kind.noise(1.5 * rng.standard_normal((2, n))).astype(dtype)
    theta = {name: v.astype(dtype) for name, v in kind.values(rng.standard_normal(n) + 0.3).items()}
    index = np.arange(6).reshape(3, 2) if mask is None else mask
    for noise_of in (noise, None):
        p = Problem(kind, x, noise_of, theta | kind.options, index, 0.4, "sum", d, 0.7, fill=fill)
        gates = kind.cls.from_pretrained(**theta, mask=mask, reg_weight=0.4, fill=fill)
        (gated, l0_reg), pullback = gates.train(noise_of is not None).vjp(x, noise_of)
        got = {"gated": gated, "l0_reg": l0_reg, **pullback(d, 0.7)._asdict()}
        wanted = p.results()
        assert got.keys() == wanted.keys()
        for name, value in got.items():
            assert value.dtype == dtype
            assert worst(value, wanted[name], dtype) <= 1, name


def test_an_open_gate_gives_its_input_and_a_closed_one_the_fill(kind: Kind) -> None:
    """To the last bit, which fill + z (x - fill) does not."""
    x, fill = np.random.default_rng(0).standard_normal((2, 50, 2))
    gates = kind.make(np.array([-50.0, 50.0])).eval()
    for row in range(50):
        gates.fill = fill[row]
        gated, _ = gates(x)
        np.testing.assert_array_equal(gates.get_gate_values(), [0.0, 1.0])
        np.testing.assert_array_equal(gated[:, 0], fill[row, 0])
        np.testing.assert_array_equal(gated[:, 1], x[:, 1])


@pytest.mark.usefixtures("kernels_only")
@pytest.mark.parametrize("mask", [None, [[0, 1], [1, 1], [0, 2]]], ids=["no-mask", "mask"])
def test_a_fill_of_zeros_changes_nothing_but_has_a_cotangent(kind: Kind, mask: Any) -> None:
    rng = np.random.default_rng(1)
    n = 6 if mask is None else 3
    x, d = rng.standard_normal((2, 5, 3, 2))
    noise = kind.noise(rng.standard_normal((5, n)))
    plain = kind.make(rng.standard_normal(n), mask=mask)
    (wanted, _), pulled = plain.vjp(x, noise)
    plain.fill = np.zeros((3, 2))
    (gated, _), pullback = plain.vjp(x, noise)
    np.testing.assert_array_equal(gated, wanted)
    without, with_it = pulled(d), pullback(d)
    assert with_it._fields == (*without._fields, "fill")
    for a, b in zip(with_it, without, strict=False):
        np.testing.assert_array_equal(a, b)
    z = np.where(x == 0, np.nan, wanted / x)
    np.testing.assert_allclose(with_it.fill, np.sum((1 - z) * d, axis=0), rtol=1e-12, atol=1e-13)
    assert pickle.loads(pickle.dumps(with_it))._fields == with_it._fields  # noqa: S301 (our own)


def test_the_number_zero_is_as_if_there_were_none(kind: Kind) -> None:
    gates = kind.cls(3, rng=0, fill=0)
    assert gates.fill == 0.0
    _, pullback = gates.vjp(np.ones((2, 3)))
    assert pullback(np.ones((2, 3)))._fields == ("input", *kind.names)


def test_state_dicts_hold_it_and_load_without(kind: Kind) -> None:
    gates = kind.cls(3, rng=0, fill=[1.0, 2.0, 3.0])
    state = gates.state_dict()
    other = kind.cls(3)
    other.load_state_dict(state)
    np.testing.assert_array_equal(other.fill, [1.0, 2.0, 3.0])
    other.fill = 0.5
    other.load_state_dict({name: state[name] for name in kind.trained})
    assert other.fill == 0.5


def test_a_pullback_keeps_its_fill(kind: Kind) -> None:
    gates = kind.cls(3, rng=0, fill=np.ones(3))
    x = np.random.default_rng(0).standard_normal((4, 3))
    _, pullback = gates.vjp(x)
    first = pullback(x)
    gates.fill[:] = 9.0
    for again, once in zip(pullback(x), first, strict=True):
        np.testing.assert_array_equal(again, once)


@across("jax-vmap")
def test_every_library(xp: Library) -> None:
    """A fill, and parameters of each example's own; the layer does the same with every law."""
    rng = np.random.default_rng(2)
    mask = [[0, 1], [1, 1], [0, 2]]
    arrays = [rng.standard_normal(shape) for shape in ((4, 3, 2), (4, 3), (4, 3), (3, 1), (4, 3, 2), 3)]

    def run(x: Any, noise: Any, mu: Any, fill: Any, d: Any, own: Any) -> tuple[Any, ...]:
        gates = GAUSSIAN.cls.from_pretrained(own, mask=mask, fill=fill, reg_weight=0.5)
        out, pullback = gates.vjp(x, noise, mu=mu)
        test_time = gates.get_gate_values(rule="median", mu=mu), gates.get_gate_active_probs(mu=mu)
        return *out, *pullback(d, 0.3), *test_time

    got = xp.call(run, *map(xp.asarray, arrays))
    for a, b in zip(got, run(*arrays), strict=True):
        xp.assert_own(a, "float64", np.shape(b))
        np.testing.assert_allclose(xp.to_numpy(a), b, rtol=2e-14, atol=2e-14)
