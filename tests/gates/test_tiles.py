"""Large inputs go through the gates in tiles over threads: not one bit differs from the pass at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import stgref
from stgref.gates.summation import SumOfRuns, pairwise_sum
from stgref.numerics import tiles
from tests.gates.kinds import KUMARASWAMY, Kind

AT_ONCE = 2**60
WAYS = [(1, 2), (7, 3), (64, 1), (64, 2), (300, 3), (1000, 2)]


@pytest.fixture(autouse=True)
def _default_threads() -> Any:
    yield
    stgref.set_threads(None)


def results(kind: Kind, x: np.ndarray, noise: Any, n_gates: int, **settings: Any) -> dict[str, np.ndarray]:
    """Forward and pullback, with parameters per gate."""
    rng = np.random.default_rng(3)
    options = {k: v * rng.uniform(1.0, 2.0, n_gates) for k, v in kind.options.items()}
    training, examples = settings.pop("training", True), settings.pop("examples", False)
    gates = kind.make(rng.normal(size=n_gates).astype(x.dtype), rng=4, **options, **settings)
    own = {name: np.full((len(x), 1), 1.0) * getattr(gates, name) for name in kind.names if examples}
    own = {name: value * rng.uniform(1.0, 2.0, value.shape) for name, value in own.items()}
    (gated, l0_reg), pullback = gates.train(training).vjp(x, noise, **own)
    d = np.random.default_rng(5).normal(size=x.shape).astype(x.dtype)
    after = gates.vjp(x[:1] if noise is None else x, noise)[0][0]
    return {"gated": gated, "l0_reg": l0_reg, "after": after, **pullback(d, 0.5)._asdict()}


CASES: dict[str, dict[str, Any]] = {
    "plain": {"shape": (37, 21)},
    "wide": {"shape": (3, 2100)},
    "tall": {"shape": (2100, 1)},
    "axes": {"shape": (19, 3, 7)},
    "mask": {"shape": (19, 6, 7), "mask": np.arange(42).reshape(6, 7) % 5},
    "mask-of-columns": {"shape": (19, 6, 4), "mask": [0, 1, 0, 2]},
    "shared-noise": {"shape": (37, 21), "noise_sharing": "batch"},
    "shared-noise-wide": {"shape": (3, 2100), "noise_sharing": "batch"},
    "shared-noise-mask": {"shape": (19, 6, 4), "mask": [0, 1, 0, 2], "noise_sharing": "batch"},
    "evaluation": {"shape": (37, 21), "training": False},
    "integers": {"shape": (37, 21), "dtype": np.int32},
    "single": {"shape": (37, 21), "dtype": np.float32},
    "half": {"shape": (37, 21), "dtype": np.float16},
    "transposed": {"shape": (21, 37), "layout": lambda a: a.T},
    "no-examples": {"shape": (0, 21)},
    "fill": {"shape": (37, 21), "fill": np.linspace(-1.0, 1.0, 21)},
    "fill-axes": {"shape": (19, 3, 7), "fill": [[1.0], [-1.0], [0.5]]},
    "fill-mask": {"shape": (19, 6, 4), "mask": [0, 1, 0, 2], "fill": [0.1, 0.2, 0.3, 0.4]},
    "fill-evaluation": {"shape": (37, 21), "fill": 0.3, "training": False},
    "of-each-example": {"shape": (37, 21), "examples": True},
    "of-each-example-mask": {"shape": (19, 6, 4), "mask": [0, 1, 0, 2], "examples": True, "fill": 0.1},
    "of-each-example-evaluation": {"shape": (37, 21), "examples": True, "training": False},
}


@pytest.mark.parametrize("given", [True, False], ids=["given-noise", "drawn-noise"])
@pytest.mark.parametrize("case", CASES)
def test_no_bit_depends_on_tiles_and_threads(
    kind: Kind, case: str, given: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    how = dict(CASES[case])
    dtype, layout = how.pop("dtype", np.float64), how.pop("layout", np.asarray)
    rng = np.random.default_rng(1)
    x = layout((rng.normal(size=how.pop("shape")) * 10).astype(dtype))
    n = int(np.max(how["mask"])) + 1 if "mask" in how else int(np.prod(x.shape[1:]))
    shape = n if how.get("noise_sharing") == "batch" else (len(x), n)
    noise = kind.noise(rng.normal(size=shape)) if given else None
    noise = noise.astype(np.float32) if given and dtype == np.float16 else noise
    monkeypatch.setattr(tiles, "SIZE", AT_ONCE)
    plain = results(kind, x, noise, n, **how)
    for size, threads in WAYS[1:] if kind is KUMARASWAMY else WAYS:  # its kernel is the slowest
        monkeypatch.setattr(tiles, "SIZE", size)
        stgref.set_threads(threads)
        tiled = results(kind, x, noise, n, **how)
        for name, value in plain.items():
            assert tiled[name].dtype == value.dtype, name
            np.testing.assert_array_equal(tiled[name], value, err_msg=f"{name} {size} {threads}")


@pytest.mark.parametrize("run", [1, 2, 8])
def test_a_sum_of_runs_is_the_sum_in_any_order(run: int) -> None:
    rng = np.random.default_rng(0)
    for n in range(1, 40):
        values = rng.normal(size=(n, 3))
        sums = SumOfRuns()
        for i in rng.permutation(-(-n // run)).tolist():
            sums.add(i, pairwise_sum(np, values[i * run : (i + 1) * run], 0))
        np.testing.assert_array_equal(sums.total(), pairwise_sum(np, values, 0))


def test_a_pullback_may_be_called_by_many_threads(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "SIZE", 64)
    stgref.set_threads(2)
    x = np.random.default_rng(0).normal(size=(50, 9))
    _, pullback = kind.cls(9, rng=0).vjp(x)
    once = pullback(x)
    with ThreadPoolExecutor(4) as pool:
        for again in pool.map(pullback, [x] * 12):
            for left, right in zip(again, once, strict=True):
                np.testing.assert_array_equal(left, right)
