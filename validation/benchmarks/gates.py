"""Time a gate layer's forward pass, noise included, and its pullback, against Captum, compiled Captum and jitted JAX.

Write `gates.json` and `gates.md` next to this file. In each cell the subjects take turns in one process; a ratio is the
median over the turns of the subject's time by stgref's in the same turn.
"""

import argparse
import datetime as dt
import json
import math
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from machine import machine
from measuring import header, rounded, table, timed, version

import stgref
from stgref.numerics import tiles

HERE = Path(__file__).parent
SIZES = ((32, 100), (256, 1000), (1024, 4096), (8192, 4096))
DTYPES = ("float32", "float64")
KINDS = {
    "hard concrete": stgref.BinaryConcreteStochasticGates,
    "rectified Gaussian": stgref.GaussianStochasticGates,
}
SECONDS = 4.0
"""How long the turns of one cell go on, but for three at least."""

Step = Callable[[], Any]


def ours(kind: str, x: np.ndarray, d: np.ndarray) -> Step:
    """The step with stgref."""
    gates = KINDS[kind](x.shape[1], rng=0, dtype=x.dtype)

    def step() -> Any:
        returned, pullback = gates.vjp(x)
        return returned, pullback(d)

    return step


def captum(kind: str, x: np.ndarray, d: np.ndarray, *, compiled: bool = False) -> Step:
    """The step with Captum's gates and autograd."""
    import torch  # noqa: PLC0415 (a subject may be missing)
    from captum import module  # noqa: PLC0415

    torch.set_num_threads(tiles.threads())
    cls = {
        "hard concrete": module.BinaryConcreteStochasticGates,
        "rectified Gaussian": module.GaussianStochasticGates,
    }
    gates = cls[kind](x.shape[1]).to(getattr(torch, x.dtype.name))
    given, cotangent = torch.from_numpy(x).requires_grad_(), torch.from_numpy(d)
    leaves = [given, *gates.parameters()]
    # The layer reads the default dtype when it draws its noise.
    torch.set_default_dtype(given.dtype)
    forward = torch.compile(gates) if compiled else gates

    def step() -> Any:
        gated, l0_reg = forward(given)
        return gated, torch.autograd.grad([gated, l0_reg], leaves, [cotangent, torch.ones_like(l0_reg)])

    return step


def captum_compiled(kind: str, x: np.ndarray, d: np.ndarray) -> Step:
    """As `captum`, under `torch.compile`."""
    return captum(kind, x, d, compiled=True)


def jax(kind: str, x: np.ndarray, d: np.ndarray) -> Step:
    """The step with JAX: the same formulas as Captum's, its own gradients, all of it jitted."""
    import jax  # noqa: PLC0415

    jax.config.update("jax_enable_x64", True)
    jnp, draw = jax.numpy, jax.random

    def hard_concrete(key: Any, log_alpha: Any) -> tuple[Any, Any]:
        u = draw.uniform(key, x.shape, x.dtype, 1e-8, 1 - 1e-8)
        s = jax.nn.sigmoid((jnp.log(u) - jnp.log1p(-u) + log_alpha) / (2 / 3))
        return s * 1.2 - 0.1, jax.nn.sigmoid(log_alpha - (2 / 3) * math.log(0.1 / 1.1))

    def gaussian(key: Any, mu: Any) -> tuple[Any, Any]:
        return mu + 0.5 * draw.normal(key, x.shape, x.dtype), jax.scipy.stats.norm.cdf(mu / 0.5)

    law = {"hard concrete": hard_concrete, "rectified Gaussian": gaussian}[kind]

    @jax.jit
    def whole(key: Any, x: Any, parameter: Any, d: Any) -> Any:
        key, now = draw.split(key)

        def forward(x: Any, parameter: Any) -> tuple[Any, Any]:
            stretched, active = law(now, parameter)
            return x * jnp.clip(stretched, 0, 1), active.sum()

        returned, pullback = jax.vjp(forward, x, parameter)
        return key, returned, pullback((d, jnp.ones((), x.dtype)))

    state = [draw.key(0)]
    arguments = [jnp.asarray(a) for a in (x, np.full(x.shape[1], 0.1, x.dtype), d)]

    def step() -> Any:
        state[0], *result = jax.block_until_ready(whole(state[0], *arguments))
        return result

    return step


SUBJECTS = {"stgref": ours, "Captum": captum, "Captum compiled": captum_compiled, "JAX jitted": jax}


def steps(kind: str, x: np.ndarray, d: np.ndarray) -> dict[str, Step]:
    """The subjects that work here, each after two steps; why the others do not is printed."""
    found = {}
    for name, make in SUBJECTS.items():
        try:
            step = make(kind, x, d)
            step()
            step()
        except Exception as error:  # noqa: BLE001 (whatever a compiler may raise)
            print(f"{name}: left out: {type(error).__name__}: {str(error).splitlines()[:1]}")
        else:
            found[name] = step
    return found


def cell(kind: str, dtype: str, shape: tuple[int, int]) -> dict[str, Any]:
    """One row: medians in milliseconds, and how many times as long as stgref each of the others took."""
    rng = np.random.default_rng(0)
    x, d = (rng.standard_normal(shape).astype(dtype) for _ in range(2))
    subjects, turns = steps(kind, x, d), []
    end = time.perf_counter() + SECONDS
    while len(turns) < 3 or time.perf_counter() < end:
        turns.append({name: timed(step) for name, step in subjects.items()})
    row: dict[str, Any] = {
        "gates": kind,
        "dtype": dtype,
        "size": "x".join(map(str, shape)),
        "turns": len(turns),
    }
    for name in SUBJECTS:
        of = [turn[name] for turn in turns] if name in subjects else None
        row[f"{name} / ms"] = of and rounded(1e3 * statistics.median(of))
    for name in list(SUBJECTS)[1:]:
        ratios = [turn[name] / turn["stgref"] for turn in turns] if name in subjects else None
        row[f"{name} / stgref"] = ratios and rounded(statistics.median(ratios))
    return row


def rows(sizes: tuple[tuple[int, int], ...]) -> Iterator[dict[str, Any]]:
    """All cells."""
    for kind in KINDS:
        for dtype in DTYPES:
            for shape in sizes:
                row = cell(kind, dtype, shape)
                print(row, flush=True)
                yield row


def markdown(document: dict[str, Any]) -> str:
    """Write the table."""
    return f"{header('How long a gate layer takes', document)}\n{table(document['rows'], 3)}"


def main() -> None:
    """Measure, and write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="the sizes up to 256x1000, printed, not written")
    small = parser.parse_args().small
    document = {
        "command": "python validation/benchmarks/gates.py",
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "machine": machine(),
        "threads": tiles.threads(),
        "versions": {
            "Python": platform.python_version(),
            **{name: version(name) for name in ("stgref", "numpy", "scipy", "torch", "captum", "jax")},
        },
        "rows": list(rows(SIZES[:2] if small else SIZES)),
    }
    document["load after"] = machine()["load before"]
    if not small:
        (HERE / "gates.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        (HERE / "gates.md").write_text(markdown(document), encoding="utf-8")


if __name__ == "__main__":
    main()
