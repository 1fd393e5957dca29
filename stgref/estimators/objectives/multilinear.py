r"""Any function of binary variables, as the one polynomial that is linear in each.

Coefficients and values are arrays with an axis of length 2 for each variable. With all axes flattened, contracting the
last variable of a table T halves it, :math:`T_{i}[s] = T_{i+1}[s, 0] + b_i T_{i+1}[s, 1]`, down to the value
:math:`T_0`. With the monomials of the first variables, :math:`P_{i+1}[s, k] = P_i[s]\, b_i^k`, the derivative is
:math:`\partial f / \partial b_i = \sum_s P_i[s]\, T_{i+1}[s, 1]`: all of them take as long as two values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from stgref.estimators.objectives.base import ClosedForm
from stgref.estimators.objectives.parameters import Parameter, real
from stgref.numerics import arguments, noise, sigmoid
from stgref.numerics.namespace import Array, Namespace


@dataclass(frozen=True, eq=False, repr=False)
class Multilinear(ClosedForm):
    r"""Multilinear polynomial, :math:`f(b) = \sum_{S} c_S \prod_{i \in S} b_i` over all subsets S of the variables.

    Every function on :math:`\{0, 1\}^D` is one: see `from_values`. Its mean is the same polynomial at
    :math:`\theta = \sigma(\text{logits})`, because the variables are independent.

    Parameters
    ----------
    coefficients : array of shape (2, ..., 2), with D axes
        The coefficient of S stands where the index of axis i is 1 if i is in S, else 0.

    Raises
    ------
    TypeError
        If the coefficients are not real.
    ValueError
        If they are not finite, or an axis is not of length 2.

    Examples
    --------
    >>> from stgref.estimators.objectives import Multilinear
    >>> f = Multilinear([[1.0, 0.0], [2.0, 5.0]])  # 1 + 2 b_0 + 5 b_0 b_1
    >>> f([[0.0, 1.0], [1.0, 1.0]])
    array([1., 8.])
    >>> f.grad([1.0, 0.5])
    array([4.5, 5. ])
    >>> f.exact_value([0.0, 0.0])
    np.float64(3.25)
    """

    coefficients: Parameter

    _parameters = ("coefficients",)

    def __post_init__(self) -> None:
        self._keep(coefficients=_table("Multilinear", "coefficients", self.coefficients))

    @classmethod
    def from_values(cls, table: Any) -> Self:
        r"""Polynomial with given values on :math:`\{0, 1\}^D`.

        The coefficients are :math:`c_S = \sum_{R \subseteq S} (-1)^{|S| - |R|} f(R)`, the Moebius transform, one axis
        after the other.

        Parameters
        ----------
        table : array of shape (2, ..., 2), with D axes
            ``table[b]`` is f(b).

        Returns
        -------
        Multilinear
            The polynomial.

        Raises
        ------
        TypeError, ValueError
            As for the coefficients.

        Examples
        --------
        >>> from stgref.estimators.objectives import Multilinear
        >>> Multilinear.from_values([[1.0, 1.0], [3.0, 8.0]])
        Multilinear(coefficients=[[1.0, 0.0], [2.0, 5.0]])
        """
        c = np.array(_table("Multilinear.from_values", "table", table))
        for axis in range(c.ndim):
            halves = np.moveaxis(c, axis, 0)
            halves[1] -= halves[0]
        return cls(c)

    @classmethod
    def random(cls, D: int, rng: Any = None) -> Self:  # noqa: N803 (the letter of the formula)
        """Polynomial with standard normal coefficients.

        Parameters
        ----------
        D : int
            Number of variables.
        rng : int, SeedSequence or Generator, optional
            Source of randomness.

        Returns
        -------
        Multilinear
            The polynomial.

        Raises
        ------
        TypeError, ValueError
            If ``D`` is no integer of 1 or more, or ``rng`` is not one of those.

        Examples
        --------
        >>> from stgref.estimators.objectives import Multilinear
        >>> Multilinear.random(10, rng=0)
        Multilinear(coefficients=<array (2, 2, 2, 2, 2, 2, 2, 2, 2, 2)>)
        """
        D = arguments.count("Multilinear.random", "D", D)  # noqa: N806
        return cls(noise.generator(rng).standard_normal((2,) * D))

    @property
    def event_shape(self) -> tuple[int | None, ...]:
        """The shape of one point, (D,)."""
        return (self.coefficients.ndim,)

    def _value(self, xp: Namespace, b: Array, c: Array) -> Array:
        return _suffixes(xp, b, c)[0][..., 0]

    def _grad(self, xp: Namespace, b: Array, c: Array) -> Array:
        T, P = _suffixes(xp, b, c), _prefixes(xp, b)  # noqa: N806
        each = [xp.sum(P[i] * _halves(xp, T[i + 1])[..., 1], axis=-1) for i in range(b.shape[-1])]
        return xp.stack(each, axis=-1)

    def _hessian_product(self, xp: Namespace, b: Array, v: Array, c: Array) -> Array:
        T, P = _suffixes(xp, b, c), _prefixes(xp, b)  # noqa: N806
        dT, dP = _d_suffixes(xp, b, v, T), _d_prefixes(xp, b, v, P)  # noqa: N806
        each = []
        for i in range(b.shape[-1]):
            t, dt = (_halves(xp, x[i + 1])[..., 1] for x in (T, dT))
            each.append(xp.sum(dP[i] * t + P[i] * dt, axis=-1))
        return xp.stack(each, axis=-1)

    def _exact_value(self, xp: Namespace, logits: Array, c: Array) -> Array:
        return self._value(xp, sigmoid.expit(xp, logits), c)

    def _exact_gradient(self, xp: Namespace, logits: Array, c: Array) -> Array:
        return sigmoid.grad_expit(xp, logits).x * self._grad(xp, sigmoid.expit(xp, logits), c)


def _table(where: str, name: str, value: Any) -> Parameter:
    """An array of one axis of length 2 per variable."""
    value = real(where, name, value)
    if not np.ndim(value) or set(np.shape(value)) != {2}:
        raise ValueError(
            f"{where}: {name} must have shape (2, ..., 2), an axis for each variable, got {np.shape(value)}"
        )
    return value


def _halves(xp: Namespace, t: Array) -> Array:
    """A table with its last variable on an axis of its own."""
    return xp.reshape(t, (*t.shape[:-1], t.shape[-1] // 2, 2))


def _suffixes(xp: Namespace, b: Array, c: Array) -> list[Array]:
    """The tables T_0, ..., T_D, with the last variables contracted."""
    t = xp.reshape(c, (1,) * (b.ndim - 1) + (math.prod(c.shape),))
    tables = [t]
    for i in reversed(range(b.shape[-1])):
        halves = _halves(xp, t)
        t = halves[..., 0] + b[..., i, None] * halves[..., 1]
        tables.append(t)
    return tables[::-1]


def _d_suffixes(xp: Namespace, b: Array, v: Array, tables: list[Array]) -> list[Array]:
    """The changes of the tables along v."""
    dt = 0.0 * tables[-1]
    changes = [dt]
    for i in reversed(range(b.shape[-1])):
        halves, change = _halves(xp, tables[i + 1]), _halves(xp, dt)
        dt = change[..., 0] + b[..., i, None] * change[..., 1] + v[..., i, None] * halves[..., 1]
        changes.append(dt)
    return changes[::-1]


def _prefixes(xp: Namespace, b: Array) -> list[Array]:
    """The monomials P_0, ..., P_{D-1} of the first variables."""
    p = 1.0 + 0.0 * b[..., :1]
    monomials = [p]
    for i in range(b.shape[-1] - 1):
        p = _interleaved(xp, p, p * b[..., i, None])
        monomials.append(p)
    return monomials


def _d_prefixes(xp: Namespace, b: Array, v: Array, monomials: list[Array]) -> list[Array]:
    """The changes of the monomials along v."""
    dp = 0.0 * monomials[0]
    changes = [dp]
    for i in range(b.shape[-1] - 1):
        dp = _interleaved(xp, dp, dp * b[..., i, None] + monomials[i] * v[..., i, None])
        changes.append(dp)
    return changes


def _interleaved(xp: Namespace, zero: Array, one: Array) -> Array:
    """A table from its halves."""
    pair = xp.stack([zero, one], axis=-1)
    return xp.reshape(pair, (*zero.shape[:-1], 2 * zero.shape[-1]))
