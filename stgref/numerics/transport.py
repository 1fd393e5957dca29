"""Arrays between the host and a library's device."""

from __future__ import annotations

from typing import Any

import array_api_compat
import numpy as np

from stgref.numerics.namespace import Array, Namespace


def to_host(where: str, name: str, value: Array) -> Array:
    """An array of any library as NumPy's.

    Raises
    ------
    TypeError
        If its values are not known (under a tracer), or NumPy has no such dtype.
    """
    if isinstance(value, np.ndarray):
        return value
    try:
        return np.asarray(_on_host(value))
    except TypeError as error:
        raise TypeError(f"{where}: {name} cannot be read from {type(value).__name__}: {error}") from error


def _on_host(value: Array) -> Array:
    value = value.detach() if hasattr(value, "detach") else value
    if array_api_compat.is_torch_array(value) or array_api_compat.is_cupy_array(value):
        return array_api_compat.to_device(value, "cpu")
    if array_api_compat.is_dask_array(value) or array_api_compat.is_jax_array(value):
        return value
    info = array_api_compat.array_namespace(value).__array_namespace_info__()
    return array_api_compat.to_device(value, info.default_device())


def from_host(xp: Namespace, values: Array, dtype: Any, device: Any) -> Array:
    """NumPy's ``values`` as an array of ``xp`` on ``device``, rounded once."""
    return xp.astype(xp.asarray(values, device=device), dtype, copy=False)
