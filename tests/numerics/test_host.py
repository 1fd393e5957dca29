"""NumPy's own `where`, and the one without branches."""

from __future__ import annotations

import numpy as np
import pytest

from stgref.numerics import host
from stgref.numerics import namespace as ns

N = 4096
SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, -np.nan, 5e-324, -1.5])


def same_bits(left: np.ndarray, right: np.ndarray) -> bool:
    return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()


@pytest.mark.parametrize("shape", [(N,), (64, 64), (2, 3)])
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("array", "array"),
        (0.0, "array"),
        ("array", -0.0),
        (np.nan, 1.0),
        ("row", "array"),
        ("single", "array"),
        (1, "array"),
        ("strided", "scalar"),
    ],
)
def test_where_is_numpys_to_the_last_bit(shape, left, right):
    rng = np.random.default_rng(0)
    condition = rng.random(shape) < 0.5

    def made(kind):
        values = rng.choice(SPECIAL, shape)
        kinds = {
            "array": values,
            "row": values[:1],
            "single": values.astype(np.float32),
            "strided": np.repeat(values, 2, axis=-1)[..., ::2],
            "scalar": np.float64(-0.0),
        }
        return kinds.get(kind, kind) if isinstance(kind, str) else kind

    x1, x2 = made(left), made(right)
    assert same_bits(np.asarray(host.where(condition, x1, x2)), np.where(condition, x1, x2))


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("left", ["array", 0.0, -0.0, np.inf, "number"])
@pytest.mark.parametrize("right", ["array", 1.0, "number"])
def test_where_in_both_precisions_and_where_nothing_is_chosen(share, dtype, left, right):
    rng = np.random.default_rng(0)
    condition = rng.random(N) < share

    def made(kind):
        kinds = {"array": rng.choice(SPECIAL, N).astype(dtype), "number": dtype(-2.5)}
        return kinds.get(kind, kind) if isinstance(kind, str) else kind

    x1, x2 = made(left), made(right)
    assert same_bits(np.asarray(host.where(condition, x1, x2)), np.where(condition, x1, x2))


def test_log1p_of_single_precision_is_right_to_three_eps():
    rng = np.random.default_rng(0)
    sizes = 10.0 ** rng.uniform(-44, 38, 200_000)
    near = 1.0 - 10.0 ** rng.uniform(-7, 0, 100_000)
    x = np.concatenate([sizes, -sizes[sizes < 0.9], -near, [0.0, -0.0]]).astype(np.float32)
    x = x[x > -1.0]
    exact = np.log1p(x.astype(np.float64))
    error = np.abs(host.log1p(x).astype(np.float64) - exact)
    eps, subnormal = np.finfo(np.float32).eps, np.finfo(np.float32).smallest_subnormal
    assert np.all(error <= np.maximum(3.0 * eps * np.abs(exact), subnormal))
    assert host.log1p(x).dtype == np.float32
    with np.errstate(divide="ignore"):
        assert host.log1p(np.array([-1.0], np.float32)) == -np.inf


def test_log1p_of_double_precision_is_numpys():
    x = np.random.default_rng(0).exponential(size=N)
    assert same_bits(host.log1p(x), np.log1p(x))


def test_the_rest_is_numpy():
    assert ns.is_numpy(host.NUMPY)
    assert host.NUMPY.exp is np.exp
    assert host.NUMPY.linalg is np.linalg
    assert host.NUMPY.where is host.where
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = host.NUMPY.nothing
