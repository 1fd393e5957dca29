"""Launches of our own CUDA C++ over NumPy's arrays: one thread after the other, on the host."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from stgref.numerics import raw
from tests.gpu.compilers import CUDA_ON_HOST, compiled

#: The threads of a launch, in turn.
THREADS_ON_HOST = """
struct index_of_host { int x; };
static index_of_host blockIdx, blockDim, threadIdx;
extern "C" void host_thread(long thread, int block) {
  blockDim.x = block;
  blockIdx.x = int(thread / block);
  threadIdx.x = int(thread % block);
}
"""


def launch(source: str, name: str, threads: int, *arguments: Any) -> None:
    """As `stgref.numerics.raw.launch`; arrays must be contiguous, and numbers of NumPy's types."""
    library = compiled(f"{CUDA_ON_HOST}\n{THREADS_ON_HOST}\n{source}")
    kernel, thread = getattr(library, name), library.host_thread
    given = [_argument(a) for a in arguments]
    for t in range(-(-threads // raw.BLOCK) * raw.BLOCK):
        thread(ctypes.c_long(t), raw.BLOCK)
        kernel(*given)


def _argument(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        assert value.flags.c_contiguous
        return ctypes.c_void_p(value.ctypes.data)
    return {
        "int32": ctypes.c_int32,
        "int64": ctypes.c_int64,
        "uint32": ctypes.c_uint32,
        "float64": ctypes.c_double,
    }[value.dtype.name](value.item())
