"""What a gate layer is set up with, checked whenever it is set: at construction, between calls, from a state dict."""

from __future__ import annotations

import math
from typing import Any

from stgref.gates.masks import Grouping, OneEach, Shared
from stgref.numerics import arguments
from stgref.numerics import namespace as ns
from stgref.numerics.domains import DOMAINS, POSITIVE, Domain
from stgref.numerics.namespace import Array

FINITE = Domain("finite", lambda v: (v > -math.inf) & (v < math.inf))
TEMPERATURE, LOWER, UPPER, STD = (DOMAINS[name] for name in ("temperature", "lower", "upper", "std"))
SHAPE = POSITIVE
EPS = Domain("at least 0 and less than 0.5", lambda v: (v >= 0.0) & (v < 0.5))


class Setting:
    """An attribute whose values pass `check` before they are kept."""

    name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, gates: Any, owner: type | None = None) -> Any:
        return self if gates is None else gates.__dict__[self.name]

    def __set__(self, gates: Any, value: Any) -> None:
        gates.__dict__[self.name] = self.check(gates, value)

    def check(self, gates: Any, value: Any) -> Any:
        """What to keep of ``value``; an error naming the attribute when it is not allowed."""
        raise NotImplementedError


class OfLaw(Setting):
    """A setting whose numbers are of ``domain``, among them those of the law's parameters."""

    numbers = False
    """Whether one number may serve all gates."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain

    def for_call(self, gates: Any, where: str, value: Any) -> Array | float:
        """``value`` for one call: what `check` takes, or an array of one row of numbers for each example; no copy."""
        value = _number_or_array(where, self.name, value, gates, self.domain)
        shape: tuple[int, ...] = tuple(getattr(value, "shape", ()))
        n = gates.n_gates
        if not (shape == () and self.numbers) and (len(shape) not in (1, 2) or shape[-1] != n):
            raise ValueError(
                f"{where}: {self.name} must have shape (n_gates,) or (batch, n_gates) with n_gates = {n}, "
                f"got {shape}"
            )
        return value


class Parameter(OfLaw):
    """A trained parameter: one number per gate, always of one library, device and dtype."""

    def __init__(self, domain: Domain = FINITE) -> None:
        super().__init__(domain)

    def check(self, gates: Any, value: Any) -> Array:
        """A copy of ``value``."""
        where, old = type(gates).__name__, gates.__dict__.get(self.name, value)
        value = arguments.real_array(where, self.name, value, old, self.name)
        if value.dtype != old.dtype:
            raise TypeError(f"{where}: {self.name} must keep its dtype, {old.dtype}, got {value.dtype}")
        arguments.shape(where, self.name, value, (gates.n_gates,), "one number per gate")
        arguments.inside(where, self.name, value, self.domain)
        return arguments.copied(value)


class PerGate(OfLaw):
    """A number, or an array of one number per gate."""

    numbers = True

    def check(self, gates: Any, value: Any) -> Array | float:
        """A Python float, or a copy of an array as floating numbers of the parameter's library."""
        where = type(gates).__name__
        value = _number_or_array(where, self.name, value, gates, self.domain)
        if getattr(value, "ndim", 0):
            words = "one number per gate, or be one number"
            arguments.shape(where, self.name, value, (gates.n_gates,), words)
        return value if isinstance(value, float) else arguments.copied(value)


class Fill(Setting):
    """A number, or an array that broadcasts to an example, whose shape is known when gates are called."""

    def check(self, gates: Any, value: Any) -> Array | float:
        """A Python float, or a copy of an array as floating numbers of the parameter's library."""
        value = _number_or_array(type(gates).__name__, self.name, value, gates, FINITE)
        return value if isinstance(value, float) else arguments.copied(value)


class Number(Setting):
    """A number."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain

    def check(self, gates: Any, value: Any) -> float:
        """A Python float."""
        return arguments.number(type(gates).__name__, self.name, value, self.domain)


class Choice(Setting):
    """One of a few words."""

    def __init__(self, *options: str) -> None:
        self.options = options

    def check(self, gates: Any, value: Any) -> str:
        """The word."""
        return arguments.choice(type(gates).__name__, self.name, value, self.options)


class Mask(Setting):
    """The array of gate indices, or ``None``; kept as the gather and the sums that it stands for."""

    def __get__(self, gates: Any, owner: type | None = None) -> Any:
        return self if gates is None else gates.__dict__[self.name].mask

    def check(self, gates: Any, value: Any) -> Grouping:
        """How elements are grouped by gate."""
        if value is None:
            return OneEach(gates.n_gates)
        like = gates.__dict__[gates.family.parameter]
        return Shared(type(gates).__name__, value, gates.n_gates, like, gates.family.parameter)


def _number_or_array(where: str, name: str, value: Any, gates: Any, domain: Domain) -> Array | float:
    """``value`` of ``domain`` as a Python float, or as an array of floating numbers of the parameter's library."""
    like_name, like = gates.family.parameter, gates.__dict__[gates.family.parameter]
    if ns.check_kind(where, name, value) in ("scalar", "numpy scalar"):
        return arguments.number(where, name, value, domain)
    value = _floating(where, name, value, like, like_name)
    arguments.inside(where, name, value, domain)
    return value


def _floating(where: str, name: str, value: Any, like: Array, like_name: str) -> Array:
    """``value`` as an array of floating numbers of the library and device of ``like``; lists become its arrays."""
    xp = ns.namespace_of(where, {like_name: like})
    if isinstance(value, (list, tuple)) and not ns.is_numpy(xp):
        value = xp.asarray(arguments.from_list(where, name, value), device=ns.device_of([like]))
    value = arguments.real_array(where, name, value, like, like_name)
    return value if xp.isdtype(value.dtype, "real floating") else xp.astype(value, like.dtype)


def settings_of(gates: Any) -> dict[str, Setting]:
    """The settings of an object's class by name: those of its own, then those of its bases."""
    found = [item for owner in type(gates).__mro__ for item in vars(owner).items()]
    return {name: value for name, value in found if isinstance(value, Setting)}
