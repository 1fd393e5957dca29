"""The few special functions that a library must bring itself: ``erf erfc erfcx ndtri``, by library.

SciPy's own dispatch to other libraries hangs on an environment variable read at import; this table does not.
A library without an entry is sent through SciPy on the host, unless its own ``special`` submodule has the function.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

import array_api_compat
import numpy as np

from stgref.numerics.namespace import Array, Namespace, library_name

MODULES = {
    "numpy": "scipy.special",
    "cupy": "cupyx.scipy.special",
    "torch": "torch.special",
    "jax.numpy": "jax.scipy.special",
    "mparray": "mparray.special",
    "symbols": "stgref.numerics.symbols",
}


def erf(xp: Namespace, x: Array) -> Array:
    """Error function."""
    return _native(xp, "erf")(x)


def erfc(xp: Namespace, x: Array) -> Array:
    """Complementary error function."""
    return _native(xp, "erfc")(x)


def erfcx(xp: Namespace, x: Array) -> Array:
    """Scaled complementary error function, exp(x^2) erfc(x)."""
    value = _native(xp, "erfcx")(x)
    if library_name(xp) != "jax.numpy":
        return value
    # JAX's own is 0 in a band near 9.3 in float32 and 26.6 in float64 (jax#38607).
    far = x > 8.0
    return xp.where(far, _erfcx_asymptotic(xp, xp.where(far, x, 8.0)), value)


def ndtri(xp: Namespace, p: Array) -> Array:
    """Quantile function of the standard normal law."""
    return _native(xp, "ndtri")(p)


def _erfcx_asymptotic(xp: Namespace, x: Array, terms: int = 20) -> Array:
    """The asymptotic series sum_k (-1)^k (2k-1)!! / (2 x^2)^k / (x sqrt(pi)) (DLMF 7.12.1), for x >= 8."""
    w = 0.5 / (x * x)
    total = xp.ones_like(x)
    for k in range(terms, 0, -1):
        total = 1.0 - (2 * k - 1) * w * total
    return total / (x * 1.7724538509055160273)


@functools.cache
def _native(xp: Namespace, name: str) -> Callable[[Array], Array]:
    module = MODULES.get(library_name(xp))
    if module is None:
        return _through_scipy(xp, name)
    library = importlib.import_module(module)
    if hasattr(library, name):
        return getattr(library, name)  # type: ignore[no-any-return]
    if name == "erfcx":  # arbitrary precision: no overflow, so the definition serves
        return lambda x: xp.exp(x * x) * library.erfc(x)
    raise NotImplementedError(f"{library.__name__} has no {name}")


def _through_scipy(xp: Namespace, name: str) -> Callable[[Array], Array]:
    function: Any = getattr(importlib.import_module("scipy.special"), name)

    def on_host(x: Array) -> Array:
        host = np.asarray(array_api_compat.to_device(x, "cpu") if _plain_device(x) else _to_host(xp, x))
        return xp.asarray(function(host), dtype=x.dtype, device=array_api_compat.device(x))

    return on_host


def _plain_device(x: Array) -> bool:
    return isinstance(array_api_compat.device(x), str)


def _to_host(xp: Namespace, x: Array) -> Array:
    return array_api_compat.to_device(x, xp.__array_namespace_info__().default_device())
