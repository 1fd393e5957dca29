"""Exact values and conditions at float arguments, to any accuracy, by raising the precision until it is reached."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from flint import arb, ctx

from . import (
    bernoulli,
    binary_concrete,
    gumbel,
    hard_concrete,
    hard_kumaraswamy,
    kumaraswamy,
    logistic,
    normal,
    rectified_gaussian,
)
from .jets import Jet, Number, value, variable
from .law import DIFFERENTIABLE, FIXED, Function, Law

LAWS: dict[str, Law] = {
    m.LAW.name: m.LAW
    for m in (
        logistic,
        normal,
        gumbel,
        bernoulli,
        binary_concrete,
        hard_concrete,
        rectified_gaussian,
        kumaraswamy,
        hard_kumaraswamy,
    )
}

PRECISIONS = (96, 192, 400, 1300, 5000, 20000)  # bits
SUBNORMAL = 2.0**-1074
PATHWISE = ("transform", "conditional_latent")  # their gradients carry the value


class Exact(NamedTuple):
    """A result: its value (a ball or an exact float), sum_i |x_i df/dx_i|, and the distance from the nearest jump.

    ``gap`` is |raw - level| / (|raw| + |level| + condition of raw): about eps where rounding of the arguments
    can carry the point across the jump; infinite where nothing jumps.
    """

    value: arb | float
    condition: arb
    gap: float = math.inf


def split(function: str, laws: Mapping[str, Law] = LAWS) -> tuple[Law, str, bool]:
    """Return the law, the quantity and whether a gradient of it is meant: ``hard_concrete.grad_mean``."""
    law, _, name = function.partition(".")
    quantity = name.removeprefix("grad_").removeprefix("grad2_")
    if law not in laws or quantity not in laws[law].quantities:
        raise LookupError(f"the oracle does not know {function}")
    if name != quantity and quantity not in DIFFERENTIABLE:
        raise LookupError(f"{law}.{quantity} has no gradient")
    if name.startswith("grad2_") and name not in laws[law].functions():
        raise LookupError(f"{law}.{quantity} has no second derivatives")
    return laws[law], quantity, name != quantity


def evaluate(function: str, args: Sequence[float], laws: Mapping[str, Law] = LAWS) -> dict[str, Exact]:
    """Return the exact result: ``{"value": ...}``, or one entry per field of a gradient.

    Parameters
    ----------
    function : str
        ``law.quantity`` or ``law.grad_quantity``.
    args : sequence of float
        All arguments, in order; taken exactly.
    laws : mapping
        The laws by name.
    """
    law, quantity, is_gradient = split(function, laws)
    twice = ".grad2_" in function
    for ctx.prec in PRECISIONS:
        results = _bends(law, quantity, args) if twice else _attempt(law, quantity, args, is_gradient)
        if all(_accurate(r) for r in results.values()):
            gap = _gap(law, quantity, args)
            return {name: r._replace(gap=gap) for name, r in results.items()}
    raise ArithmeticError(f"{function}{tuple(args)} cannot be resolved with {PRECISIONS[-1]} bits")


def _attempt(law: Law, quantity: str, args: Sequence[float], is_gradient: bool) -> dict[str, Exact]:
    """Evaluate at the present precision."""
    if quantity in law.numeric and not is_gradient:
        return {"value": _by_differences(law.quantities[quantity], args)}
    result = law.quantities[quantity](*_variables(args, order=2 if is_gradient else 1))
    if not is_gradient:
        return {"value": _value(result, args)}
    names = law.arguments(quantity)
    fields = {n: _field(result, i, args) for i, n in enumerate(names) if n not in FIXED.get(quantity, ())}
    if law.atoms and "x" in fields and args[0] in (0, 1):
        fields["x"] = Exact(math.nan, arb(0))
    return fields | ({"value": _value(result, args)} if quantity in PATHWISE else {})


def _bends(law: Law, quantity: str, args: Sequence[float]) -> dict[str, Exact]:
    """Return the second derivatives to the main parameters, and their conditions by differences."""
    names = law.arguments(quantity)

    def bend(i: int, *at: arb) -> Number:
        result = law.quantities[quantity](*(variable(x, j, arb(1), 2) for j, x in enumerate(at)))
        return result.h.get((i, i), arb(0)) if isinstance(result, Jet) else arb(0)

    return {n: _by_differences(partial(bend, names.index(n)), args) for n in law.main}


def _variables(args: Sequence[float], order: int) -> list[Jet]:
    return [variable(arb(float(a)), i, arb(1), order) for i, a in enumerate(args)]


def _value(result: Number, args: Sequence[float]) -> Exact:
    """Return the value and its condition."""
    slopes = result.d if isinstance(result, Jet) else {}
    return Exact(value(result), _total(slopes, args))


def _field(result: Number, i: int, args: Sequence[float]) -> Exact:
    """Return the derivative with respect to the ``i``-th argument, and its condition; constants have none."""
    if not isinstance(result, Jet):
        return Exact(0, arb(0))
    slopes = {
        j: result.h[min(i, j), max(i, j)] for j in range(len(args)) if (min(i, j), max(i, j)) in result.h
    }
    return Exact(result.d.get(i, 0), _total(slopes, args))


def _total(slopes: dict[int, Number], args: Sequence[float]) -> arb:
    return sum((abs(arb(float(args[j])) * s) for j, s in slopes.items()), arb(0))


def _by_differences(f: Function, args: Sequence[float]) -> Exact:
    """Return the value, and its condition by central differences of relative size 2^-40."""
    xs = [arb(float(a)) for a in args]
    centre = f(*xs)
    if not isinstance(centre, arb):
        return Exact(centre, arb(0))

    def moved(i: int, step: float) -> arb:
        return f(*xs[:i], xs[i] * (1 + step), *xs[i + 1 :])

    h = 2.0**-40
    changes = (abs(moved(i, h) - moved(i, -h)) / (2 * h) for i, a in enumerate(args) if a != 0)
    return Exact(centre, sum(changes, arb(0)))


def _accurate(r: Exact) -> bool:
    """Whether the errors of value and condition are far below the tolerance in either dtype."""
    if isinstance(r.value, (int, float)):
        return True
    if not (r.value.is_finite() and r.condition.is_finite()):
        return False
    tolerance = ((abs(r.value) + r.condition).abs_lower() * 2.0**-52).max(arb(SUBNORMAL))
    return bool(r.value.rad() < 2.0**-20 * tolerance and r.condition.rad() * 2.0**-52 < 2.0**-10 * tolerance)


def _gap(law: Law, quantity: str, args: Sequence[float]) -> float:
    """Return the relative distance from the nearest jump."""
    of_chances = quantity in ("icdf", "iccdf") or (quantity == "transform" and "a" in law.parameters)
    if quantity not in law.kinks or (of_chances and args[0] in (0, 1)):
        return math.inf
    raw, levels = law.kinks[quantity](*_variables(args, order=1))
    size = abs(raw.v) + _total(raw.d, args)
    gaps = [float(abs(raw.v - c).abs_lower() / (size + abs(c)).max(arb(SUBNORMAL))) for c in levels]
    return min(gaps)
