"""Many random numbers by several threads: those of the generator itself, or of blocks as documented."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

import stgref
from stgref import noise
from stgref.numerics import streams, tiles

GENERATORS = [np.random.PCG64, np.random.PCG64DXSM, np.random.SFC64, np.random.MT19937, np.random.Philox]


@pytest.fixture(autouse=True)
def _default_threads() -> Any:
    yield
    stgref.set_threads(None)


def filled(runs: Any, n: int, threads: int = 2) -> np.ndarray:
    stgref.set_threads(threads)
    values = np.full(n, np.nan)
    tiles.for_each(lambda run: run[1](values[run[0]]), runs)
    return values


@pytest.mark.parametrize("kind", GENERATORS)
@pytest.mark.parametrize("size", [1, 7, 100, 1000])
@pytest.mark.parametrize("half", [False, True])
def test_uniforms_are_the_generators_own(kind: Any, size: int, half: bool) -> None:
    """Whatever the runs and threads; and what is drawn next goes on behind them, also half a word that was left."""
    ours, plain = (np.random.Generator(kind(5)) for _ in range(2))
    if half:
        assert ours.integers(9, dtype=np.uint32) == plain.integers(9, dtype=np.uint32)
    for n in (1000, 0, 3):
        np.testing.assert_array_equal(filled(streams.uniforms(ours, n, size), n), plain.random(n))
    assert ours.integers(9, dtype=np.uint32) == plain.integers(9, dtype=np.uint32)
    assert ours.random() == plain.random()


def test_a_spare_generator_may_be_of_the_other_kind() -> None:
    for kind in (*GENERATORS[:2], *GENERATORS[:2]):
        got = filled(streams.uniforms(np.random.Generator(kind(1)), 100, 30), 100, 1)
        np.testing.assert_array_equal(got, np.random.Generator(kind(1)).random(100))


def test_few_normals_are_the_generators_own() -> None:
    ours, plain = np.random.default_rng(3), np.random.default_rng(3)
    for n in (10, 0, streams.BLOCK):
        np.testing.assert_array_equal(filled(streams.normals(ours, n), n), plain.standard_normal(n))


@pytest.mark.parametrize("threads", [1, 3])
def test_many_normals_are_blocks_as_documented(threads: int) -> None:
    n, rng = 2 * streams.BLOCK + 5, np.random.default_rng(3)
    words = rng.bit_generator.random_raw(4).tolist()
    blocks = []
    for b, size in enumerate((streams.BLOCK, streams.BLOCK, 5)):
        seed = np.random.SeedSequence(words, spawn_key=(b,))
        blocks.append(np.random.Generator(np.random.SFC64(seed)).standard_normal(size))
    stgref.set_threads(threads)
    ours = np.random.default_rng(3)
    np.testing.assert_array_equal(noise.ziggurat(n, ours), np.concatenate(blocks))
    assert ours.random() == rng.random()


def test_normals_of_many_blocks_are_normal_and_independent() -> None:
    """Of 32 blocks: their empirical distribution against the normal one by the DKW inequality, each and all together; and
    the correlations of each two blocks, of n products with mean 0 and variance 1, at 7 standard errors of the normal limit
    (2.6e-12 each). With 33 bands of 3e-11 the false-alarm rate is 1e-9 + 1.3e-9; and the seed is fixed."""
    count = 32
    values = filled(streams.normals(np.random.default_rng(11), count * streams.BLOCK), count * streams.BLOCK)
    blocks = values.reshape(count, streams.BLOCK)
    for sample in (values, *blocks):
        u = np.sort(stats.norm.cdf(sample))
        n = len(u)
        grid = np.arange(n + 1) / n
        deviation = max(np.max(grid[1:] - u), np.max(u - grid[:-1]))
        assert deviation < math.sqrt(math.log(2 / 3e-11) / (2 * n))
    products = blocks @ blocks.T / math.sqrt(streams.BLOCK)
    assert np.abs(products[np.triu_indices(count, 1)]).max() < 7
    assert (
        np.abs(blocks[:1] @ blocks[:1].T / math.sqrt(streams.BLOCK)).max() > 7
    )  # a block with itself: the control


def test_calls_one_after_the_other_differ() -> None:
    rng = np.random.default_rng(0)
    first, second = (noise.ziggurat(streams.BLOCK + 1, rng) for _ in range(2))
    assert not np.intersect1d(first, second).size


@pytest.mark.parametrize("shape", [(3, 50_000), (150_000,), (50_000, 3)])
@pytest.mark.parametrize("name", ["logistic", "uniform", "gumbel", "ziggurat"])
def test_no_bit_of_noise_depends_on_threads(name: str, shape: tuple[int, ...]) -> None:
    draws = []
    for threads in (1, 2, 3):
        stgref.set_threads(threads)
        draws.append(getattr(noise, name)(shape, 9))
    np.testing.assert_array_equal(draws[0], draws[1])
    np.testing.assert_array_equal(draws[0], draws[2])
    assert len(np.unique(draws[0])) == draws[0].size
