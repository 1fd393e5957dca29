"""Kernels on symbols: what a kernel computes elementwise, as lines of C++ for a GPU.

A kernel is run once on a `Symbol` for each argument. Every operation writes down one line, in the kernel's own order of
operations, so that a formula that is written once can stand in a hand-made CUDA kernel too. Whatever is not elementwise
(a sum, a shape, a question to a value) is a `NotElementwiseError`, which says what it was: this is also how
`stgref.numerics.fused` knows which functions can be fused.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from typing import Any

from stgref.numerics.namespace import Namespace

FUNCTIONS = {
    "abs": "fabs({0})",
    "asinh": "asinh({0})",
    "atan2": "atan2({0}, {1})",
    "atanh": "atanh({0})",
    "copysign": "copysign({0}, {1})",
    "cos": "cos({0})",
    "cosh": "cosh({0})",
    "exp": "exp({0})",
    "expm1": "expm1({0})",
    "floor": "floor({0})",
    "hypot": "hypot({0}, {1})",
    "log": "log({0})",
    "log1p": "log1p({0})",
    "maximum": "greater_of<W>({0}, {1})",
    "minimum": "lesser_of<W>({0}, {1})",
    "sign": "sign_of<W>({0})",
    "sin": "sin({0})",
    "sinh": "sinh({0})",
    "sqrt": "sqrt({0})",
    "tanh": "tanh({0})",
}
"""The elementwise functions of numbers that kernels may ask a namespace for, in C++; beside them `where`, `isnan`, `astype`."""

OTHERS = ("where", "isnan", "astype")
SPECIAL = ("erf", "erfc", "erfcx", "ndtri")


class NotElementwiseError(TypeError):
    """A kernel does more than to compute element by element."""


class Symbol:
    """A number, or a truth value, of each element."""

    def __init__(self, lines: list[str], name: str, dtype: str = "W") -> None:
        self.lines, self.name, self.dtype = lines, name, dtype

    def made(self, code: str, *values: Any, dtype: str = "W") -> Symbol:
        """A symbol for what ``code`` makes of ``values``."""
        name = f"v{len(self.lines)}"
        self.lines.append(f"const {dtype} {name} = {code.format(*map(_code, values))};")
        return Symbol(self.lines, name, dtype)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotElementwiseError(f"it asks for the {name} of an array")

    def __bool__(self) -> bool:
        raise NotElementwiseError("it asks whether an element is true")

    def __getitem__(self, index: Any) -> Symbol:
        raise NotElementwiseError("it takes elements of an array")

    def __iter__(self) -> Any:
        raise NotElementwiseError("it takes elements of an array")

    def __neg__(self) -> Symbol:
        return self.made("-{0}", self)

    def __invert__(self) -> Symbol:
        return self.made("!{0}", self, dtype="bool")

    def __pow__(self, exponent: Any) -> Symbol:
        if exponent == 2:
            return self.made("{0} * {0}", self)
        return self.made("pow({0}, {1})", self, exponent)

    __hash__ = None  # type: ignore[assignment]


def _infix(code: str, dtype: str) -> tuple[Callable[..., Symbol], Callable[..., Symbol]]:
    def left(self: Symbol, other: Any) -> Symbol:
        return self.made(f"{{0}} {code} {{1}}", self, other, dtype=dtype)

    def right(self: Symbol, other: Any) -> Symbol:
        return self.made(f"{{0}} {code} {{1}}", other, self, dtype=dtype)

    return left, right


for _name, _sign in {"add": "+", "sub": "-", "mul": "*", "truediv": "/"}.items():
    _left, _right = _infix(_sign, "W")
    setattr(Symbol, f"__{_name}__", _left)
    setattr(Symbol, f"__r{_name}__", _right)
for _name, _sign in {"and": "&&", "or": "||"}.items():
    _left, _right = _infix(_sign, "bool")
    setattr(Symbol, f"__{_name}__", _left)
    setattr(Symbol, f"__r{_name}__", _right)
for _name, _sign in {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}.items():
    setattr(Symbol, f"__{_name}__", _infix(_sign, "bool")[0])


def _code(value: Any) -> str:
    """C++ for a value: a symbol's name, or a number with all its digits."""
    if isinstance(value, Symbol):
        return value.name
    number = float(value)
    if number != number:  # noqa: PLR0124 (a NaN)
        return "not_a_number<W>()"
    if number in (float("inf"), -float("inf")):
        return "infinity<W>()" if number > 0 else "(-infinity<W>())"
    return f"W({number!r})" if number >= 0 else f"(W({number!r}))"


def _one_of(*values: Any) -> Symbol:
    """The first symbol among values."""
    for value in values:
        if isinstance(value, Symbol):
            return value
    raise NotElementwiseError("it computes with numbers alone")


def where(condition: Symbol, left: Any, right: Any) -> Symbol:
    """Elementwise choice."""
    return condition.made("{0} ? {1} : {2}", condition, left, right)


def isnan(x: Symbol) -> Symbol:
    """Whether an element is NaN."""
    return x.made("{0} != {0}", x, dtype="bool")


def astype(x: Symbol, dtype: str, *, copy: bool = True) -> Symbol:
    """Truth values as the numbers 0 and 1; numbers as they are."""
    return x.made(f"{dtype}({{0}})", x, dtype=dtype)


def _function(code: str) -> Callable[..., Symbol]:
    return lambda *values: _one_of(*values).made(code, *values)


def erf(x: Symbol) -> Symbol:
    """Error function."""
    return x.made("erf({0})", x)


def erfc(x: Symbol) -> Symbol:
    """Complementary error function."""
    return x.made("erfc({0})", x)


def erfcx(x: Symbol) -> Symbol:
    """Scaled complementary error function."""
    return x.made("erfcx({0})", x)


def ndtri(p: Symbol) -> Symbol:
    """Quantile function of the standard normal law."""
    return p.made("normcdfinv({0})", p)


class _Symbols(types.ModuleType):
    """The namespace of symbols: elementwise functions, and no others."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotElementwiseError(f"it calls {name}")


SYMBOLS: Namespace = _Symbols("symbols")
SYMBOLS.__dict__.update({name: _function(code) for name, code in FUNCTIONS.items()})
SYMBOLS.__dict__.update(where=where, isnan=isnan, astype=astype)


def traced(
    kernel: Callable[..., Any], names: Sequence[str], options: dict[str, Any]
) -> tuple[list[str], list[str]]:
    """Run ``kernel`` on symbols: the lines that it writes down, and what of them, or which numbers, it returns.

    Parameters
    ----------
    kernel : callable
        ``kernel(xp, *arrays, **options)``.
    names : sequence of str
        C++ names of the arrays' elements.
    options : dict
        The kernel's options.

    Returns
    -------
    lines, results : list of str
        C++, in the type ``W``.

    Raises
    ------
    NotElementwiseError
        If the kernel does not compute element by element.
    """
    lines: list[str] = []
    result = kernel(SYMBOLS, *(Symbol(lines, name) for name in names), **options)
    return lines, [_code(value) for value in (result if isinstance(result, tuple) else (result,))]
