"""Draws of the weak derivatives of the Gaussian law: Rayleigh and double-sided Maxwell variables."""

from __future__ import annotations

from typing import Any

import numpy as np

from stgref.numerics import namespace as ns
from stgref.numerics import noise
from stgref.numerics.namespace import Array


def _moved(values: Array, dtype: Any, xp: Any, device: Any) -> Array:
    """Drawn in double precision on the host, rounded and moved once."""
    xp = ns.compatible_namespace(xp)
    dtype = ns.default_dtype(xp, device) if dtype is None else dtype
    narrow = values.astype(np.float64 if ns.bits(xp, dtype) == 64 else np.float32)
    return xp.astype(xp.asarray(narrow, device=device), dtype, copy=False)


def _rayleigh(shape: Any, rng: noise.Seed) -> Array:
    return np.sqrt(-2.0 * np.log(noise.uniform(shape, rng)))


def rayleigh(
    shape: Any, rng: noise.Seed = None, dtype: Any = None, xp: Any = None, device: Any = None
) -> Array:
    r"""Weibull(2, :math:`\sqrt 2`) variables, :math:`\sqrt{-2 \log u}` with u uniform."""
    return _moved(_rayleigh(shape, rng), dtype, xp, device)


def maxwell(
    shape: Any, rng: noise.Seed = None, dtype: Any = None, xp: Any = None, device: Any = None
) -> Array:
    r"""Double-sided Maxwell variables, :math:`\pm \sqrt{n^2 + w^2}` with n normal, w Rayleigh, and the sign of n.

    The length of a normal vector in three dimensions, two of which are the Rayleigh variable.
    """
    rng = noise.generator(rng)
    n = noise.normal(shape, rng)
    return _moved(np.copysign(np.hypot(n, _rayleigh(shape, rng)), n), dtype, xp, device)
