"""What tells one kind of gate from another: its law, and what the layer calls the law's parameters."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from stgref.numerics.domains import Domain, domain_of
from stgref.numerics.namespace import Array

Maker: TypeAlias = Callable[["Theta", Any], Any]
"""From the parameters and a dtype to the law's part of a tuned twin (`stgref.gates.twin`), or ``None``."""

Theta: TypeAlias = tuple[Array | float, ...]
"""A law's parameters, the trained ones first."""

Rule: TypeAlias = Callable[[Theta], Array]
"""From the parameters to one number per gate."""


@dataclass(frozen=True)
class Family:
    """A kind of gate.

    Attributes
    ----------
    law : module
        The law of a gate, with ``transform``, ``median``, ``prob_active`` and their gradients.
    base : str
        Name of the law's base noise.
    trained : mapping from str to float
        The layer's names of the law's first parameters, which are trained, with the means of those of new gates.
    options : tuple of str
        The layer's names of the law's other parameters.
    gradients, filled : type
        NamedTuples of what a pullback returns, without and with the cotangent of a fill.
    at_test : callable
        From the parameters to those at which the law's median is the test-time gate.
    entering : tuple of bool
        Which of the parameters the test-time gate depends on.
    rules, raw : mapping
        The test-time values by their rule, and what they are before clipping.
    twin : callable or None
        Makes the law's part of the tuned twin of a pass, if there is one.
    """

    law: Any
    base: str
    trained: Mapping[str, float]
    options: tuple[str, ...]
    gradients: Callable[..., Any]
    filled: Callable[..., Any]
    at_test: Callable[[Theta], Theta]
    entering: tuple[bool, ...]
    rules: Mapping[str, Rule]
    raw: Mapping[str, Rule]
    twin: Maker | None = None

    @property
    def parameter(self) -> str:
        """The name of the first trained parameter: all arrays are of its library and device."""
        return next(iter(self.trained))

    @property
    def names(self) -> tuple[str, ...]:
        """The layer's names of all of the law's parameters, in the law's order."""
        return (*self.trained, *self.options)

    @property
    def noise(self) -> Domain | None:
        """What base noise may be, where that is not any number."""
        return domain_of("noise", self.law.__name__.rpartition(".")[2])


def with_fill(gradients: Any) -> Any:
    """The NamedTuple ``gradients`` with one more field, ``fill``; to be kept under the name that it has."""
    name, fields = f"{gradients.__name__}AndFill", (*gradients._fields, "fill")
    made = namedtuple(name, fields, module=gradients.__module__)  # type: ignore[misc]  # noqa: PYI024
    made.__doc__ = (
        f"`{gradients.__name__}`, and the cotangent of what closed gates put in the place of their input."
    )
    return made
