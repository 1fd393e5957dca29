"""The user's objective, checked whenever it is called."""

from __future__ import annotations

from typing import Any

from stgref.estimators.objectives.algebra import Combination
from stgref.estimators.objectives.base import Objective
from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array, Namespace


class Problem:
    """An objective f and its gradient, called with arrays of the caller's dtype, whose results are checked.

    Parameters
    ----------
    where, name : str
        The function and the argument that errors name.
    objective : callable
        ``f(b)`` of points (..., *event) gives values (...); ``f.grad(b)`` gives gradients (..., *event).
    xp : namespace
        Library of the points.
    dtype, working : dtype
        Those of the points that the objective sees, and of the values handed on.
    event : int
        Number of axes of one point.
    gradient : bool
        Whether ``grad`` will be needed.

    Raises
    ------
    TypeError
        If the objective is not callable, or lacks a ``grad`` that is needed.
    """

    def __init__(
        self,
        where: str,
        objective: Any,
        xp: Namespace,
        dtype: Any,
        working: Any,
        event: int = 1,
        *,
        gradient: bool = False,
        name: str = "objective",
    ) -> None:
        if not callable(objective):
            raise TypeError(f"{where}: {name} takes a callable f(b), got {objective!r}")
        if gradient and not callable(getattr(objective, "grad", None)):
            raise TypeError(
                f"{where}: {name} takes a callable f(b) with a method grad(b), got {objective!r} without"
            )
        self.where, self.name, self.objective = where, name, objective
        self.xp, self.working, self.event = xp, working, event
        # stgref's own compute in working precision: their points and values need no rounding between.
        self.dtype = working if isinstance(objective, (Objective, Combination)) else dtype
        self.rowwise = bool(getattr(objective, "rowwise", False))

    def __call__(self, b: Array) -> Array:
        """Values f(b) (...) at points ``b`` (..., *event)."""
        return self._checked(
            self.name, self.objective(self._given(b)), tuple(b.shape[: b.ndim - self.event]), b
        )

    def grad(self, b: Array) -> Array:
        """Gradients of f (..., *event) at points ``b`` (..., *event)."""
        return self._checked(f"{self.name}.grad", self.objective.grad(self._given(b)), tuple(b.shape), b)

    def value_and_grad(self, b: Array) -> tuple[Array, Array]:
        """Values and gradients of f at points ``b``: in one call, where f has a method for both."""
        if not self.has("value_and_grad"):
            return self(b), self.grad(b)
        value, grad = self.objective.value_and_grad(self._given(b))
        return (
            self._checked(self.name, value, tuple(b.shape[: b.ndim - self.event]), b),
            self._checked(f"{self.name}.grad", grad, tuple(b.shape), b),
        )

    def hessian_product(self, b: Array, v: Array) -> Array:
        """Hessian of f at points ``b`` (..., *event) times vectors ``v`` (..., *event)."""
        name = f"{self.name}.hessian_product"
        return self._checked(
            name, self.objective.hessian_product(self._given(b), self._given(v)), tuple(b.shape), b
        )

    def has(self, method: str) -> bool:
        """Whether the objective knows ``method`` in closed form."""
        return callable(getattr(self.objective, method, None))

    def closed(self, method: str, parameters: Array | tuple[Array, ...], shape: tuple[int, ...]) -> Any:
        """What the objective's own ``method(*parameters)`` returns, an array or several, of a given shape."""
        given = parameters if isinstance(parameters, tuple) else (parameters,)
        found = getattr(self.objective, method)(*map(self._given, given))
        parts = found if isinstance(found, tuple) else (found,)
        checked = tuple(self._checked(f"{self.name}.{method}", p, shape, given[0]) for p in parts)
        return checked if isinstance(found, tuple) else checked[0]

    def _given(self, b: Array) -> Array:
        return self.xp.astype(b, self.dtype, copy=False)

    def _checked(self, name: str, value: Any, shape: tuple[int, ...], b: Array) -> Array:
        """``value`` in the working dtype.

        Raises
        ------
        TypeError
            If it is no array of the points' library.
        ValueError
            If its shape is not ``shape``, or it is not finite.
        """
        xp = self.xp
        points = f"for points of shape {tuple(b.shape)}"
        if not hasattr(value, "dtype") or (
            value.shape != () and ns.namespace_of(self.where, {name: value}) is not xp
        ):
            raise TypeError(
                f"{self.where}: {name} must return an array of {xp.__name__}, got {type(value).__name__}"
            )
        if tuple(value.shape) != shape:
            raise ValueError(
                f"{self.where}: {name} must return shape {shape} {points}, got {tuple(value.shape)}"
            )
        value = xp.astype(xp.asarray(value), self.working, copy=False)
        # A sum is finite only if all that is summed is.
        if not ns.is_lazy(value) and not (xp.isfinite(xp.sum(value)) or xp.all(xp.isfinite(value))):
            raise ValueError(
                f"{self.where}: {name} must return finite values, got {xp.sum(xp.astype(~xp.isfinite(value), xp.int64))}"
                f" that are not, {points}"
            )
        return value
