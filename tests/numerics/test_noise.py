"""Standard noise: an open interval, symmetric, the same from one seed everywhere, antithetic and quasi-random."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import qmc

from stgref import hard_concrete, noise
from tests.numerics.catalogue import DRAWS

#: Bits b of the grid (k + 1/2) / 2^b, the finest whose numbers and their mirror images are all exact.
GRID = {"float64": 52, "float32": 23, "float16": 10}
DTYPES = pytest.mark.parametrize("dtype", GRID)
BASES = ("logistic", "normal", "gumbel")
LAWS = {"logistic": stats.logistic, "normal": stats.norm, "gumbel": stats.gumbel_r, "uniform": stats.uniform}


class Stuck:
    """A generator's place holder that draws one and the same cell of 2^-52: the ends of the grid can be asked for.

    The bit below, which no cell has, is 1.
    """

    bit_generator = None

    def __init__(self, k: int) -> None:
        assert 0 <= k < 2**52
        self.value = (2 * k + 1) / 2**53

    def random(self, size: tuple[int, ...] | None = None, out: np.ndarray | None = None) -> np.ndarray:
        if out is None:
            return np.full(size, self.value)
        out[...] = self.value
        return out


@pytest.fixture
def stuck(monkeypatch):
    def at(k: int) -> None:
        monkeypatch.setattr(noise, "generator", lambda _: Stuck(k))

    return at


# --- the grid of the uniforms ----------------------------------------------------------------------------------------


def on_grid(u: np.ndarray, bits: int) -> np.ndarray:
    """Whether u is (k + 1/2) / 2^bits."""
    doubled = u.astype(np.float64) * 2.0 ** (bits + 1)
    return (doubled == np.floor(doubled)) & (doubled % 2 == 1)


@DTYPES
def test_uniforms_are_on_a_symmetric_grid(dtype):
    """So u is never 0 or 1, 1 - u is exact and as likely as u; 100 000 draws of each dtype."""
    u = noise.uniform(100_000, rng=0, dtype=dtype)
    assert u.dtype == np.dtype(dtype)
    assert on_grid(u, GRID[dtype]).all()
    one = np.asarray(1.0, dtype)
    mirrored = one - u
    assert on_grid(mirrored, GRID[dtype]).all()
    np.testing.assert_array_equal(one - mirrored, u)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda rng: rng.random(1000, dtype=np.float32),
        lambda rng: rng.random(1000, dtype=np.float32).clip(1e-8, 1 - 1e-8),
        lambda rng: (1.0 - rng.random(1000)).astype(np.float32),
        lambda rng: rng.uniform(1e-6, 1 - 1e-6, 1000).astype(np.float32),
    ],
    ids=["half-open", "clipped", "mirrored", "shrunk"],
)
def test_usual_uniforms_are_not(wrong):
    """The negative control: what frameworks draw is off the grid with probability 1 - 2^-1000."""
    assert not on_grid(wrong(np.random.default_rng(0)), GRID["float32"]).all()


@DTYPES
def test_ends_of_the_grid(stuck, dtype):
    """The smallest and the largest uniform are mirror images, and the noise made of them is finite."""
    ends = []
    for k in (0, 2**52 - 1):
        stuck(k)
        ends.append(noise.uniform(1, dtype=dtype)[0])
        for name in BASES:
            assert np.isfinite(DRAWS[f"noise.{name}"](1, dtype=dtype)).all()
    assert ends == [2.0 ** -(GRID[dtype] + 1), 1.0 - 2.0 ** -(GRID[dtype] + 1)]


@pytest.mark.parametrize("base", ["logistic", "normal"])
@DTYPES
def test_both_tails_are_alike(stuck, base, dtype):
    for k in (0, 1, 12345, 2**51, 2**51 - 1):
        stuck(k)
        one = DRAWS[f"noise.{base}"](1, dtype=dtype)
        stuck(2**52 - 1 - k)
        assert DRAWS[f"noise.{base}"](1, dtype=dtype) == -one


# --- seeds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWS)
def test_whatever_default_rng_takes_gives_the_same_noise(name):
    wanted = DRAWS[name]((3, 2), 7)
    for rng in (
        7,
        np.int64(7),
        np.random.SeedSequence(7),
        np.random.default_rng(7),
        np.random.PCG64(7),
        np.random.default_rng(np.random.SeedSequence(7)),
    ):
        np.testing.assert_array_equal(DRAWS[name]((3, 2), rng=rng), wanted)
    np.testing.assert_array_equal(DRAWS[name]([3, 2], rng=7), wanted)
    np.testing.assert_array_equal(DRAWS[name]((np.int64(3), 2), rng=7), wanted)


@pytest.mark.parametrize("name", DRAWS)
def test_generators_move_on_and_seeds_do_not(name):
    rng = np.random.default_rng(7)
    first, second = DRAWS[name](4, rng=rng), DRAWS[name](4, rng=rng)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(np.concatenate([first, second]), DRAWS[name](8, rng=7))
    assert not np.array_equal(DRAWS[name](4), DRAWS[name](4))


def test_the_global_state_is_neither_used_nor_changed():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    noise.normal(5)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("name", DRAWS)
def test_legacy_generators_are_refused(name):
    with pytest.raises(TypeError, match="rng"):
        DRAWS[name](2, rng=np.random.RandomState(0))


def test_spawned_streams_differ():
    streams = [noise.uniform(4, rng=s) for s in np.random.SeedSequence(0).spawn(3)]
    assert all(not np.array_equal(a, b) for a, b in pairwise(streams))


# --- dtypes, libraries, devices --------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", BASES)
def test_one_seed_gives_the_same_noise_in_every_dtype(base):
    draw = DRAWS[f"noise.{base}"]
    double = draw(1000, rng=5)
    single = draw(1000, rng=5, dtype="float32")
    np.testing.assert_array_equal(single, double.astype(np.float32))
    np.testing.assert_array_equal(draw(1000, rng=5, dtype="float16"), single.astype(np.float16))


def test_one_seed_gives_the_same_uniforms_in_every_dtype():
    """In the cell of its own grid that the finer uniform is in."""
    double = noise.uniform(1000, rng=5)
    for dtype in ("float32", "float16"):
        cells = 2.0 ** GRID[dtype]
        u = noise.uniform(1000, rng=5, dtype=dtype).astype(np.float64)
        np.testing.assert_array_equal(np.floor(u * cells), np.floor(double * cells))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", DRAWS)
def test_one_seed_gives_the_same_noise_in_every_library(xp, name, dtype):
    """Bit by bit: all draws are made on the host."""
    got = DRAWS[name]((4, 3), rng=11, dtype=dtype, xp=xp.xp, device=xp.device)
    xp.assert_own(got, np.dtype(dtype), (4, 3))
    np.testing.assert_array_equal(xp.to_numpy(got), DRAWS[name]((4, 3), rng=11, dtype=dtype))


@pytest.mark.parametrize("library", ["torch", "dask.array", "jax.numpy", "numpy", "array_api_strict"])
def test_libraries_may_be_given_as_themselves(library):
    xp = pytest.importorskip(library)
    assert type(noise.normal(2, rng=0, xp=xp)) is type(xp.zeros(2))


def test_dtypes_of_the_library_are_taken():
    torch = pytest.importorskip("torch")
    strict = pytest.importorskip("array_api_strict")
    for xp, dtype in [(torch, torch.float32), (torch, torch.float16), (strict, strict.float32)]:
        assert noise.gumbel(2, rng=0, xp=xp, dtype=dtype).dtype == dtype


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("shape", [(), (0,), (3, 0), 4, (2, 3, 4)])
def test_shapes(name, shape):
    got = DRAWS[name](shape, rng=0)
    assert got.shape == ((shape,) if isinstance(shape, int) else shape)
    assert got.dtype == np.float64


# --- antithetic and quasi-random -------------------------------------------------------------------------------------


@DTYPES
def test_antithetic_uniforms_are_exact_mirror_images(dtype):
    u = noise.uniform((6, 3), rng=0, dtype=dtype, antithetic=True)
    np.testing.assert_array_equal(u[3:], np.asarray(1.0, dtype) - u[:3])
    np.testing.assert_array_equal(u[:3], noise.uniform((3, 3), rng=0, dtype=dtype))


@pytest.mark.parametrize("base", ["logistic", "normal"])
@DTYPES
def test_antithetic_noise_is_exactly_opposite(base, dtype):
    n = DRAWS[f"noise.{base}"]((6, 3), rng=0, dtype=dtype, antithetic=True)
    np.testing.assert_array_equal(n[3:], -n[:3])


def test_antithetic_gumbel_noise_is_of_mirrored_uniforms():
    g = noise.gumbel((6, 3), rng=0, antithetic=True)
    np.testing.assert_allclose(np.exp(-np.exp(-g[3:])), 1.0 - np.exp(-np.exp(-g[:3])), rtol=1e-12)


@pytest.mark.parametrize("length", [0, 1, 5])
def test_antithetic_rows_may_be_odd_in_number(length):
    n = noise.logistic(length, rng=0, antithetic=True)
    half = length // 2
    assert n.shape == (length,)
    np.testing.assert_array_equal(n[length - half :], -n[:half])


def test_antithetic_noise_needs_rows():
    with pytest.raises(ValueError, match="antithetic"):
        noise.uniform((), rng=0, antithetic=True)


ENGINES = {"sobol": qmc.Sobol, "halton": qmc.Halton, "latin hypercube": qmc.LatinHypercube}


def law_of_gates(draw: np.ndarray) -> np.ndarray:
    return hard_concrete.transform(draw, np.asarray([-1.5, 0.0, 2.0]))


@pytest.mark.parametrize("engine", ["sobol", "halton"])
def test_quasi_random_noise_integrates_far_better_than_monte_carlo(engine):
    """The mean gate over 4096 points is 30 times nearer to the exact one than the standard error of independent noise.

    The engines are scrambled with fixed seeds: no false alarms.
    """
    points = 4096
    wanted = hard_concrete.mean(np.asarray([-1.5, 0.0, 2.0]))
    standard_error = np.sqrt(hard_concrete.variance(np.asarray([-1.5, 0.0, 2.0])) / points)
    quasi = law_of_gates(noise.logistic((points, 3), rng=ENGINES[engine](3, rng=0))).mean(axis=0)
    plain = law_of_gates(noise.logistic((points, 3), rng=0)).mean(axis=0)
    assert np.all(np.abs(quasi - wanted) < standard_error / 30)
    assert np.any(np.abs(plain - wanted) > standard_error / 30)  # the negative control


@pytest.mark.parametrize("engine", ENGINES)
@DTYPES
def test_quasi_random_uniforms_are_on_the_grid(engine, dtype):
    """One engine point to each row; also the first point of an unscrambled sequence, which is 0."""
    u = noise.uniform((8, 2, 3), rng=ENGINES[engine](6, rng=1), dtype=dtype)
    points = ENGINES[engine](6, rng=1).random(8).reshape(8, 2, 3)
    assert on_grid(u, GRID[dtype]).all()
    assert np.abs(u - points).max() <= 2.0 ** -(GRID[dtype] + 1)


def test_quasi_random_zero_is_moved_inside():
    u = noise.uniform((1, 2), rng=qmc.Sobol(2, scramble=False))
    assert np.all(u == 2.0**-53)


def test_quasi_random_engines_must_fit_the_shape():
    for shape in [(8, 3), (), (8,)]:
        with pytest.raises(ValueError, match="rng"):
            noise.uniform(shape, rng=qmc.Sobol(2, rng=0))


def test_quasi_random_engines_move_on():
    engine = qmc.Sobol(1, rng=0)
    rows = np.concatenate([noise.uniform((4, 1), rng=engine), noise.uniform((4, 1), rng=engine)])
    np.testing.assert_array_equal(rows, noise.uniform((8, 1), rng=qmc.Sobol(1, rng=0)))


# --- noise from recorded uniforms ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("base", ["logistic", "normal"])
@given(k=st.lists(st.integers(0, 2**52 - 1), min_size=1, max_size=20))
def test_from_uniform_is_antisymmetric_to_the_bit(base, dtype, k):
    """Wherever 1 - u is exact, that is on the grid; and 0 at 1/2."""
    bits = GRID[dtype]
    u = ((np.asarray(k, dtype=np.int64) >> (52 - bits)) + 0.5) / 2.0**bits
    u = u.astype(dtype)
    from_uniform = getattr(noise, f"{base}_from_uniform")
    np.testing.assert_array_equal(from_uniform(1.0 - u), -from_uniform(u))
    assert from_uniform(np.asarray(0.5, dtype)) == 0.0


@pytest.mark.parametrize("base", BASES)
def test_from_uniform_is_what_the_draws_are_made_of(base):
    u = noise.uniform((5, 2), rng=3)
    np.testing.assert_array_equal(
        getattr(noise, f"{base}_from_uniform")(u), DRAWS[f"noise.{base}"]((5, 2), rng=3)
    )


@pytest.mark.parametrize("base", BASES)
@given(u=st.floats(1e-300, 1.0, exclude_max=True))
def test_from_uniform_is_the_quantile(base, u):
    """Of SciPy's law; the tolerance covers the condition of the quantile near 0.5, and SciPy's own rounding."""
    wanted = LAWS[base].ppf(u)
    slope = u / LAWS[base].pdf(wanted) if LAWS[base].pdf(wanted) > 0 else 0.0
    assert abs(getattr(noise, f"{base}_from_uniform")(u) - wanted) <= 16 * 2.0**-52 * (
        abs(wanted) + abs(slope) + 1.0
    )


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("u", [0.0, 1.0, -1e-300, 1.0 + 2.0**-52, math.nan, math.inf])
def test_from_uniform_refuses_the_ends_and_beyond(base, u):
    for value in (u, [0.5, u], np.asarray(u, dtype=np.float32)):
        if float(np.float32(u)) == u or not isinstance(value, np.ndarray):
            with pytest.raises(ValueError, match=r"\bu\b"):
                getattr(noise, f"{base}_from_uniform")(value)
