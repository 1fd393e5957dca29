"""A formula, written as Python writes it: computed on any numbers; shown as text or LaTeX, with its names or with numbers."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from stgref.numerics import gauss, namespace, sigmoid

XP = namespace.NUMPY
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sigma": functools.partial(sigmoid.expit, XP),
    "softplus": functools.partial(sigmoid.softplus, XP),
    "Phi": functools.partial(gauss.ndtr, XP),
    "density": functools.partial(gauss.density, XP),
    "exp": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "expm1": np.expm1,
    "abs": np.abs,
    "clip": lambda x: np.minimum(1.0, np.maximum(0.0, x)),
    "inside": lambda x: np.where((x >= 0.0) & (x <= 1.0), 1.0, 0.0),
    "positive": lambda x: np.where(x > 0.0, 1.0, 0.0),
    "small": lambda x: np.where(np.abs(x) <= 1.0, 1.0, 0.0),
    "sum": np.sum,
}
"""The functions that a formula may call; ``sum`` is over the coordinates."""

SUM, MINUS, PRODUCT, POWER, ATOM = 1, 2, 3, 4, 5
"""How tightly the parts of what is written hold together."""
OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}


@functools.lru_cache(maxsize=1024)
def parsed(code: str) -> ast.expr:
    """The tree of a formula."""
    return ast.parse(code, mode="eval").body


def names(code: str) -> list[str]:
    """The names in a formula, in their order, but for those of functions."""
    found = [n.id for n in ast.walk(parsed(code)) if isinstance(n, ast.Name) and n.id not in FUNCTIONS]
    return list(dict.fromkeys(found))


def compute(
    code: str, values: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]] = FUNCTIONS
) -> Any:
    """The value of a formula, for numbers of any kind and functions that take them.

    Parameters
    ----------
    code : str
        The formula.
    values : mapping of str to numbers
        What its names stand for; arrays for vectors.
    functions : mapping of str to callables
        What it calls.

    Returns
    -------
    number
        The value.

    Examples
    --------
    >>> from stgref.explain.formula import compute
    >>> compute("(n - 1) / 2", {"n": 4})
    1.5
    """

    def value(node: Any) -> Any:
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.UnaryOp):
            return -value(node.operand)
        if isinstance(node, ast.Call):
            return functions[node.func.id](*map(value, node.args))  # type: ignore[attr-defined]
        return values[node.id] if isinstance(node, ast.Name) else node.value

    return value(parsed(code))


@dataclass(frozen=True)
class Words:
    """How one language writes names, numbers, and what is made of them.

    Attributes
    ----------
    name : callable
        From a name, and the coordinate that is meant (an empty text if there is but one), to what is written.
    number : callable
        From a number to what is written.
    calls : dict
        Templates of the functions that are not written ``name(argument)``.
    function : str
        Template of the other functions.
    product, product_of_numbers, fraction, power, total : str
        Templates.
    stacked : bool
        Whether numerators, denominators and exponents are told apart by where they stand, and need no brackets.
    """

    name: Callable[[str, str], str]
    number: Callable[[float, int], str]
    calls: Mapping[str, str]
    function: str
    product: str
    product_of_numbers: str
    fraction: str
    power: str
    total: str
    stacked: bool


def write(
    code: str,
    words: Words,
    vectors: Mapping[str, int],
    values: Mapping[str, Any] | None = None,
    at: int | None = None,
    digits: int = 6,
) -> str:
    """Write a formula.

    Parameters
    ----------
    code : str
        The formula.
    words : Words
        The language.
    vectors : mapping of str to int
        The names that are vectors, and their lengths.
    values : mapping of str to numbers, optional
        Numbers to write instead of the names.
    at : int, optional
        The coordinate whose numbers they are.
    digits : int, default 6
        Significant digits of numbers.

    Returns
    -------
    str
        What is written.
    """
    return _Writer(words, vectors, values, digits).write(parsed(code), at)[0]


class _Writer:
    """What is written of each part of a formula, and how tightly it holds together."""

    def __init__(
        self, words: Words, vectors: Mapping[str, int], values: Mapping[str, Any] | None, digits: int
    ) -> None:
        self.words, self.vectors, self.values, self.digits = words, vectors, values, digits

    def write(self, node: Any, at: int | None) -> tuple[str, int]:
        if isinstance(node, ast.BinOp):
            return self._operation(node, at)
        if isinstance(node, ast.UnaryOp):
            return f"-{self._within(node.operand, PRODUCT, at)}", MINUS
        if isinstance(node, ast.Call):
            return self._call(node.func.id, node.args[0], at)  # type: ignore[attr-defined]
        if isinstance(node, ast.Constant):
            return self._number(float(node.value))  # type: ignore[arg-type]
        if self.values is None:
            return self.words.name(node.id, "i" if node.id in self.vectors else ""), ATOM
        value = self.values[node.id]
        return self._number(float(value[at] if node.id in self.vectors else value))

    def _number(self, value: float) -> tuple[str, int]:
        written = self.words.number(value, self.digits)
        return written, MINUS if value < 0 else ATOM if "^" not in written else PRODUCT

    def _within(self, node: Any, least: int, at: int | None) -> str:
        """A part, in brackets if it holds together less than ``least``."""
        written, holds = self.write(node, at)
        return written if holds >= least else self._filled("({})", written)

    def _filled(self, template: str, written: str) -> str:
        """A template, whose brackets are as high as what they hold."""
        if "\\frac" in written:
            template = template.replace("(", r"\left(").replace(")", r"\right)")
        return template.format(written)

    def _operation(self, node: ast.BinOp, at: int | None) -> tuple[str, int]:
        words, free = self.words, SUM if self.words.stacked else POWER
        if isinstance(node.op, ast.Add | ast.Sub):
            sign = "+" if isinstance(node.op, ast.Add) else "-"
            return f"{self._within(node.left, SUM, at)} {sign} {self._within(node.right, PRODUCT, at)}", SUM
        if isinstance(node.op, ast.Pow):
            exponent = self._within(node.right, SUM if words.stacked else ATOM, at)
            return words.power.format(self._within(node.left, ATOM, at), exponent), POWER
        if isinstance(node.op, ast.Div):
            above = self._within(node.left, SUM if words.stacked else MINUS, at)
            written = words.fraction.format(above, self._within(node.right, free, at))
        else:
            template = words.product if self.values is None else words.product_of_numbers
            written = template.format(
                self._within(node.left, MINUS, at), self._within(node.right, PRODUCT, at)
            )
        return written, MINUS if written.startswith("-") else PRODUCT

    def _call(self, name: str, argument: Any, at: int | None) -> tuple[str, int]:
        if name == "sum":
            return self._sum(argument)
        template = self.words.calls.get(name, self.words.function.replace("NAME", name))
        return self._filled(template, self.write(argument, at)[0]), ATOM

    def _sum(self, argument: Any) -> tuple[str, int]:
        """The sum over the coordinates; with numbers, coordinate by coordinate."""
        if self.values is None:
            return self.words.total.format(self._within(argument, PRODUCT, None)), PRODUCT
        inside = [n.id for n in ast.walk(argument) if isinstance(n, ast.Name) and n.id in self.vectors]
        terms = [self._within(argument, PRODUCT, i) for i in range(self.vectors[inside[0]])]
        return " + ".join(terms), SUM if len(terms) > 1 else PRODUCT
