"""The benchmark of a GPU, where there is none: it says so; and what it would make of numbers is right."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import stgref
from tests.conftest import unusable

ROOT = Path(stgref.__file__).parents[1]
SCRIPT = ROOT / "validation" / "benchmarks" / "gpu.py"


@pytest.fixture(scope="module")
def gpu() -> Any:
    spec = importlib.util.spec_from_file_location("benchmark_of_gpu", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_without_a_gpu_nothing_is_written(tmp_path):
    cupy = pytest.importorskip("cupy")
    if not unusable(cupy):
        pytest.skip("there is a GPU")
    command = [sys.executable, str(SCRIPT), "--folder", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.startswith("not measured: ")
    assert not list(tmp_path.iterdir())


def row(**subjects: Any) -> dict[str, Any]:
    cell = {"gates": "GaussianStochasticGates", "dtype": "float32", "elements": 10**8}
    return cell | {
        "copy": {"ms": 0.25},
        "stgref": {"ms": 2.0, "noise ms": 0.5, "forward ms": 0.5, "pullback ms": 1.0, "bytes": 16 * 10**8},
        "Captum": {"ms": 10.0, "bytes": 40 * 10**8},
        "stgref, function by function": {"ms": 8.0},
        "Captum compiled": {"not measured": "the time was up"},
    } | subjects  # fmt: skip


def test_shares_and_ratios(gpu):
    """A copy moves two arrays in its time; the pass must move eight."""
    assert gpu.share(row()) == 8 / 2 * 0.25 / 2.0
    assert gpu.share(row(), "forward") == 3 / 2 * 0.25 / 0.5
    assert gpu.ratio(row(), "Captum") == 5.0
    assert gpu.ratio(row(), "Captum compiled") is None
    assert gpu.share(row(stgref={"not measured": "out of memory"})) is None


def test_the_table(gpu):
    document = {"command": "c", "date": "d", "gpu": "g", "versions": {"numpy": "2"}, "rows": [row()]}
    text = gpu.markdown(document)
    last = [line for line in text.splitlines() if line.startswith("|")][-1]
    assert last == (
        "| GaussianStochasticGates | float32 | 1e+08 | 2 | 0.5 | 0.25 | 0.75 | 0.5 | 5 | 4 | - | 4 | 10 |"
    )
    assert "- Captum compiled: the time was up" in text


def test_subjects_give_what_they_have_until_the_time_is_up(gpu, monkeypatch):
    def broken(*_: Any) -> dict[str, Any]:
        raise MemoryError("no more\nof it")

    monkeypatch.setattr(gpu, "free", lambda: None)
    monkeypatch.setattr(gpu, "SUBJECTS", {"copy": lambda *_: {"ms": 1.0}, "stgref": broken})
    rows = gpu.results((10**6,), 60.0)
    assert len(rows) == 4
    assert {r["copy"]["ms"] for r in rows} == {1.0}
    assert {r["stgref"]["not measured"] for r in rows} == {"MemoryError: no more"}
    late = gpu.results((10**6,), -1.0)
    assert {r["copy"]["not measured"] for r in late} == {"the time was up"}


def test_function_by_function_leaves_no_trace(gpu):
    before = gpu.on_cupy.takes, gpu.fused.run
    with gpu.function_by_function():
        assert gpu.on_cupy.takes(None) is False
    assert (gpu.on_cupy.takes, gpu.fused.run) == before
