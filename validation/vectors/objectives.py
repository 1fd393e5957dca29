"""The objectives of the estimators' cases, as formulas of any numbers: value and partial derivatives."""

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

Number = Any


class Objective:
    """An objective with its parameters.

    Parameters
    ----------
    node : dict
        Its name and its fields, as in a case.
    number : callable
        Makes a number of a parameter.
    """

    def __init__(self, node: dict[str, Any], number: Callable[[float], Number]) -> None:
        if node["name"] == "Flattened":  # Points are flat here.
            inner = Objective(node["objective"], number)
            self.f, self.df = inner.f, inner.df
            return
        fields = {name: _mapped(value, number) for name, value in node.items() if name != "name"}
        self.f, self.df = (each(**fields) for each in FORMULAS[node["name"]])


def linear(a: Any, c: Number = 0) -> Callable[..., Number]:
    """f(b) = sum_i a_i b_i + c."""
    return lambda *b: sum((s * x for s, x in zip(_each(a, b), b, strict=True)), c)


def linear_slopes(a: Any, c: Number = 0) -> Callable[..., list[Number]]:
    """df/db_i = a_i."""
    return lambda *b: _each(a, b)


def quadratic(t: Any, weight: Any = 1) -> Callable[..., Number]:
    """f(b) = sum_i w_i (b_i - t_i)^2."""
    return lambda *b: sum(w * (x - s) ** 2 for w, s, x in zip(_each(weight, b), _each(t, b), b, strict=True))


def quadratic_slopes(t: Any, weight: Any = 1) -> Callable[..., list[Number]]:
    """df/db_i = 2 w_i (b_i - t_i)."""
    return lambda *b: [2 * w * (x - s) for w, s, x in zip(_each(weight, b), _each(t, b), b, strict=True)]


def mean_quadratic(t: Any) -> Callable[..., Number]:
    """f(b) = 1/D sum_i (b_i - t_i)^2."""
    return lambda *b: quadratic(t)(*b) / len(b)


def mean_quadratic_slopes(t: Any) -> Callable[..., list[Number]]:
    """df/db_i = 2/D (b_i - t_i)."""
    return lambda *b: [slope / len(b) for slope in quadratic_slopes(t)(*b)]


def pairwise(Q: Any, a: Any = 0, c: Number = 0) -> Callable[..., Number]:  # noqa: N803 (the formula's)
    """f(b) = sum_ij b_i Q_ij b_j + sum_i a_i b_i + c."""

    def f(*b: Number) -> Number:
        pairs = itertools.product(range(len(b)), repeat=2)
        return sum((b[i] * Q[i][j] * b[j] for i, j in pairs), linear(a, c)(*b))

    return f


def pairwise_slopes(Q: Any, a: Any = 0, c: Number = 0) -> Callable[..., list[Number]]:  # noqa: N803
    """df/db_i = sum_j (Q_ij + Q_ji) b_j + a_i."""

    def df(*b: Number) -> list[Number]:
        slopes = _each(a, b)
        return [
            sum(((Q[i][j] + Q[j][i]) * x for j, x in enumerate(b)), slope) for i, slope in enumerate(slopes)
        ]

    return df


def multilinear(coefficients: Any) -> Callable[..., Number]:
    """f(b) = sum_S c_S prod_{i in S} b_i."""

    def f(*b: Number) -> Number:
        subsets = itertools.product((0, 1), repeat=len(b))
        return sum(
            _at(coefficients, s) * _product(x for x, i in zip(b, s, strict=True) if i) for s in subsets
        )

    return f


def multilinear_slopes(coefficients: Any) -> Callable[..., list[Number]]:
    """df/db_i = sum_{S with i} c_S prod_{j in S, j != i} b_j."""

    def df(*b: Number) -> list[Number]:
        found = []
        for i in range(len(b)):
            subsets = (s for s in itertools.product((0, 1), repeat=len(b)) if s[i])
            others = [(s, [x for j, x in enumerate(b) if s[j] and j != i]) for s in subsets]
            found.append(sum(_at(coefficients, s) * _product(factors) for s, factors in others))
        return found

    return df


FORMULAS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "Linear": (linear, linear_slopes),
    "Quadratic": (quadratic, quadratic_slopes),
    "MeanQuadratic": (mean_quadratic, mean_quadratic_slopes),
    "Pairwise": (pairwise, pairwise_slopes),
    "Multilinear": (multilinear, multilinear_slopes),
}


def _mapped(value: Any, number: Callable[[float], Number]) -> Any:
    return [_mapped(each, number) for each in value] if isinstance(value, list) else number(value)


def _each(parameter: Any, b: Sequence[Number]) -> list[Number]:
    """Return one parameter for each variable."""
    return _flat(parameter) if isinstance(parameter, list) else [parameter] * len(b)


def _flat(table: list[Any]) -> list[Number]:
    return [x for row in table for x in (_flat(row) if isinstance(row, list) else [row])]


def _at(table: Any, index: Sequence[int]) -> Number:
    for i in index:
        table = table[i]
    return table


def _product(factors: Any) -> Number:
    return math.prod(factors)
