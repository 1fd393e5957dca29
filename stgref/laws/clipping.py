"""Clipping to [0, 1]: values, derivatives and functions that are pieced together from the atoms and what is between."""

from __future__ import annotations

import math

from stgref.numerics.branches import Formula, overlay
from stgref.numerics.namespace import Array, Namespace

AT_ENDS = {"closed": 1.0, "open": 0.0, "half": 0.5}


def clip(xp: Namespace, z: Array) -> Array:
    """The value z clipped to [0, 1]; NaN stays NaN."""
    return xp.minimum(xp.maximum(z, 0.0), 1.0)


def grad_clip(xp: Namespace, z: Array, clip_gradient: str, *derivatives: Array) -> list[Array]:
    """The derivatives of `clip` of z, given those of z: 0 outside, themselves inside, at 0 and 1 as ``clip_gradient`` says."""
    at_ends = AT_ENDS[clip_gradient]
    outside = (z <= 0.0) | (z >= 1.0) if at_ends == 0.0 else (z < 0.0) | (z > 1.0)
    distinct = {id(d): d for d in derivatives}
    inside = {key: xp.where(outside, 0.0, d) for key, d in distinct.items()}
    kept = [inside[id(d)] for d in derivatives]
    if at_ends in (0.0, 1.0):
        return kept
    ends = (z == 0.0) | (z == 1.0)
    return [xp.where(ends, at_ends * d, d) for d in kept]


def by_region(
    xp: Namespace, x: Array, below: float, inside: Array, above: float, *, closed: str = "left"
) -> Array:
    """``inside``, NaN where x is, for x in [0, 1) (or (0, 1] with ``closed="right"``), and constants beside it."""
    left, right = (x < 0.0, x >= 1.0) if closed == "left" else (x <= 0.0, x > 1.0)
    return xp.where(left, below, xp.where(right, above, inside))


def unless_atom(xp: Namespace, x: Array, derivative: Array) -> Array:
    """A derivative with respect to x: NaN at the atoms, where there is none, and 0 outside [0, 1]."""
    return xp.where((x == 0.0) | (x == 1.0), math.nan, xp.where((x < 0.0) | (x > 1.0), 0.0, derivative))


def by_atom(
    xp: Namespace, x: Array, zero: Formula, inside: Array, one: Formula, outside: float, *at: Array
) -> Array:
    """``inside``, NaN where x is, between the atoms, ``zero(*at)`` and ``one(*at)`` at them, ``outside`` elsewhere."""
    value = xp.where((x < 0.0) | (x > 1.0), outside, inside)
    for atom, formula in ((1.0, one), (0.0, zero)):
        value = overlay(xp, x == atom, formula, value, *at)
    return value
