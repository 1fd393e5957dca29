"""Two kinds of numbers for one formula: an integrand written once runs in working or in doubled precision."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

from stgref.numerics import doubled as dd
from stgref.numerics import quadrature, sigmoid
from stgref.numerics.namespace import Array, Namespace

Number: TypeAlias = Any
"""An array, or a `stgref.numerics.doubled.Doubled`."""


class Arithmetic(Protocol):
    """Functions of `Number`; plus, minus, times and over are the numbers' own."""

    NODES: int
    TILE: int

    def lift(self, x: Array) -> Number:
        """An array as exact numbers."""

    def lower(self, x: Number) -> Array:
        """Numbers rounded to an array."""

    def exp(self, x: Number) -> Number:
        """Exponential."""

    def log(self, x: Number) -> Number:
        """Logarithm."""

    def expm1(self, x: Number) -> Number:
        """Exponential minus 1, by itself."""

    def log1p(self, x: Number) -> Number:
        """Logarithm of 1 + x, by itself, for x >= 0."""

    def log_ratio(self, left: Number, right: Number) -> Number:
        """Logarithm of the ratio of two positive numbers."""

    def where(self, condition: Array, a: Number, b: Number) -> Number:
        """Elementwise choice."""

    def abs(self, x: Number) -> Number:
        """Absolute value."""

    def negative(self, x: Number) -> Array:
        """Whether x < 0."""

    def stack(self, numbers: list[Number]) -> Number:
        """Numbers side by side on a new last axis."""

    def sum(self, x: Number) -> Number:
        """Sum over the last two axes."""

    def rule(self, like: Array) -> quadrature.Rule:
        """Graded nodes and weights on a new last axis."""

    def even_rule(self, like: Array) -> quadrature.Rule:
        """As many nodes and weights of Gauss and Legendre."""


class Working:
    """Numbers in working precision."""

    NODES, TILE = 56, 256

    def __init__(self, xp: Namespace) -> None:
        self.xp = xp

    def lift(self, x: Array) -> Number:
        return x

    def lower(self, x: Number) -> Array:
        return x

    def exp(self, x: Number) -> Number:
        return self.xp.exp(x)

    def log(self, x: Number) -> Number:
        return self.xp.log(x)

    def expm1(self, x: Number) -> Number:
        return self.xp.expm1(x)

    def log1p(self, x: Number) -> Number:
        return self.xp.log1p(x)

    def log_ratio(self, left: Number, right: Number) -> Number:
        return sigmoid.log_ratio(self.xp, left, right)

    def where(self, condition: Array, a: Number, b: Number) -> Number:
        return self.xp.where(condition, a, b)

    def abs(self, x: Number) -> Number:
        return self.xp.abs(x)

    def negative(self, x: Number) -> Array:
        return x < 0.0

    def stack(self, numbers: list[Number]) -> Number:
        return self.xp.stack(numbers, axis=-1)

    def sum(self, x: Number) -> Number:
        return self.xp.sum(x, axis=(-2, -1))

    def rule(self, like: Array) -> quadrature.Rule:
        return quadrature.nodes(self.xp, quadrature.graded(self.NODES), like).rounded()

    def even_rule(self, like: Array) -> quadrature.Rule:
        return quadrature.nodes(self.xp, quadrature.gauss_legendre(self.NODES), like).rounded()


class Twofold:
    """Numbers in doubled precision."""

    NODES, TILE = 90, 64

    def __init__(self, xp: Namespace) -> None:
        self.xp = xp

    def lift(self, x: Array) -> Number:
        return dd.doubled(self.xp, x)

    def lower(self, x: Number) -> Array:
        return x.hi

    def exp(self, x: Number) -> Number:
        return dd.exp(self.xp, x)

    def log(self, x: Number) -> Number:
        return dd.log(self.xp, x)

    def expm1(self, x: Number) -> Number:
        return dd.expm1(self.xp, x)

    def log1p(self, x: Number) -> Number:
        return dd.log_ratio(self.xp, 1.0 + x, 1.0 + 0.0 * x, x)

    def log_ratio(self, left: Number, right: Number) -> Number:
        return dd.log_ratio(self.xp, left, right, left - right)

    def where(self, condition: Array, a: Number, b: Number) -> Number:
        return dd.where(self.xp, condition, a, b)

    def abs(self, x: Number) -> Number:
        return dd.absolute(self.xp, x)

    def negative(self, x: Number) -> Array:
        return x.hi < 0.0

    def stack(self, numbers: list[Number]) -> Number:
        xp = self.xp
        hi, lo = (xp.stack([getattr(n, part) for n in numbers], axis=-1) for part in ("hi", "lo"))
        return dd.Doubled(hi, lo, numbers[0].splitter)

    def sum(self, x: Number) -> Number:
        return dd.total(self.xp, dd.total(self.xp, x))

    def rule(self, like: Array) -> quadrature.Rule:
        return quadrature.nodes(self.xp, quadrature.graded(self.NODES), like)

    def even_rule(self, like: Array) -> quadrature.Rule:
        return quadrature.nodes(self.xp, quadrature.gauss_legendre(self.NODES), like)
