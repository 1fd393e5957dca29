"""What objectives share: the checks of their points, and the dtype, device and library of their results."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import numpy as np

from stgref.estimators.objectives.algebra import Algebra
from stgref.estimators.objectives.parameters import in_call
from stgref.numerics.namespace import Array
from stgref.numerics.quantity import broadcast_shape, prepare


class Objective(Algebra, ABC):
    """A function of points b, with its derivative as written: b may be any real numbers, not only 0 and 1.

    The kernels ``_value``, ``_grad`` and so on take the array namespace, the points and the ``_parameters``, in working
    precision.
    """

    _parameters: ClassVar[tuple[str, ...]] = ()
    """Names of the attributes that the kernels take, in their order."""

    @property
    @abstractmethod
    def event_shape(self) -> tuple[int | None, ...]:
        """The shape of one point; None is any length."""

    @property
    def event_ndim(self) -> int:
        """The number of axes of one point: 1 for (D,), 2 for (D, K)."""
        return len(self.event_shape)

    def __call__(self, b: Array) -> Array:
        """Values of the objective.

        Parameters
        ----------
        b : array of shape (..., D)
            Points; (..., D, K) where the parameters are arrays (D, K).

        Returns
        -------
        array of shape (...)
            f(b), of the floating dtype, library and device of ``b``.

        Raises
        ------
        TypeError
            If ``b`` is not real.
        ValueError
            If ``b`` has another shape.
        """
        return self._evaluate(type(self).__name__, self._value, {"b": b}, reduce=True)

    def grad(self, b: Array) -> Array:
        """Derivative of the objective, as it is written.

        Parameters
        ----------
        b : array of shape (..., D)
            Points.

        Returns
        -------
        array of shape (..., D)
            Gradients of f at ``b``.

        Raises
        ------
        TypeError, ValueError
            As for the values.
        """
        return self._evaluate("grad", self._grad, {"b": b})

    def hessian_product(self, b: Array, v: Array) -> Array:
        """Second derivative of the objective, times vectors.

        Parameters
        ----------
        b, v : array of shape (..., D)
            Points, and vectors.

        Returns
        -------
        array of shape (..., D)
            The Hessian of f at ``b``, times ``v``.

        Raises
        ------
        TypeError, ValueError
            As for the values.
        """
        return self._evaluate("hessian_product", self._hessian_product, {"b": b, "v": v})

    @abstractmethod
    def _value(self, *args: Any, **kwargs: Any) -> Array: ...

    @abstractmethod
    def _grad(self, *args: Any, **kwargs: Any) -> Array: ...

    @abstractmethod
    def _hessian_product(self, *args: Any, **kwargs: Any) -> Array: ...

    def _evaluate(
        self, method: str, kernel: Callable[..., Any], points: dict[str, Any], *, reduce: bool = False
    ) -> Any:
        """Check the points, evaluate ``kernel``, round its results; ``reduce``: one number per point."""
        name = type(self).__name__
        where = name if method == name else f"{name}.{method}"
        call = prepare(where, points, broadcast=False)
        shape = self._shape(where, dict(zip(points, call.arrays, strict=True)))
        call = call._replace(shape=shape[: len(shape) - self.event_ndim] if reduce else shape)
        arrays = call.xp.broadcast_arrays(*call.arrays) if len(points) > 1 else call.arrays
        given = [*arrays, *(in_call(call, getattr(self, name)) for name in self._parameters)]
        with np.errstate(all="ignore"):  # values beyond the dtype are infinite
            result = kernel(call.xp, *given)
            if not isinstance(result, tuple):
                return call.finish(result, given)
            return type(result)(*(call.finish(part, given) for part in result))

    def _shape(self, where: str, arrays: dict[str, Array]) -> tuple[int, ...]:
        """The common shape of the arguments, all of them points; one of several may be a number."""
        common = broadcast_shape(where, arrays)
        shapes = {name: tuple(array.shape) for name, array in arrays.items() if array.ndim or not common}
        for name, shape in shapes.items():
            if not self._holds(shape) or shape[-self.event_ndim :] != common[-self.event_ndim :]:
                axes = ", ".join("D" if n is None else str(n) for n in self.event_shape)
                raise ValueError(f"{where}: {name} must have shape (..., {axes}), got {shape}")
        return common

    def _holds(self, shape: tuple[int, ...]) -> bool:
        """Whether arrays of ``shape`` hold points, of one variable or more."""
        event = shape[-self.event_ndim :]
        pairs = zip(event, self.event_shape, strict=False)
        return len(event) == self.event_ndim and all(n > 0 and n == (m or n) for n, m in pairs)


class ClosedForm(Objective):
    """An objective with a closed form for its mean over discrete variables."""

    def exact_value(self, logits: Array) -> Array:
        r"""Expectation :math:`E f(b)` in closed form.

        Parameters
        ----------
        logits : array of shape (..., D)
            Log odds of independent :math:`b_i = 1`; (..., D, K) where the parameters are arrays (D, K), for independent
            one-hot :math:`b_i` with probabilities softmax(logits).

        Returns
        -------
        array of shape (...)
            The expectation.

        Raises
        ------
        TypeError
            If ``logits`` is not real.
        ValueError
            If ``logits`` has another shape.
        """
        return self._evaluate("exact_value", self._exact_value, {"logits": logits}, reduce=True)

    def exact_gradient(self, logits: Array) -> Array:
        """Derivative of `exact_value` with respect to the logits.

        Parameters
        ----------
        logits : array of shape (..., D) or (..., D, K)
            As for `exact_value`.

        Returns
        -------
        array of the shape of ``logits``
            The gradient.

        Raises
        ------
        TypeError, ValueError
            As `exact_value`.
        """
        return self._evaluate("exact_gradient", self._exact_gradient, {"logits": logits})

    @abstractmethod
    def _exact_value(self, *args: Any, **kwargs: Any) -> Array: ...

    @abstractmethod
    def _exact_gradient(self, *args: Any, **kwargs: Any) -> Array: ...


class GaussianGradient(NamedTuple):
    """Partial derivatives with respect to the means and the standard deviations."""

    mu: Array
    std: Array


class GaussianForm(Objective):
    """An objective with a closed form for its mean over Gaussian variables."""

    def gaussian_value(self, mu: Array, std: Array) -> Array:
        r"""Expectation :math:`E f(x)` of independent :math:`x_i \sim N(\mu_i, \text{std}_i^2)`, in closed form.

        Parameters
        ----------
        mu, std : array of shape (..., D)
            Means and standard deviations; one may be a number.

        Returns
        -------
        array of shape (...)
            The expectation.

        Raises
        ------
        TypeError
            If an argument is not real.
        ValueError
            If ``std`` is not positive, or a shape is wrong.
        """
        return self._evaluate("gaussian_value", self._gaussian_value, {"mu": mu, "std": std}, reduce=True)

    def gaussian_gradient(self, mu: Array, std: Array) -> GaussianGradient:
        """Derivatives of `gaussian_value` with respect to ``mu`` and ``std``.

        Parameters
        ----------
        mu, std : array of shape (..., D)
            As for `gaussian_value`; a number stands for D equal ones.

        Returns
        -------
        GaussianGradient
            Fields ``mu`` and ``std``, each (..., D).

        Raises
        ------
        TypeError, ValueError
            As `gaussian_value`.
        """
        return self._evaluate("gaussian_gradient", self._gaussian_gradient, {"mu": mu, "std": std})  # type: ignore[no-any-return]

    @abstractmethod
    def _gaussian_value(self, *args: Any, **kwargs: Any) -> Array: ...

    @abstractmethod
    def _gaussian_gradient(self, *args: Any, **kwargs: Any) -> GaussianGradient: ...
