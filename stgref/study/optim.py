r"""Optimisers, as pure functions of parameters, gradient and state.

An optimiser holds nothing but its settings: ``state = optimizer.init(x)``, then ``x, state = optimizer.step(x, gradient,
state)`` for each gradient. It minimises; with ``maximize=True`` it takes the step of the negative gradient and so
maximises, as PyTorch's do. ``rate`` is a number or a schedule of the step (`stgref.study.schedules`). Everything is computed
in the dtype of the parameters, single or double, and stays in their library and on their device.

The update that is subtracted from the parameters is called d, the gradient g, the number of the step t = 1, 2, ...
Defaults are those of PyTorch 2; where others differ:

===========  ==========================  ===================================================================
optimiser    PyTorch (here)              others
===========  ==========================  ===================================================================
`SGD`        rate 0.001                  TensorFlow 0.01, and its velocity contains the rate, :math:`u \leftarrow \mu u + \eta g`:
                                         the same as long as the rate is constant
`Adam`       epsilon 1e-8, as the paper  TensorFlow 1e-7, added to :math:`\sqrt v` before its bias is corrected ("epsilon hat" of the
                                         paper's section 2)
`RMSprop`    rate 0.01, decay 0.99,      Hinton's slide: decay 0.9, no epsilon. TensorFlow: rate 0.001, decay 0.9, epsilon 1e-7
             epsilon 1e-8 beside the     within the root (``inside=True``); TensorFlow 1 also began with v = 1
             root
`Adagrad`    rate 0.01, epsilon 1e-10    the paper has no epsilon; TensorFlow: rate 0.001, v from 0.1, epsilon 1e-7 within the root
===========  ==========================  ===================================================================
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from stgref.numerics import arguments
from stgref.numerics import namespace as ns
from stgref.numerics.domains import Domain
from stgref.numerics.namespace import Array, Namespace
from stgref.study.schedules import Schedule, scheduled

RATE = Domain("finite and 0 or more", lambda v: 0.0 <= v < float("inf"))
FRACTION = Domain("at least 0 and less than 1", lambda v: 0.0 <= v < 1.0)

__all__ = ["SGD", "Adagrad", "Adam", "Optimizer", "RMSprop", "State"]


class State(NamedTuple):
    """What an optimiser remembers.

    Attributes
    ----------
    steps : int
        How many steps it has taken.
    averages : tuple of arrays
        Its running averages, each of the shape of the parameters, in the order of its class's ``names``.
    """

    steps: int
    averages: tuple[Array, ...]


class Optimizer(ABC):
    """What the optimisers share; ``names`` are those of the averages in their state."""

    names: ClassVar[tuple[str, ...]] = ()

    rate: float | Schedule
    maximize: bool

    def __post_init__(self) -> None:
        where = type(self).__name__
        scheduled(where, "rate", self.rate, RATE)
        arguments.flag(where, "maximize", self.maximize)
        for name, value in vars(self).items():
            if name in {"momentum", "decay", "beta1", "beta2"}:
                arguments.number(where, name, value, FRACTION)
            elif name == "epsilon":
                arguments.number(where, name, value, RATE)
            elif name in {"nesterov", "centered", "inside"}:
                arguments.flag(where, name, value)

    def init(self, params: Array) -> State:
        """The state before the first step.

        Parameters
        ----------
        params : array
            The parameters, of any shape.

        Returns
        -------
        State
            No steps, and averages of 0.

        Raises
        ------
        TypeError
            If ``params`` is no array of single or double precision.
        """
        xp = self._checked({"params": params})
        return State(0, tuple(xp.zeros_like(params) for _ in self.names))

    def step(self, params: Array, grad: Array, state: State) -> tuple[Array, State]:
        """One step.

        Parameters
        ----------
        params : array
            The parameters.
        grad : array
            The gradient there, of the same library, shape and dtype.
        state : State
            What `init` or the last step returned.

        Returns
        -------
        params : array
            The new parameters; the given ones are left as they are.
        state : State
            The new state.

        Raises
        ------
        TypeError
            If ``params`` or ``grad`` is no array of single or double precision, or they differ in it.
        ValueError
            If they differ in shape.
        """
        xp = self._checked({"params": params, "grad": grad})
        rate = self.rate(state.steps) if isinstance(self.rate, Schedule) else float(self.rate)
        with np.errstate(all="ignore"):  # squares beyond the dtype are infinite, and the step is 0
            d, averages = self._update(
                xp, -grad if self.maximize else grad, state.averages, state.steps + 1, rate
            )
            return params - d, State(state.steps + 1, averages)

    def _checked(self, given: dict[str, Any]) -> Namespace:
        where = type(self).__name__
        xp = ns.namespace_of(where, given)
        for name, value in given.items():
            if ns.kind_of(value) != "array" or not (
                xp.isdtype(value.dtype, "real floating") and ns.bits(xp, value.dtype) > 16
            ):
                what = getattr(value, "dtype", type(value).__name__)
                raise TypeError(f"{where}: {name} takes an array of single or double precision, got {what}")
        values = list(given.values())
        if any(value.dtype != values[0].dtype for value in values):
            raise TypeError(f"{where}: grad must be {values[0].dtype} as params, got {values[1].dtype}")
        if any(value.shape != values[0].shape for value in values):
            raise ValueError(
                f"{where}: grad must have the shape of params, {tuple(values[0].shape)}, got {tuple(values[1].shape)}"
            )
        return xp

    @abstractmethod
    def _update(
        self, xp: Namespace, g: Array, averages: tuple[Array, ...], t: int, rate: float
    ) -> tuple[Array, tuple[Array, ...]]:
        """What is subtracted from the parameters, and the new averages."""


@dataclass(frozen=True)
class SGD(Optimizer):
    r"""Gradient descent, with momentum, with Nesterov's momentum.

    .. math:: u \leftarrow \mu u + g, \quad d = \eta u \quad \text{or, Nesterov's, } d = \eta (g + \mu u)

    with u = 0 at first; without momentum :math:`d = \eta g`. Defaults: PyTorch's.

    Parameters
    ----------
    rate : float or Schedule, default 0.001
        Learning rate eta, 0 or more.
    momentum : float, default 0
        Momentum mu, at least 0 and less than 1.
    nesterov : bool, default False
        Whether to look ahead.
    maximize : bool, default False
        Whether to go up.

    Raises
    ------
    TypeError, ValueError
        If an argument is none of these.

    References
    ----------
    B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964, equation (9); I. Sutskever,
    J. Martens, G. Dahl, G. Hinton, "On the importance of initialization and momentum in deep learning", ICML 2013,
    equations (1)-(4), with the rate taken out of the velocity as in PyTorch.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref.study.optim import SGD
    >>> optimizer, x = SGD(0.1, momentum=0.9), np.array([1.0])
    >>> state = optimizer.init(x)
    >>> for _ in range(2):
    ...     x, state = optimizer.step(x, 2.0 * x, state)
    >>> x
    array([0.46])
    """

    names: ClassVar[tuple[str, ...]] = ("momentum_buffer",)

    rate: float | Schedule = 1e-3
    momentum: float = 0.0
    nesterov: bool = False
    maximize: bool = False

    def _update(
        self, xp: Namespace, g: Array, averages: tuple[Array, ...], t: int, rate: float
    ) -> tuple[Array, tuple[Array, ...]]:
        u = self.momentum * averages[0] + g
        return rate * (g + self.momentum * u if self.nesterov else u), (u,)


@dataclass(frozen=True)
class Adam(Optimizer):
    r"""Adam: a mean of gradients, over the root of a mean of their squares.

    .. math:: m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad
              d = \frac{\eta}{1 - \beta_1^t} \frac{m}{\sqrt v / \sqrt{1 - \beta_2^t} + \epsilon}

    with m = v = 0 at first. Defaults: the paper's, and PyTorch's.

    Parameters
    ----------
    rate : float or Schedule, default 0.001
        Step size eta, 0 or more.
    beta1, beta2 : float, default 0.9 and 0.999
        Decay of either mean, at least 0 and less than 1.
    epsilon : float, default 1e-8
        Added to the root, 0 or more.
    maximize : bool, default False
        Whether to go up.

    Raises
    ------
    TypeError, ValueError
        If an argument is none of these.

    References
    ----------
    D. P. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref.study.optim import Adam
    >>> optimizer, x = Adam(0.1), np.array([1.0])
    >>> optimizer.step(x, 2.0 * x, optimizer.init(x))[0].round(6)
    array([0.9])
    """

    names: ClassVar[tuple[str, ...]] = ("exp_avg", "exp_avg_sq")

    rate: float | Schedule = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    maximize: bool = False

    def _update(
        self, xp: Namespace, g: Array, averages: tuple[Array, ...], t: int, rate: float
    ) -> tuple[Array, tuple[Array, ...]]:
        m = self.beta1 * averages[0] + (1.0 - self.beta1) * g
        v = self.beta2 * averages[1] + (1.0 - self.beta2) * g * g
        root = xp.sqrt(v) / (1.0 - self.beta2**t) ** 0.5 + self.epsilon
        return rate / (1.0 - self.beta1**t) * ratio(xp, m, root), (m, v)


@dataclass(frozen=True)
class RMSprop(Optimizer):
    r"""RMSprop: gradients over the root of a mean of their squares.

    .. math:: v \leftarrow \alpha v + (1 - \alpha) g^2, \quad u \leftarrow \mu u + \frac{g}{\sqrt v + \epsilon}, \quad d = \eta u

    with u = v = 0 at first. Centred, the root is that of :math:`v - \bar g^2` with a mean :math:`\bar g` of gradients of the
    same decay; with ``inside=True`` it is :math:`\sqrt{v + \epsilon}`. Defaults: PyTorch's.

    Parameters
    ----------
    rate : float or Schedule, default 0.01
        Learning rate eta, 0 or more.
    decay : float, default 0.99
        Decay alpha of the means, at least 0 and less than 1.
    epsilon : float, default 1e-8
        Added to the root, 0 or more.
    momentum : float, default 0
        Momentum mu, at least 0 and less than 1.
    centered : bool, default False
        Whether to divide by an estimate of the standard deviation.
    inside : bool, default False
        Whether epsilon is added within the root.
    maximize : bool, default False
        Whether to go up.

    Raises
    ------
    TypeError, ValueError
        If an argument is none of these.

    References
    ----------
    T. Tieleman, G. Hinton, "Neural Networks for Machine Learning", 2012, lecture 6e; A. Graves, "Generating Sequences With
    Recurrent Neural Networks", arXiv:1308.0850, equations (38)-(41) (centred, with momentum).

    Examples
    --------
    >>> import numpy as np
    >>> from stgref.study.optim import RMSprop
    >>> optimizer, x = RMSprop(0.01), np.array([1.0])
    >>> optimizer.step(x, 2.0 * x, optimizer.init(x))[0].round(6)
    array([0.9])
    """

    names: ClassVar[tuple[str, ...]] = ("square_avg", "grad_avg", "momentum_buffer")

    rate: float | Schedule = 1e-2
    decay: float = 0.99
    epsilon: float = 1e-8
    momentum: float = 0.0
    centered: bool = False
    inside: bool = False
    maximize: bool = False

    def _update(
        self, xp: Namespace, g: Array, averages: tuple[Array, ...], t: int, rate: float
    ) -> tuple[Array, tuple[Array, ...]]:
        v = self.decay * averages[0] + (1.0 - self.decay) * g * g
        mean = self.decay * averages[1] + (1.0 - self.decay) * g
        square = v - mean * mean if self.centered else v
        root = xp.sqrt(square + self.epsilon) if self.inside else xp.sqrt(square) + self.epsilon
        u = self.momentum * averages[2] + ratio(xp, g, root)
        return rate * u, (v, mean, u)


@dataclass(frozen=True)
class Adagrad(Optimizer):
    r"""Adagrad: gradients over the root of the sum of their squares.

    .. math:: v \leftarrow v + g^2, \quad d = \frac{\eta\, g}{\sqrt v + \epsilon}

    with v = 0 at first. Defaults: PyTorch's.

    Parameters
    ----------
    rate : float or Schedule, default 0.01
        Learning rate eta, 0 or more.
    epsilon : float, default 1e-10
        Added to the root, 0 or more.
    maximize : bool, default False
        Whether to go up.

    Raises
    ------
    TypeError, ValueError
        If an argument is none of these.

    References
    ----------
    J. Duchi, E. Hazan, Y. Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", JMLR 12,
    2011, section 1.1, equation (1) (diagonal form).

    Examples
    --------
    >>> import numpy as np
    >>> from stgref.study.optim import Adagrad
    >>> optimizer, x = Adagrad(0.1), np.array([1.0])
    >>> optimizer.step(x, 2.0 * x, optimizer.init(x))[0].round(6)
    array([0.9])
    """

    names: ClassVar[tuple[str, ...]] = ("sum",)

    rate: float | Schedule = 1e-2
    epsilon: float = 1e-10
    maximize: bool = False

    def _update(
        self, xp: Namespace, g: Array, averages: tuple[Array, ...], t: int, rate: float
    ) -> tuple[Array, tuple[Array, ...]]:
        v = averages[0] + g * g
        return rate * ratio(xp, g, xp.sqrt(v) + self.epsilon), (v,)


def ratio(xp: Namespace, a: Array, b: Array) -> Array:
    """``a / b``, and 0 where a is 0: without epsilon, 0 / 0 is a step of 0."""
    zero = a == 0.0
    return xp.where(zero, a, a / xp.where(zero, xp.ones_like(b), b))
