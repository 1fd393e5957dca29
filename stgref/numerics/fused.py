"""Kernels fused on CuPy: all that a kernel does to an element in one pass over memory, by `cupy.fuse`.

The kernel is the same; only its namespace is CuPy's own elementwise functions. Where it computes element by element is
found by running it on symbols (`stgref.numerics.symbols`), once for each function. A quadrature or a sum is not
fused: its kernel runs on CuPy function by function, and a message of the logger ``stgref`` says so, once. `reason`
tells it too.

Fused, float32 is computed in float64 inside of the kernel, as everywhere, and memory holds float32 only. That is free
where a GPU has float64 units, as those of data centres have: the kernels wait for memory. Others compute float64 at
1/64 of the rate of float32, and wait for that. CuPy compiles with ``-ftz=true``: float32 has no subnormal numbers there.
"""

from __future__ import annotations

import functools
import importlib
import logging
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from stgref.numerics import symbols
from stgref.numerics.namespace import Array, Namespace

_log = logging.getLogger("stgref")


@functools.cache
def reason(function: Any) -> str | None:
    """Why ``function`` cannot be fused; ``None`` where it can.

    Parameters
    ----------
    function : Quantity
        A public function, as `stgref.hard_concrete.mean`.

    Returns
    -------
    str or None
        A few words.

    Examples
    --------
    >>> from stgref import hard_concrete
    >>> from stgref.numerics import fused
    >>> fused.reason(hard_concrete.grad_transform) is None
    True
    >>> fused.reason(hard_concrete.mean)
    'it calls broadcast_arrays'
    """
    if function.of_vectors:
        return "it works on vectors"
    try:
        symbols.traced(function.kernel, function.arrays, function.options)
    except symbols.NotElementwiseError as error:
        return str(error)
    return None


def run(call: Any, function: Any, options: dict[str, Any], fields: Any) -> Any:
    """Evaluate ``function`` at a `stgref.numerics.quantity.Call` whose arrays are CuPy's, of any dtype, or floats.

    It returns one array, or the NamedTuple ``fields`` of them.
    """
    with call.device:
        if not is_fused(function):
            return call.converted().at_once(function, options)
        of_elements = fused(function, call.dtype, call.working, tuple(options.items()))
        # Between Python's own floats, a trace computes in half precision.
        results = of_elements(*(np.float64(a) if isinstance(a, float) else a for a in call.arrays))
        return fields(*results) if fields else results[0]


@functools.cache
def is_fused(function: Any) -> bool:
    """Whether `run` fuses ``function``; if not, it is said here, once."""
    if why := reason(function):
        _log.info("%s is not fused on CuPy: %s", function.name, why)
    return not why


@functools.cache
def fused(
    function: Any, dtype: Any, working: Any, options: tuple[tuple[str, Any], ...]
) -> Callable[..., tuple[Array, ...]]:
    """``function`` as one CuPy kernel from arrays, and floats, to results of ``dtype``, computed in ``working``.

    It takes its arguments by position. CuPy compiles it when it meets a new combination of dtypes and numbers of axes.
    """
    xp = elementwise()

    def on_elements(*arguments: Any) -> tuple[Any, ...]:
        lifted = [a.astype(working, copy=False) for a in arguments]
        result = function.kernel(xp, *lifted, **dict(options))
        parts = tuple(result) if isinstance(result, tuple) else (result,)
        return tuple(_finished(xp, part, lifted[0], dtype) for part in parts)

    fuse: Any = importlib.import_module("cupy").fuse(kernel_name=function.name.replace(".", "_"))
    return fuse(on_elements)  # type: ignore[no-any-return]


def _finished(xp: Namespace, part: Any, like: Any, dtype: Any) -> Any:
    """A result in ``dtype``, half precision rounded from single; a number as an element too."""
    if not hasattr(part, "dtype"):
        part = xp.where(xp.isnan(like), part, part)
    if dtype.itemsize == 2:
        part = part.astype("float32")
    return part.astype(dtype, copy=False)


@functools.cache
def elementwise() -> Namespace:
    """CuPy's own elementwise functions: array-api-compat's wrappers of some ask for more than a fused kernel can do."""
    cupy = importlib.import_module("cupy")
    namespace = types.ModuleType("cupy")
    own = (*symbols.FUNCTIONS, "isnan")
    namespace.__dict__.update({name: getattr(cupy, name) for name in own}, astype=_astype)

    def where(condition: Any, left: Any, right: Any) -> Any:
        """Elementwise choice; of two numbers, which a trace would round to half precision, in double."""
        if isinstance(left, (int, float)) and isinstance(right, (int, float)):
            left = np.float64(left)
        return cupy.where(condition, left, right)

    namespace.__dict__.update(where=where)
    return namespace


def _astype(x: Any, dtype: Any, *, copy: bool = True) -> Any:
    return x.astype(dtype, copy=copy)
