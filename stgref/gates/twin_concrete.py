r"""The hard concrete law in place, for `stgref.gates.twin`.

With n the noise, a the log_alpha, t the temperature, l and u the bounds, and v clamped where every gate is clipped anyway,

.. math:: v = -(n + a) / t, \quad e = \exp v, \quad r = (u - l) / (1 + e) = (u - l)\, \sigma(-v), \quad \bar z = l + r

where :math:`-l \le u`, and otherwise, with v and u - l negated, :math:`\bar z = u + r`. So that, r e being the other
sigmoid's, the derivatives are, per element and to within constants of the gate,

.. math:: \frac{\partial \bar z}{\partial a} \sim r e r, \quad \frac{\partial \bar z}{\partial t} \sim r e r v, \quad
          \left\{\frac{\partial \bar z}{\partial u}, \frac{\partial \bar z}{\partial l}\right\} \sim \{r, r e\}

The kernel's :math:`u\, \sigma(-v) + l\, \sigma(v)` keeps its digits near 0 and 1 for any bounds. So does this: r is rounded by
a few eps of itself, and where the gate is not clipped, :math:`|r|` is at most :math:`|\bar z|` plus the bound that it is
added to, the smaller one, which is at most twice the sum of the kernel's two terms. Nor does an unclipped gate come near
the ends of the range of exp: :math:`|v| \le \log\frac{1 + 100}{10^{-7}} < 21` for the bounds that are taken here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from stgref.gates.family import Theta
from stgref.numerics.namespace import Array

_FAR = 40.0
_TEMPERATURES = 1e-4, 1e4
_BEYOND = 1e-7, 100.0
"""How far the bounds may be beyond 0 and 1."""
_SINGLE = 2.0**-7
"""How far beyond 1 at least in single precision, whose numbers are too far from each other to tell 1 from 1 + 1e-6."""


def make(theta: Theta, dtype: Any) -> Concrete | None:
    """The law at ``theta``, if it is right there."""
    _, temperature, lower, upper = theta
    least = _BEYOND[0] if dtype == np.float64 else _SINGLE
    inside = (
        _within(temperature, *_TEMPERATURES)
        and _within(-np.asarray(lower), *_BEYOND)
        and _within(np.asarray(upper) - 1.0, least, _BEYOND[1])
    )
    return Concrete(theta, dtype) if inside else None


def _within(value: Any, low: float, high: float) -> bool:
    return bool(np.all((value >= low) & (value <= high)))


class Concrete:
    """The law at its parameters: kept are v and e, the extra array is r, and the sums are of r, r e, r e r, r e r v."""

    kept, sums = 2, 4

    def __init__(self, theta: Theta, dtype: Any) -> None:
        a, t, lower, upper = (np.asarray(value, np.float64) for value in theta)
        self._mirrored = -lower > upper
        sign = np.where(self._mirrored, -1.0, 1.0)
        self._by_t, self._width, self._sign = t * (upper - lower), sign * (upper - lower), sign
        near = np.where(self._mirrored, upper, lower)
        self._rows = [v.astype(dtype)[()] for v in (a, -sign / t, self._width, near)]

    def _at(self, columns: slice) -> list[Array]:
        return [row[columns] if np.ndim(row) else row for row in self._rows]

    def start(self, noise: Array, kept: tuple[Array, ...], columns: slice) -> None:
        """Make v and e of the noise."""
        (v, e), (a, scale, _, _) = kept, self._at(columns)
        np.add(noise, a, out=v)
        v *= scale
        v.clip(-_FAR, _FAR, out=v)
        np.exp(v, out=e)

    def stretch(self, kept: tuple[Array, ...], extra: Array, z: Array, columns: slice) -> None:
        """Make r and the gates before clipping."""
        (_, e), (_, _, width, near) = kept, self._at(columns)
        np.add(e, 1.0, out=extra)
        np.divide(width, extra, out=extra)
        np.add(extra, near, out=z)

    def terms(
        self, a: Array, kept: tuple[Array, ...], extra: Array, scratch: Array, p: Array
    ) -> Iterator[Array]:
        """The terms of the four sums."""
        v, e = kept
        yield np.multiply(a, extra, out=p)
        p *= e
        yield p
        p *= extra
        yield p
        p *= v
        yield p

    def partials(self, sums: Array) -> list[Array]:
        """Cotangents of log_alpha, temperature, lower and upper."""
        r, re, rer, rerv = sums
        one, other = r / self._width, re / self._width
        lower, upper = np.where(self._mirrored, one, other), np.where(self._mirrored, other, one)
        return [rer / self._by_t, self._sign * rerv / self._by_t, lower, upper]
