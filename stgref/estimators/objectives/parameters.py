"""Parameters of objectives: checked when one is made, in the library of the points when it is called."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np

from stgref.numerics import arguments
from stgref.numerics import namespace as ns
from stgref.numerics.domains import Domain
from stgref.numerics.namespace import Array
from stgref.numerics.quantity import Call
from stgref.numerics.transport import from_host, to_host

Parameter: TypeAlias = Any
"""A Python float, or a read-only NumPy array of doubles."""

FINITE = Domain("finite", lambda v: (v > -math.inf) & (v < math.inf))


def real(where: str, name: str, value: Any, domain: Domain = FINITE) -> Parameter:
    """``value``, a number or an array of any library, in ``domain``.

    Raises
    ------
    TypeError
        If it is not real.
    ValueError
        If it is outside the domain.
    """
    kind = ns.check_kind(where, name, value)
    if kind in ("scalar", "numpy scalar"):
        return arguments.number(where, name, value, domain)
    host = to_host(where, name, value) if kind == "array" else arguments.from_list(where, name, value)
    if not arguments.is_number(np, host.dtype):
        raise TypeError(f"{where}: {name} takes real numbers, got dtype {host.dtype}")
    arguments.inside(where, name, host, domain)
    return frozen(host) if host.ndim else float(host)


def frozen(values: Any) -> Array:
    """A read-only copy, in doubles."""
    kept = np.array(values, dtype=np.float64)
    kept.flags.writeable = False
    return kept


def array(where: str, name: str, value: Any, axes: str, shape: tuple[int | None, ...]) -> Parameter:
    """``value`` as an array with ``shape``, in which ``axes`` names the lengths and None is any but 0.

    Raises
    ------
    TypeError, ValueError
        As `real`, and if the shape is another.
    """
    value = real(where, name, value)
    got = np.shape(value)
    fits = len(got) == len(shape) and all(n > 0 and n == (m or n) for n, m in zip(got, shape, strict=True))
    if not fits:
        known = "" if None in shape else f" = {shape}"
        raise ValueError(f"{where}: {name} must have shape {axes}{known}, got {got}")
    return value


def entries(where: str, **given: Parameter) -> dict[str, Parameter]:
    """Numbers, or arrays of one number per variable, (D,), or per category, (D, K): all arrays have the same shape.

    Raises
    ------
    ValueError
        If an array has another shape.
    """
    shapes = {name: np.shape(value) for name, value in given.items() if np.ndim(value)}
    for name, shape in shapes.items():
        if len(shape) > 2 or 0 in shape:
            raise ValueError(
                f"{where}: {name} takes a number or an array of shape (D,) or (D, K), with one variable or more, "
                f"got shape {shape}"
            )
    if len(set(shapes.values())) > 1:
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(f"{where}: arrays must have the same shape, got {listed}")
    return given


def event_of(parameters: list[Parameter]) -> tuple[int | None, ...]:
    """The shape of a point for `entries`: that of the arrays, or any number of variables where all are numbers."""
    return next((np.shape(value) for value in parameters if np.ndim(value)), (None,))


def in_call(call: Call, value: Parameter) -> Array | float:
    """The parameter in the library, on the device and in the working dtype of a call."""
    if isinstance(value, float) or ns.is_numpy(call.xp):
        return value
    width = ns.bits(call.xp, call.working)
    # A copy: other libraries may share the memory, and some know no read-only memory.
    return from_host(call.xp, value.astype(f"float{width}"), call.working, call.device)


def shown(value: Any) -> str:
    """The parameter in a repr: arrays of more than four numbers by their shape only."""
    if not isinstance(value, np.ndarray):
        return repr(value)
    return str(value.tolist()) if value.size <= 4 else f"<array {value.shape}>"
