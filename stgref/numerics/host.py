"""NumPy as kernels see it: with a `where` that does not branch at each element.

NumPy's own jumps, element by element. Where a processor cannot foresee the condition, as with the sign of noise, that
costs four times as much as to compute with the bits of both choices, which gives the same bits.
"""

from __future__ import annotations

import types
from typing import Any

import numpy as np

_FEW = 2048
"""Below so many elements the calls cost more than the jumps."""


def where(condition: Any, x1: Any, x2: Any) -> Any:
    """As `numpy.where`, to the last bit."""
    if getattr(condition, "size", 0) < _FEW or not (_is_double(x1) and _is_double(x2)):
        return np.where(condition, x1, x2)
    ones_where = -condition.astype(np.int64)
    left, right = _bits(x1), _bits(x2)
    return (((left ^ right) & ones_where) ^ right).view(np.float64)


def _is_double(value: Any) -> bool:
    return type(value) is float or getattr(value, "dtype", None) == np.float64


def _bits(value: Any) -> Any:
    return (np.float64(value) if type(value) is float else value).view(np.int64)


class _Numpy(types.ModuleType):
    """A namespace of the same name, whose other functions are NumPy's."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


NUMPY = _Numpy("numpy")
NUMPY.__dict__.update({name: getattr(np, name) for name in np.__dict__ if not name.startswith("_")})
NUMPY.__dict__.update(where=where)
