"""Masks: a gather forward, its transpose backward, in every shape that broadcasts, and clear errors for the others."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stgref.gates.masks import OneEach, Shared
from stgref.gates.summation import pairwise_sum, rounds_of, sum_by_index
from tests.gates.kinds import Kind

SHAPES = [
    ((4, 6), (6,)),
    ((4, 6), (1, 6)),
    ((4, 3, 2), (3, 2)),
    ((4, 3, 2), (2,)),
    ((4, 3, 2), (3, 1)),
    ((4, 3, 2), (1, 2)),
    ((4, 3, 2), (1, 3, 1)),
    ((4, 3, 2), (1,)),
    ((4, 3, 2), ()),
    ((2, 3, 4, 5), (3, 1, 1)),
    ((2, 3, 4, 5), (1, 4, 1)),
    ((2, 3, 4, 5), (4, 5)),
    ((2, 3, 1, 5), (1, 5)),
    ((1, 6), (6,)),
    ((2, 3, 0), (3, 1)),
]


def random_mask(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Every index of a random number of gates, in random places."""
    size = math.prod(shape)
    n = int(rng.integers(1, size + 1))
    index = np.concatenate([np.arange(n), rng.integers(0, n, size - n)])
    return rng.permutation(index).reshape(shape)


@pytest.mark.parametrize(("shape", "mask_shape"), SHAPES)
@pytest.mark.parametrize("sharing", ["example", "batch"])
@pytest.mark.usefixtures("kernels_only")
def test_a_mask_means_what_broadcasting_means(
    kind: Kind, shape: tuple[int, ...], mask_shape: tuple[int, ...], sharing: str
) -> None:
    rng = np.random.default_rng(sum(shape) + len(mask_shape))
    mask = random_mask(mask_shape, rng)
    n = int(mask.max()) + 1
    x, d = rng.standard_normal((2, *shape))
    noise = kind.noise(rng.standard_normal((shape[0], n) if sharing == "example" else n))
    parameter = 0.5 + 0.2 * rng.standard_normal(n)
    masked = kind.make(parameter, mask=mask, noise_sharing=sharing)
    (gated, _), pullback = masked.vjp(x, noise)
    gradients = pullback(d, 0.0)

    index = np.broadcast_to(mask, (1, *shape[1:]) if len(mask_shape) == len(shape) else shape[1:]).reshape(-1)
    flat = kind.make(parameter, noise_sharing=sharing)
    z, _ = flat(np.ones((shape[0], n)), noise)
    np.testing.assert_array_equal(gated, (x.reshape(shape[0], -1) * z[:, index]).reshape(shape))
    d_z = np.zeros((shape[0], n))
    np.add.at(d_z, (slice(None), index), (d * x).reshape(shape[0], -1))
    wanted = flat.vjp(np.ones((shape[0], n)), noise)[1](d_z, 0.0)
    for got, want in zip(gradients[1:], wanted[1:], strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-13)
    np.testing.assert_array_equal(gradients.input, (d.reshape(shape[0], -1) * z[:, index]).reshape(shape))


@pytest.mark.parametrize(
    ("shape", "mask_shape", "words"),
    [
        ((3, 3), (3, 3), "would share gates across the batch axis"),
        ((1, 3), (2, 3), "would share gates across the batch axis"),
        ((3, 3, 2), (3, 3, 2), "would share gates across the batch axis"),
        ((3, 4), (3,), "does not broadcast"),
        ((3, 2), (1, 1, 2), "does not broadcast"),
        ((3, 3, 2), (3,), "does not broadcast"),
        ((3, 1), (3,), "does not broadcast"),
        ((3,), (3,), r"x must have shape \(batch, ...\)"),
        ((3,), (1,), r"x must have shape \(batch, ...\)"),
        ((), (3,), r"x must have shape \(batch, ...\)"),
    ],
)
def test_shapes_that_do_not_fit(
    kind: Kind, shape: tuple[int, ...], mask_shape: tuple[int, ...], words: str
) -> None:
    mask = np.arange(math.prod(mask_shape)).reshape(mask_shape)
    gates = kind.cls(mask.size, mask=mask)
    for run in (gates, gates.vjp, gates.eval()):
        with pytest.raises(ValueError, match=words):
            run(np.ones(shape))


@pytest.mark.parametrize("shape", [(), (3,), (2, 4), (2, 3, 2), (2, 0), (0, 4)])
def test_without_a_mask_each_example_has_one_element_per_gate(gates: Any, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="n_gates = 3 elements in each example, as there is no mask, got"):
        gates(np.ones(shape))


def test_a_bad_value_stays_with_its_gate(kind: Kind) -> None:
    gates = kind.cls(3, mask=[0, 0, 1, 1, 1, 2], rng=0)
    x = np.ones((4, 6))
    x[1, 3], x[2, 5] = math.nan, math.inf
    _, pullback = gates.vjp(x, np.zeros((4, 3)))
    assert np.isfinite(pullback(np.ones((4, 6)))[1]).tolist() == [True, False, False]


def test_masks_are_copied_and_can_be_set_anew(kind: Kind) -> None:
    mask = np.array([0, 1, 1])
    gates = kind.cls(2, mask=mask, rng=0).eval()
    x = np.ones((1, 3))
    before = gates(x)[0]
    mask[:] = 0
    np.testing.assert_array_equal(gates(x)[0], before)
    np.testing.assert_array_equal(gates.mask, [0, 1, 1])
    gates.mask = [1, 0, 0]
    np.testing.assert_array_equal(gates(x)[0], before[:, [1, 0, 0]])
    with pytest.raises(ValueError, match="mask must hold every index"):
        gates.mask = [0, 0, 0]
    np.testing.assert_array_equal(gates.mask, [1, 0, 0])


@given(st.data())
def test_spread_and_collect_are_transposes(data: st.DataObject) -> None:
    """<spread(z), w> = <z, collect(w)>, in integers, exactly."""
    shape = data.draw(hnp.array_shapes(min_dims=2, max_dims=4, max_side=4))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    mask_shape = tuple(data.draw(st.sampled_from((1, side))) for side in shape[1:])
    mask_shape = mask_shape[data.draw(st.integers(0, len(mask_shape))) :]
    mask = random_mask(mask_shape, rng)
    n = int(mask.max()) + 1
    own = OneEach(math.prod(shape[1:]))
    for grouping, n_gates in ((Shared("here", mask, n, np.zeros(n), "z"), n), (own, own.n_gates)):
        grouping.check("here", shape)
        z = rng.integers(-9, 9, (shape[0], n_gates)).astype(float)
        w = rng.integers(-9, 9, shape).astype(float)
        collected = grouping.collect(np, w)
        assert collected.shape == z.shape
        assert np.sum(grouping.spread(np, z, shape) * w) == np.sum(z * collected)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 7, 8, 1000, 1023])
def test_pairwise_sum_is_a_sum_over_any_axis(n: int) -> None:
    values = np.random.default_rng(n).integers(-9, 9, (2, n, 3)).astype(float)
    np.testing.assert_array_equal(pairwise_sum(np, values, 1), values.sum(axis=1))
    np.testing.assert_array_equal(pairwise_sum(np, np.moveaxis(values, 1, 0), 0), values.sum(axis=1))


def test_pairwise_sums_have_errors_that_grow_with_the_logarithm() -> None:
    n = 1 << 20
    values = np.full(n, 0.1)
    assert abs(pairwise_sum(np, values, 0) - n * 0.1) <= np.finfo(float).eps * n * 0.1
    values = np.random.default_rng(0).standard_normal(n) * 1e8
    error = abs(pairwise_sum(np, values, 0) - math.fsum(values))
    assert error <= 10 * np.finfo(float).eps * np.sum(np.abs(values))


@given(st.lists(st.integers(0, 6), min_size=1, max_size=60), st.integers(0, 2**32))
def test_sums_by_index(index: list[int], seed: int) -> None:
    _, dense = np.unique(index, return_inverse=True)
    n = int(dense.max()) + 1
    values = np.random.default_rng(seed).integers(-9, 9, (2, len(index))).astype(float)
    expected = np.zeros((2, n))
    np.add.at(expected, (slice(None), dense), values)
    rounds = rounds_of(dense, n)
    np.testing.assert_array_equal(sum_by_index(np, values, rounds), expected)
    assert len(rounds) <= max(1, math.ceil(math.log2(max(np.bincount(dense)))))
