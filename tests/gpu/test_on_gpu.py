"""On a GPU: plain is fused is NumPy, gates are NumPy's, noise has its law. Skips where CuPy cannot compute."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from stgref import hard_concrete, noise, rectified_gaussian
from stgref.laws import gumbel, logistic, normal
from stgref.numerics import fused, on_device
from stgref.numerics.quantity import Quantity
from tests.conftest import Library, cupy_library
from tests.gates.kinds import KINDS, Kind
from tests.gpu.test_fused_on_host import BOUND, FUSED, given
from tests.gpu.test_gates_on_host import MASK, assert_alike, passed
from tests.gpu.test_noise_on_host import words
from tests.numerics.bounds import sizes, worst
from tests.numerics.catalogue import QUANTITIES, fields

N = 10**6
FALSE_ALARM = 1e-9


@pytest.fixture(scope="module")
def gpu() -> Library:
    return cupy_library()


def moved(gpu: Library, args: list[Any]) -> list[Any]:
    return [gpu.asarray(a) if isinstance(a, np.ndarray) else a for a in args]


def plain(f: Quantity[..., Any], args: list[Any]) -> dict[str, Any]:
    """The kernel function by function."""
    call = f.prepared(f.name, dict(zip(f.arrays, args, strict=True)))
    return fields(call.converted().at_once(f, f.options))


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("name", FUSED)
def test_plain_is_fused_is_numpy(gpu, name, dtype):
    f, args = QUANTITIES[name], given(name, dtype)
    wanted, size = fields(f(*args)), sizes(f, [np.asarray(a, dtype=np.float64) for a in args])
    assert fused.is_fused(f)
    for way, got in {"fused": fields(f(*moved(gpu, args))), "plain": plain(f, moved(gpu, args))}.items():
        for field, value in wanted.items():
            gpu.assert_own(got[field], dtype, value.shape)
            error = worst(gpu.to_numpy(got[field]), value, size[field], float(np.finfo(dtype).eps))
            assert error <= BOUND, f"{way} {name}, {field}: off by {error:.3g} eps (|f| + sum |x df/dx|)"


@pytest.mark.parametrize("name", ["hard_concrete.mean", "rectified_gaussian.entropy"])
def test_what_is_not_fused(gpu, name):
    f, args = QUANTITIES[name], given(name, "float64")
    wanted, size = f(*args), sizes(f, args)["value"]
    got = f(*moved(gpu, args))
    gpu.assert_own(got, "float64", wanted.shape)
    assert worst(gpu.to_numpy(got), wanted, size, 2.0**-52) <= BOUND


@pytest.mark.parametrize("clip_gradient", ["closed", "open", "half"])
def test_clip_points(gpu, clip_gradient):
    at = np.array([-2.0, -1.0, 0.0, 1.0, 3.0, np.nan])
    got = rectified_gaussian.grad_transform(gpu.asarray(at), 0.5, 0.5, clip_gradient=clip_gradient)
    wanted = rectified_gaussian.grad_transform(at, 0.5, 0.5, clip_gradient=clip_gradient)
    for g, w in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(gpu.to_numpy(g), w)


def test_single_precision_beside_numbers_in_a_fused_kernel(gpu):
    import cupy  # noqa: PLC0415 (there is one: the fixture says so)

    scaled = cupy.fuse(kernel_name="scaled")(lambda x: x * 0.1)
    assert scaled(gpu.asarray(np.ones(3, "float32"))).dtype == "float32"
    got = hard_concrete.grad_transform(gpu.asarray(np.ones(3, "float32")), 0.25, 0.7)
    assert {part.dtype.name for part in got} == {"float32"}


@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (3, 1, 2)])
def test_any_shape(gpu, shape):
    got = normal.logpdf(gpu.asarray(np.ones(shape)), gpu.asarray(np.zeros((1,) * len(shape))))
    gpu.assert_own(got, "float64", shape)


@pytest.fixture(params=KINDS, ids=[kind.name for kind in KINDS])
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param


def on_both(gpu: Library, make: Callable[[Any], Any], *arrays: np.ndarray) -> tuple[list[Any], list[Any]]:
    """What gates give of CuPy's arrays, and of NumPy's."""
    got = passed(make(gpu.asarray), *map(gpu.asarray, arrays))
    return [gpu.to_numpy(a) for a in got], passed(make(np.asarray), *arrays)


@pytest.mark.parametrize("mask", [None, MASK], ids=["none", "mask"])
@pytest.mark.parametrize("sharing", ["example", "batch"])
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("batch", [0, 1, 4099])
def test_gates_are_numpys(gpu, kind, mask, sharing, training, batch):
    rng = np.random.default_rng(0)
    n = 6 if mask is None else 3
    values = {name: np.linspace(value, 1.5 * value, n) for name, value in kind.options.items()}
    parameter = rng.standard_normal(n)

    def make(asarray: Any) -> Any:
        options = {name: asarray(value) for name, value in values.items()}
        gates = kind.make(asarray(parameter), mask=mask, noise_sharing=sharing, **options)
        return gates.train(training)

    x, d = rng.standard_normal((2, batch, 3, 2))
    given_noise = kind.noise(rng.standard_normal(n if sharing == "batch" else (batch, n)))
    got, wanted = on_both(gpu, make, x, given_noise, d)
    assert_alike(got, [np.asarray(w) for w in wanted], tolerance=1e-12 if batch > 1 else 1e-14)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(100_003, 1), (3001, 257), (5, 300_007)])
def test_large_passes(gpu, kind, dtype, shape):
    """As in double precision on the host, to within four roundings of the terms; the same bits again."""
    rng = np.random.default_rng(1)
    x, given_noise, d = rng.standard_normal((3, *shape)).astype(dtype)
    given_noise = kind.noise(given_noise)
    parameter = rng.standard_normal(shape[1]).astype(dtype)
    gates = kind.make(gpu.asarray(parameter), reg_weight=0.0)
    arrays = [gpu.asarray(a) for a in (x, given_noise, d)]
    got, again = passed(gates, *arrays), passed(gates, *arrays)
    exact = passed(
        kind.make(parameter.astype("float64"), reg_weight=0.0),
        *(a.astype("float64") for a in (x, given_noise, d)),
    )
    eps = float(np.finfo(dtype).eps)
    terms = np.sum(np.abs(x * d), axis=0)
    for g, a, w in zip(got, again, exact, strict=True):
        np.testing.assert_array_equal(gpu.to_numpy(g), gpu.to_numpy(a))
        size = 4.0 if np.shape(w) == shape else np.sum(terms) if np.ndim(w) == 0 else terms
        assert np.max(np.abs(gpu.to_numpy(g) - w) / (1.0 + size)) <= 32 * eps


LAWS = {"logistic": logistic, "normal": normal, "gumbel": gumbel}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("base", [*LAWS, "uniform"])
def test_noise_of_the_device_has_its_law(gpu, base, dtype):
    """Dvoretzky, Kiefer, Wolfowitz and Massart: a false alarm once in 10^9."""
    drawn = getattr(noise, base)(N, rng=11, dtype=dtype, xp=gpu.xp, stream="device")
    gpu.assert_own(drawn, dtype, (N,))
    values = np.sort(gpu.to_numpy(drawn).astype("float64"))
    cdf = LAWS[base].cdf(values) if base in LAWS else values
    steps = np.arange(N + 1) / N
    distance = max(np.max(np.abs(cdf - steps[1:])), np.max(np.abs(cdf - steps[:-1])))
    assert distance <= math.sqrt(math.log(2.0 / FALSE_ALARM) / (2 * N))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_noise_of_the_device_is_its_stream(gpu, dtype):
    n = 1003
    got = gpu.to_numpy(noise.uniform(n, rng=5, dtype=dtype, xp=gpu.xp, stream="device"))
    low, high = words(5, 2 * n).reshape(-1, 2).T
    single, double = ((words(5, n) >> 9) + 0.5) * 2.0**-23, (((high << 32 | low) >> 12) + 0.5) * 2.0**-52
    np.testing.assert_array_equal(got, single if dtype == "float32" else double)


def test_noise_of_the_host_is_numpys(gpu):
    np.testing.assert_array_equal(gpu.to_numpy(noise.normal(100, rng=3, xp=gpu.xp)), noise.normal(100, rng=3))


def test_gates_draw_on_the_device_and_say_so(gpu, kind):
    x = gpu.asarray(np.ones((6, 3), "float32"))
    drawn = [kind.cls(3, rng=2, dtype="float32", xp=gpu.xp).vjp(x) for _ in range(2)]
    for _, pullback in drawn:
        assert pullback.stream == on_device.STREAM
    np.testing.assert_array_equal(*(gpu.to_numpy(out[0]) for out, _ in drawn))
    host = kind.cls(3, rng=2, dtype="float32", xp=gpu.xp)
    host.noise_stream = "host"
    (gated, _), pullback = host.vjp(x)
    assert pullback.stream == "numpy-PCG64"
    wanted, _ = kind.cls(3, rng=2, dtype="float32")(np.ones((6, 3), "float32"))
    np.testing.assert_allclose(gpu.to_numpy(gated), wanted, rtol=1e-6, atol=1e-6)
