"""DESIGN's measure of error, eps (|f| + sum_i |x_i df/dx_i|), for results that are compared with each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tests.numerics.catalogue import fields

STEP = 2.0**-20


def sizes(f: Callable[..., Any], args: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """Return |f| + sum_i |x_i df/dx_i| of every field, the derivatives by relative differences of 2^-20.

    Atoms and clip points, 0 and 1, are exact arguments: they are not moved (a move would be a jump).
    """
    here = fields(f(*args))
    total = {name: np.abs(value) for name, value in here.items()}
    for i, x in enumerate(args):
        moved = np.where((x == 0.0) | (x == 1.0), x, x * (1.0 + STEP))
        there = fields(f(*args[:i], moved, *args[i + 1 :]))
        for name, value in here.items():
            with np.errstate(invalid="ignore"):
                total[name] = total[name] + np.abs(there[name] - value) / STEP
    return total


def worst(got: Any, wanted: Any, size: Any, eps: float) -> float:
    """Return the greatest error in units of ``eps * size``; infinite where values are not of the same kind."""
    got, wanted, size = (np.asarray(a, dtype=np.float64) for a in (got, wanted, size))
    assert got.shape == wanted.shape
    same = (got == wanted) | (np.isnan(got) & np.isnan(wanted))
    comparable = np.isfinite(got) & np.isfinite(wanted) & np.isfinite(size)
    got, wanted, size = (np.where(comparable, a, 0.0) for a in (got, wanted, size))
    dtype = np.float32 if eps == np.finfo(np.float32).eps else np.float64
    scale = np.maximum(size * eps, float(np.finfo(dtype).smallest_subnormal))
    units = np.where(comparable, np.abs(got - wanted) / scale, np.inf)
    return float(np.max(np.where(same, 0.0, units), initial=0.0))
