"""Time a gate layer's pass on a GPU, noise included: against its plain functions, Captum, compiled Captum, and a copy.

Write `gpu.json` and `gpu.md` next to this file; without a GPU say so, write nothing, and exit with status 1. Times are
medians by CUDA events after a warm-up. In `BUDGET` seconds all is over: what was not reached by then says so.
"""

import argparse
import datetime as dt
import functools
import importlib.metadata
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from machine import machine

import stgref
from stgref.gates import on_cupy
from stgref.numerics import fused

HERE = Path(__file__).parent
GATES = 1000
SIZES = (10**6, 10**7, 10**8, 3 * 10**8)
DTYPES = ("float32", "float64")
KINDS = ("BinaryConcreteStochasticGates", "GaussianStochasticGates")
BUDGET = 720.0
WARM_UP, FEWEST, MOST, SECONDS = 3, 5, 50, 0.5
"""Steps before the timing; then so many, and no more after so many seconds."""

MOVED = {"noise": 1, "forward": 3, "pullback": 4}
"""Arrays of the batch's size that must be read or written: noise; input, noise, gated; input, cotangents, noise."""

Step = Callable[[], Any]


def reason_not_to_measure() -> str | None:
    """Why there is no GPU that CuPy can use; ``None`` if there is one."""
    try:
        import cupy  # noqa: PLC0415 (it may be missing)

        cupy.arange(3.0).sum().get()
    except Exception as error:  # noqa: BLE001 (whatever it is, it is the reason)
        return f"{type(error).__name__}: {error}".splitlines()[0]
    return None


def by_events(event: Callable[[], Any], elapsed: Callable[[Any, Any], float], step: Step) -> float:
    """Median of the milliseconds that a step takes on the device."""
    for _ in range(WARM_UP):
        step()
    times: list[float] = []
    end = time.perf_counter() + SECONDS
    while len(times) < FEWEST or (len(times) < MOST and time.perf_counter() < end):
        first, last = event(), event()
        first.record()
        step()
        last.record()
        last.synchronize()
        times.append(elapsed(first, last))
    return statistics.median(times)


def cupy_time(step: Step) -> float:
    """Milliseconds of a step with CuPy."""
    import cupy  # noqa: PLC0415

    return by_events(cupy.cuda.Event, cupy.cuda.get_elapsed_time, step)


def torch_time(step: Step) -> float:
    """Milliseconds of a step with PyTorch."""
    import torch  # noqa: PLC0415

    event = functools.partial(torch.cuda.Event, enable_timing=True)
    return by_events(event, lambda first, last: first.elapsed_time(last), step)


def cupy_peak(step: Step) -> int:
    """Bytes that CuPy's pool takes beyond what is there, for one step."""
    import cupy  # noqa: PLC0415

    pool = cupy.get_default_memory_pool()
    pool.free_all_blocks()
    before = pool.total_bytes()
    step()
    cupy.cuda.Device().synchronize()
    return int(pool.total_bytes() - before)


def torch_peak(step: Step) -> int:
    """Bytes that PyTorch takes beyond what is there, for one step."""
    import torch  # noqa: PLC0415

    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    step()
    torch.cuda.synchronize()
    return int(torch.cuda.max_memory_allocated() - before)


@contextmanager
def function_by_function() -> Iterator[None]:
    """CuPy without fused kernels, and without the gates' own."""
    takes, run = on_cupy.takes, fused.run
    on_cupy.takes = lambda _: False
    fused.run = lambda call, function, options, _: call.converted().at_once(function, options)
    try:
        yield
    finally:
        on_cupy.takes, fused.run = takes, run


def copy(_: str, dtype: str, shape: tuple[int, int]) -> dict[str, Any]:
    """A copy from device to device of an array of the batch's size."""
    import cupy  # noqa: PLC0415

    source, target = cupy.ones(shape, dtype), cupy.empty(shape, dtype)
    return {"ms": cupy_time(lambda: cupy.copyto(target, source))}


def ours(kind: str, dtype: str, shape: tuple[int, int]) -> dict[str, Any]:
    """The pass with stgref, and its parts."""
    import cupy  # noqa: PLC0415

    rng = cupy.random.default_rng(0)
    x, d = (rng.standard_normal(shape, dtype=dtype) for _ in range(2))
    gates = getattr(stgref, kind)(shape[1], rng=0, dtype=dtype, xp=cupy)

    def step() -> Any:
        returned, pullback = gates.vjp(x)
        return returned, pullback(d)

    _, pullback = gates.vjp(x)
    noise = pullback.call.noise
    base = {"BinaryConcreteStochasticGates": "logistic"}.get(kind, "normal")
    draw = functools.partial(
        getattr(stgref.noise, base), shape, rng=0, dtype=dtype, xp=cupy, stream=gates.noise_stream
    )
    return {
        "ms": cupy_time(step),
        "bytes": cupy_peak(step),
        "stream": pullback.stream,
        "noise ms": cupy_time(draw),
        "forward ms": cupy_time(lambda: gates(x, noise)),
        "pullback ms": cupy_time(lambda: pullback(d)),
    }


def plain(kind: str, dtype: str, shape: tuple[int, int]) -> dict[str, Any]:
    """As `ours`, function by function."""
    with function_by_function():
        return ours(kind, dtype, shape)


def captum(kind: str, dtype: str, shape: tuple[int, int], *, compiled: bool = False) -> dict[str, Any]:
    """The pass with Captum's gates and autograd."""
    import torch  # noqa: PLC0415 (a subject may be missing)
    from captum import module  # noqa: PLC0415

    of = getattr(torch, dtype)
    torch.set_default_dtype(of)  # the layer reads it when it draws its noise
    gates = getattr(module, kind)(shape[1]).to("cuda", of)
    x = torch.randn(shape, device="cuda", dtype=of).requires_grad_()
    d = torch.randn(shape, device="cuda", dtype=of)
    leaves, forward = [x, *gates.parameters()], torch.compile(gates) if compiled else gates

    def step() -> Any:
        gated, l0_reg = forward(x)
        return gated, torch.autograd.grad([gated, l0_reg], leaves, [d, torch.ones_like(l0_reg)])

    return {"ms": torch_time(step), "bytes": torch_peak(step)}


SUBJECTS = {
    "copy": copy,
    "stgref": ours,
    "Captum": captum,
    "stgref, function by function": plain,
    "Captum compiled": functools.partial(captum, compiled=True),
}
"""In the order of their turns: each goes through all cells before the next does, as long as the time lasts."""


def free() -> None:
    """Give back what the libraries keep."""
    import cupy  # noqa: PLC0415

    cupy.get_default_memory_pool().free_all_blocks()
    if "torch" in sys.modules and sys.modules["torch"].cuda.is_available():
        sys.modules["torch"].cuda.empty_cache()


def measured(measure: Callable[..., dict[str, Any]], *cell: Any, end: float) -> dict[str, Any]:
    """What a subject gives in a cell, or why there is nothing."""
    if time.perf_counter() > end:
        return {"not measured": "the time was up"}
    try:
        return measure(*cell)
    except Exception as error:  # noqa: BLE001 (a package may be missing, memory may run out)
        return {"not measured": f"{type(error).__name__}: {error}".splitlines()[0]}
    finally:
        free()


def results(sizes: tuple[int, ...], budget: float) -> list[dict[str, Any]]:
    """All cells of all subjects."""
    end = time.perf_counter() + budget
    cells = [(kind, dtype, (size // GATES, GATES)) for kind in KINDS for dtype in DTYPES for size in sizes]
    rows = [{"gates": kind, "dtype": dtype, "elements": shape[0] * shape[1]} for kind, dtype, shape in cells]
    for name, measure in SUBJECTS.items():
        for row, cell in zip(rows, cells, strict=True):
            row[name] = measured(measure, *cell, end=end)
            print(row["gates"], row["dtype"], row["elements"], name, row[name], flush=True)
    return rows


def share(row: dict[str, Any], part: str | None = None) -> float | None:
    """How much of the copy's bandwidth the pass, or a part of it, has: what must move over the time, by the copy's."""
    own = row["stgref"].get(f"{part} ms" if part else "ms")
    whole = row["copy"].get("ms")
    arrays = MOVED[part] if part else sum(MOVED.values())
    return own and whole and arrays * whole / (2 * own)


def ratio(row: dict[str, Any], name: str) -> float | None:
    """How many times as long as stgref a subject takes."""
    own, other = row["stgref"].get("ms"), row[name].get("ms")
    return own and other and other / own


def markdown(document: dict[str, Any]) -> str:
    """Write the table."""
    others = [name for name in SUBJECTS if name not in ("copy", "stgref")]
    head = ["gates", "dtype", "elements", "stgref / ms", "share of copy", *(f"{p}, share" for p in MOVED)]
    head += [f"{name} / stgref" for name in others] + ["stgref / arrays", "Captum / arrays"]
    lines = [
        "# How long a gate layer takes on a GPU",
        "",
        f"Written by `{document['command']}` on {document['date']}; see `README.md`.",
        ", ".join(f"{name} {v}" for name, v in document["versions"].items()) + f"; {document['gpu']}.",
        "",
        f"| {' | '.join(head)} |",
        f"|{'---|' * 2}{'---:|' * (len(head) - 2)}",
    ]
    for row in document["rows"]:
        size = row["elements"] * np.dtype(row["dtype"]).itemsize
        values = [row["gates"], row["dtype"], f"{row['elements']:.0e}", shown(row["stgref"].get("ms"))]
        values += [shown(share(row)), *(shown(share(row, part)) for part in MOVED)]
        values += [shown(ratio(row, name)) for name in others]
        values += [shown((row[name].get("bytes") or 0) / size or None) for name in ("stgref", "Captum")]
        lines.append(f"| {' | '.join(values)} |")
    missing = {
        f"- {name}: {row[name]['not measured']}"
        for row in document["rows"]
        for name in SUBJECTS
        if "not measured" in row[name]
    }
    return "\n".join([*lines, "", *(["Not measured:", "", *sorted(missing), ""] if missing else [])])


def shown(value: float | None) -> str:
    """Three digits."""
    return "-" if value is None else f"{value:.3g}"


def version(package: str) -> str | None:
    """Version of an installed package."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def gpu() -> str:
    """The device, the driver and the runtime."""
    import cupy  # noqa: PLC0415

    runtime = cupy.cuda.runtime
    name = runtime.getDeviceProperties(cupy.cuda.Device().id)["name"].decode()
    return f"{name}, driver {runtime.driverGetVersion()}, CUDA {runtime.runtimeGetVersion()}, CuPy {cupy.__version__}"


def main() -> int:
    """Measure, and write both files; 1 without a GPU."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="the two smallest sizes, printed, not written")
    parser.add_argument("--budget", type=float, default=BUDGET, help="seconds that it may take")
    parser.add_argument("--folder", type=Path, default=HERE, help="where to write")
    options = parser.parse_args()
    if reason := reason_not_to_measure():
        print(f"not measured: {reason}")
        return 1
    document = {
        "command": "python validation/benchmarks/gpu.py",
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "machine": machine(),
        "gpu": gpu(),
        "versions": {
            "Python": platform.python_version(),
            **{name: version(name) for name in ("stgref", "numpy", "torch", "captum")},
        },
        "rows": results(SIZES[:2] if options.small else SIZES, options.budget),
    }
    print(markdown(document))
    if not options.small:
        options.folder.mkdir(parents=True, exist_ok=True)
        (options.folder / "gpu.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        (options.folder / "gpu.md").write_text(markdown(document), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
