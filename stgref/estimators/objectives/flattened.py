"""Objectives of vectors, called with points of several axes."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import array_api_compat
import numpy as np

from stgref.estimators.objectives.algebra import Algebra, checked_part
from stgref.numerics import arguments
from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Flattened(Algebra):
    """Objective of points (..., D, K), or more axes, that flattens them to (..., D K) for another.

    It has no closed forms, because those of the other are for independent variables.

    Parameters
    ----------
    objective : callable
        The other, ``f(b)`` with points (..., D K); it has ``grad`` and ``hessian_product`` if they are called for.
    event_ndim : int, default 2
        Number of axes to flatten.

    Raises
    ------
    TypeError
        If ``objective`` is not callable, or ``event_ndim`` is no integer.
    ValueError
        If ``event_ndim`` is less than 1.

    Examples
    --------
    >>> from stgref.estimators.objectives import Flattened, Linear
    >>> f = Flattened(Linear([1.0, 2.0, 3.0, 4.0]))
    >>> f([[1.0, 0.0], [0.0, 1.0]])
    np.float64(5.0)
    >>> f.grad([[1.0, 0.0], [0.0, 1.0]])
    array([[1., 2.],
           [3., 4.]])
    """

    objective: Any
    event_ndim: int = 2

    def __post_init__(self) -> None:
        checked_part("Flattened", "objective", self.objective)
        self._keep(event_ndim=arguments.count("Flattened", "event_ndim", self.event_ndim))

    def __call__(self, b: Array) -> Array:
        """Values.

        Parameters
        ----------
        b : array of shape (..., D, K)
            Points.

        Returns
        -------
        array of shape (...)
            Values of the other at the flattened points.
        """
        return self.objective(self._flat("Flattened", "b", b))

    def grad(self, b: Array) -> Array:
        """Gradients.

        Parameters
        ----------
        b : array of shape (..., D, K)
            Points.

        Returns
        -------
        array of shape (..., D, K)
            Gradients of the other, in the shape of the points.
        """
        return self._raised(self.objective.grad(self._flat("Flattened.grad", "b", b)), b)

    def hessian_product(self, b: Array, v: Array) -> Array:
        """Hessian times vectors.

        Parameters
        ----------
        b : array of shape (..., D, K)
            Points.
        v : array of shape (..., D, K)
            Vectors.

        Returns
        -------
        array of shape (..., D, K)
            Products, in the shape of the points.
        """
        where = "Flattened.hessian_product"
        flat = (self._flat(where, "b", b), self._flat(where, "v", v))
        return self._raised(self.objective.hessian_product(*flat), b)

    def _flat(self, where: str, name: str, b: Any) -> Array:
        b = b if ns.check_kind(where, name, b) == "array" else arguments.from_list(where, name, b)
        if b.ndim < self.event_ndim:
            raise ValueError(
                f"{where}: {name} must have {self.event_ndim} axes or more, got {tuple(b.shape)}"
            )
        batch, event = b.shape[: b.ndim - self.event_ndim], b.shape[b.ndim - self.event_ndim :]
        return _shaped(b, (*batch, math.prod(event)))

    def _raised(self, flat: Array, b: Any) -> Array:
        """A result with one axis per point, with the axes of points like ``b``."""
        return _shaped(flat, (*flat.shape[:-1], *np.shape(b)[-self.event_ndim :]))


def _shaped(b: Array, shape: tuple[int, ...]) -> Array:
    return array_api_compat.array_namespace(b).reshape(b, shape)
