"""Formulas that hold in different places.

In general both are computed everywhere, each with its argument replaced by a safe one where the other holds: no branch of
`where` may overflow or warn, and graphs and compilers see one expression. On NumPy each is computed where it holds only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from stgref.numerics import host
from stgref.numerics.namespace import Array, Namespace

Formula = Callable[..., Array]
MANY = 8
"""One part in so many: rarer elements are computed apart, on top of the rest."""

FEW = 512
"""Below so many elements both formulas take less time than to tell them apart."""


def either(
    xp: Namespace, condition: Array, then: Formula, otherwise: Formula, *arguments: tuple[Array, float, float]
) -> Array:
    """``then`` of the arguments where ``condition``, ``otherwise`` elsewhere; both are elementwise.

    An argument is a triple: its values, and what stands for them in ``then``, and in ``otherwise``, where that does not
    hold. All elements of ``condition``, whose shape is that of the result, are looked at one by one on NumPy.
    """
    if xp is host.NUMPY:
        own = [x for x, _, _ in arguments]
        if not getattr(condition, "ndim", 0):
            return (then if condition else otherwise)(*own)
        return _apart(condition, then, otherwise, own)
    first = [xp.where(condition, x, safe) for x, safe, _ in arguments]
    second = [xp.where(condition, safe, x) for x, _, safe in arguments]
    return xp.where(condition, then(*first), otherwise(*second))


def overlay(xp: Namespace, condition: Array, then: Formula, values: Array, *arguments: Array) -> Array:
    """``then`` of the arguments where ``condition``, ``values`` elsewhere; ``then`` may be evaluated at any arguments."""
    if xp is not host.NUMPY or np.count_nonzero(condition):
        return xp.where(condition, then(*arguments), values)
    return values


def _apart(condition: Any, then: Formula, otherwise: Formula, arguments: list[Any]) -> Any:
    true = np.count_nonzero(condition)
    if true in (0, condition.size):
        return (then if true else otherwise)(*arguments)
    if condition.size < FEW:
        return np.where(condition, then(*arguments), otherwise(*arguments))
    if 2 * true > condition.size:
        condition, then, otherwise, true = ~condition, otherwise, then, condition.size - true
    if MANY * true < condition.size:
        result, rare = otherwise(*arguments), np.flatnonzero(condition)
        result = _own(result, condition.shape, arguments)
        result.reshape(-1)[rare] = then(*_at(rare, condition.shape, arguments))
        return result
    places = np.flatnonzero(condition), np.flatnonzero(~condition)
    parts = [
        f(*_at(where, condition.shape, arguments)) for f, where in zip((then, otherwise), places, strict=True)
    ]
    result = np.empty(condition.shape, parts[0].dtype)
    for where, part in zip(places, parts, strict=True):
        result.reshape(-1)[where] = part
    return result


def _own(result: Any, shape: tuple[int, ...], arguments: list[Any]) -> Any:
    """The result as a contiguous array that nobody else has."""
    if (
        type(result) is np.ndarray
        and result.shape == shape
        and result.flags.c_contiguous
        and result.base is None
    ):
        return result.copy() if any(result is x for x in arguments) else result
    return np.array(np.broadcast_to(result, shape), order="C")


def _at(places: Any, shape: tuple[int, ...], arguments: list[Any]) -> list[Any]:
    return [
        np.take(x if x.shape == shape else np.broadcast_to(x, shape), places) if x.ndim else x
        for x in arguments
    ]
