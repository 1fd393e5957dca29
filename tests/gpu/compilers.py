"""Compilers for what is meant for a GPU: nvcc to see that it compiles, the host's own to see what it computes."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from scipy.special import cython_special

_CAPSULES = cython_special.__pyx_capi__


@functools.cache
def folder() -> Path:
    """A folder for this process, beside its others."""
    return Path(tempfile.mkdtemp(prefix="stgref-gpu-"))


def nvcc() -> str:
    """The CUDA compiler; skips without one."""
    found = shutil.which("nvcc") or shutil.which("nvcc", path="/usr/local/cuda/bin")
    return found or pytest.skip("there is no nvcc to compile CUDA with")


def host_compiler() -> str:
    """A C++ compiler for this processor; skips without one."""
    found = os.environ.get("CXX") or shutil.which("g++") or shutil.which("c++")
    return found or pytest.skip("there is no C++ compiler to run kernels with on the host")


def compile_cuda(source: str, *, includes: tuple[str, ...] = ()) -> None:
    """Compile CUDA C++ to PTX; an error of the compiler fails the test."""
    path = folder() / (hashlib.sha256(source.encode()).hexdigest()[:16] + ".cu")
    path.write_text(source, encoding="utf-8")
    flags = ["-ptx", "-std=c++17", "-arch=sm_80", "-w", *(f"-I{i}" for i in includes)]
    command = [nvcc(), *flags, "-o", str(path.with_suffix(".ptx")), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"nvcc: {done.stderr}\n{source}"


@functools.cache
def compiled(source: str, *, contracted: bool = False) -> ctypes.CDLL:
    """A library made of C++; ``contracted`` joins products and sums into one rounding, as nvcc does by default."""
    contraction = ["-mfma", "-ffp-contract=fast"] if contracted else ["-ffp-contract=off"]
    flags = ["-O1" if contracted else "-O0", "-std=c++17", "-shared", "-fPIC", "-w", "-mf16c", *contraction]
    stem = hashlib.sha256(f"{flags}{source}".encode()).hexdigest()[:16]
    path = folder() / f"{stem}.cpp"
    path.write_text(source, encoding="utf-8")
    library = path.with_suffix(".so")
    command = [host_compiler(), *flags, "-o", str(library), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[0]}: {done.stderr}\n{source}"
    loaded = ctypes.CDLL(str(library))
    for name, capsule in (("host_erfcx", "__pyx_fuse_1erfcx"), ("host_ndtri", "ndtri")):
        ctypes.c_void_p.in_dll(loaded, name).value = _address(_CAPSULES[capsule])
    return loaded


def _address(capsule: object) -> int:
    name, pointer = ctypes.pythonapi.PyCapsule_GetName, ctypes.pythonapi.PyCapsule_GetPointer
    name.restype, name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    return int(pointer(capsule, name(capsule)))


#: What CUDA has and C++ has not, for the host: its keywords, its names of functions, half precision.
CUDA_ON_HOST = r"""
#include <cmath>
#include <cstdint>
#include <algorithm>
#include <immintrin.h>
using namespace std;
#define __device__
#define __global__
#define __host__
#define __forceinline__ inline
#define __restrict__
#define __launch_bounds__(...)
#define CUDART_INF INFINITY
#define CUDART_NAN NAN
extern "C" { double (*host_erfcx)(double, int); double (*host_ndtri)(double, int); }
static double erfcx(double x) { return host_erfcx(x, 0); }
static float erfcx(float x) { return float(host_erfcx(x, 0)); }
static double normcdfinv(double p) { return host_ndtri(p, 0); }
static float normcdfinvf(float p) { return float(host_ndtri(p, 0)); }
static float normcdfinv(float p) { return float(host_ndtri(p, 0)); }
static uint32_t __umulhi(uint32_t a, uint32_t b) { return uint32_t((uint64_t(a) * b) >> 32); }
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(16) double2 { double x, y; };
struct float16 {
  unsigned short bits;
  float16() {}
  float16(float x) : bits(_cvtss_sh(x, 0)) {}
  operator float() const { return _cvtsh_ss(bits); }
};
"""
