"""What tells one kind of gate from another: its law, and what the layer calls the law's parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from stgref.numerics.namespace import Array

Maker: TypeAlias = Callable[["Theta", Any], Any]
"""From the parameters and a dtype to the law's part of a tuned twin (`stgref.gates.twin`), or ``None``."""

Theta: TypeAlias = tuple[Array | float, ...]
"""A law's parameters, the trained one first."""

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
    parameter : str
        The layer's name of the law's first parameter, which is trained.
    options : tuple of str
        The layer's names of the law's other parameters.
    start : float
        Mean of the trained parameter of new gates.
    gradients : type
        NamedTuple of what a pullback returns.
    at_test : callable
        From the parameters to those at which the law's median is the test-time gate.
    entering : tuple of bool
        Which of the parameters the test-time gate depends on.
    rules, raw : mapping
        The test-time values by their rule, and what they are before clipping.
    twin : callable
        Makes the law's part of the tuned twin of a pass.
    """

    law: Any
    base: str
    parameter: str
    options: tuple[str, ...]
    start: float
    gradients: Callable[..., Any]
    at_test: Callable[[Theta], Theta]
    entering: tuple[bool, ...]
    rules: Mapping[str, Rule]
    raw: Mapping[str, Rule]
    twin: Maker
