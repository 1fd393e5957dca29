"""The gates' CUDA kernels, run on the host: what they compute is what NumPy computes, and they compile for a GPU."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from stgref import noise as draws
from stgref.gates import on_cupy
from stgref.gates.setup import Setup
from stgref.numerics import device_sum, raw
from tests.gates.kinds import KINDS, KUMARASWAMY, Kind
from tests.gpu import launched
from tests.gpu.compilers import compile_cuda
from tests.numerics.bounds import sizes

MASK = np.array([[2, 0], [1, 1], [0, 2]])
BOUND = 4.0


@pytest.fixture(params=KINDS, ids=[kind.name for kind in KINDS])
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param


@pytest.fixture
def on_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """NumPy's arrays go the way of CuPy's, and launches are the host's."""
    monkeypatch.setattr(on_cupy, "takes", lambda _: True)
    monkeypatch.setattr(Setup, "twin_law", lambda *_: None)  # that is the way of NumPy's
    monkeypatch.setattr(raw, "launch", launched.launch)


def passed(gates: Any, x: Any, noise: Any, d: Any) -> list[Any]:
    """The gated input, the penalty, and all cotangents."""
    (gated, l0_reg), pullback = gates.vjp(x, noise)
    return [gated, l0_reg, *pullback(d, 0.5)]


def both(monkeypatch: pytest.MonkeyPatch, *args: Any) -> tuple[list[Any], list[Any]]:
    """What kernels give, and what NumPy does."""
    got = passed(*args)
    with monkeypatch.context() as plain:
        plain.setattr(on_cupy, "takes", lambda _: False)
        return got, passed(*args)


def assert_alike(got: list[Any], wanted: list[Any], tolerance: float) -> None:
    assert len(got) == len(wanted)
    for g, w in zip(got, wanted, strict=True):
        assert g.dtype == w.dtype
        assert g.shape == w.shape
        np.testing.assert_allclose(g, w, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(
    "mask", [None, MASK, MASK[:, :1] * 0 + [[0], [2], [1]]], ids=["none", "full", "column"]
)
@pytest.mark.parametrize("sharing", ["example", "batch"])
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_kernels_are_numpy(on_host, monkeypatch, kind, mask, sharing, training):
    rng = np.random.default_rng(0)
    n = 6 if mask is None else 3
    options = {name: np.linspace(value, 1.5 * value, n) for name, value in kind.options.items()}
    gates = kind.make(
        rng.standard_normal(n), mask=mask, noise_sharing=sharing, reg_weight=0.25, **options
    ).train(training)
    x, d = rng.standard_normal((2, 5, 3, 2))
    noise = kind.noise(rng.standard_normal(n if sharing == "batch" else (5, n)))
    assert_alike(*both(monkeypatch, gates, x, noise, d), tolerance=1e-14)


@pytest.mark.parametrize("threads", [1, 6, 16, 1000])
def test_any_chunks_of_the_batch(on_host, monkeypatch, kind, threads):
    monkeypatch.setattr(on_cupy, "THREADS", (threads, threads))
    monkeypatch.setattr(device_sum, "FOLD", 3)
    rng = np.random.default_rng(1)
    gates = kind.make(rng.standard_normal(4))
    x, noise, d = rng.standard_normal((3, 101, 4))
    noise = kind.noise(noise)
    got, wanted = both(monkeypatch, gates, x, noise, d)
    assert_alike(got, wanted, tolerance=1e-13)
    np.testing.assert_array_equal(got[3], passed(gates, x, noise, d)[3])


@pytest.mark.parametrize("threads", [1, 4, 64])
def test_sums_lose_nothing(on_host, monkeypatch, threads):
    """Terms that nearly cancel: one thread gives the exact sum, rounded; more round the sum of each, and theirs once."""
    monkeypatch.setattr(on_cupy, "THREADS", (threads, threads))
    gates = KINDS[1].cls.from_pretrained(np.array([0.5]))
    rng = np.random.default_rng(2)
    x = rng.standard_normal((400, 1)) * 10.0 ** rng.integers(0, 15, (400, 1))
    x = np.concatenate([x, -x, [[1.0]]])
    rng.shuffle(x)
    (_, pullback), d = gates.vjp(x, np.zeros_like(x)), np.ones_like(x)
    bound = 0.0 if threads == 1 else 1.0 * 2.0**-53 * np.sum(np.abs(x))
    assert math.fsum(x[:, 0]) == 1.0
    assert abs(pullback(d, 0.0).mu[0] - 1.0) <= bound


def test_an_infinite_sum_is_infinite(on_host):
    gates = KINDS[1].cls.from_pretrained(np.array([0.5, 0.5]))
    x = np.array([[np.inf, 1.0], [1.0, np.nan], [2.0, 1.0]])
    got = gates.vjp(x, np.zeros_like(x))[1](np.ones_like(x), 0.0).mu
    np.testing.assert_array_equal(got, [np.inf, np.nan])


@pytest.mark.parametrize("batch", [1, 7])
def test_single_precision_keeps_the_bound(on_host, kind, batch):
    """Against the law in double precision, at numbers of single precision: 4 eps (|f| + sum |x df/dx|), and its sum."""
    rng = np.random.default_rng(3)
    n = 500
    base = {"binary-concrete": draws.logistic, "gaussian": draws.normal, "kumaraswamy": draws.uniform}[
        kind.name
    ]
    x, d = rng.standard_normal((2, batch, n)).astype("float32")
    noise = base((batch, n), rng).astype("float32")
    trained = [v.astype("float32") for v in kind.of(3.0 * rng.standard_normal(n))]
    options = {name: (v * rng.uniform(1.0, 2.0, n)).astype("float32") for name, v in kind.options.items()}
    gates = kind.cls.from_pretrained(*trained, reg_weight=0.0, **options)
    gated, _, d_input, *d_theta = passed(gates, x, noise, d)
    law = gates.family.law
    theta = [np.broadcast_to(v, noise.shape).astype("float64") for v in (*trained, *options.values())]
    args = [noise.astype("float64"), *theta]
    exact, size = law.grad_transform(*args), sizes(law.grad_transform, args)
    eps = float(np.finfo("float32").eps)
    wide_x, wide_d = x.astype("float64"), d.astype("float64")
    for got, factor in ((gated, wide_x), (d_input, wide_d)):
        error = np.abs(got - factor * exact.value)
        assert np.max(error / (np.abs(factor) * size["value"] + 1e-300)) <= BOUND * eps
    for got, name, slope in zip(d_theta, exact._fields[2:], exact[2:], strict=True):
        weights = wide_x * wide_d
        error = np.abs(got - np.sum(weights * slope, axis=0))
        assert np.max(error / (np.sum(np.abs(weights) * size[name], axis=0) + 1e-300)) <= BOUND * eps


@pytest.mark.parametrize("dtype", ["float16", "float32", "int32", "bool"])
def test_dtypes(on_host, monkeypatch, kind, dtype):
    """Of the input; the parameter is of single precision."""
    rng = np.random.default_rng(4)
    gates = kind.make(rng.standard_normal(3).astype("float32"))
    x = (3.0 * rng.standard_normal((4, 3))).astype(dtype)
    noise, d = rng.standard_normal((2, 4, 3))
    noise = kind.noise(noise)
    tolerance = 2e-3 if dtype == "float16" else 4e-6
    for of_noise, of_d in itertools.product(
        ["float16", "float32", "float64"], ["float16", "float64", "int64"]
    ):
        args = gates, x, noise.astype(of_noise), (9.0 * d).astype(of_d)
        assert_alike(*both(monkeypatch, *args), tolerance=tolerance * 9.0)


def test_a_view_of_an_array(on_host, monkeypatch, kind):
    x, noise, d = np.random.default_rng(5).standard_normal((3, 8, 6))
    noise = kind.noise(noise)
    gates = kind.make(np.zeros(3))
    assert_alike(*both(monkeypatch, gates, x[::2, ::2], noise[::2, 1::2], d.T[:3, :4].T), tolerance=1e-14)


def test_kernels_take_plain_passes_alone(kind):
    """One row of parameters for all examples, and no fill."""
    gates, x = kind.cls(3, rng=0), np.ones((2, 3))
    for training in (True, False):
        gates.train(training).fill = 0.0
        assert on_cupy.is_plain(gates._call("vjp", x, None))
        assert not on_cupy.is_plain(gates._call("vjp", x, None, **{kind.parameter: np.ones((2, 3))}))
        gates.fill = 0.5
        assert not on_cupy.is_plain(gates._call("vjp", x, None))


def test_an_empty_batch(on_host, monkeypatch, kind):
    gates = kind.make(np.zeros(3))
    assert_alike(*both(monkeypatch, gates, *np.zeros((3, 0, 3))), tolerance=0.0)


def test_noise_that_is_no_number(on_host, monkeypatch, kind):
    """A NaN stays one, and infinite noise is at an end."""
    gates = kind.make(np.zeros(4))
    noise = kind.noise(np.array([[np.nan, np.inf, -np.inf, 0.5]]))
    if kind is KUMARASWAMY:  # whose noise is checked
        noise = np.nan_to_num(noise, nan=0.25)
    got, wanted = both(monkeypatch, gates, np.ones((1, 4)), noise, np.ones((1, 4)))
    assert np.isnan(got[0][0, 0]) == (kind is not KUMARASWAMY)
    assert_alike(got, wanted, tolerance=1e-14)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(1,), (64,), (65, 3), (4097, 2), (0, 3), (3, 0)])
def test_sums_over_the_first_axis(on_host, shape, dtype):
    terms = np.random.default_rng(7).standard_normal(shape).astype(dtype)
    got = device_sum.summed(np, terms)
    assert got.dtype == dtype
    wanted = [math.fsum(column) for column in terms.reshape(len(terms), -1).T] if terms.size else 0.0
    size = np.sum(np.abs(terms), axis=0)
    assert np.all(
        np.abs(got - np.reshape(wanted, shape[1:] if terms.size else ()))
        <= 2.0**-52 * size + np.finfo(dtype).eps * np.abs(got)
    )


def test_chunks_depend_on_shapes_alone():
    fewest, most = on_cupy.THREADS
    assert on_cupy.chunks(10**8, 1) == most
    assert on_cupy.chunks(10**6, 1) == fewest
    assert on_cupy.chunks(10**5, 300) == -(-(3 * 10**7 // on_cupy.EACH) // 300)
    assert on_cupy.chunks(10, 3) == 10
    assert on_cupy.chunks(5, 10**7) == 1
    assert on_cupy.chunks(0, 4) == on_cupy.chunks(3, 2**21) == 1


def sources() -> list[str]:
    kinds = [
        on_cupy.Kind(law, indexed, parameters)
        for law, parameters in (*((k.cls.family.law, len(k.names)) for k in KINDS), (None, 1))
        for indexed in (False, True)
    ]
    types = [("float32",) * 4, ("float64",) * 4, ("float32", "float64", "float32", "float64")]
    return [on_cupy.source_of(kind, of) for kind in kinds for of in types]


@pytest.mark.parametrize("source", sources(), ids=range(len(sources())))
def test_the_kernels_compile_for_a_gpu(source):
    compile_cuda(source)


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_forward_and_back_have_the_same_gate(on_host, kind):
    """To the last bit, so that they agree on which gates are clipped."""
    rng = np.random.default_rng(6)
    gates = kind.make(rng.standard_normal(300).astype("float32"))
    noise = kind.noise(rng.standard_normal((5, 300))).astype("float32")
    ones = np.ones_like(noise)
    gated, _, d_input, *_ = passed(gates, ones, noise, ones)
    np.testing.assert_array_equal(gated, d_input)
