"""The fused path of every public function, but for the GPU: CuPy traces it, and the host computes what came of it."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest

pytest.importorskip("cupy")

from stgref import hard_concrete, normal, rectified_gaussian
from stgref.numerics import fused, symbols
from tests.gpu.compilers import compile_cuda
from tests.gpu.on_host import Host, computing, cuda_source_of, to_device, to_host
from tests.numerics.bounds import sizes, worst
from tests.numerics.catalogue import DOUBLED, QUANTITIES, arguments, fields, scalars, value_of, values_of

BOUND = 8.0
FUSED = sorted(name for name, f in QUANTITIES.items() if fused.reason(f) is None)
DTYPES = ("float64", "float32", "float16")


def given(name: str, dtype: str) -> list[Any]:
    """Arrays that broadcast, in double precision; else one array in ``dtype`` beside Python's numbers."""
    if dtype == "float64":
        return arguments(name)
    first, *others = scalars(name)
    return [values_of(name, first).astype(dtype), *(value_of(name, n) for n in others)]


def on_host(name: str, dtype: str) -> Any:
    arrays = [to_device(a) if isinstance(a, np.ndarray) else a for a in given(name, dtype)]
    return fields(QUANTITIES[name](*arrays))


#: What is compiled: sums of products in two roundings as they are written, or in one, as nvcc has them.
CASES = {
    "as-written": [
        (name, dtype)
        for name in FUSED
        for dtype in DTYPES
        if dtype != "float16" or name.startswith("normal.")
    ],
    "contracted": [(name, "float64") for name in FUSED],
}


def compiled(way: str) -> Host:
    """The host with all kernels of its cases compiled."""
    host = Host(contracted=way == "contracted")
    with computing(host), host.collecting():
        for name, dtype in CASES[way]:
            on_host(name, dtype)
    return host


@pytest.fixture(scope="module")
def as_written():
    with computing(compiled("as-written")) as host:
        yield host


@pytest.fixture(scope="module")
def contracted():
    with computing(compiled("contracted")) as host:
        yield host


def test_what_is_fused():
    """All but quadratures, and what works on vectors; each with its reason."""
    left = {name: fused.reason(f) for name, f in QUANTITIES.items() if name not in FUSED}
    scalar = {name: why for name, why in left.items() if not QUANTITIES[name].of_vectors}
    assert {name.partition(".")[2] for name in scalar.keys() - DOUBLED} == {"mean", "grad2_mean"}
    assert set(scalar.values()) == {"it calls broadcast_arrays"}
    assert {left[name] for name in left.keys() - scalar.keys()} == {"it works on vectors"}


def check(name: str, dtype: str) -> None:
    f, args = QUANTITIES[name], given(name, dtype)
    got, wanted = on_host(name, dtype), fields(f(*args))
    size = sizes(f, [np.asarray(a, dtype=np.float64) for a in args])
    assert list(got) == list(wanted)
    for field, value in wanted.items():
        assert got[field].dtype == dtype
        assert got[field].shape == value.shape
        error = worst(to_host(got[field]), value, size[field], float(np.finfo(dtype).eps))
        assert error <= BOUND, f"{name}, {field}: off by {error:.3g} eps (|f| + sum |x df/dx|)"


@pytest.mark.parametrize(("name", "dtype"), CASES["as-written"])
def test_fused_is_numpy(as_written, name, dtype):
    """Single precision is kept beside Python's numbers, and half precision too."""
    check(name, dtype)


@pytest.mark.parametrize(("name", "dtype"), CASES["contracted"])
def test_fused_is_numpy_where_products_and_sums_are_contracted(contracted, name, dtype):
    check(name, dtype)


def test_the_sources_compile_for_a_gpu(contracted):
    header = "#define CUDART_INF __longlong_as_double(0x7ff0000000000000LL)\n#define CUDART_NAN (-CUDART_INF + CUDART_INF)\n"
    sources = enumerate(map(cuda_source_of, contracted.kernels.values()))
    compile_cuda(header + "\n".join(source.replace("NAME", f"kernel_{i}") for i, source in sources))


X = np.array([[-2.0], [0.0], [0.5], [9.0]])


def test_arguments_are_found_by_name_and_options_are_kept():
    a = np.array([-3.0, 0.0, 0.25])
    for clip_gradient in ("closed", "open", "half"):
        got = hard_concrete.grad_transform(
            upper=1.5, log_alpha=to_device(a), noise=to_device(X), clip_gradient=clip_gradient
        )
        wanted = hard_concrete.grad_transform(X, a, 2 / 3, -0.1, 1.5, clip_gradient=clip_gradient)
        for g, w in zip(got, wanted, strict=True):
            np.testing.assert_allclose(to_host(g), w, rtol=1e-14)


@pytest.mark.parametrize("clip_gradient", ["closed", "open", "half"])
def test_clip_points(clip_gradient):
    """Exactly at 0 and 1, beyond them, and at a NaN."""
    noise = np.array([-2.0, -1.0, 0.0, 1.0, 3.0, np.nan])
    got = rectified_gaussian.grad_transform(to_device(noise), 0.5, 0.5, clip_gradient=clip_gradient)
    wanted = rectified_gaussian.grad_transform(noise, 0.5, 0.5, clip_gradient=clip_gradient)
    for g, w in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(to_host(g), w)


@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (3, 1, 2)])
def test_any_shape(shape):
    got = normal.logpdf(to_device(np.ones(shape)), to_device(np.zeros((1,) * len(shape))))
    assert got.shape == shape
    np.testing.assert_allclose(to_host(got), normal.logpdf(np.ones(shape)))


def test_numbers_that_hang_on_no_array():
    """A derivative that is 1 everywhere, and one of Python's numbers only, are arrays of the call's shape."""
    got = normal.grad_transform(to_device(X.astype("float32")), 0.25, 3.0)
    for name, wanted in {"noise": 3.0, "loc": 1.0}.items():
        assert getattr(got, name).dtype == "float32"
        np.testing.assert_array_equal(to_host(getattr(got, name)), np.full_like(X, wanted))


def test_numbers_keep_their_digits_in_a_trace():
    """Python's own floats among themselves would be of half precision in `cupy.fuse`."""
    got = hard_concrete.grad_transform(to_device(X), 0.3, 0.7, -0.11, 1.13)
    wanted = hard_concrete.grad_transform(X, 0.3, 0.7, -0.11, 1.13)
    for g, w in zip(got, wanted, strict=True):
        np.testing.assert_allclose(to_host(g), w, rtol=1e-14)
    where, cupy = fused.elementwise().where, pytest.importorskip("cupy")
    choice = cupy.fuse(kernel_name="choice")(lambda x: (where(x > 0.0, 0.1, 0.7),))
    np.testing.assert_array_equal(to_host(choice(to_device(X))[0]), np.where(X > 0.0, 0.1, 0.7))


def test_it_is_traced_once(monkeypatch):
    fused.fused.cache_clear()
    calls, kernel = [], normal.cdf.kernel
    monkeypatch.setattr(normal.cdf, "kernel", lambda xp, *a: (calls.append(xp), kernel(xp, *a))[1])
    for values in (X, X + 1.0, X[:2]):
        normal.cdf(to_device(values), 0.5)
    assert calls == [fused.elementwise()]
    normal.cdf(to_device(X[0]), 0.5)  # another number of axes
    assert len(calls) == 2
    fused.fused.cache_clear()


def test_bad_input_is_refused_as_everywhere():
    with pytest.raises(ValueError, match="std must be finite and greater than 0"):
        rectified_gaussian.transform(to_device(X), to_device(X), to_device(np.array([0.0])))
    with pytest.raises(ValueError, match="shapes do not broadcast"):
        normal.cdf(to_device(X), to_device(np.zeros((3, 2))))
    with pytest.raises(TypeError, match="all arrays must come from one library"):
        normal.cdf(to_device(X), np.zeros(3))


def test_what_is_not_fused_is_said_once(caplog, monkeypatch):
    fused.is_fused.cache_clear()
    monkeypatch.setattr(fused, "fused", None)
    with caplog.at_level(logging.INFO, logger="stgref"):
        assert not fused.is_fused(hard_concrete.mean)
        assert not fused.is_fused(hard_concrete.mean)
        assert fused.is_fused(hard_concrete.cdf)
    assert caplog.messages == ["hard_concrete.mean is not fused on CuPy: it calls broadcast_arrays"]


KERNELS = {
    "it calls sum": lambda xp, x: xp.sum(x),
    "it asks for the shape of an array": lambda xp, x: xp.exp(x).shape,
    "it asks whether an element is true": lambda xp, x: xp.exp(x) if x > 0 else -x,
    "it takes elements of an array": lambda xp, x: xp.exp(x)[0],
    "it computes with numbers alone": lambda xp, x: xp.exp(0.5) * x,
}


@pytest.mark.parametrize("words", KERNELS)
def test_what_is_not_elementwise(words):
    with pytest.raises(symbols.NotElementwiseError, match=words):
        symbols.traced(KERNELS[words], ["x"], {})
