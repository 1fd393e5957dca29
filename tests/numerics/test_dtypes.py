"""Which dtype a result has and how it is rounded, on NumPy; other libraries are in `test_libraries`."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from stgref import hard_concrete, noise, normal, special
from tests.conftest import Library
from tests.numerics.bounds import sizes, worst
from tests.numerics.catalogue import DOUBLED, DRAWS, QUANTITIES, RATES, arguments, bare, fields

HALF: dict[str, tuple[float, float]] = {
    "x": (-0.1, 1.1),
    "p": (0.0, 1.0),
    "u": (0.002, 0.998),
    "noise": (-8.0, 8.0),
    "loc": (-3.0, 3.0),
    "scale": (0.2, 3.0),
    "logits": (-9.0, 9.0),
    "log_alpha": (-9.0, 9.0),
    "temperature": (0.1, 2.0),
    "lower": (-1.0, -0.05),
    "upper": (1.05, 2.0),
    "mu": (-0.5, 1.5),
    "std": (0.1, 1.1),
    "cotangent": (-3.0, 3.0),
    "prob": (0.0, 1.0),
    "weight": (-3.0, 3.0),
    "count": (1.0, 20.0),
    "squares": (0.0, 5.0),
    "l0_weight": (-1.0, 1.0),
    "precision": (0.0, 2.0),
    "n_in": (0.0, 20.0),
    "n_out": (0.0, 20.0),
    "kernel": (1.0, 25.0),
    "positions": (1.0, 50.0),
    "bias": (0.0, 1.0),
    "size": (0.0, 3.0),
    "target": (0.0, 3.0),
    "linear": (-2.0, 2.0),
    "quadratic": (0.0, 2.0),
    "budget": (0.0, 4.0),
    "margin": (0.1, 2.0),
    **dict.fromkeys(RATES, (0.002, 0.998)),
    "alpha": (0.01, 20.0),
    "drop_logits": (-9.0, 9.0),
    "stg_mu": (-1.0, 1.0),
    "a": (0.2, 5.0),
    "b": (0.2, 5.0),
}


def half_arguments(name: str, count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(len(name))
    f = QUANTITIES[name]
    return [half_array(name, n, (count, 3) if n in f.vectors else (count,), rng) for n in f.arrays]


def half_array(name: str, argument: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Random values of an argument; the samples are 0, 1 or one-hot, the points of a law of vectors in its support."""
    if argument == "sample" or (argument == "x" and name.startswith("categorical.")):
        drawn = np.eye(3)[rng.integers(3, size=shape[0])] if len(shape) > 1 else rng.integers(2, size=shape)
    elif argument == "x" and len(shape) > 1:
        drawn = rng.dirichlet(np.ones(3), size=shape[0]) + 2.0**-14
        drawn = np.log(drawn) if name.startswith("exp_concrete.") else drawn
    else:
        uniform = argument == "noise" and "kumaraswamy" in name
        drawn = rng.uniform(*HALF["u" if uniform else bare(argument)], size=shape)
    return drawn.astype(np.float16)


@pytest.mark.parametrize("name", QUANTITIES)
def test_half_precision_is_the_single_precision_result_rounded_once(name):
    """Bit by bit, at 4096 random points (64 where a point takes a millisecond)."""
    args = half_arguments(name, 64 if name in DOUBLED else 4096)
    single = fields(QUANTITIES[name](*(a.astype(np.float32) for a in args)))
    for field, got in fields(QUANTITIES[name](*args)).items():
        assert got.dtype == np.float16
        with np.errstate(over="ignore", under="ignore"):
            np.testing.assert_array_equal(got, single[field].astype(np.float16), err_msg=f"{name}, {field}")


@pytest.mark.parametrize("name", QUANTITIES)
def test_single_precision_is_right_to_the_last_digit_or_two(name):
    """Against the double precision result at the same point: rounding alone, and so 0.5 eps and not 4.

    What is computed in single precision (`stgref.numerics.single`) is right to the standard's 4 eps instead.
    """
    args = [a.astype(np.float32) for a in half_arguments(name, 16 if name in DOUBLED else 256)]
    wide = [a.astype(np.float64) for a in args]
    double = fields(QUANTITIES[name](*wide))
    for field, got in fields(QUANTITIES[name](*args)).items():
        assert got.dtype == np.float32
        if QUANTITIES[name].single:
            error = worst(got, double[field], sizes(QUANTITIES[name], wide)[field], 2.0**-23)
            assert error <= 4.0, f"{name}, {field}: off by {error:.3g} eps (|f| + sum |x df/dx|)"
            continue
        with np.errstate(over="ignore", under="ignore"):
            np.testing.assert_array_equal(got, double[field].astype(np.float32), err_msg=f"{name}, {field}")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((np.float32, np.float64), np.float64),
        ((np.float16, np.float32), np.float32),
        ((np.float32, np.int64), np.float32),
        ((np.int8, np.int64), np.float64),
        ((np.uint8, np.float16), np.float16),
    ],
)
def test_dtypes_promote_over_the_floating_ones(given, expected):
    a, b = (np.ones(2, dtype=d) for d in given)
    assert normal.cdf(a, b).dtype == expected
    assert normal.cdf(b, a).dtype == expected
    assert hard_concrete.grad_transform(a, b).temperature.dtype == expected


def test_python_scalars_are_weak_and_numpy_scalars_are_not():
    """As in NEP 50."""
    x = np.ones(2, dtype=np.float32)
    assert normal.cdf(x, 1.0, 2).dtype == np.float32
    assert normal.cdf(x, np.float32(1.0)).dtype == np.float32
    assert normal.cdf(x, np.float64(1.0)).dtype == np.float64
    assert normal.cdf(np.float16(1.0), 0.5).dtype == np.float16


def test_scalars_and_lists_give_what_numpy_would():
    assert isinstance(special.expit(0.5), np.float64)
    assert isinstance(special.expit(1), np.float64)
    assert isinstance(special.expit(np.float32(0.5)), np.float32)
    assert isinstance(special.expit(np.asarray(0.5)), np.float64)
    assert special.expit([0.5, 1]).dtype == np.float64
    assert special.expit(((0.5, 1.0),)).shape == (1, 2)
    assert special.expit([]).shape == (0,)


def test_the_order_in_memory_does_not_matter():
    x = np.linspace(-3.0, 3.0, 24).reshape(4, 6)
    wanted = normal.grad_logcdf(x, 0.5, 2.0).scale
    for view in (np.asfortranarray(x), x[::-1][::-1], np.repeat(x, 2, axis=1)[:, ::2], x.astype(">f8")):
        np.testing.assert_array_equal(normal.grad_logcdf(view, 0.5, 2.0).scale, wanted)


@pytest.fixture(scope="module")
def single_only() -> Library:
    """A device that has no double precision, as some GPUs and JAX without its flag."""
    strict = pytest.importorskip("array_api_strict")
    device, cpu = strict.Device("no_float64"), strict.Device("CPU_DEVICE")
    return Library(
        "array-api-strict, no float64",
        strict,
        device,
        asarray=lambda values: strict.asarray(np.asarray(values), device=device),
        to_numpy=lambda array: np.asarray(strict.asarray(array, device=cpu)),
    )


@pytest.mark.parametrize("name", QUANTITIES)
def test_devices_without_double_precision(single_only, name):
    """There kernels run in single precision, within the bound of `test_libraries` all the same."""
    args = arguments(name, np.float32)
    got = fields(QUANTITIES[name](*map(single_only.asarray, args)))
    size = sizes(QUANTITIES[name], [a.astype(np.float64) for a in args])
    for field, wanted in fields(QUANTITIES[name](*args)).items():
        single_only.assert_own(got[field], np.float32, wanted.shape)
        assert worst(single_only.to_numpy(got[field]), wanted, size[field], 2.0**-23) <= 8.0


def test_integers_take_the_widest_dtype_of_the_device(single_only):
    assert (
        special.expit(single_only.asarray(np.asarray([1, 2], dtype=np.int32))).dtype == single_only.xp.float32
    )
    x = single_only.asarray(np.zeros(2, np.float32))
    assert hard_concrete.sample((3, 2), x, rng=0).dtype == single_only.xp.float32
    assert (
        noise.normal(3, rng=0, xp=single_only.xp, device=single_only.device).dtype == single_only.xp.float32
    )


JAX_WITHOUT_THE_FLAG = """
import jax.numpy as jnp
from stgref import noise, special
assert special.expit(jnp.zeros(2)).dtype == jnp.float32
assert noise.normal(2, xp=jnp).dtype == jnp.float32
try:
    noise.normal(2, xp=jnp, dtype="float64")
except TypeError as error:
    assert "dtype" in str(error) and "jax_enable_x64" in str(error), error
else:
    raise AssertionError("double precision was asked for, and something else given")
"""


def test_double_precision_is_refused_where_jax_would_give_single():
    pytest.importorskip("jax")
    subprocess.run([sys.executable, "-W", "error", "-c", JAX_WITHOUT_THE_FLAG], check=True)


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_noise_takes_dtypes_by_name_and_by_value(name, dtype):
    draw = DRAWS[name]
    forms: list[Any] = [dtype, np.dtype(dtype), getattr(np, dtype)]
    results = [draw(5, rng=3, dtype=form) for form in forms]
    assert all(r.dtype == np.dtype(dtype) and np.array_equal(r, results[0]) for r in results)
