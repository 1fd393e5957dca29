"""A small neural network as objective: smooth, coupled in all variables, with no closed form for its mean."""
# ruff: noqa: N803, N806 (the letters are those of the formula)

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

from stgref.estimators.objectives.base import Objective
from stgref.estimators.objectives.parameters import FINITE, Parameter, array
from stgref.numerics import arguments, noise, sigmoid
from stgref.numerics.namespace import Array, Namespace


@dataclass(frozen=True, eq=False, repr=False)
class Network(Objective):
    r"""Network with one hidden layer, :math:`f(b) = w_2^\top \tanh(W_1 b + b_1) + b_2`.

    With :math:`h = \tanh(u)`, :math:`u = W_1 b + b_1` and :math:`h' = 1 - h^2 = 4 \sigma'(2u)`, the derivative is
    :math:`W_1^\top (w_2 h')`, and the Hessian times v is :math:`W_1^\top (-2\, w_2 h h' \cdot W_1 v)`. The form
    :math:`1 - h^2` loses its digits where h is near 1.

    Parameters
    ----------
    W1 : array of shape (H, D)
        Weights of the H hidden units.
    b1 : array of shape (H,)
        Their biases.
    w2 : array of shape (H,)
        Weights of the output.
    b2 : float, default 0
        Its bias.

    Raises
    ------
    TypeError
        If a parameter is not real.
    ValueError
        If a parameter is not finite, or has another shape.

    Examples
    --------
    >>> from stgref.estimators.objectives import Network
    >>> f = Network([[1.0, -1.0]], [0.0], [2.0])
    >>> f([[1.0, 1.0], [1.0, 0.0]])
    array([0.        , 1.52318831])
    >>> f.grad([1.0, 1.0])
    array([ 2., -2.])
    """

    W1: Parameter
    b1: Parameter
    w2: Parameter
    b2: float = 0.0

    _parameters = ("W1", "b1", "w2", "b2")

    def __post_init__(self) -> None:
        where = "Network"
        W1 = array(where, "W1", self.W1, "(H, D)", (None, None))
        b1, w2 = (array(where, name, getattr(self, name), "(H,)", W1.shape[:1]) for name in ("b1", "w2"))
        self._keep(W1=W1, b1=b1, w2=w2, b2=arguments.number(where, "b2", self.b2, FINITE))

    @classmethod
    def random(cls, D: int, hidden: int, rng: Any = None) -> Self:
        r"""Network with normal parameters: :math:`W_1` of variance 4 / D, :math:`b_1` of 1, :math:`w_2` of 1 / H, no :math:`b_2`.

        Parameters
        ----------
        D, hidden : int
            Number of variables, and H.
        rng : int, SeedSequence or Generator, optional
            Source of randomness.

        Returns
        -------
        Network
            The network.

        Raises
        ------
        TypeError, ValueError
            If a number is no integer of 1 or more, or ``rng`` is not one of those.

        Examples
        --------
        >>> from stgref.estimators.objectives import Network
        >>> Network.random(20, 10, rng=0)
        Network(W1=<array (10, 20)>, b1=<array (10,)>, w2=<array (10,)>, b2=0.0)
        """
        where = "Network.random"
        D, H = arguments.count(where, "D", D), arguments.count(where, "hidden", hidden)
        draw = noise.generator(rng).standard_normal
        return cls(2.0 / math.sqrt(D) * draw((H, D)), draw(H), draw(H) / math.sqrt(H))

    @property
    def event_shape(self) -> tuple[int | None, ...]:
        """The shape of one point, (D,)."""
        return (self.W1.shape[1],)

    def _value(self, xp: Namespace, b: Array, W1: Array, b1: Array, w2: Array, b2: float) -> Array:
        return xp.matmul(xp.tanh(xp.matmul(b, W1.T) + b1), w2) + b2

    def _grad(self, xp: Namespace, b: Array, W1: Array, b1: Array, w2: Array, b2: float) -> Array:
        return xp.matmul(w2 * _slope(xp, xp.matmul(b, W1.T) + b1), W1)

    def _hessian_product(
        self, xp: Namespace, b: Array, v: Array, W1: Array, b1: Array, w2: Array, b2: float
    ) -> Array:
        u = xp.matmul(b, W1.T) + b1
        return xp.matmul(-2.0 * w2 * xp.tanh(u) * _slope(xp, u) * xp.matmul(v, W1.T), W1)


def _slope(xp: Namespace, u: Array) -> Array:
    r"""Derivative of tanh, :math:`4 \sigma'(2u)`."""
    return 4.0 * sigmoid.grad_expit(xp, 2.0 * u).x
