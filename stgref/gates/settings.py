"""What a gate layer is set up with, checked whenever it is set: at construction, between calls, from a state dict."""

from __future__ import annotations

import math
from typing import Any

from stgref.gates.masks import Grouping, OneEach, Shared
from stgref.numerics import arguments
from stgref.numerics import namespace as ns
from stgref.numerics.domains import DOMAINS, Domain
from stgref.numerics.namespace import Array

FINITE = Domain("finite", lambda v: (v > -math.inf) & (v < math.inf))
TEMPERATURE, LOWER, UPPER, STD = (DOMAINS[name] for name in ("temperature", "lower", "upper", "std"))
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


class Parameter(Setting):
    """The trained parameter: one finite number per gate, always of one library, device and dtype."""

    def check(self, gates: Any, value: Any) -> Array:
        """A copy of ``value``."""
        where, old = type(gates).__name__, gates.__dict__.get(self.name, value)
        value = arguments.real_array(where, self.name, value, old, self.name)
        if value.dtype != old.dtype:
            raise TypeError(f"{where}: {self.name} must keep its dtype, {old.dtype}, got {value.dtype}")
        arguments.shape(where, self.name, value, (gates.n_gates,), "one number per gate")
        arguments.inside(where, self.name, value, FINITE)
        return arguments.copied(value)


class PerGate(Setting):
    """A number, or an array of one number per gate."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain

    def check(self, gates: Any, value: Any) -> Array | float:
        """A Python float, or a copy of an array as floating numbers of the parameter's library."""
        where, like = type(gates).__name__, gates.__dict__[gates.family.parameter]
        if ns.check_kind(where, self.name, value) in ("scalar", "numpy scalar"):
            return arguments.number(where, self.name, value, self.domain)
        xp = ns.namespace_of(where, {gates.family.parameter: like})
        if isinstance(value, (list, tuple)) and not ns.is_numpy(xp):
            value = xp.asarray(arguments.from_list(where, self.name, value), device=ns.device_of([like]))
        value = arguments.real_array(where, self.name, value, like, gates.family.parameter)
        if value.ndim:
            arguments.shape(
                where, self.name, value, (gates.n_gates,), "one number per gate, or be one number"
            )
        arguments.inside(where, self.name, value, self.domain)
        return arguments.copied(value, None if xp.isdtype(value.dtype, "real floating") else like.dtype)


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


def settings_of(gates: Any) -> dict[str, Setting]:
    """The settings of an object's class by name: those of its own, then those of its bases."""
    found = [item for owner in type(gates).__mro__ for item in vars(owner).items()]
    return {name: value for name, value in found if isinstance(value, Setting)}
