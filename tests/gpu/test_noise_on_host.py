"""Noise of a GPU, drawn by the host: its words are Philox's, its law is right, and it is named."""

from __future__ import annotations

import math

import array_api_compat
import numpy as np
import pytest

from stgref import BinaryConcreteStochasticGates, GaussianStochasticGates, KumaraswamyStochasticGates, noise
from stgref.gates import on_cupy
from stgref.gates.setup import Setup
from stgref.numerics import fused, on_device, raw
from stgref.numerics import namespace as ns
from tests.gates.kinds import KINDS
from tests.gpu import launched
from tests.gpu.compilers import compile_cuda

NUMPY = array_api_compat.array_namespace(np.zeros(()))
M = (0xD2511F53, 0xCD9E8D57)
W = (0x9E3779B9, 0xBB67AE85)
MASK = 0xFFFFFFFF


def philox(counter: tuple[int, ...], key: tuple[int, ...]) -> tuple[int, ...]:
    """Philox 4x32-10 in Python's own integers."""
    (a, b, c, d), (k, l) = counter, key
    for _ in range(10):
        first, second = M[0] * a, M[1] * c
        a, b, c, d = (second >> 32) ^ b ^ k, second & MASK, (first >> 32) ^ d ^ l, first & MASK
        k, l = (k + W[0]) & MASK, (l + W[1]) & MASK
    return a, b, c, d


def test_the_published_answers():
    """Of Random123's own file of known answers."""
    assert philox((0,) * 4, (0,) * 2) == (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)
    assert philox((MASK,) * 4, (MASK,) * 2) == (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)
    digits = (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0)
    assert philox(*digits) == (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)


@pytest.fixture
def on_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """NumPy's arrays are taken for CuPy's, but nothing is fused, and launches are the host's."""
    monkeypatch.setattr(raw, "launch", launched.launch)
    monkeypatch.setattr(ns, "is_cupy", ns.is_numpy)
    monkeypatch.setattr(fused, "run", lambda call, f, options, _: call.converted().at_once(f, options))


def words(seed: int, n: int) -> np.ndarray:
    """The stream of a seed, from its definition."""
    key = int(np.random.default_rng(seed).integers(0, 2**64, dtype=np.uint64))
    blocks = [philox((i, 0, 0, 0), (key & MASK, key >> 32)) for i in range(-(-n // 4))]
    return np.array(blocks, dtype=np.uint64).reshape(-1)[:n]


@pytest.mark.parametrize("n", [1, 4, 1027])
def test_uniform_numbers_are_the_stream_s(on_host, n):
    single = on_device.draw(NUMPY, "uniform", (n,), np.random.default_rng(5), np.float32, None)
    np.testing.assert_array_equal(single, ((words(5, n) >> 9) + 0.5) * 2.0**-23)
    double = on_device.draw(NUMPY, "uniform", (n,), np.random.default_rng(5), np.float64, None)
    low, high = words(5, 2 * n).reshape(-1, 2).T
    np.testing.assert_array_equal(double, (((high << 32 | low) >> 12) + 0.5) * 2.0**-52)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_noise_is_the_quantile_of_the_stream(on_host, dtype):
    n = 400
    if dtype is np.float64:
        low, high = words(6, 2 * n).reshape(-1, 2).T
        u = ((high << 32 | low) >> 12) * 2.0**-52 + 2.0**-53
    else:
        u = words(6, n) * 2.0**-32 + 2.0**-33
    tolerance = 8 * np.finfo(dtype).eps
    for base in ("logistic", "normal", "gumbel"):
        got = on_device.draw(NUMPY, base, (n,), np.random.default_rng(6), dtype, None)
        wanted = getattr(noise, f"{base}_from_uniform")(u)
        np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance)
        assert got.dtype == dtype


def test_both_tails_of_a_bounded_uniform(on_host):
    """With eps, logistic noise is of [logit(eps), logit(1 - eps)], to the last bit alike at both ends."""
    eps = 0.25
    got = on_device.draw(NUMPY, "logistic", (2000,), np.random.default_rng(7), np.float64, None, eps)
    low, high = words(7, 4000).reshape(-1, 2).T
    u = eps + (1 - 2 * eps) * (((high << 32 | low) >> 12) + 0.5) * 2.0**-52
    np.testing.assert_allclose(got, np.log(u) - np.log1p(-u), rtol=1e-13, atol=1e-15)
    assert np.max(np.abs(got)) <= math.log(3.0)


@pytest.mark.parametrize("base", ["logistic", "normal", "gumbel", "uniform"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_longer_array_begins_as_a_shorter_one(on_host, base, dtype):
    long, short = (
        on_device.draw(NUMPY, base, (n,), np.random.default_rng(8), np.dtype(dtype), None)
        for n in (1000, 101)
    )
    np.testing.assert_array_equal(long[:101], short)
    assert len(np.unique(long)) > 990


def test_public_draws(on_host):
    got = noise.normal((3, 5), rng=1, stream="device")
    np.testing.assert_array_equal(got, noise.normal((3, 5), rng=1, stream="device"))
    assert not np.array_equal(got, noise.normal((3, 5), rng=1))
    assert noise.normal((0, 5), stream="device").shape == (0, 5)
    assert noise.normal(4, dtype="float16", stream="device").dtype == "float16"
    with pytest.raises(ValueError, match="antithetic and quasi-random noise take stream"):
        noise.normal(4, antithetic=True, stream="device")


def test_there_is_no_device_but_cupys():
    with pytest.raises(
        ValueError, match=r'noise.normal: stream takes "device" for CuPy only, got it for numpy'
    ):
        noise.normal(4, stream="device")
    with pytest.raises(ValueError, match='stream takes one of "host", "single", "device"'):
        noise.normal(4, stream="gpu")
    gates = BinaryConcreteStochasticGates(3)
    with pytest.raises(ValueError, match='noise_stream takes "device" for CuPy only'):
        gates.noise_stream = "device"
    assert gates.noise_stream == "single"


def pose_as_cupy(monkeypatch: pytest.MonkeyPatch) -> None:
    """NumPy's arrays go the way of CuPy's, and not that of the twin."""
    monkeypatch.setattr(on_cupy, "takes", lambda _: True)
    monkeypatch.setattr(Setup, "twin_law", lambda *_: None)


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_gates_name_the_stream_of_their_noise(on_host, monkeypatch, kind):
    pose_as_cupy(monkeypatch)
    x = np.ones((6, 3), dtype="float32")
    gates = kind.cls(3, rng=2, dtype="float32")
    assert gates.noise_stream == "device"
    out, pullback = gates.vjp(x)
    assert pullback.stream == on_device.STREAM == "philox4x32-10"
    assert pullback.call.noise.dtype == "float32"
    again, _ = kind.cls(3, rng=2, dtype="float32").vjp(x)
    np.testing.assert_array_equal(out[0], again[0])
    assert gates.vjp(x, np.zeros_like(x))[1].stream is None
    gates.noise_stream = "host"
    assert gates.vjp(x)[1].stream == "numpy-PCG64"
    assert gates.eval().vjp(x)[1].stream is None
    assert "noise_stream" not in gates.state_dict()


def test_gates_keep_their_uniforms_off_the_ends(on_host, monkeypatch):
    pose_as_cupy(monkeypatch)
    gates = BinaryConcreteStochasticGates(300, rng=3, eps=0.25)
    drawn = gates.vjp(np.ones((4, 300)))[1].call.noise
    assert 1.0 < np.max(np.abs(drawn)) <= math.log(3.0)
    assert drawn.dtype == "float64"
    for dtype in ("float32", "float64"):
        shapes = np.ones((2, 300), dtype)
        drawn = KumaraswamyStochasticGates.from_pretrained(*shapes, rng=3, eps=0.25).vjp(
            np.ones((4, 300), dtype)
        )
        noise = drawn[1].call.noise
        assert noise.dtype == dtype
        assert 0.25 <= np.min(noise) < 0.26
        assert 0.74 < np.max(noise) <= 0.75
    assert GaussianStochasticGates(300, rng=3).vjp(np.ones((4, 300)))[1].call.noise.max() > 2.0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_kernels_compile_for_a_gpu(dtype):
    compile_cuda(on_device.source(dtype))
