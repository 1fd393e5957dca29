"""The tuned twin of a pass against the kernels and against mpmath, within the standard's tolerance, whatever comes in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stgref
from stgref.gates import twin
from stgref.gates.setup import Setup
from tests.gates.kinds import BINARY_CONCRETE, CAPTUMS, GAUSSIAN, Kind
from tests.gates.truth import Problem, worst

DTYPES = pytest.mark.parametrize("dtype", ["float64", "float32"])
LEAST = {"float64": 1e-6, "float32": 2.0**-7}


@pytest.fixture(autouse=True)
def _default_threads() -> Any:
    yield
    stgref.set_threads(None)


@pytest.fixture(params=CAPTUMS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param


def log_uniform(rng: np.random.Generator, low: float, high: float, n: int) -> np.ndarray:
    return np.exp(rng.uniform(np.log(low), np.log(high), n))


def anywhere(kind: Kind, dtype: str, seed: int, n: int, batch: int) -> dict[str, Any]:
    """Gates anywhere in the domain of the twin, and noise that leaves most of them unclipped."""
    rng = np.random.default_rng(seed)
    if kind is GAUSSIAN:
        std = log_uniform(rng, 1e-2, 10.0, n)
        theta = {"mu": rng.uniform(-1.5, 2.5, n), "std": std}
        noise = (rng.uniform(-0.5, 1.5, (batch, n)) - theta["mu"]) / std
    else:
        theta = {
            "log_alpha_param": rng.choice([-1, 1], n) * log_uniform(rng, 1e-3, 1e4, n),
            "temperature": log_uniform(rng, 1e-3, 100.0, n),
            "lower_bound": -log_uniform(rng, 1e-6, 10.0, n),
            "upper_bound": 1 + log_uniform(rng, LEAST[dtype], 10.0, n),
        }
        noise = theta["temperature"] * rng.normal(size=(batch, n)) * 4 - theta["log_alpha_param"]
        noise = np.where(rng.random((batch, n)) < 0.2, rng.logistic(size=(batch, n)), noise)
    x, d = rng.normal(size=(2, batch, n))
    given = {"x": x, "noise": noise, "d": d, **theta}
    return {name: value.astype(dtype) for name, value in given.items()}


def run(kind: Kind, given: dict[str, Any], **options: Any) -> dict[str, np.ndarray]:
    """Forward and pullback of gates with these parameters; the penalty is left out."""
    theta = {name: given[name] for name in kind.names}
    gates = kind.cls.from_pretrained(theta.pop(kind.parameter), **theta, **options)
    (gated, _), pullback = gates.vjp(given["x"], given["noise"])
    return {"gated": gated, **pullback(given["d"], 0.0)._asdict()}


def is_used(kind: Kind, given: dict[str, Any], **options: Any) -> bool:
    theta = {name: given[name] for name in kind.names}
    gates = kind.cls.from_pretrained(theta.pop(kind.parameter), **theta, **options)
    return gates._call("vjp", given["x"], given["noise"]).twin is not None


@DTYPES
@given(seed=st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_every_result_is_within_the_standards_tolerance(dtype: str, seed: int) -> None:
    """One example of two gates of either kind; 1e-4 of the noise is too near a clip point for its side to be known."""
    for kind in (BINARY_CONCRETE, GAUSSIAN):
        g = anywhere(kind, dtype, seed, 2, 2)
        assert is_used(kind, g)
        p = Problem(
            kind,
            g["x"],
            g["noise"],
            {n: g[n] for n in kind.names},
            np.arange(2),
            0.3,
            "none",
            g["d"],
            0.0,
            400,
        )
        if near_a_clip_point(kind, g):
            continue
        wanted = p.results()
        for name, value in run(kind, g).items():
            assert value.dtype == dtype
            assert worst(value, wanted[name], dtype) <= 1, (name, g)


def before_clipping(kind: Kind, g: dict[str, Any]) -> np.ndarray:
    theta = [g[name].astype(np.longdouble) for name in kind.names]
    if kind is GAUSSIAN:
        return theta[0] + theta[1] * g["noise"]
    a, t, lower, upper = theta
    with np.errstate(all="ignore"):
        e = np.exp(-(g["noise"] + a) / t)
        return upper / (1 + e) + lower / (1 + 1 / e)


def near_a_clip_point(kind: Kind, g: dict[str, Any]) -> bool:
    """Whether roundings of the inputs may move a gate over a clip point, where the derivative jumps."""
    z, eps = before_clipping(kind, g), np.finfo(g["x"].dtype).eps
    scale = np.abs(g["std"] * g["noise"]) if kind is GAUSSIAN else np.abs(g["upper_bound"] - g["lower_bound"])
    slack = 16 * eps * (1 + scale)
    if kind is BINARY_CONCRETE:
        slope = np.abs(z - g["lower_bound"]) * np.abs(g["upper_bound"] - z) / scale
        slack = (
            slack + 16 * eps * slope * (np.abs(g["noise"]) + np.abs(g["log_alpha_param"])) / g["temperature"]
        )
    return bool(np.any((np.abs(z) < slack) | (np.abs(z - 1) < slack)))


@DTYPES
def test_it_agrees_with_the_kernels_on_large_arrays(
    kind: Kind, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Element by element, and in sums of 700 terms; the kernels compute single precision in double."""
    g = anywhere(kind, dtype, 5, 23, 700)
    monkeypatch.setattr(twin, "BLOCK", 1000)
    fast = run(kind, g)
    monkeypatch.setattr(Setup, "twin_law", lambda *_: None)
    plain, size = run(kind, g), run(kind, {**g, "x": np.abs(g["x"]), "d": np.abs(g["d"])})
    eps = np.finfo(dtype).eps
    clear = np.abs(before_clipping(kind, g)[..., None] - [0, 1]).min(axis=-1) > 1e-3
    for name in ("gated", "input"):
        term = np.abs(g["x"] if name == "gated" else g["d"])
        if kind is BINARY_CONCRETE:
            v = (np.abs(g["noise"]) + np.abs(g["log_alpha_param"])) / g["temperature"]
            wide = 1 + (g["upper_bound"] - g["lower_bound"]) * (1 + 2 * v)
        else:
            wide = 1 + np.abs(g["mu"]) + np.abs(g["std"] * g["noise"])
        assert np.all((np.abs(fast[name] - plain[name]) <= 8 * eps * term * wide)[clear]), name
    assert size.keys() == fast.keys()


CLIP_POINTS = {
    # Gates at exactly 0 and 1, in every precision: [-2, 2] and [-1, 3] at v = 0.
    "binary-concrete": {"lower_bound": [-2.0, -1.0], "upper_bound": [2.0, 3.0], "temperature": 0.5},
    "gaussian": {"std": [0.25, 0.5]},
}


@DTYPES
def test_at_exactly_a_clip_point_the_derivative_is_the_closed_intervals(kind: Kind, dtype: str) -> None:
    noise = np.array([[0.5, -0.25]] if kind is BINARY_CONCRETE else [[-1.0, 1.0]], dtype)
    parameter = np.array([-0.5, 0.25] if kind is BINARY_CONCRETE else [0.25, 0.5], dtype)
    options = {k: np.array(v, dtype) if isinstance(v, list) else v for k, v in CLIP_POINTS[kind.name].items()}
    (gated, _), pullback = kind.cls.from_pretrained(parameter, **options).vjp(np.ones((1, 2), dtype), noise)
    assert gated.tolist() == [[0.0, 1.0]]
    slope = {"binary-concrete": [2.0, 2.0], "gaussian": [1.0, 1.0]}[kind.name]
    np.testing.assert_allclose(pullback(gated * 0 + 1, 0.0)[1], slope, rtol=1e-6)
    for side, wanted in ((-0.01, [0.0, slope[1]]), (0.01, [slope[0], 0.0])):
        _, pullback = kind.cls.from_pretrained(parameter, **options).vjp(
            np.ones((1, 2), dtype), noise + np.asarray(side, dtype)
        )
        np.testing.assert_allclose(pullback(gated * 0 + 1, 0.0)[1], wanted, rtol=1e-3)


@pytest.mark.parametrize("size", [1e-30, 1e-20, 1e30])
def test_single_precision_does_not_lose_products_that_leave_its_range(kind: Kind, size: float) -> None:
    """x d is 1e-60 or 1e60 here; over a temperature of 1e-3, or with its slope, the sum may well be a number."""
    g = anywhere(kind, "float32", 1, 50, 64)
    g = {**g, "x": (g["x"] * size).astype("float32"), "d": (g["d"] * min(size, 1e9)).astype("float32")}
    double = run(kind, {name: value.astype("float64") for name, value in g.items()})
    info = np.finfo("float32")
    for name, value in run(kind, g).items():
        if name in kind.names:
            magnitude = np.abs(double[name]) + 1e-4 * np.abs(double[name]).max()
            with np.errstate(all="ignore"):
                wanted = double[name].astype("float32")
                error = np.abs(value.astype("float64") - wanted)
            assert np.all((value == wanted) | (error <= 1e-3 * magnitude + info.smallest_subnormal)), name
            assert size != 1e-20 or np.any(value), name


@DTYPES
@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (8, 5), (100, 9), (513, 2), (3, 20_000), (0, 4)])
def test_no_bit_depends_on_the_number_of_threads(
    kind: Kind, dtype: str, shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twin, "BLOCK", 64)
    monkeypatch.setattr(twin, "WIDEST", 50)
    g = anywhere(kind, dtype, 2, shape[1], shape[0])
    results = []
    for threads in (1, 2, 3):
        stgref.set_threads(threads)
        results.append(run(kind, g))
    for other in results[1:]:
        for name, value in results[0].items():
            np.testing.assert_array_equal(other[name], value, err_msg=name)


@DTYPES
@pytest.mark.parametrize("threads", [1, 2])
def test_drawn_noise_gives_the_bits_of_the_same_noise_given(kind: Kind, dtype: str, threads: int) -> None:
    stgref.set_threads(threads)
    settings = {"eps": 0.0} if kind is BINARY_CONCRETE else {}
    x, d = np.random.default_rng(1).normal(size=(2, 300, 500)).astype(dtype)
    parameter = np.linspace(-1, 2, 500).astype(dtype)
    drawing, given_it = (kind.cls.from_pretrained(parameter, rng=7, **settings) for _ in range(2))
    if dtype == "float32":
        noise = getattr(stgref.noise, drawing.family.base)((300, 500), 7, dtype=dtype, stream="single")
    else:
        draw = stgref.noise.logistic if kind is BINARY_CONCRETE else stgref.noise.ziggurat
        noise = draw((300, 500), 7)
    (gated, _), pullback = drawing.vjp(x)
    (wanted, _), expected = given_it.vjp(x, noise)
    np.testing.assert_array_equal(gated, wanted)
    np.testing.assert_array_equal(kind.cls.from_pretrained(parameter, rng=7, **settings)(x)[0], wanted)
    for a, b in zip(pullback(d), expected(d), strict=True):
        np.testing.assert_array_equal(a, b)


def test_nothing_that_was_given_is_changed(kind: Kind) -> None:
    g = anywhere(kind, "float64", 3, 6, 40)
    before = {name: value.copy() for name, value in g.items()}
    for value in g.values():
        value.setflags(write=False)
    first = run(kind, g)
    for name, value in g.items():
        np.testing.assert_array_equal(value, before[name])
    gates = kind.cls.from_pretrained(g[kind.parameter], **{k: g[k] for k in kind.options})
    noise = before["noise"].copy()
    _, pullback = gates.vjp(g["x"], noise)
    noise[:] = 99.0
    for name, value in pullback(g["d"], 0.0)._asdict().items():
        np.testing.assert_array_equal(value, first[name])


def test_many_threads_may_pull_at_once(kind: Kind) -> None:
    x = np.random.default_rng(0).normal(size=(500, 300))
    _, pullback = kind.cls(300, rng=0).vjp(x)
    once = pullback(x)
    with ThreadPoolExecutor(4) as pool:
        for again in pool.map(pullback, [x] * 8):
            for left, right in zip(again, once, strict=True):
                np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("other", ["float64", "float16", "int32"])
def test_cotangents_of_another_dtype(kind: Kind, other: str) -> None:
    g = anywhere(kind, "float32", 4, 5, 30)
    d = (g["d"] * 8).astype(other)
    wide = {name: value.astype("float64") for name, value in {**g, "d": d}.items()}
    wanted = run(kind, wide)
    for name, value in run(kind, {**g, "d": d}).items():
        assert value.dtype == np.float32
        np.testing.assert_allclose(
            value, wanted[name], rtol=1e-4, atol=1e-5 * np.abs(wanted[name]).max(), err_msg=name
        )


OUTSIDE: dict[str, tuple[Kind, str, dict[str, Any]]] = {
    "cold": (BINARY_CONCRETE, "float64", {"temperature": 1e-5}),
    "hot": (BINARY_CONCRETE, "float64", {"temperature": 1e5}),
    "tight": (BINARY_CONCRETE, "float64", {"upper_bound": 1 + 1e-9}),
    "tight-single": (BINARY_CONCRETE, "float32", {"upper_bound": 1.001}),
    "wide": (BINARY_CONCRETE, "float64", {"lower_bound": -200.0}),
    "one-of-them": (BINARY_CONCRETE, "float64", {"temperature": np.array([1.0, 1e-5])}),
    "narrow": (GAUSSIAN, "float64", {"std": 1e-6}),
    "narrow-single": (GAUSSIAN, "float32", {"std": 1e-3}),
    "mask": (GAUSSIAN, "float64", {"mask": [0, 1]}),
    "shared-noise": (GAUSSIAN, "float64", {"noise_sharing": "batch"}),
    "half": (GAUSSIAN, "float16", {}),
    "fill": (GAUSSIAN, "float64", {"fill": 0.5}),
    "fill-of-zeros": (BINARY_CONCRETE, "float64", {"fill": np.zeros(2)}),
}


@pytest.mark.parametrize("case", OUTSIDE)
def test_the_kernels_do_what_the_twin_cannot(case: str) -> None:
    kind, dtype, options = OUTSIDE[case]
    gates = kind.cls.from_pretrained(np.array([0.1, 0.2], dtype), **options)
    assert gates._call("vjp", np.ones((3, 2), dtype), None).twin is None
    plain = kind.cls.from_pretrained(np.array([0.1, 0.2], "float64"))
    assert plain._call("vjp", np.ones((3, 2)), None).twin is not None
    assert plain.eval()._call("vjp", np.ones((3, 2)), None).twin is None


def test_equal_terms_add_up() -> None:
    """A running sum of a million equal terms is off by tens of thousands of eps."""
    x = np.full((1_000_000, 1), 0.1)
    _, pullback = GAUSSIAN.cls.from_pretrained(np.array([0.5])).vjp(x, np.zeros_like(x))
    exact = 1_000_000 * 0.1
    assert abs(pullback(np.ones_like(x), 0.0).mu[0] - exact) <= 4 * np.finfo(float).eps * exact


@pytest.mark.parametrize("n", [*range(1, 40), 63, 64, 65, 511, 513])
def test_sums_over_the_first_axis(n: int) -> None:
    """Of whole numbers, whose sum is exact."""
    terms = np.random.default_rng(n).integers(-99, 99, (n, 3)).astype(float)
    for dtype in (np.float32, np.float64, np.longdouble):
        total = twin.summed(terms.astype(dtype))
        assert total.dtype == np.float64
        np.testing.assert_array_equal(total, terms.sum(axis=0))
