"""Clipping to [0, 1]: values, derivatives and functions that are pieced together from the atoms and what is between."""

from __future__ import annotations

import math

from stgref.numerics.namespace import Array, Namespace

AT_ENDS = {"closed": 1.0, "open": 0.0, "half": 0.5}


def clip(xp: Namespace, z: Array) -> Array:
    """The value z clipped to [0, 1]; NaN stays NaN."""
    return xp.minimum(xp.maximum(z, 0.0), 1.0)


def grad_clip(xp: Namespace, z: Array, clip_gradient: str) -> Array:
    """Derivative of `clip`: 1 inside, 0 outside, and at 0 and 1 as ``clip_gradient`` says."""
    active, at_ends = xp.astype((z > 0.0) & (z < 1.0), z.dtype), AT_ENDS[clip_gradient]
    if at_ends:
        active = active + at_ends * xp.astype((z == 0.0) | (z == 1.0), z.dtype)
    return xp.where(xp.isnan(z), z, active)


def by_region(
    xp: Namespace, x: Array, below: float, inside: Array, above: float, *, closed: str = "left"
) -> Array:
    """``inside`` for x in [0, 1) (or (0, 1] with ``closed="right"``), constants beside it, NaN where x is NaN."""
    if closed == "left":
        value = xp.where(x < 0.0, below, xp.where(x < 1.0, inside, above))
    else:
        value = xp.where(x <= 0.0, below, xp.where(x <= 1.0, inside, above))
    return xp.where(xp.isnan(x), x, value)


def unless_atom(xp: Namespace, x: Array, derivative: Array) -> Array:
    """A derivative with respect to x: NaN at the atoms, where there is none, and 0 outside [0, 1]."""
    inside = xp.where((x > 0.0) & (x < 1.0), derivative, 0.0)
    return xp.where((x == 0.0) | (x == 1.0) | xp.isnan(x), math.nan, inside)


def by_atom(xp: Namespace, x: Array, zero: Array, inside: Array, one: Array, outside: float) -> Array:
    """``zero`` and ``one`` at the atoms, ``inside`` between them, ``outside`` elsewhere, NaN where x is NaN."""
    value = xp.where(
        (x > 0.0) & (x < 1.0), inside, xp.where(x == 0.0, zero, xp.where(x == 1.0, one, outside))
    )
    return xp.where(xp.isnan(x), x, value)
