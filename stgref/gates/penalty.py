"""The penalty: reg_weight times the sum, the mean, or each of the probabilities that a gate is open."""

from __future__ import annotations

from typing import Any

from stgref.gates.setup import Setup
from stgref.gates.summation import pairwise_sum
from stgref.numerics import arguments
from stgref.numerics import namespace as ns
from stgref.numerics.domains import Domain
from stgref.numerics.namespace import Array, Namespace

REDUCTIONS = ("none", "mean", "sum")
ANY = Domain("any number", lambda _: True)


def reduced(xp: Namespace, terms: Array, reduction: str) -> Array:
    """The penalty made of one term per gate: a scalar, or for ``"none"`` the terms.

    Where each example has terms of its own, it is the mean of the examples' penalties, or for ``"none"`` still the terms;
    that of no examples is 0.
    """
    if reduction == "none":
        return terms
    rows = terms.shape[0] if terms.ndim == 2 else None
    total = pairwise_sum(xp, terms if rows is None else pairwise_sum(xp, terms, 0), 0)
    divisor = share(rows, terms.shape[-1], reduction)
    return total if divisor == 1 else total / divisor


def share(rows: int | None, n_gates: int, reduction: str) -> int:
    """What each term is divided by on its way into the penalty; ``rows`` is the number of examples that have their own."""
    if reduction == "none":
        return 1
    return max(1, rows or 1) * (n_gates if reduction == "mean" else 1)


def checked_cotangent(setup: Setup, value: Any) -> Array | float:
    """``d_l0_reg`` as a float or an array: a scalar, or for ``"none"`` also one number per term."""
    if ns.check_kind(setup.where, "d_l0_reg", value) in ("scalar", "numpy scalar"):
        return arguments.number(setup.where, "d_l0_reg", value, ANY)
    value = setup.real_array("d_l0_reg", value)
    if value.ndim:
        terms = (setup.n_gates,) if setup.rows is None else (setup.rows, setup.n_gates)
        wanted = terms if setup.reg_reduction == "none" else ()
        words = f'that of l0_reg with reg_reduction="{setup.reg_reduction}"'
        arguments.shape(setup.where, "d_l0_reg", value, wanted, words)
    return value
