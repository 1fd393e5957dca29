"""CUDA C++ of our own on CuPy: compiled when it is first launched, and kept."""

from __future__ import annotations

import functools
import importlib
from pathlib import Path
from typing import Any

BLOCK = 256
"""Threads of a block."""

# Products and sums stay what the kernels say they are, one rounding each: forward and back see the same gate.
_OPTIONS = ("--std=c++17", "--fmad=false")

HELPERS = Path(__file__).with_name("elementwise.cuh")
"""What `stgref.numerics.symbols` writes calls of."""


@functools.cache
def read(path: Path) -> str:
    """The text of a source file of the package."""
    return path.read_text(encoding="utf-8")


@functools.cache
def _function(source: str, name: str) -> Any:
    return _module(source).get_function(name)


@functools.cache
def _module(source: str) -> Any:
    return importlib.import_module("cupy").RawModule(code=source, options=_OPTIONS)


def launch(source: str, name: str, threads: int, *arguments: Any) -> None:
    """Run the kernel ``name`` of ``source`` in ``threads`` threads, or a few more, on the device of the first argument.

    The arguments are CuPy's arrays, contiguous, and NumPy's scalars.
    """
    with arguments[0].device:
        _function(source, name)((-(-threads // BLOCK),), (BLOCK,), arguments)
