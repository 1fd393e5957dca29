r"""The rectified Gaussian law in place, for `stgref.gates.twin`: :math:`\bar z = \mu + \text{std}\, n`, with slopes 1 and n."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from stgref.gates.family import Theta
from stgref.numerics.namespace import Array

_LEAST = {np.dtype(np.float32): 2.0**-7, np.dtype(np.float64): 1e-4}
"""The least std: below, the numbers next to 1 are too far from each other to say whether a gate is clipped."""
_MOST = 1e4


def make(theta: Theta, dtype: Any) -> Gaussian | None:
    """The law at ``theta``, if it is right there."""
    std = theta[1]
    return Gaussian(theta, dtype) if np.all((std >= _LEAST[np.dtype(dtype)]) & (std <= _MOST)) else None


class Gaussian:
    """The law at its parameters: kept is n, and the sums are of 1 and n."""

    kept, sums = 1, 2

    def __init__(self, theta: Theta, dtype: Any) -> None:
        self._rows = [np.asarray(value).astype(dtype)[()] for value in theta]

    def start(self, noise: Array, kept: tuple[Array, ...], columns: slice) -> None:
        """Keep the noise, of which infinite one, that no gate draws, is made finite: its slope is to be 0, not NaN."""
        if noise is not kept[0]:
            most = np.finfo(kept[0].dtype).max
            noise.clip(-most, most, out=kept[0], casting="same_kind")

    def stretch(self, kept: tuple[Array, ...], extra: Array, z: Array, columns: slice) -> None:
        """Make the gates before clipping."""
        mu, std = (row[columns] if np.ndim(row) else row for row in self._rows)
        np.multiply(kept[0], std, out=z)
        z += mu

    def terms(
        self, a: Array, kept: tuple[Array, ...], extra: Array, scratch: Array, p: Array
    ) -> Iterator[Array]:
        """The terms of the two sums."""
        yield a
        yield np.multiply(a, kept[0], out=p)

    def partials(self, sums: Array) -> list[Array]:
        """Cotangents of mu and std."""
        return list(sums)
