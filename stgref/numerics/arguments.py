"""Checks of what a user gave; every error names the argument, what it takes and what it got."""

from __future__ import annotations

import math
import operator
from typing import Any

import array_api_compat
import numpy as np

from stgref.numerics import namespace as ns
from stgref.numerics.domains import Domain
from stgref.numerics.namespace import Array, Namespace


def count(where: str, name: str, value: Any, minimum: int = 1) -> int:
    """``value`` as an integer of ``minimum`` or more."""
    try:
        result = operator.index(value)
    except TypeError:
        result = None
    if result is None or isinstance(value, bool):
        raise TypeError(f"{where}: {name} takes an integer, got {value!r}")
    if result < minimum:
        raise ValueError(f"{where}: {name} must be {minimum} or more, got {result}")
    return result


def choice(where: str, name: str, value: Any, options: tuple[str, ...]) -> str:
    """``value``, which must be one of ``options``."""
    words = ", ".join(f'"{option}"' for option in options)
    if not isinstance(value, str):
        raise TypeError(f"{where}: {name} takes one of {words}, got {value!r}")
    if value not in options:
        raise ValueError(f"{where}: {name} takes one of {words}, got {value!r}")
    return value


def flag(where: str, name: str, value: Any) -> bool:
    """``value``, which must be a bool."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{where}: {name} takes True or False, got {value!r}")
    return bool(value)


def number(where: str, name: str, value: Any, domain: Domain) -> float:
    """``value`` as a Python float in ``domain``."""
    kind = ns.check_kind(where, name, value)
    if kind not in ("scalar", "numpy scalar") or np.asarray(value).dtype.kind not in "iufO":
        raise TypeError(f"{where}: {name} takes a real number, got {value!r}")
    try:
        result = float(value)
    except OverflowError:
        result = math.inf if value > 0 else -math.inf
    inside(where, name, result, domain)
    return result


def inside(where: str, name: str, value: Array | float, domain: Domain) -> None:
    """Raise a `ValueError` unless all of ``value`` is in ``domain``; lazy arrays are trusted."""
    if ns.is_lazy(value):
        return
    found = domain.contains(value)
    if not (found if isinstance(found, bool) else bool(array_api_compat.array_namespace(found).all(found))):
        raise ValueError(f"{where}: {name} must be {domain.words}, got {value}")


def real_array(
    where: str, name: str, value: Any, like: Array, like_name: str, *, booleans: bool = False
) -> Array:
    """``value`` as an array of the library and device of ``like``; numbers and lists are NumPy's.

    Raises
    ------
    TypeError
        If it is no array of real numbers (or of bools, unless ``booleans``), or of another library or device.
    """
    xp = ns.namespace_of(where, {name: value, like_name: like})
    value = value if ns.kind_of(value) == "array" else from_list(where, name, value)
    here, there = array_api_compat.device(value), array_api_compat.device(like)
    if not ns.is_lazy(value) and here != there:
        raise TypeError(f"{where}: {name} must be on the device of {like_name}, {there}, got {here}")
    if not (is_number(xp, value.dtype) or (booleans and xp.isdtype(value.dtype, "bool"))):
        raise TypeError(f"{where}: {name} takes an integer, half, single or double dtype, got {value.dtype}")
    return value


def is_number(xp: Namespace, dtype: Any) -> bool:
    """Whether ``dtype`` is one of integers, or of floating numbers of a width that the laws know."""
    if xp.isdtype(dtype, "real floating"):
        return ns.bits(xp, dtype) in (16, 32, 64)
    return bool(xp.isdtype(dtype, "integral"))


def from_list(where: str, name: str, value: Any) -> Array:
    """A number or nested list as a NumPy array."""
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{where}: {name} is no array: {error}") from None


def shape(where: str, name: str, value: Array, wanted: tuple[int, ...], words: str) -> None:
    """Raise a `ValueError` unless ``value`` has the shape ``wanted``, which ``words`` explains."""
    if tuple(value.shape) != wanted:
        raise ValueError(f"{where}: {name} must have shape {wanted}, {words}, got {tuple(value.shape)}")


def copied(value: Array, dtype: Any = None) -> Array:
    """A copy, so that what the caller does to his array later does not reach the copy's owner."""
    xp = array_api_compat.array_namespace(value)
    return xp.astype(value, dtype or value.dtype, copy=True)
