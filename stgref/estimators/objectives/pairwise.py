"""Quadratic forms: objectives with interactions between pairs of variables."""
# ruff: noqa: N803 (the letters are those of the formula)

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stgref.estimators.objectives.base import ClosedForm
from stgref.estimators.objectives.parameters import FINITE, Parameter, array, real
from stgref.numerics import arguments, sigmoid
from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array, Namespace


@dataclass(frozen=True, eq=False, repr=False)
class Pairwise(ClosedForm):
    r"""Quadratic form, :math:`f(b) = b^\top Q b + a^\top b + c`.

    The derivative is that of the form as written, :math:`(Q + Q^\top) b + a`. The mean of a variable's square is that of
    the variable, which is 0 or 1: with :math:`\theta = \sigma(\text{logits})` and :math:`Q_0` that is Q without its
    diagonal, :math:`E f = \theta^\top Q_0 \theta + (a + \operatorname{diag} Q)^\top \theta + c`.

    Parameters
    ----------
    Q : array of shape (D, D)
        Interactions. It need not be symmetric, and may have a diagonal.
    a : float or array of shape (D,), default 0
        Slopes; a number is that of every variable.
    c : float, default 0
        Constant.

    Raises
    ------
    TypeError
        If a parameter is not real.
    ValueError
        If a parameter is not finite, or has another shape.

    Examples
    --------
    >>> from stgref.estimators.objectives import Pairwise
    >>> f = Pairwise([[1.0, 0.7], [0.0, 2.0]], a=[-0.9, -1.2])
    >>> f([1.0, 1.0])
    np.float64(1.6)
    >>> f.grad([1.0, 1.0])
    array([1.8, 3.5])
    >>> f.exact_gradient([0.0, 0.0])
    array([0.1125, 0.2875])
    """

    Q: Parameter
    a: Parameter = 0.0
    c: float = 0.0

    _parameters = ("Q", "a", "c")

    def __post_init__(self) -> None:
        where = "Pairwise"
        Q = array(where, "Q", self.Q, "(D, D)", (None, None))  # noqa: N806
        array(where, "Q", Q, "(D, D)", (len(Q), len(Q)))
        a = real(where, "a", self.a)
        if np.ndim(a):
            array(where, "a", a, "(D,)", (len(Q),))
        self._keep(Q=Q, a=a, c=arguments.number(where, "c", self.c, FINITE))

    @property
    def event_shape(self) -> tuple[int | None, ...]:
        """The shape of one point, (D,)."""
        return (len(self.Q),)

    def _value(self, xp: Namespace, b: Array, Q: Array, a: Array, c: float) -> Array:
        return xp.sum(b * (xp.matmul(b, Q) + a), axis=-1) + c

    def _grad(self, xp: Namespace, b: Array, Q: Array, a: Array, c: float) -> Array:
        return xp.matmul(b, Q + Q.T) + a

    def _hessian_product(self, xp: Namespace, b: Array, v: Array, Q: Array, a: Array, c: float) -> Array:
        return xp.matmul(v, Q + Q.T)

    def _exact_value(self, xp: Namespace, logits: Array, Q: Array, a: Array, c: float) -> Array:
        Q0, linear = _on_binary(xp, Q, a)  # noqa: N806
        return self._value(xp, sigmoid.expit(xp, logits), Q0, linear, c)

    def _exact_gradient(self, xp: Namespace, logits: Array, Q: Array, a: Array, c: float) -> Array:
        Q0, linear = _on_binary(xp, Q, a)  # noqa: N806
        theta = sigmoid.expit(xp, logits)
        return sigmoid.grad_expit(xp, logits).x * self._grad(xp, theta, Q0, linear, c)


def _on_binary(xp: Namespace, Q: Array, a: Array) -> tuple[Array, Array]:
    """The form without squares that has the same values on zeros and ones."""
    own = xp.eye(Q.shape[0], dtype=Q.dtype, device=ns.device_of([Q]))
    return Q * (1.0 - own), a + xp.sum(Q * own, axis=-1)
