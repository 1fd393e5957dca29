"""CuPy without a GPU: its own arrays and its own `cupy.fuse`, over memory of the host, computed by the host.

A `HostArray` is a `cupy.ndarray` whose memory is NumPy's. All that CuPy does before it launches a kernel is CuPy's
own doing: which library an array is of, the trace of a function by `cupy.fuse`, the dtypes and the source that come of
it. Then CuPy asks its arguments whether they know better than to launch, by a hook that it has for that; and the source
is compiled for this processor, with the functions of the C++ library and of SciPy in the place of the GPU's.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tests.gpu.compilers import CUDA_ON_HOST, compiled

cupy = pytest.importorskip("cupy")


class _Device(contextlib.AbstractContextManager):  # type: ignore[type-arg]
    """The device that host arrays say they are on."""

    id = 0

    def __exit__(self, *_: object) -> None:
        return None


DEVICE = _Device()


class Host:
    """What computes kernels: many of them are compiled at once, as that is what takes the time.

    ``contracted`` joins products and sums into one rounding, as nvcc does by default.
    """

    def __init__(self, *, contracted: bool) -> None:
        self.contracted = contracted
        self.kernels: dict[str, Any] = {}
        self._compiled: dict[str, Any] = {}
        self._collecting = False

    @contextlib.contextmanager
    def collecting(self) -> Iterator[None]:
        """Take note of kernels, and compute nothing."""
        self._collecting = True
        try:
            yield
        finally:
            self._collecting = False
        self._build(list(self.kernels))

    def _build(self, sources: list[str]) -> None:
        parts = [source.replace("NAME", f"kernel_{i}") for i, source in enumerate(sources)]
        library = compiled("\n".join([CUDA_ON_HOST, *parts]), contracted=self.contracted)
        self._compiled |= {source: getattr(library, f"kernel_{i}") for i, source in enumerate(sources)}

    def run(self, kernel: Any, args: tuple[Any, ...]) -> tuple[HostArray, ...]:
        """Run an elementwise kernel of CuPy's."""
        pairs = zip(args, kernel.in_params, strict=True)
        given = np.broadcast_arrays(*(np.asarray(to_host(a), dtype=p.dtype) for a, p in pairs))
        inputs = [np.ascontiguousarray(a) for a in given]
        outputs = [np.zeros(given[0].shape, p.dtype) for p in kernel.out_params]
        source = source_of(kernel)
        self.kernels[source] = kernel
        if not self._collecting:
            if source not in self._compiled:
                self._build([source])
            pointers = [a.ctypes.data for a in (*inputs, *outputs)]
            self._compiled[source](ctypes.c_long(given[0].size), (ctypes.c_void_p * len(pointers))(*pointers))
        return tuple(to_device(a) for a in outputs)


PLAIN = Host(contracted=False)
_host = PLAIN


@contextlib.contextmanager
def computing(host: Host) -> Iterator[Host]:
    """Have ``host`` compute the kernels of host arrays."""
    global _host  # noqa: PLW0603
    before, _host = _host, host
    try:
        yield host
    finally:
        _host = before


class HostArray(cupy.ndarray):  # type: ignore[misc]
    """A CuPy array over NumPy's memory."""

    device = DEVICE

    def __cupy_override_elementwise_kernel__(self, kernel: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(kernel, cupy.ufunc):
            function: Callable[..., Any] = getattr(np, kernel.name.removeprefix("cupy_"))
            return to_device(function(*map(to_host, args)))
        results = _host.run(kernel, args)
        return results if kernel.return_tuple else results[0]

    def all(self, *args: Any, **kwargs: Any) -> Any:
        return bool(to_host(self).all())

    def argmin(self, *args: Any, **kwargs: Any) -> Any:
        return to_device(to_host(self).argmin())

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        return to_device(to_host(self).astype(dtype))

    def __int__(self) -> int:
        return int(to_host(self))

    def get(self, *args: Any, **kwargs: Any) -> np.ndarray:
        return to_host(self)


def to_device(values: Any) -> HostArray:
    """A copy of NumPy's values as a CuPy array."""
    own = np.array(values, order="C")
    memory = cupy.cuda.UnownedMemory(own.ctypes.data, max(own.nbytes, 1), own, 0)
    return HostArray(own.shape, own.dtype, cupy.cuda.MemoryPointer(memory, 0))


def to_host(array: Any) -> Any:
    """What is in the memory of a CuPy array."""
    if not isinstance(array, cupy.ndarray):
        return array
    assert array.flags.c_contiguous
    if not array.nbytes:
        return np.empty(array.shape, array.dtype)
    data = (ctypes.c_char * array.nbytes).from_address(array.data.ptr)
    return np.frombuffer(data, array.dtype).reshape(array.shape).copy()


def source_of(kernel: Any) -> str:
    """A loop of the host over the source of an elementwise kernel of CuPy's, to be called NAME."""
    n = len(kernel.in_params)
    loads = [
        f"const {p.ctype} &{p.name} = ((const {p.ctype}*)p[{i}])[i];" for i, p in enumerate(kernel.in_params)
    ]
    stores = [f"{p.ctype} &{p.name} = (({p.ctype}*)p[{n + i}])[i];" for i, p in enumerate(kernel.out_params)]
    preamble = kernel.preamble.replace('#include "cupy/float16.cuh"', "")
    body = "\n".join([*loads, *stores, kernel.operation])
    return (
        f"namespace in_NAME {{\n{preamble}\n"
        f'extern "C" void NAME(long n, void** p) {{ for (long i = 0; i < n; ++i) {{ {body}; }} }}\n}}\n'
    )


def cuda_source_of(kernel: Any) -> str:
    """The same as a kernel of CUDA."""
    parameters = ", ".join(
        [f"const {p.ctype} *p_{p.name}" for p in kernel.in_params]
        + [f"{p.ctype} *p_{p.name}" for p in kernel.out_params]
    )
    loads = [f"const {p.ctype} &{p.name} = p_{p.name}[i];" for p in kernel.in_params]
    stores = [f"{p.ctype} &{p.name} = p_{p.name}[i];" for p in kernel.out_params]
    body = "\n".join(
        ["long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;", *loads, *stores, kernel.operation]
    )
    preamble = kernel.preamble.replace('#include "cupy/float16.cuh"', "")
    return f"namespace in_NAME {{\n{preamble}\n__global__ void NAME({parameters}) {{ {body}; }}\n}}\n"
