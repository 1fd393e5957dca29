"""Sums and multiples of objectives, which know in closed form what all of their parts know."""

from __future__ import annotations

import dataclasses
import functools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from stgref.estimators.objectives.parameters import real, shown
from stgref.numerics.namespace import Array
from stgref.numerics.quantity import Call, prepare

METHODS = {
    "grad": ("b",),
    "hessian_product": ("b", "v"),
    "exact_value": ("logits",),
    "exact_gradient": ("logits",),
    "gaussian_value": ("mu", "std"),
    "gaussian_gradient": ("mu", "std"),
}
"""What an objective may know beside its value, and the arguments."""


class Algebra:
    """Objectives as vectors: ``f + g`` is a `Sum`, ``c * f`` is `Scaled`. They do not change once they are made."""

    __array_ufunc__ = None  # NumPy's numbers leave c * f to us

    @property
    def rowwise(self) -> bool:
        """Whether a value is the same, to the last bit, whatever other points there are in the call."""
        return False

    def __add__(self, other: Any) -> Sum:
        return Sum(self, other) if callable(other) else NotImplemented

    def __mul__(self, factor: Any) -> Scaled:
        return NotImplemented if callable(factor) else Scaled(self, factor)

    __rmul__ = __mul__

    def __repr__(self) -> str:
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        return (
            f"{type(self).__name__}({', '.join(f'{f.name}={shown(getattr(self, f.name))}' for f in fields)})"
        )

    def _keep(self, **values: Any) -> None:
        """Set attributes, once, at construction."""
        for name, value in values.items():
            object.__setattr__(self, name, value)


class Combination(Algebra):
    """A linear combination: a method of all parts is one of the whole."""

    @property
    def parts(self) -> tuple[Any, ...]:
        """The objectives that are combined."""
        raise NotImplementedError

    def _combined(self, results: list[Any]) -> Any:
        raise NotImplementedError

    @property
    def rowwise(self) -> bool:
        """Whether all parts are."""
        return all(getattr(f, "rowwise", False) for f in self.parts)

    @property
    def event_ndim(self) -> int:
        """The number of axes of one point."""
        return int(next((f.event_ndim for f in self.parts if hasattr(f, "event_ndim")), 1))

    def __call__(self, b: Array) -> Array:
        """Values (...) at points ``b`` (..., D)."""
        return self._evaluate(type(self).__name__, list(self.parts), {"b": b})

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in METHODS:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        for part in self.parts:
            if not callable(getattr(part, name, None)):
                raise AttributeError(  # noqa: TRY004 (what is missing is an attribute)
                    f"{type(self).__name__}: {name} takes parts that have it, got {part!r}"
                )
        return functools.partial(self._method, name)

    def _method(self, name: str, *args: Any, **kwargs: Any) -> Any:
        where, names = f"{type(self).__name__}.{name}", METHODS[name]
        given = dict(zip(names, args, strict=False)) | kwargs
        if len(args) + len(kwargs) != len(names) or given.keys() != set(names):
            raise TypeError(f"{where} takes {', '.join(names)}")
        return self._evaluate(where, [getattr(part, name) for part in self.parts], given)

    def _evaluate(self, where: str, functions: list[Callable[..., Any]], given: dict[str, Any]) -> Any:
        """Call all parts in working precision, and round once."""
        call = prepare(where, given, broadcast=False)
        results = [f(*call.arrays) for f in functions]
        with np.errstate(all="ignore"):
            if not isinstance(results[0], tuple):
                return self._finished(call, results)
            fields = zip(*results, strict=True)
            return type(results[0])(*(self._finished(call, list(field)) for field in fields))

    def _finished(self, call: Call, results: list[Any]) -> Array:
        total = call.xp.asarray(self._combined(results))
        return call._replace(shape=tuple(total.shape)).finish(total, [*call.arrays, *results])


def checked_part(where: str, name: str, f: Any) -> Any:
    """``f``, which must be callable."""
    if not callable(f):
        raise TypeError(f"{where}: {name} takes a callable f(b), got {f!r}")
    return f


@dataclasses.dataclass(frozen=True, eq=False, repr=False, init=False)
class Sum(Combination):
    r"""Sum of objectives, :math:`f(b) = \sum_j f_j(b)`.

    Parameters
    ----------
    *objectives : callable
        One or more. A method (``grad``, ``exact_value`` and so on) is there if all of them have it.

    Raises
    ------
    TypeError
        If one is not callable.
    ValueError
        If there is none, or their points have different numbers of axes.

    Examples
    --------
    >>> from stgref.estimators.objectives import Pairwise, Quadratic
    >>> f = Quadratic([0.45, 0.3], [1.0, 2.0]) + Pairwise([[0.0, 0.7], [0.0, 0.0]])
    >>> f([1.0, 1.0])
    np.float64(1.9825)
    >>> f.exact_value([0.3, -1.1])
    np.float64(0.7401590166482)
    """

    objectives: tuple[Any, ...]

    def __init__(self, *objectives: Any) -> None:
        if not objectives:
            raise ValueError("Sum: objectives takes one or more, got none")
        for i, f in enumerate(objectives):
            checked_part("Sum", f"objectives[{i}]", f)
        axes = {f.event_ndim for f in objectives if hasattr(f, "event_ndim")}
        if len(axes) > 1:
            raise ValueError(f"Sum: objectives takes points with as many axes, got {objectives}")
        self._keep(objectives=objectives)

    def __repr__(self) -> str:
        return f"Sum({', '.join(map(repr, self.objectives))})"

    @property
    def parts(self) -> tuple[Any, ...]:
        """The objectives that are summed."""
        return self.objectives

    def _combined(self, results: list[Any]) -> Any:
        return functools.reduce(operator.add, results)


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Scaled(Combination):
    r"""Multiple of an objective, :math:`c\, f(b)`.

    Parameters
    ----------
    objective : callable
        The objective f, whose methods (``grad``, ``exact_value`` and so on) the multiple has too.
    factor : float
        The factor c.

    Raises
    ------
    TypeError
        If ``objective`` is not callable, or ``factor`` is no real number.
    ValueError
        If ``factor`` is not finite.

    Examples
    --------
    >>> from stgref.estimators.objectives import Linear
    >>> f = -2.0 * Linear([1.0, 3.0])
    >>> f
    Scaled(objective=Linear(a=[1.0, 3.0], c=0.0), factor=-2.0)
    >>> f.grad([0.0, 1.0])
    array([-2., -6.])
    """

    objective: Any
    factor: float

    def __post_init__(self) -> None:
        checked_part("Scaled", "objective", self.objective)
        factor = real("Scaled", "factor", self.factor)
        if not isinstance(factor, float):
            raise TypeError(f"Scaled: factor takes a number, got an array of shape {factor.shape}")
        self._keep(factor=factor)

    @property
    def parts(self) -> tuple[Any, ...]:
        """The objective that is multiplied."""
        return (self.objective,)

    def _combined(self, results: list[Any]) -> Any:
        return self.factor * results[0]
