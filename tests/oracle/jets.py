"""Values with exact first and second derivatives: sparse truncated Taylor arithmetic over any number type."""

from __future__ import annotations

from typing import Any

Number = Any  # flint.arb, flint.acb, mpmath.mpf, or Jet.


class Jet:
    """A value, its gradient ``d[i]`` and (order 2) its Hessian ``h[i, j]`` for i <= j; what is missing is zero.

    Parameters
    ----------
    v : Number
        The value.
    d : dict
        First derivatives by variable.
    h : dict or None
        Second derivatives; None where only first derivatives are wanted.
    """

    __slots__ = ("d", "h", "v")

    def __init__(self, v: Number, d: dict[int, Number], h: dict[tuple[int, int], Number] | None) -> None:
        self.v, self.d, self.h = v, d, h

    def chain(self, f0: Number, f1: Number, f2: Number) -> Jet:
        """Return f(self), given f and its first two derivatives at the value."""
        return compose(f0, [f1], {(0, 0): f2}, [self])

    def __neg__(self) -> Jet:
        return Jet(-self.v, _scaled(self.d, -1), None if self.h is None else _scaled(self.h, -1))

    def __add__(self, other: Number) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.v + other, self.d, self.h)
        h = None if self.h is None else _sum(self.h, other.h)
        return Jet(self.v + other.v, _sum(self.d, other.d), h)

    def __mul__(self, other: Number) -> Jet:
        if not isinstance(other, Jet):
            h = None if self.h is None else _scaled(self.h, other)
            return Jet(self.v * other, _scaled(self.d, other), h)
        return compose(self.v * other.v, [other.v, self.v], {(0, 1): 1}, [self, other])

    def inverse(self) -> Jet:
        """Return 1 / self."""
        r = 1 / self.v
        return self.chain(r, -r * r, 2 * r * r * r)

    def __sub__(self, other: Number) -> Jet:
        return self + (-other)

    def __rsub__(self, other: Number) -> Jet:
        return (-self) + other

    def __truediv__(self, other: Number) -> Jet:
        return self * (other.inverse() if isinstance(other, Jet) else 1 / other)

    def __rtruediv__(self, other: Number) -> Jet:
        return self.inverse() * other

    __radd__ = __add__
    __rmul__ = __mul__


def variable(value: Number, index: int, one: Number, order: int) -> Jet:
    """Return the ``index``-th independent variable."""
    return Jet(value, {index: one}, {} if order == 2 else None)


def value(x: Number) -> Number:
    """Return the value of a jet, and anything else as it is."""
    return x.v if isinstance(x, Jet) else x


def compose(f: Number, gradient: list, hessian: dict[tuple[int, int], Number], args: list[Jet]) -> Jet:
    """Return f(args) by the chain rule, given f's derivatives with respect to ``args``, ``hessian`` for k <= l."""
    d: dict[int, Number] = {}
    for g, a in zip(gradient, args, strict=True):
        d = _sum(d, _scaled(a.d, g))
    if args[0].h is None:
        return Jet(f, d, None)
    h: dict[tuple[int, int], Number] = {}
    for g, a in zip(gradient, args, strict=True):
        h = _sum(h, _scaled(a.h, g))
    for (k, m), c in hessian.items():
        h = _sum(h, _outer(args[k].d, args[m].d, c, same=k == m))
    return Jet(f, d, h)


def _outer(
    a: dict[int, Number], b: dict[int, Number], c: Number, *, same: bool
) -> dict[tuple[int, int], Number]:
    """Return the upper half of c a b^T, or of c (a b^T + b a^T) where the two are different arguments."""
    h: dict[tuple[int, int], Number] = {}
    for i, x in a.items():
        for j, y in b.items():
            if same and i > j:
                continue
            key = (i, j) if i <= j else (j, i)
            term = c * x * y if same or i != j else 2 * c * x * y
            h[key] = h[key] + term if key in h else term
    return h


def _scaled(a: dict, c: Number) -> dict:
    return {k: x * c for k, x in a.items()}


def _sum(a: dict, b: dict) -> dict:
    if not a or not b:
        return a or b
    total = dict(a)
    for k, x in b.items():
        total[k] = total[k] + x if k in total else x
    return total
