"""Sums over the first axis on a GPU, compensated, by a fixed rule of shapes: the same bits on every device."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from stgref.numerics import raw
from stgref.numerics.namespace import Array

FOLD = 64
"""Terms that a thread adds up."""

SOURCE = Path(__file__).with_name("sums.cu")


def summed(xp: Any, terms: Array) -> Array:
    """The sum over the first axis of CuPy's ``terms``, in double precision and rounded once to their dtype."""
    shape, dtype, device = terms.shape[1:], terms.dtype, terms.device
    columns = int(np.prod(shape, dtype=int))
    if not terms.size:
        return xp.zeros(shape, dtype=dtype, device=device)
    sums = xp.ascontiguousarray(xp.astype(terms, xp.float64, copy=False))
    while (rows := sums.shape[0]) > 1:
        folded = -(-rows // FOLD)
        fewer = xp.empty((folded, *shape), dtype=xp.float64, device=device)
        counts = np.int64(columns), np.int64(rows), np.int64(folded)
        raw.launch(raw.read(SOURCE), "fold", folded * columns, sums, fewer, *counts)
        sums = fewer
    return xp.astype(sums[0, ...], dtype, copy=False)
