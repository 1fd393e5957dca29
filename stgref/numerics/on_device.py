"""Base noise drawn on a GPU, where its array lives: nothing is moved there, and no host waits.

The stream is Philox 4x32-10, by counter. Each draw takes one number of 64 bits from NumPy's generator, which is the key;
the number of a block of words is its place in the array. So a seed gives the same noise on every GPU, and a longer
array begins as a shorter one does; it is not the noise that the same seed gives on the host. Single precision takes 32
bits of the stream for each number, double precision 64, of which it uses 52.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from stgref.numerics import namespace as ns
from stgref.numerics import raw
from stgref.numerics.namespace import Array, Namespace

STREAM = "philox4x32-10"
"""The name of the stream."""

_SOURCE = Path(__file__).with_name("noise.cu")
_EACH = {"float32": 4, "float64": 2}


def draw(
    xp: Namespace, base: str, shape: tuple[int, ...], rng: Any, dtype: Any, device: Any, eps: float = 0.0
) -> Array:
    """Noise of the kind ``base`` from CuPy's namespace, by the key that ``rng``, a NumPy generator, gives.

    Uniform numbers, and those of logistic noise, are of [eps, 1 - eps].
    """
    wide = xp.float64 if ns.bits(xp, dtype) == 64 else xp.float32
    out, name = xp.empty(shape, dtype=wide, device=device), str(np.dtype(wide))
    key = int(rng.integers(0, 2**64, dtype=np.uint64))
    if size := int(np.prod(shape, dtype=int)):
        words = np.uint32(key & 0xFFFFFFFF), np.uint32(key >> 32)
        raw.launch(source(name), base, -(-size // _EACH[name]), out, np.int64(size), *words, np.float64(eps))
    return xp.astype(out, dtype, copy=False)


def source(dtype: str) -> str:
    """The CUDA C++ for ``"float32"`` or ``"float64"``."""
    c = {"float32": "float", "float64": "double"}[dtype]
    return f"typedef {c} T;\n{raw.read(_SOURCE)}"
