"""Which array library, device and dtype a call works in, read off its arguments.

Scalars are weak (they take the dtype of the arrays, as in NEP 50), array-likes are NumPy's, and libraries do not mix.
Nothing here looks at values.
"""

from __future__ import annotations

import functools
import numbers
import sys
from collections.abc import Mapping
from typing import Any, TypeAlias

import array_api_compat
import numpy as np

from stgref.numerics import host

Array: TypeAlias = Any
"""An array of any library that follows the array API standard (array-api#589: there is no static type for it yet)."""

Namespace: TypeAlias = Any
"""A namespace of the array API standard, usually array-api-compat's wrapper of a library."""

_REFUSED = ("MaskedArray", "matrix")  # arrays by inheritance, with another meaning

# NumPy 2.1 follows the standard by itself; the wrapper would import numpy.testing and f2py.
NUMPY: Namespace = host.NUMPY


def kind_of(value: Any) -> str:
    """Sort an argument: ``"scalar"``, ``"array"`` (it brings its library) or ``"like"`` (NumPy would take it)."""
    if isinstance(value, np.ndarray):
        return "array"
    if type(value) is float:  # said once more below, but slowly
        return "scalar"
    if isinstance(value, np.generic):
        return "numpy scalar"
    if isinstance(value, numbers.Real):
        return "scalar"
    return "array" if array_api_compat.is_array_api_obj(value) else "like"


def check_kind(function: str, name: str, value: Any) -> str:
    """The kind of ``value``; a `TypeError` naming the argument when it is no real number or array of them."""
    kind = kind_of(value)
    if kind == "scalar" and isinstance(value, bool):
        raise TypeError(f"{function}: {name} takes real numbers, got a bool ({value})")
    known = isinstance(value, (list, tuple)) or hasattr(value, "__array__")
    if (kind == "like" and not known) or type(value).__name__ in _REFUSED:
        raise TypeError(
            f"{function}: {name} takes a real number or an array of them, got {type(value).__name__}"
        )
    return kind


def namespace_of(function: str, arguments: Mapping[str, Any]) -> Namespace:
    """The library of the arrays among ``arguments``; NumPy's where there are only scalars and lists.

    Raises
    ------
    TypeError
        If an argument is no real number or array, or if two libraries meet.
    """
    foreign: dict[str, Any] = {}
    numpy_like: list[str] = []
    for name, value in arguments.items():
        kind = check_kind(function, name, value)
        if kind == "array" and not isinstance(value, np.ndarray):
            foreign[name] = value
        elif kind in ("array", "like"):
            numpy_like.append(name)
    if not foreign:
        return NUMPY
    libraries = {name: array_api_compat.array_namespace(value) for name, value in foreign.items()}
    xp = next(iter(libraries.values()))
    others = [name for name, other in libraries.items() if other is not xp] + numpy_like
    if others:
        first = next(iter(libraries))
        raise TypeError(
            f"{function}: all arrays must come from one library, got {first} from {xp.__name__} and {others[0]} from "
            f"{type(arguments[others[0]]).__module__.partition('.')[0]}"
        )
    return xp


def is_numpy(xp: Namespace) -> bool:
    """Whether ``xp`` is NumPy."""
    return library_name(xp) == "numpy"


def is_cupy(xp: Namespace) -> bool:
    """Whether ``xp`` is CuPy."""
    return library_name(xp) == "cupy"


def device_of(arrays: list[Array]) -> Any:
    """The device that the arrays share (the library itself complains when they do not); ``None`` without arrays."""
    if not arrays:
        return None
    return "cpu" if isinstance(arrays[0], np.ndarray) else array_api_compat.device(arrays[0])


def is_lazy(value: Any) -> bool:
    """Whether looking at the values of ``value`` would compute, or fail under a tracer."""
    if isinstance(value, (float, np.ndarray)):
        return False
    return bool(array_api_compat.is_array_api_obj(value) and array_api_compat.is_lazy_array(value))


def has_values(value: Array) -> bool:
    """Whether the values of ``value`` can be read without computing a graph: not dask's, and not under a tracer."""
    if not is_lazy(value):
        return True
    if array_api_compat.is_dask_array(value):
        return False
    try:
        bool((value == value).all())  # noqa: PLR0124 (a tracer says so when a value is asked for)
    except TypeError:
        return False
    return True


def result_dtype(function: str, xp: Namespace, arrays: Mapping[str, Array]) -> Any:
    """The floating dtype of a result: promoted over the arrays' floating dtypes; the library's default for none.

    Raises
    ------
    TypeError
        If an array is neither floating nor integer.
    """
    floating = []
    for name, value in arrays.items():
        if _is_kind(xp, value.dtype, "real floating"):
            floating.append(value.dtype)
        elif not _is_kind(xp, value.dtype, "integral"):
            raise TypeError(f"{function}: {name} takes a floating or integer dtype, got {value.dtype}")
        if floating and bits(xp, floating[-1]) not in (16, 32, 64):
            raise TypeError(f"{function}: {name} takes half, single or double precision, got {value.dtype}")
    if floating:
        return functools.reduce(xp.result_type, floating)
    return default_dtype(xp, device_of(list(arrays.values())))


@functools.cache
def _is_kind(xp: Namespace, dtype: Any, kind: str) -> bool:
    return bool(xp.isdtype(dtype, kind))


def default_dtype(xp: Namespace, device: Any = None) -> Any:
    """Double precision where the device has it: results must not hang on a library's own default."""
    return xp.float64 if has_float64(xp, device) else xp.float32


@functools.cache
def _always_has_float64(name: str) -> bool:
    return name in ("numpy", "cupy", "dask.array", "torch", "mparray")


def has_float64(xp: Namespace, device: Any = None) -> bool:
    """Whether arrays on ``device`` can be float64 (JAX says no without its x64 flag, some GPUs always)."""
    if _always_has_float64(library_name(xp)) and "mps" not in str(device):
        return True
    info = xp.__array_namespace_info__()
    return bool("float64" in info.dtypes(device=device, kind="real floating"))


@functools.cache
def library_name(xp: Namespace) -> str:
    """``"numpy"``, ``"torch"``, ``"jax.numpy"``, ``"dask.array"`` ...: the library under the compatibility wrapper."""
    return str(xp.__name__).removeprefix("array_api_compat.")


@functools.cache
def bits(xp: Namespace, dtype: Any) -> int:
    """The width of a floating dtype in bits."""
    return int(xp.finfo(dtype).bits)


def by_bits(xp: Namespace, x: Array, table: Mapping[int, float]) -> Any:
    """The entry of a table for the width of ``x``; where kernels run on symbols, that is known later only."""
    choose = vars(xp).get("by_bits")
    return table[bits(xp, x.dtype)] if choose is None else choose(x, table)


def working_dtype(xp: Namespace, dtype: Any, device: Any) -> Any:
    """The dtype that kernels compute in for a result of ``dtype``.

    Float32 is computed in float64 and rounded once, as SciPy's ufuncs do, where the device has float64; elsewhere as it
    is. Half precision is what float32 gives, rounded once more.
    """
    if bits(xp, dtype) == 64:
        return dtype
    return xp.float64 if has_float64(xp, device) else xp.float32


def compatible_namespace(xp: Any) -> Namespace:
    """The array-api-compat namespace of a library given as itself (``torch``), wrapped, or ``None`` (NumPy)."""
    if xp is None or xp is np:
        return NUMPY
    if not hasattr(xp, "__name__") or not hasattr(xp, "asarray"):
        raise TypeError(f"xp takes an array library or its array-api-compat namespace, got {xp!r}")
    name = library_name(xp)
    if name == "numpy":
        return NUMPY
    if name in ("torch", "cupy", "dask.array") and not xp.__name__.startswith("array_api_compat"):
        __import__(f"array_api_compat.{name}")
        return sys.modules[f"array_api_compat.{name}"]
    return xp


def floating_dtype(function: str, xp: Namespace, dtype: Any) -> Any:
    """``dtype`` as a real floating dtype of ``xp``, which may be given by name.

    Raises
    ------
    TypeError
        If it is none, or the library cannot hold it.
    """
    given = getattr(xp, dtype, dtype) if isinstance(dtype, str) else dtype
    given = np.dtype(given) if is_numpy(xp) and isinstance(given, type) else given
    try:
        floating = xp.isdtype(given, "real floating") and bits(xp, given) in (16, 32, 64)
    except (TypeError, ValueError, AttributeError):
        floating = False
    if not floating:
        raise TypeError(
            f"{function}: dtype takes a half, single or double floating dtype of {xp.__name__}, got {dtype!r}"
        )
    if bits(xp, given) == 64 and not has_float64(xp):
        raise TypeError(
            f"{function}: dtype {dtype!r} is not enabled in {xp.__name__} (JAX: set jax_enable_x64)"
        )
    return given
