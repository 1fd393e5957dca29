"""NumPy as kernels see it: with a `where` that does not branch at each element, and a quick `log1p` in single precision.

NumPy's own jumps, element by element. Where a processor cannot foresee the condition, as with the sign of noise, that
costs four times as much as to compute with the bits of both choices, which gives the same bits. Where the condition holds
nowhere, or everywhere, there is nothing to compute at all.
"""

from __future__ import annotations

import math
import types
from typing import Any

import numpy as np

_FEW = 2048
"""Below so many elements the calls cost more than the jumps."""

_INTEGERS = {np.dtype(np.float64): np.dtype(np.int64), np.dtype(np.float32): np.dtype(np.int32)}


def where(condition: Any, x1: Any, x2: Any) -> Any:
    """As `numpy.where`, to the last bit; it may be one of the arrays itself."""
    if type(condition) is not np.ndarray or not condition.ndim:
        return np.where(condition, x1, x2)
    true = np.count_nonzero(condition)
    chosen, other = (x1, x2) if true else (x2, x1)
    if true in (0, condition.size) and _is_all(chosen, other, condition.shape):
        return chosen
    dtype = _common(x1, x2) if condition.size >= _FEW else None
    return np.where(condition, x1, x2) if dtype is None else _by_bits(condition, x1, x2, dtype)


def _is_all(chosen: Any, other: Any, shape: tuple[int, ...]) -> bool:
    """Whether ``chosen`` has the shape and the dtype of a choice between the two."""
    if type(chosen) is not np.ndarray or chosen.shape != shape or chosen.dtype not in _INTEGERS:
        return False
    if type(other) is float:
        return True
    return getattr(other, "dtype", None) == chosen.dtype and other.shape in ((), shape)


def _common(x1: Any, x2: Any) -> Any:
    """The dtype of a choice of single or double precision numbers; ``None`` where it is something else."""
    dtypes = {getattr(x, "dtype", None) for x in (x1, x2) if type(x) is not float}
    dtype = dtypes.pop() if dtypes else np.dtype(np.float64)
    return dtype if not dtypes and dtype in _INTEGERS else None


def _by_bits(condition: Any, x1: Any, x2: Any, dtype: Any) -> Any:
    integers, shape = _INTEGERS[dtype], condition.shape
    chosen = condition.astype(integers)
    left, right = (
        x.view(integers) if type(x) is not float else dtype.type(x).view(integers) for x in (x1, x2)
    )
    within = left.shape in ((), shape) and right.shape in ((), shape)
    if type(x1) is float and x1 == 0.0 and math.copysign(1.0, x1) > 0.0:
        chosen -= 1
        return (np.bitwise_and(chosen, right, out=chosen) if within else chosen & right).view(dtype)
    np.negative(chosen, out=chosen)
    if within:
        chosen &= left ^ right
        chosen ^= right
        return chosen.view(dtype)
    return ((chosen & (left ^ right)) ^ right).view(dtype)


_TINY = np.float32(2.0**-100)


def log1p(x: Any) -> Any:
    """As `numpy.log1p`; of single precision, log(u) x / (u - 1) with u = 1 + x, where NumPy has a quick logarithm only.

    The quotient log(u) / (u - 1) hardly depends on the rounding of u (W. Kahan; N. J. Higham, "Accuracy and Stability of
    Numerical Algorithms", 2nd edition, 2002, section 1.14.1). The number added to both terms makes it 1 at u = 1, and is
    lost in all other sums.
    """
    if getattr(x, "dtype", None) != np.float32:
        return np.log1p(x)
    u = x + np.float32(1.0)
    return x * ((np.log(u) + _TINY) / ((u - np.float32(1.0)) + _TINY))


class _Numpy(types.ModuleType):
    """A namespace of the same name, whose other functions are NumPy's."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


NUMPY = _Numpy("numpy")
NUMPY.__dict__.update({name: getattr(np, name) for name in np.__dict__ if not name.startswith("_")})
NUMPY.__dict__.update(where=where, log1p=log1p)
