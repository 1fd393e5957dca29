"""Objectives that answer arrays of shape (..., D) to the package, and D scalars of any arithmetic to the oracle."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .problem import Problem, mp


class Objective:
    """``f(*b)`` and ``df(*b)`` of scalars, made into ``objective(b)`` and ``objective.grad(b)`` of arrays."""

    f: Callable[..., Any]
    df: Callable[..., Sequence[Any]]

    def __call__(self, b):
        return self.f(*(b[..., i] for i in range(b.shape[-1]))) + 0 * b[..., 0]

    def grad(self, b):
        slopes = self.df(*(b[..., i] for i in range(b.shape[-1])))
        return np.stack([slope + 0 * b[..., 0] for slope in slopes], axis=-1)

    def problem(self, logits, m=mp) -> Problem:
        return Problem(self.f, self.df, tuple(logits), m)


class Canonical(Objective):
    """Section 4.2: (b_1 - .45)^2 + 2 (b_2 - .3)^2 + .7 b_1 b_2."""

    logits = (0.3, -1.1)

    def f(self, x, y):
        return (x - 0.45) ** 2 + 2 * (y - 0.3) ** 2 + 0.7 * x * y

    def df(self, x, y):
        return 2 * (x - 0.45) + 0.7 * y, 4 * (y - 0.3) + 0.7 * x


@dataclass(frozen=True)
class Square(Objective):
    """The toy of REBAR: the mean of (b - t)^2."""

    t: float

    def f(self, *b):
        return sum((x - self.t) ** 2 for x in b) / len(b)

    def df(self, *b):
        return [2 * (x - self.t) / len(b) for x in b]


@dataclass(frozen=True)
class Power(Objective):
    """The polynomial programme of ReinMax: the mean of |b - .45|^p."""

    p: float

    def f(self, *b):
        return sum(abs(x - 0.45) ** self.p for x in b) / len(b)

    def df(self, *b):
        return [self.p * (x - 0.45) * abs(x - 0.45) ** (self.p - 2) / len(b) for x in b]


@dataclass(frozen=True)
class Linear(Objective):
    slopes: tuple[float, ...]
    constant: float = 0.0

    def f(self, *b):
        return self.constant + sum(a * x for a, x in zip(self.slopes, b, strict=True))

    def df(self, *b):
        return list(self.slopes)


@dataclass(frozen=True)
class Cubic(Objective):
    """f with f'' not constant; in one dimension f(0), f(1) and both slopes are free."""

    coefficients: tuple[float, float, float, float] = (0.2, 0.3, -0.8, 1.0)

    def f(self, x):
        a, b, c, d = self.coefficients
        return a + x * (b + x * (c + x * d))

    def df(self, x):
        _, b, c, d = self.coefficients
        return (b + x * (2 * c + x * 3 * d),)


@dataclass(frozen=True)
class Multilinear(Objective):
    """The multilinear extension of a table of 2^D values, in the order of `itertools.product`."""

    table: tuple[float, ...]

    def f(self, *b):
        total = 0.0
        for value, row in zip(self.table, itertools.product((0, 1), repeat=len(b)), strict=True):
            term = value
            for x, bit in zip(b, row, strict=True):
                term = term * (x if bit else 1 - x)
            total = total + term
        return total

    def df(self, *b):
        return [self.f(*b[:i], 1, *b[i + 1 :]) - self.f(*b[:i], 0, *b[i + 1 :]) for i in range(len(b))]


@dataclass(frozen=True)
class Bent(Objective):
    """The same values on {0, 1}^D with another extension: f + sum_i a_i b_i (1 - b_i) (1 + b_i)."""

    base: Objective
    bend: tuple[float, ...]

    def f(self, *b):
        return self.base.f(*b) + sum(a * x * (1 - x * x) for a, x in zip(self.bend, b, strict=True))

    def df(self, *b):
        return [g + a * (1 - 3 * x * x) for g, a, x in zip(self.base.df(*b), self.bend, b, strict=True)]


@dataclass(frozen=True)
class Affine(Objective):
    """scale * f + offset."""

    base: Objective
    scale: float = 1.0
    offset: float = 0.0

    def f(self, *b):
        return self.scale * self.base.f(*b) + self.offset

    def df(self, *b):
        return [self.scale * g for g in self.base.df(*b)]


@dataclass(frozen=True)
class Relabelled(Objective):
    """b -> f(1 - b)."""

    base: Objective

    def f(self, *b):
        return self.base.f(*[1 - x for x in b])

    def df(self, *b):
        return [-g for g in self.base.df(*[1 - x for x in b])]


@dataclass(frozen=True)
class Mirrored(Objective):
    """z -> f(-z)."""

    base: Objective

    def f(self, *z):
        return self.base.f(*[-x for x in z])

    def df(self, *z):
        return [-g for g in self.base.df(*[-x for x in z])]


@dataclass(frozen=True)
class Latent(Objective):
    """A control variate of the latent that is no function of sigma: sum of quadratics and one product."""

    def f(self, *z):
        return sum(0.2 * x**2 - 0.1 * x for x in z) + 0.05 * z[0] * z[-1]

    def df(self, *z):
        slopes = [0.4 * x - 0.1 for x in z]
        slopes[0] = slopes[0] + 0.05 * z[-1]
        slopes[-1] = slopes[-1] + 0.05 * z[0]
        return slopes
