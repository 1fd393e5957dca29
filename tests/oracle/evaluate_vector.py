"""Exact values and conditions of functions of vectors, as `tests.oracle.evaluate` has them of numbers.

A pullback is the gradient of sum_k cotangent_k f_k, a pushforward the directional derivative: both are read off the jets
of f, their conditions off second derivatives.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flint import arb, ctx

from .evaluate import PRECISIONS, Exact, _accurate
from .jets import Jet, Number, value, variable
from .vectors import VECTOR_LAWS, VectorLaw, bare

Values = Mapping[str, Any]  # lists of floats, or a float for the temperature
Results = dict[str, list[Exact]]


class Variables:
    """The arguments that move, as jets, and their places among all variables."""

    def __init__(self, law: VectorLaw, values: Values, order: int) -> None:
        self.numbers: list[float] = []
        self.places: dict[str, list[int]] = {}
        self.order = order
        self.jets = {n: list(v) if n in law.fixed else self._jets(n, v) for n, v in values.items()}

    def _jets(self, name: str, given: Any) -> Any:
        numbers = [float(v) for v in given] if isinstance(given, (list, tuple)) else [float(given)]
        start = len(self.numbers)
        self.numbers += numbers
        self.places[name] = list(range(start, len(self.numbers)))
        jets = [variable(arb(v), start + i, arb(1), self.order) for i, v in enumerate(numbers)]
        return jets if isinstance(given, (list, tuple)) else jets[0]

    def size(self, slopes: Mapping[int, Number]) -> arb:
        """Sum_i |x_i df/dx_i|."""
        return sum((abs(arb(self.numbers[i]) * s) for i, s in slopes.items()), arb(0))

    def exact(self, f: Number) -> Exact:
        """The value of f and its condition."""
        return Exact(value(f), self.size(f.d if isinstance(f, Jet) else {}))

    def slope(self, f: Number, i: int) -> Exact:
        """The derivative of f with respect to the i-th variable, and its condition."""
        if not isinstance(f, Jet):
            return Exact(0, arb(0))
        return Exact(f.d.get(i, 0), self.size({j: second(f, i, j) for j in range(len(self.numbers))}))


def second(f: Jet, i: int, j: int) -> Number:
    return f.h.get((min(i, j), max(i, j)), arb(0))


def evaluate_vector(function: str, values: Values) -> Results:
    """Return the exact results, lists over the categories (of one, for a number), by field.

    Parameters
    ----------
    function : str
        ``law.function``, as in `VectorLaw.functions`.
    values : mapping
        All arguments by name; taken exactly.
    """
    law, _, name = function.partition(".")
    for ctx.prec in PRECISIONS:
        results = _attempt(VECTOR_LAWS[law], name, values)
        if all(_accurate(r) for parts in results.values() for r in parts):
            return results
    raise ArithmeticError(f"{function}({dict(values)}) cannot be resolved with {PRECISIONS[-1]} bits")


def _attempt(law: VectorLaw, function: str, values: Values) -> Results:
    """Evaluate at the present precision."""
    f, names = law.quantities[bare(function)]
    if function.startswith("jvp_"):
        return {"value": _pushforward(law, f, names, values)}
    order = 1 if function == bare(function) else 2
    at = Variables(law, values, order)
    result = f(*(at.jets[n] for n in names))
    if order == 1:
        return {"value": [at.exact(r) for r in aslist(result)]}
    if function.startswith("vjp_"):
        result = sum(c * r for c, r in zip(at.jets["cotangent"], aslist(result), strict=True))
    fields = {n: [at.slope(result, i) for i in at.places[n]] for n in names if n not in law.fixed}
    return fields | ({"x": at_atom(values["x"])} if "x" in law.fixed and "x" in names else {})


def _pushforward(law: VectorLaw, f: Any, names: Sequence[str], values: Values) -> list[Exact]:
    tangents = {n: v for n, v in values.items() if n.startswith("d_")}
    at = Variables(law, {n: v for n, v in values.items() if n not in tangents}, 2)
    along = {
        i: t for n, v in tangents.items() for i, t in zip(at.places[n[2:]], map(arb, floats(v)), strict=True)
    }

    def one(g: Number) -> Exact:
        if not isinstance(g, Jet):
            return Exact(0, arb(0))
        parts = [t * g.d.get(i, 0) for i, t in along.items()]
        moved = {
            j: sum((t * second(g, i, j) for i, t in along.items()), arb(0)) for j in range(len(at.numbers))
        }
        return Exact(sum(parts, arb(0)), sum(map(abs, parts), arb(0)) + at.size(moved))

    return [one(g) for g in aslist(f(*(at.jets[n] for n in names)))]


def at_atom(x: Sequence[float]) -> list[Exact]:
    """The derivative with respect to a point of a law of atoms: none at an atom, 0 elsewhere."""
    is_atom = sorted(x) == [0.0] * (len(x) - 1) + [1.0]
    return [Exact(math.nan if is_atom else 0, arb(0)) for _ in x]


def aslist(x: Any) -> list[Any]:
    return list(x) if isinstance(x, (list, tuple)) else [x]


def floats(x: Any) -> Iterable[float]:
    return [float(v) for v in aslist(x)]
