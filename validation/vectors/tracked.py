"""Numbers that know how sensitive they are: the conditions of estimates, from the oracle's own formulas.

The oracle of the estimators computes with whatever numbers it is given. Here they are `Tracked`: a value in many digits,
and its size, what one relative rounding of everything that it is made of does to it. The size of a sum is the sum of its
terms' sizes; that of a product, of each factor's times the other. Numbers between 0 and 1 bring along what is missing to 1, so
that the oracle's ``1 - x`` has the size that it would have if it were computed by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mpmath import MPContext

Number = Any


class Arithmetic:
    """What the oracle takes for mpmath's context.

    Parameters
    ----------
    digits : int
        Decimal digits.

    Attributes
    ----------
    gap : mpf
        The smallest distance of two numbers that were compared, next to their sizes: of the order of eps where a
        rounding would have changed the answer.
    """

    def __init__(self, digits: int) -> None:
        self.context = MPContext()
        self.context.dps = digits
        self.gap = self.context.inf

    def mpf(self, x: Number) -> Tracked:
        """Return a number without error."""
        return x if isinstance(x, Tracked) else Tracked(self, self.context.mpf(x), self.context.mpf(0))

    def argument(self, x: float) -> Tracked:
        """Return a number that may be off by a rounding."""
        return Tracked(self, self.context.mpf(x), abs(self.context.mpf(x)))

    def exp(self, x: Tracked) -> Tracked:
        """Return the exponential function of a number."""
        e = self.context.exp(x.value)
        return Tracked(self, e, e * (1 + x.size))

    def log(self, x: Tracked) -> Tracked:
        """Return the logarithm of a number."""
        value = self.context.log(x.value)
        return Tracked(self, value, abs(value) + x.size / x.value)

    def sqrt(self, x: Tracked) -> Tracked:
        """Return the root of a number."""
        root = self.context.sqrt(x.value)
        return Tracked(self, root, root + x.size / root / 2)

    def sigmoid(self, x: Tracked) -> Tracked:
        """Return 1 / (1 + exp(-x)), and what is missing to 1."""
        return self._side(x.value, x.size, lambda: x)

    def softmax(self, row: Sequence[Tracked]) -> list[Tracked]:
        """Return exp(x_k) / sum_j exp(x_j), and what is missing to 1."""
        top = max(x.value for x in row)
        e = [self.context.exp(x.value - top) for x in row]
        p = [x / sum(e) for x in e]
        return [self._share(p, [x.size for x in row], k) for k in range(len(row))]

    def log_sum(self, row: Sequence[Tracked]) -> Tracked:
        """Return log sum_j exp(x_j)."""
        top = max(x.value for x in row)
        value = top + self.context.log(sum(self.context.exp(x.value - top) for x in row))
        moved = sum(p.value * x.size for p, x in zip(self.softmax(row), row, strict=True))
        return Tracked(self, value, abs(value) + moved)

    def _share(self, p: list[Number], sizes: list[Number], k: int) -> Tracked:
        rest = sum(x for j, x in enumerate(p) if j != k)
        others = sum(x * size for j, (x, size) in enumerate(zip(p, sizes, strict=True)) if j != k)
        moved = p[k] * (rest * sizes[k] + others)
        left = Tracked(self, rest, rest + moved, lambda: self._share(p, sizes, k))
        return Tracked(self, p[k], p[k] + moved, lambda: left)

    def _side(self, x: Number, size: Number, latent: Callable[[], Tracked]) -> Tracked:
        m = self.context
        p, q = 1 / (1 + m.exp(-x)), 1 / (1 + m.exp(x))
        return Tracked(self, p, p + p * q * size, lambda: self._side(-x, size, lambda: -latent()), latent)


class Tracked:
    """A number and its size.

    Parameters
    ----------
    arithmetic : Arithmetic
        What it computes with.
    value, size : mpf
        The number, and what roundings do to it.
    missing : callable, optional
        Returns what is missing to 1.
    latent : callable, optional
        Returns the logit.
    factors : tuple of Tracked
        What it is the product of.
    """

    def __init__(
        self,
        arithmetic: Arithmetic,
        value: Number,
        size: Number,
        missing: Callable[[], Tracked] | None = None,
        latent: Callable[[], Tracked] | None = None,
        factors: tuple[Tracked, ...] = (),
    ) -> None:
        self.arithmetic, self.value, self.size = arithmetic, value, size
        self.missing, self.latent, self.factors = missing, latent, factors

    def of(self, value: Number, size: Number) -> Tracked:
        """Return another number of the same kind."""
        return Tracked(self.arithmetic, value, size)

    def rounded(self) -> Tracked:
        """Return the number as one that was computed by itself, and rounded."""
        return Tracked(self.arithmetic, self.value, self.size + abs(self.value))

    def __neg__(self) -> Tracked:
        return self.of(-self.value, self.size)

    def __abs__(self) -> Tracked:
        return self.of(abs(self.value), self.size)

    def __add__(self, other: Number) -> Tracked:
        other = self.arithmetic.mpf(other)
        found = self.of(self.value + other.value, self.size + other.size)
        if self.missing and other.factors and self.missing().value == other.factors[1].value:
            v, theta = other.factors  # 1 - ((1 - theta) + v theta) = theta (1 - v)
            found.missing = v.missing and (lambda: theta * v.missing())
        return found

    def __sub__(self, other: Number) -> Tracked:
        other = self.arithmetic.mpf(other)
        if other.missing and self.size == 0 and self.value == 1:
            return other.missing()
        if self.missing and other.size == 0 and other.value == 1:
            return -self.missing()
        return self.of(self.value - other.value, self.size + other.size)

    def __rsub__(self, other: Number) -> Tracked:
        return self.arithmetic.mpf(other) - self

    def __mul__(self, other: Number) -> Tracked:
        other = self.arithmetic.mpf(other)
        size = self.size * abs(other.value) + other.size * abs(self.value)
        found = Tracked(self.arithmetic, self.value * other.value, size, factors=(self, other))
        if self.missing and other.missing:  # 1 - a b = (1 - a) + a (1 - b)
            found.missing = lambda: self.missing() + self * other.missing()
        return found

    def __truediv__(self, other: Number) -> Tracked:
        other = self.arithmetic.mpf(other)
        value = self.value / other.value
        return self.of(value, (self.size + other.size * abs(value)) / abs(other.value))

    def __rtruediv__(self, other: Number) -> Tracked:
        return self.arithmetic.mpf(other) / self

    def __pow__(self, power: Number) -> Tracked:
        exponent = self.arithmetic.mpf(power).value
        if exponent == 0:
            return self.arithmetic.mpf(1)
        slope = exponent * self.value ** (exponent - 1)
        return self.of(self.value**exponent, abs(slope) * self.size)

    def __rpow__(self, base: int) -> int:
        return base ** int(self.value)

    __radd__ = __add__
    __rmul__ = __mul__

    def _apart(self, other: Number) -> Number:
        """Return the difference, and remember how near it is to none."""
        other = self.arithmetic.mpf(other)
        off, sizes = self.value - other.value, self.size + other.size
        if sizes:
            self.arithmetic.gap = min(self.arithmetic.gap, abs(off) / sizes)
        return off

    def __lt__(self, other: Number) -> bool:
        return bool(self._apart(other) < 0)

    def __gt__(self, other: Number) -> bool:
        return bool(self._apart(other) > 0)

    def __le__(self, other: Number) -> bool:
        return bool(self._apart(other) <= 0)

    def __ge__(self, other: Number) -> bool:
        return bool(self._apart(other) >= 0)
