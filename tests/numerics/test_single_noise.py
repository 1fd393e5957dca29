"""Noise made in single precision: each number against its definition, and the whole against its law."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import stats

import stgref
from stgref import noise
from stgref.numerics import single_noise, streams, tiles
from tests.numerics.test_streams import GENERATORS

EPS = float(np.finfo(np.float32).eps)
ENDS = np.array([0, 1, 2, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 2, 2**32 - 1], dtype=np.uint32)


@pytest.fixture(autouse=True)
def _default_threads() -> Any:
    yield
    stgref.set_threads(None)


def some_words(n: int) -> np.ndarray:
    return np.concatenate([ENDS, np.random.default_rng().integers(0, 2**32, n, dtype=np.uint32)])


def signed(word: int) -> int:
    return word - 2**32 if word >= 2**31 else word


@pytest.mark.parametrize("eps", [0.0, 1e-8, 0.1, 0.4])
def test_logistic_numbers_are_logits_of_their_uniforms(eps: float) -> None:
    """By mpmath: to 3 eps absolutely, which is the rounding of the uniform, plus 2 eps of the number."""
    words = some_words(200)
    got = np.empty(words.size, np.float32)
    single_noise.logistic(words.copy(), eps, got)
    with mpmath.workprec(120):
        for word, value in zip(words.tolist(), got.tolist(), strict=True):
            u = (signed(word) + mpmath.mpf("0.5")) / 2**32 + mpmath.mpf("0.5")
            u = eps + (1 - 2 * mpmath.mpf(eps)) * u
            wanted = float(mpmath.log(u / (1 - u)))
            assert abs(value - wanted) <= EPS * (3 + 2 * abs(wanted)), (word, value, wanted)
            assert eps == 0 or abs(value) <= math.log((1 - eps) / eps)


def test_both_tails_of_the_logistic_are_alike() -> None:
    """The word with all bits turned gives the negative number, to the bit."""
    words = some_words(1000)
    got, mirrored = np.empty((2, words.size), np.float32)
    single_noise.logistic(words.copy(), 0.0, got)
    single_noise.logistic(~words, 0.0, mirrored)
    np.testing.assert_array_equal(got.view(np.int32) ^ mirrored.view(np.int32), np.full(words.size, -(2**31)))


@pytest.mark.parametrize("odd", [0, 1])
def test_normal_numbers_are_box_and_mullers(odd: int) -> None:
    """By mpmath, to 4 eps of the radius and the rounding of the first uniform near 1."""
    words = some_words(200)
    got = np.empty(words.size - odd, np.float32)
    single_noise.normal(words, got)
    with mpmath.workprec(120):
        for i, value in enumerate(got.tolist()):
            j, k = (int(words[i - i % 2 + place]) for place in (0, 1))
            e = -2 * mpmath.log((j + mpmath.mpf("0.5")) / 2**32)
            r, phi = mpmath.sqrt(e), mpmath.pi * (signed(k) + mpmath.mpf("0.5")) / 2**31
            wanted = r * (mpmath.sin(phi) if i % 2 else mpmath.cos(phi))
            rounded = EPS / r if e > 4 * EPS else 2 * math.sqrt(EPS)
            assert abs(value - wanted) <= 4 * EPS * r + rounded, (i, value, wanted)


@pytest.mark.parametrize("name", ["logistic", "normal"])
def test_numbers_have_their_law(name: str) -> None:
    """2e5 fresh numbers against the law by the Dvoretzky-Kiefer-Wolfowitz inequality, each half of the pairs too, and the products of
    pairs: false alarms once in 1e9 runs each."""
    sample = getattr(noise, name)(200_000, dtype="float32", stream="single").astype(np.float64)
    law = {"logistic": stats.logistic, "normal": stats.norm}[name]
    for part in (sample, sample[::2], sample[1::2]):
        u, n = np.sort(law.cdf(part)), part.size
        deviation = max(
            np.max(np.arange(1, n + 1) / n - u),
            np.max(u - np.arange(n) / n),
        )
        assert deviation < math.sqrt(math.log(2 / 1e-9) / (2 * n))
    u = law.cdf(sample)
    products = (u[::2] - 0.5) * (u[1::2] - 0.5) * 12
    assert abs(products.mean()) * math.sqrt(products.size) < 6.2


@pytest.mark.parametrize("kind", GENERATORS)
@pytest.mark.parametrize("size", [2, 8, 100, 1000])
@pytest.mark.parametrize("half", [False, True])
def test_words_are_halves_of_the_generators(kind: Any, size: int, half: bool) -> None:
    """Whatever the runs and threads; and what is drawn next goes on behind them, also half a word that was left."""
    ours, plain = (np.random.Generator(kind(5)) for _ in range(2))
    if half:
        assert ours.integers(9, dtype=np.uint32) == plain.integers(9, dtype=np.uint32)
    stgref.set_threads(2)
    for n in (1000, 0, 4):
        got = np.empty(n, np.uint32)
        tiles.for_each(lambda run, got=got: run[1](got[run[0]]), streams.words(ours, n, size))
        words = plain.integers(0, 2**64 - 1, n // 2, dtype=np.uint64, endpoint=True).tolist()
        assert got.tolist() == [part for w in words for part in (w % 2**32, w >> 32)]
    assert ours.integers(9, dtype=np.uint32) == plain.integers(9, dtype=np.uint32)
    assert ours.random() == plain.random()


@pytest.mark.parametrize("name", ["logistic", "normal"])
@pytest.mark.parametrize("shape", [(3, 500_001), (1_500_003,), (5,), (0, 3), ()])
def test_no_bit_depends_on_threads(name: str, shape: tuple[int, ...]) -> None:
    draws = []
    for threads in (1, 2, 3):
        stgref.set_threads(threads)
        draws.append(getattr(noise, name)(shape, 9, "float32", stream="single"))
        assert draws[-1].shape == shape
    np.testing.assert_array_equal(draws[0], draws[1])
    np.testing.assert_array_equal(draws[0], draws[2])


@pytest.mark.parametrize("name", ["logistic", "normal"])
def test_a_longer_array_begins_as_a_shorter_one(name: str) -> None:
    draw = getattr(noise, name)
    np.testing.assert_array_equal(
        draw(7, 3, "float32", stream="single"), draw(100_000, 3, "float32", stream="single")[:7]
    )
    half = draw(7, 3, "float16", stream="single")
    np.testing.assert_array_equal(half, draw(7, 3, "float32", stream="single").astype("float16"))


def test_there_is_none_in_double_precision_nor_of_other_noise() -> None:
    with pytest.raises(ValueError, match='stream="single" takes a dtype of at most 32 bits, got one of 64'):
        noise.normal(3, stream="single")
    with pytest.raises(ValueError, match=r'noise.gumbel: stream="single" is of logistic and normal noise'):
        noise.gumbel(3, dtype="float32", stream="single")
    with pytest.raises(ValueError, match="antithetic and quasi-random noise take stream"):
        noise.normal(4, dtype="float32", stream="single", antithetic=True)
