"""The test-time values of a gate, by the names of the rules that people use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import array_api_compat

from stgref.gates.family import Family, Rule, Theta
from stgref.numerics import arguments
from stgref.numerics.namespace import Array

ALL = ("louizos", "median", "mean", "scaled", "mode", "threshold")


def unchanged(theta: Theta) -> Theta:
    """For gates whose value at test time is the median."""
    return theta


def common(law: Any, at_test: Callable[[Theta], Theta]) -> dict[str, Rule]:
    """The rules that every law has."""
    return {
        "louizos": lambda theta: law.median(*at_test(theta)),
        "median": lambda theta: law.median(*theta),
        "mean": lambda theta: law.mean(*theta),
        "mode": lambda theta: _mode(law, theta),
        "threshold": lambda theta: _threshold(law, theta),
    }


def _mode(law: Any, theta: Theta) -> Array:
    """0 or 1 where that atom outweighs both the other atom and the interior, the exact mean elsewhere.

    What differs by roundings is a tie: the bounds -0.1 and 1.1 are meant to be as far from 0 as from 1.
    """
    zero, one, between = law.prob_zero(*theta), law.prob_one(*theta), law.prob_interior(*theta)
    xp = array_api_compat.array_namespace(zero)
    more = 1.0 + 16.0 * float(xp.finfo(zero.dtype).eps)
    at_zero = (zero > more * one) & (zero > more * between)
    at_one = (one > more * zero) & (one > more * between)
    return xp.where(at_zero, 0.0, xp.where(at_one, 1.0, law.mean(*theta)))


def _threshold(law: Any, theta: Theta) -> Array:
    """1 where P(z > 0) > 1/2, else 0."""
    active = law.prob_active(*theta)
    return array_api_compat.array_namespace(active).astype(active > 0.5, active.dtype)


def find(where: str, family: Family, rule: Any, *, clamp: bool) -> Rule:
    """The rule called ``rule``, before clipping unless ``clamp``.

    Raises
    ------
    TypeError, ValueError
        If there is no such rule, or not for this family, or not before clipping; the error names those there are.
    """
    name = arguments.choice(where, "rule", rule, ALL)
    offered = family.rules if clamp else family.raw
    if name not in offered:
        words = ", ".join(f'"{each}"' for each in offered)
        reason = "for these gates" if clamp else "with clamp=False"
        raise ValueError(f"{where}: rule {reason} takes one of {words}, got {name!r}")
    return offered[name]
