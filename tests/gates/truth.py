"""Exact results of a gate layer: textbook formulas in mpmath, derivatives by differences in many digits.

Each result comes with the yardstick of the standard, |f| + sum_i |x_i df/dx_i| over every number that goes in.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import mpmath
import numpy as np
from mpmath import mpf

from tests.gates.kinds import Kind

FACTOR = 4


def partial(f: Callable[..., mpf], args: Sequence[mpf], i: int) -> mpf:
    """Return df/dx_i by a central difference, right to some half of the digits away from kinks."""
    step = mpf(10) ** -(3 * mpmath.mp.dps // 10) * max(abs(args[i]), 1)

    def moved(by: mpf) -> mpf:
        return f(*args[:i], args[i] + by, *args[i + 1 :])

    return (moved(step) - moved(-step)) / (2 * step)


def clipped(f: Callable[..., mpf]) -> Callable[..., mpf]:
    """Clip ``f``, and remember what it is: differences of differences meet the same points again."""
    return functools.cache(lambda *args: min(mpf(1), max(mpf(0), f(*args))))


@dataclass
class Sum:
    """A sum of terms, its derivatives with respect to every number that it is made of, and so its yardstick."""

    value: mpf = field(default_factory=lambda: mpf(0))
    slopes: dict[Hashable, mpf] = field(default_factory=lambda: defaultdict(mpf))
    sizes: dict[Hashable, mpf] = field(default_factory=dict)

    def add(self, factors: dict[Hashable, mpf], f: Callable[..., mpf], args: dict[Hashable, mpf]) -> None:
        """Add the product of ``factors`` and f(args); the keys say which numbers are the same one."""
        product, at = mpmath.fprod(factors.values()), list(args.values())
        inner = f(*at)
        self.value += product * inner
        for key, factor in factors.items():
            others = mpmath.fprod(v for k, v in factors.items() if k != key)
            self._slope(key, factor, others * inner)
        for i, (key, x) in enumerate(args.items()):
            self._slope(key, x, product * partial(f, at, i))

    def _slope(self, key: Hashable, size: mpf, slope: mpf) -> None:
        self.slopes[key] += slope
        self.sizes[key] = size

    @property
    def yardstick(self) -> mpf:
        return abs(self.value) + mpmath.fsum(abs(self.sizes[k] * s) for k, s in self.slopes.items())


@dataclass
class Problem:
    """A layer and its cotangents; everything is taken exactly.

    ``theta`` are floats, or arrays of one number per gate, or of one row of them per example; ``fill`` is a float or an
    array that broadcasts to an example, or None.
    """

    kind: Kind
    x: np.ndarray
    noise: np.ndarray | None
    theta: dict[str, Any]
    index: np.ndarray
    reg_weight: Any
    reg_reduction: str
    d_gated: np.ndarray
    d_l0_reg: Any
    digits: int = 120
    fill: Any = None

    def results(self) -> dict[str, np.ndarray]:
        """Return every result of forward and pullback, as arrays of `Sum`."""
        with mpmath.workdps(self.digits):
            names = {name: np.shape(value) for name, value in self.theta.items()}
            self._sample, self._at_test = clipped(self.kind.sample), clipped(self.kind.at_test)
            l0_shape = self.terms if self.reg_reduction == "none" else ()
            shapes = {"gated": self.x.shape, "input": self.x.shape, "l0_reg": l0_shape, **names}
            shapes |= {} if self.fill is None else {"fill": np.shape(self.fill)}
            out = {name: np.empty(shape, dtype=object) for name, shape in shapes.items()}
            for array in out.values():
                array.flat = [Sum() for _ in range(array.size)]
            self._add_elements(out)
            self._add_penalty(out)
            return out

    @property
    def n_gates(self) -> int:
        return np.shape(self.theta[self.kind.parameter])[-1]

    @property
    def terms(self) -> tuple[int, ...]:
        """The shape of the penalty's terms."""
        by_example = any(np.ndim(value) == 2 for value in self.theta.values())
        return (len(self.x), self.n_gates) if by_example else (self.n_gates,)

    @staticmethod
    def _own(value: Any, at: tuple[int, ...]) -> tuple[int, ...]:
        """Where an array has the number of the place ``at``, to whose shape it broadcasts."""
        shape = np.shape(value)
        pairs = zip(shape, at[len(at) - len(shape) :], strict=True)
        return tuple(0 if n == 1 else i for n, i in pairs)

    def _theta(self, b: int, g: int) -> dict[Hashable, mpf]:
        """One gate's parameters; those that all gates share have one key."""
        places = {name: self._own(value, (b, g)) for name, value in self.theta.items()}
        return {(name, *at): mpf(float(np.asarray(self.theta[name])[at])) for name, at in places.items()}

    def _gate(self, b: int, g: int) -> tuple[Callable[..., mpf], dict[Hashable, mpf]]:
        if self.noise is None:
            return self._at_test, self._theta(b, g)
        row = () if self.noise.ndim == 1 else (b,)
        noise = mpf(float(self.noise[*row, g]))
        return self._sample, {("noise", *row, g): noise, **self._theta(b, g)}

    def _add_elements(self, out: dict[str, np.ndarray]) -> None:
        index = np.broadcast_to(self.index, self.x.shape[1:])
        for at in np.ndindex(self.x.shape):
            g = int(index[at[1:]])
            f, args = self._gate(at[0], g)
            x, d = {("x", at): mpf(float(self.x[at]))}, {("d", at): mpf(float(self.d_gated[at]))}
            out["gated"][at].add(x, f, args)
            out["input"][at].add(d, f, args)
            self._add_slopes(out, (at[0], g), {**x, **d}, f, args)
            if self.fill is not None:
                self._add_fill(out, at, (at[0], g), d, f, args)

    def _add_fill(
        self,
        out: dict[str, np.ndarray],
        at: tuple[int, ...],
        gate: tuple[int, int],
        d: dict,
        f: Callable[..., mpf],
        args: dict,
    ) -> None:
        """The term (1 - z) fill of an element, and what it adds to the cotangents."""
        place = self._own(self.fill, at)
        own = {("fill", *place): mpf(float(np.asarray(self.fill)[place]))}
        closed = lambda *args: 1 - f(*args)  # noqa: E731
        out["gated"][at].add(own, closed, args)
        out["fill"][place].add(d, closed, args)
        self._add_slopes(out, gate, {**own, **d}, closed, args)

    def _add_penalty(self, out: dict[str, np.ndarray]) -> None:
        none = self.reg_reduction == "none"
        count = 1 if none else np.prod(self.terms) // (1 if self.reg_reduction == "mean" else self.n_gates)
        for at in np.ndindex(self.terms):
            b, g = at if len(at) == 2 else (0, *at)
            args = self._theta(b, g)
            weight = mpf(float(np.broadcast_to(self.reg_weight, self.n_gates)[g]))
            factors = {"share": 1 / mpf(int(count))}
            factors |= {("weight", g) if np.ndim(self.reg_weight) else "weight": weight}
            out["l0_reg"][at if none else ()].add(factors, self.kind.active, args)
            own = self._own(self.d_l0_reg, at)
            factors |= {("dl", *own): mpf(float(np.asarray(self.d_l0_reg)[own]))}
            self._add_slopes(out, (b, g), factors, self.kind.active, args)

    def _add_slopes(
        self,
        out: dict[str, np.ndarray],
        gate: tuple[int, int],
        factors: dict,
        f: Callable[..., mpf],
        args: dict,
    ) -> None:
        offset = len(args) - len(self.theta)
        for i, name in enumerate(self.theta, start=offset):
            total = out[name][self._own(self.theta[name], gate)]
            total.add(factors, lambda *at, i=i: partial(f, at, i), args)


def worst(got: Any, wanted: np.ndarray, dtype: Any) -> float:
    """Return the largest error of ``got``, in tolerances of the standard."""
    info, got = np.finfo(dtype), np.asarray(got)
    assert got.shape == wanted.shape
    errors = [0.0]
    with mpmath.workdps(60):
        for value, exact in zip(got.flat, wanted.flat, strict=True):
            tolerance = max(
                FACTOR * mpf(float(info.eps)) * exact.yardstick, mpf(float(info.smallest_subnormal))
            )
            error = abs(mpf(float(value)) - exact.value) / tolerance
            errors.append(float(error) if np.isfinite(value) else np.inf)
    return max(errors)
