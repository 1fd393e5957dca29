"""Large NumPy arrays in tiles over threads: not one bit differs from the computation at once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import stgref
from stgref import hard_concrete, logistic, rectified_gaussian
from stgref.numerics import tiles
from stgref.numerics.quantity import quantity
from tests.numerics.catalogue import DOUBLED, DRAWS, QUANTITIES, fields, same, values_of

ELEMENTWISE = [name for name, f in QUANTITIES.items() if not f.of_vectors]
AT_ONCE = 2**60


@pytest.fixture(autouse=True)
def _default_threads(monkeypatch):
    monkeypatch.delenv("STGREF_THREADS", raising=False)
    yield
    stgref.set_threads(None)


def drawn(name: str, shape: tuple[int, ...], dtype: str = "float64") -> list[np.ndarray]:
    """Ordinary values of each argument, mixed: the first argument fills ``shape``, the others its last axis."""
    rng = np.random.default_rng(0)
    shapes = [shape, *(shape[-1:] for _ in QUANTITIES[name].arrays[1:])]
    return [
        rng.choice(values_of(name, n), s).astype(dtype)
        for n, s in zip(QUANTITIES[name].arrays, shapes, strict=True)
    ]


def evaluated(monkeypatch, size, threads, function, *arguments, **options):
    monkeypatch.setattr(tiles, "SIZE", size)
    stgref.set_threads(threads)
    return fields(function(*arguments, **options))


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_no_bit_depends_on_tiles_and_threads(name, dtype, monkeypatch):
    shape = (3, 5) if name in DOUBLED or QUANTITIES[name].nodes > 1 else (17, 23)
    given = drawn(name, shape, dtype)
    plain = evaluated(monkeypatch, AT_ONCE, 1, QUANTITIES[name], *given)
    for size, threads in ((1, 2), (7, 3), (7, 1), (100, 2), (1000, 3)):
        tiled = evaluated(monkeypatch, size, threads, QUANTITIES[name], *given)
        assert same(tiled, plain), (size, threads)
        assert {n: a.dtype for n, a in tiled.items()} == {n: a.dtype for n, a in plain.items()}


LAYOUTS = {
    "transposed": lambda a: np.asarray(a.T, order="C").T,
    "every other": lambda a: np.repeat(np.repeat(a, 2, axis=0), 3, axis=1)[::2, ::3],
    "backwards": lambda a: a[::-1, ::-1].copy()[::-1, ::-1],
    "broadcast": lambda a: np.broadcast_to(a[:1], a.shape),
    "not aligned": lambda a: np.frombuffer(b"-" + a.tobytes(), np.uint8)[1:].view(a.dtype).reshape(a.shape),
    "other byte order": lambda a: a.astype(a.dtype.newbyteorder()),
    "integers": lambda a: np.rint(a * 10).astype(np.int64),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(257, 300), (3, 70001), (70001, 3)])
@pytest.mark.parametrize(
    "function", [hard_concrete.grad_transform, rectified_gaussian.prob_active, stgref.special.log1mexp]
)
def test_no_bit_depends_on_tiles_in_any_layout(layout, shape, function, monkeypatch):
    x = LAYOUTS[layout](np.random.default_rng(1).normal(size=shape) * 3.0)
    given = [x, np.linspace(-2, 2, shape[1])] if len(function.arrays) == 5 else [x]
    plain = evaluated(monkeypatch, AT_ONCE, 1, function, *given)
    for size, threads in ((2**14, 2), (1000, 3), (50_000, 1)):
        assert same(evaluated(monkeypatch, size, threads, function, *given), plain)


@pytest.mark.parametrize(
    "shapes",
    [((30, 1, 7), (11, 1)), ((1,), (50, 40)), ((), (999,)), ((2, 3, 4, 5), (5,)), ((1, 1, 600), (1, 1, 1))],
)
def test_shapes_broadcast_as_ever(shapes, monkeypatch):
    rng = np.random.default_rng(2)
    given = [rng.normal(size=shape) for shape in shapes]
    plain = evaluated(monkeypatch, AT_ONCE, 1, hard_concrete.grad_transform, *given)
    for size in (1, 7, 64, 500):
        tiled = evaluated(monkeypatch, size, 2, hard_concrete.grad_transform, *given)
        assert tiled["value"].shape == np.broadcast_shapes(*shapes)
        assert same(tiled, plain)


@pytest.mark.parametrize("shape", [(5,), (4, 9), (3, 1, 17), (2, 0, 3), (), (1, 1), (130, 2)])
@pytest.mark.parametrize("size", [1, 2, 7, 64, 1000])
def test_tiles_cover_each_element_once_in_order(shape, size, monkeypatch):
    monkeypatch.setattr(tiles, "SIZE", size)
    index = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    found = [index[tile] for tile in tiles.over(shape)]
    assert [i for part in found for i in part.ravel()] == list(range(index.size))
    assert all(part.size <= size for part in found)
    assert [tiles.shape_of(shape, tile) for tile in tiles.over(shape)] == [part.shape for part in found]


@pytest.mark.parametrize("bits", [np.random.PCG64, np.random.MT19937, np.random.Philox])
@pytest.mark.parametrize("name", DRAWS)
def test_noise_is_the_same_numbers_in_the_same_order(name, bits, monkeypatch):
    def drawn(size, threads):
        rng = np.random.Generator(bits(7))
        return {**evaluated(monkeypatch, size, threads, DRAWS[name], (13, 61), rng), "next": rng.random()}

    plain = drawn(AT_ONCE, 1)
    for size, threads in ((1, 3), (7, 2), (100, 1), (500, 3)):
        assert same(drawn(size, threads), plain)


@quantity
def _fails_in_the_middle(xp, x):
    """Fail at 500."""
    if (x == 500.0).any():
        raise IndexError("at 500")
    return x


@quantity
def _warns(xp, x):
    """Warn at 500."""
    if (x == 500.0).any():
        warnings.warn("at 500", RuntimeWarning, stacklevel=1)
    return x


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_exceptions_and_warnings_come_through(threads, monkeypatch):
    x = np.arange(1000.0)
    with pytest.raises(IndexError, match="at 500"):
        evaluated(monkeypatch, 10, threads, _fails_in_the_middle, x)
    with pytest.warns(RuntimeWarning, match="at 500"):
        evaluated(monkeypatch, 10, threads, _warns, x)


def test_errors_are_those_of_the_call_at_once(monkeypatch):
    x = np.full(1000, 0.5)
    x[700] = -2.0
    with pytest.raises(ValueError, match=r"hard_concrete.transform: temperature must be .* got -2.0"):
        evaluated(monkeypatch, 10, 2, hard_concrete.transform, x, 0.0, x)


def test_the_callers_error_state_reaches_the_threads(monkeypatch):
    monkeypatch.setattr(tiles, "SIZE", 10)
    stgref.set_threads(3)
    seen = []
    with np.errstate(over="raise", divide="print"):
        tiles.for_each(lambda _: seen.append(tuple(sorted(np.geterr().items()))), tiles.over((1000,)))
        assert set(seen) == {tuple(sorted(np.geterr().items()))}


def test_threads_are_gone_when_the_call_is_over(monkeypatch):
    before = threading.active_count()
    evaluated(monkeypatch, 10, 3, logistic.cdf, np.arange(1000.0))
    assert threading.active_count() == before


def test_users_threads_may_call_at_once(monkeypatch):
    x = np.linspace(-5, 5, 20_000)
    plain = evaluated(monkeypatch, AT_ONCE, 1, hard_concrete.grad_transform, x, 0.5)
    monkeypatch.setattr(tiles, "SIZE", 500)
    stgref.set_threads(2)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: fields(hard_concrete.grad_transform(x, 0.5)), range(20)))
    assert all(same(result, plain) for result in results)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_after_a_call_computes_too():
    code = (
        "import os, numpy as np, stgref\n"
        "x = np.linspace(-5, 5, 100_000); stgref.set_threads(2); before = stgref.logistic.cdf(x)\n"
        "child = os.fork()\n"
        "if not child: os._exit(int(not np.array_equal(stgref.logistic.cdf(x), before)))\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_importing_starts_no_thread():
    code = "import threading, stgref; assert threading.active_count() == 1"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_number_of_threads(monkeypatch):
    assert 1 <= tiles.threads() <= 4
    monkeypatch.setenv("STGREF_THREADS", "3")
    assert tiles.threads() == 3
    stgref.set_threads(2)
    assert tiles.threads() == 2
    stgref.set_threads(None)
    assert tiles.threads() == 3


@pytest.mark.parametrize(
    ("given", "error"),
    [(0, ValueError), (-1, ValueError), (1.5, TypeError), (True, TypeError), ("2", TypeError)],
)
def test_bad_numbers_of_threads(given, error):
    with pytest.raises(error, match="set_threads: n "):
        stgref.set_threads(given)


@pytest.mark.parametrize("given", ["0", "many", "", "1.5"])
def test_bad_environment(given, monkeypatch):
    monkeypatch.setenv("STGREF_THREADS", given)
    with pytest.raises(
        ValueError, match="STGREF_THREADS: the environment variable takes an integer of 1 or more"
    ):
        logistic.cdf(np.zeros(tiles.SIZE + 1))
