"""Smooth objectives of continuous variables, for any array library and for mpmath, and judges of samples."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import array_namespace

Z_BOUND = 7.0
"""A normal number is further from 0 than this once in 4e11: the false alarms of all tests together are rarer than 1e-8."""


class Ridge:
    """cos(k a . x) + 0.3 x_0 x_1^2 (the second term for two or more variables), a = (1, 0.5, 0.25 ...): not separable."""

    def __init__(self, k: float = 0.8) -> None:
        self.k = k

    def _phase(self, x: Any) -> tuple[Any, Any, Any]:
        xp = array_namespace(x)
        a = xp.asarray([0.5**i for i in range(x.shape[-1])], dtype=x.dtype, device=getattr(x, "device", None))
        return xp, a, self.k * xp.sum(a * x, axis=-1)

    def __call__(self, x: Any) -> Any:
        xp, _, t = self._phase(x)
        return xp.cos(t) + (0.3 * x[..., 0] * x[..., 1] ** 2 if x.shape[-1] > 1 else 0.0)

    def grad(self, x: Any) -> Any:
        xp, a, t = self._phase(x)
        wave = -self.k * xp.sin(t)[..., None] * a
        if x.shape[-1] == 1:
            return wave
        rest = [0.0 * x[..., 0]] * (x.shape[-1] - 2)
        return wave + xp.stack([0.3 * x[..., 1] ** 2, 0.6 * x[..., 0] * x[..., 1], *rest], axis=-1)

    def hessian_product(self, x: Any, v: Any) -> Any:
        xp, a, t = self._phase(x)
        wave = -(self.k**2) * (xp.cos(t) * xp.sum(a * v, axis=-1))[..., None] * a
        if x.shape[-1] == 1:
            return wave
        rest = [0.0 * x[..., 0]] * (x.shape[-1] - 2)
        parts = [0.6 * x[..., 1] * v[..., 1], 0.6 * (x[..., 1] * v[..., 0] + x[..., 0] * v[..., 1]), *rest]
        return wave + xp.stack(parts, axis=-1)


class Cubic:
    """x + 0.4 x^2 - 0.3 x^3, summed, plus x_0 x_1 x_2: moments of any estimate are those of polynomials."""

    def __call__(self, x: Any) -> Any:
        xp = array_namespace(x)
        product = xp.prod(x, axis=-1) if x.shape[-1] > 1 else 0.0
        return xp.sum(x + 0.4 * x * x - 0.3 * x * x * x, axis=-1) + product


def assert_sampled(estimates: Any, mean: Any, covariance: Any) -> None:
    """Means and variances of rows of estimates (n, D) agree with exact ones, by their own standard errors."""
    n, estimates = estimates.shape[0], np.asarray(estimates, dtype=np.float64)
    variance = np.diag(np.asarray(covariance))
    z = (estimates.mean(axis=0) - mean) / np.sqrt(variance / n)
    assert np.all(np.abs(z) < Z_BOUND), f"mean {estimates.mean(axis=0)}, not {mean}: z = {z}"
    squares = (estimates - mean) ** 2
    z = (squares.mean(axis=0) - variance) / (squares.std(axis=0) / math.sqrt(n))
    assert np.all(np.abs(z) < Z_BOUND), f"variance {squares.mean(axis=0)}, not {variance}: z = {z}"


def assert_close(got: Any, want: Any, scale: Any, tolerance: float = 1e-12) -> None:
    """Within ``tolerance`` of ``scale``, the root mean square of what was averaged."""
    off = np.abs(np.asarray(got) - np.asarray(want))
    assert np.all(off <= tolerance * np.asarray(scale)), f"{got}, not {want}: off by {off} of {scale}"


def refuses(comparison: Any, *arguments: Any) -> bool:
    """Whether a comparison fails, which is what a mistake made on purpose wants."""
    try:
        comparison(*arguments)
    except AssertionError:
        return True
    return False
