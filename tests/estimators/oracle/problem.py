"""What an estimator is asked: the gradient of E f(b) with respect to the logits of independent Bernoulli variables."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mpmath import MPContext, fp

__all__ = ["Number", "Problem", "fp", "mp"]

mp = MPContext()
"""Thirty digits, and a context of its own: nobody else's precision changes it."""
mp.dps = 30

Number = Any
"""A number of the context: ``mpf`` of `mp`, or a float of `fp`."""


@dataclass(frozen=True)
class Problem:
    """An objective of D scalars, its D partial derivatives, D logits, and the arithmetic to be used.

    ``function(*b)`` returns a number, ``slopes(*b)`` the tuple of partial derivatives of one continuous extension. ``m`` is
    `mp` (thirty digits) or `fp` (floats).
    """

    function: Callable[..., Number]
    slopes: Callable[..., Sequence[Number]] | None
    logits: tuple[float, ...]
    m: Any = mp

    def f(self, *b: Number) -> Number:
        return self.function(*map(self.m.mpf, b))

    def df(self, *b: Number) -> Sequence[Number]:
        return self.slopes(*map(self.m.mpf, b))

    @property
    def size(self) -> int:
        return len(self.logits)

    @cached_property
    def phi(self) -> list[Number]:
        return [self.m.mpf(phi) for phi in self.logits]

    @cached_property
    def theta(self) -> list[Number]:
        return [self.sigmoid(phi) for phi in self.phi]

    @cached_property
    def q(self) -> list[Number]:
        """P(b_i = 0), without the cancellation of 1 - theta."""
        return [self.sigmoid(-phi) for phi in self.phi]

    @cached_property
    def s2(self) -> list[Number]:
        return [t * q for t, q in zip(self.theta, self.q, strict=True)]

    def sigmoid(self, x: Number) -> Number:
        return 1 / (1 + self.m.exp(-x))

    def logit(self, u: Number) -> Number:
        return self.m.log(u / (1 - u))

    def bits(self) -> Iterator[tuple[Number, tuple[int, ...]]]:
        """Every b in {0, 1}^D with its probability."""
        theta, q = self.theta, self.q
        for b in itertools.product((0, 1), repeat=self.size):
            weight = self.m.mpf(1)
            for i, bit in enumerate(b):
                weight *= theta[i] if bit else q[i]
            yield weight, b

    def tuples(self, k: int) -> Iterator[tuple[Number, list[tuple[int, ...]]]]:
        """Every k independent b with their probability."""
        for rows in itertools.product(list(self.bits()), repeat=k):
            weight = self.m.mpf(1)
            for probability, _ in rows:
                weight *= probability
            yield weight, [b for _, b in rows]

    def value(self) -> Number:
        return sum(weight * self.f(*b) for weight, b in self.bits())

    def gradient(self) -> list[Number]:
        """d E f / d logits as the sum of f over dP / d logits, with dP from the product of the D factors."""
        total = [self.m.mpf(0)] * self.size
        s2, theta, q = self.s2, self.theta, self.q
        for _, b in self.bits():
            for i in range(self.size):
                slope = s2[i] if b[i] else -s2[i]
                for j in range(self.size):
                    if j != i:
                        slope *= theta[j] if b[j] else q[j]
                total[i] += slope * self.f(*b)
        return total
