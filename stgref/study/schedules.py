r"""Schedules: numbers that are functions of the step, for learning rates, temperatures and slopes.

A schedule is called with the number t of steps that are over, 0 at the first, and gives a float. `Linear`, `Exponential`
and `Cosine` go from ``start`` to ``end`` in ``steps`` steps and stay there; both ends are exact. They interpolate
with the fraction :math:`r = \min(t / \text{steps}, 1)`:

.. math:: \text{linear: } (1 - r)\, a + r\, b, \quad \text{exponential: } a^{1 - r}\, b^r, \quad
          \text{cosine: } b + \tfrac{1}{2} (a - b) (1 + \cos \pi r)

`stgref.estimators.slope_annealing` is a function of epochs: ``Custom(slope_annealing, per=100)`` is the schedule with 100
steps to an epoch, and ``Linear(1.0, 5.0, 10_000)`` nearly the same, without the stairs.

References
----------
E. Jang, S. Gu, B. Poole, "Categorical Reparameterization with Gumbel-Softmax", ICLR 2017, section 4 (exponential
temperatures); I. Loshchilov, F. Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017, equation (5)
(cosine, without restarts); P. Goyal et al., "Accurate, Large Minibatch SGD", arXiv:1706.02677, section 2.2 (warm-up).
"""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from stgref.numerics import arguments
from stgref.numerics.domains import POSITIVE, Domain

FINITE = Domain("finite", math.isfinite)

__all__ = ["Constant", "Cosine", "Custom", "Exponential", "Linear", "Schedule", "Steps", "WarmUp"]


class Schedule(ABC):
    """A number for each step; subclasses are immutable, compare equal when they are alike, and can be pickled."""

    def __call__(self, step: int) -> float:
        """The number of one step.

        Parameters
        ----------
        step : int
            How many steps are over, 0 or more.

        Returns
        -------
        float
            The number to use now.

        Raises
        ------
        TypeError, ValueError
            If ``step`` is no integer, or negative.
        """
        return self._at(arguments.count(type(self).__name__, "step", step, 0))

    @abstractmethod
    def _at(self, t: int) -> float: ...

    def _keep(self, domain: Domain, *names: str) -> None:
        """Check the numbers called ``names``, and keep them as Python floats."""
        for name in names:
            value = arguments.number(type(self).__name__, name, getattr(self, name), domain)
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class Constant(Schedule):
    """The same number at every step.

    Parameters
    ----------
    value : float
        The number.

    Raises
    ------
    TypeError, ValueError
        If it is no finite number.

    Examples
    --------
    >>> from stgref.study import schedules
    >>> schedules.Constant(0.5)(100)
    0.5
    """

    value: float

    def __post_init__(self) -> None:
        self._keep(FINITE, "value")

    def _at(self, t: int) -> float:
        return self.value


@dataclass(frozen=True)
class _Ramp(Schedule):
    start: float
    end: float
    steps: int

    _domain = FINITE

    def __post_init__(self) -> None:
        self._keep(self._domain, "start", "end")
        arguments.count(type(self).__name__, "steps", self.steps)

    def _at(self, t: int) -> float:
        # The ends as they are given: no formula of both is exact at each.
        if t == 0:
            return self.start
        return self.end if t >= self.steps else self._between(t / self.steps)

    @abstractmethod
    def _between(self, r: float) -> float: ...


class Linear(_Ramp):
    r"""From ``start`` to ``end`` in equal steps, :math:`(1 - r)\, a + r\, b`.

    Parameters
    ----------
    start, end : float
        The first number a, and the last b.
    steps : int
        After how many steps the last is reached.

    Raises
    ------
    TypeError, ValueError
        If an argument is no finite number, or ``steps`` is less than 1.

    Examples
    --------
    >>> from stgref.study import schedules
    >>> slope = schedules.Linear(1.0, 5.0, 100)
    >>> slope(0), slope(50), slope(1000)
    (1.0, 3.0, 5.0)
    """

    def _between(self, r: float) -> float:
        return (1.0 - r) * self.start + r * self.end


class Exponential(_Ramp):
    r"""From ``start`` to ``end`` by equal factors, :math:`a^{1 - r}\, b^r`.

    Parameters
    ----------
    start, end : float
        The first number a, and the last b, both greater than 0.
    steps : int
        After how many steps the last is reached.

    Raises
    ------
    TypeError, ValueError
        If an argument is not greater than 0, or ``steps`` less than 1.

    Examples
    --------
    >>> from stgref.study import schedules
    >>> temperature = schedules.Exponential(1.0, 0.25, 1000)
    >>> temperature(0), temperature(500), temperature(1000)
    (1.0, 0.5, 0.25)
    """

    _domain = POSITIVE

    def _between(self, r: float) -> float:
        return float(self.start ** (1.0 - r) * self.end**r)


class Cosine(_Ramp):
    r"""From ``start`` to ``end`` along half a cosine, :math:`b + \frac12 (a - b)(1 + \cos \pi r)`.

    Parameters
    ----------
    start, end : float
        The first number a, and the last b.
    steps : int
        After how many steps the last is reached.

    Raises
    ------
    TypeError, ValueError
        If an argument is no finite number, or ``steps`` is less than 1.

    Examples
    --------
    >>> from stgref.study import schedules
    >>> rate = schedules.Cosine(0.1, 0.0, 1000)
    >>> rate(0), round(rate(500), 12), rate(1000)
    (0.1, 0.05, 0.0)
    """

    def _between(self, r: float) -> float:
        # As a mean with weights cos^2 and sin^2: it never leaves the interval between the ends.
        c, s = math.cos(0.5 * math.pi * r) ** 2, math.sin(0.5 * math.pi * r) ** 2
        return c * self.start + s * self.end


@dataclass(frozen=True)
class Steps(Schedule):
    """Stairs: the first of ``values``, from each of ``boundaries`` on the next.

    Parameters
    ----------
    values : sequence of float
        The numbers.
    boundaries : sequence of int
        The steps at which they change, increasing, one fewer than ``values``.

    Raises
    ------
    TypeError, ValueError
        If there are not as many boundaries, they do not increase, or a number is not finite.

    Examples
    --------
    >>> from stgref.study import schedules
    >>> rate = schedules.Steps([0.1, 0.01], [500])
    >>> rate(499), rate(500)
    (0.1, 0.01)
    """

    values: Sequence[float]
    boundaries: Sequence[int]

    def __post_init__(self) -> None:
        values = tuple(arguments.number("Steps", "values", v, FINITE) for v in self.values)
        boundaries = tuple(arguments.count("Steps", "boundaries", b) for b in self.boundaries)
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                f"Steps: boundaries must be one fewer than values, {len(values) - 1}, got {len(boundaries)}"
            )
        if any(a >= b for a, b in itertools.pairwise(boundaries)):
            raise ValueError(f"Steps: boundaries must increase, got {list(boundaries)}")
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "boundaries", boundaries)

    def _at(self, t: int) -> float:
        return self.values[bisect_right(self.boundaries, t)]


@dataclass(frozen=True)
class WarmUp(Schedule):
    """A schedule that is reached in equal steps: ``(t + 1) / steps`` of its first number, then all of it.

    Parameters
    ----------
    schedule : Schedule or float
        What follows, called with the steps since the warm-up; a number is constant.
    steps : int
        How many steps the warm-up takes.

    Raises
    ------
    TypeError, ValueError
        If ``schedule`` is neither, or ``steps`` is less than 1.

    Examples
    --------
    >>> from stgref.study import schedules
    >>> rate = schedules.WarmUp(schedules.Cosine(0.1, 0.0, 1000), 5)
    >>> rate(0), rate(4), rate(5), rate(1005)
    (0.02, 0.1, 0.1, 0.0)
    """

    schedule: Any
    steps: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "schedule", scheduled("WarmUp", "schedule", self.schedule, FINITE))
        arguments.count("WarmUp", "steps", self.steps)

    def _at(self, t: int) -> float:
        first: float = self.schedule(max(t - self.steps, 0))
        return first if t + 1 >= self.steps else first * ((t + 1) / self.steps)


@dataclass(frozen=True)
class Custom(Schedule):
    """Any function of the step, or of the epoch.

    Parameters
    ----------
    function : callable
        Called with the number of epochs that are over, gives a number.
    per : int, default 1
        Steps in an epoch.

    Raises
    ------
    TypeError, ValueError
        If ``function`` is not callable, or does not return a finite number; if ``per`` is less than 1.

    Examples
    --------
    >>> from stgref import estimators
    >>> from stgref.study import schedules
    >>> slope = schedules.Custom(estimators.slope_annealing, per=100)
    >>> slope(0), slope(5000), slope(100_000)
    (1.0, 3.0, 5.0)
    """

    function: Callable[[int], float]
    per: int = 1

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise TypeError(f"Custom: function takes a callable, got {self.function!r}")
        arguments.count("Custom", "per", self.per)

    def _at(self, t: int) -> float:
        return arguments.number("Custom", "what function returns", self.function(t // self.per), FINITE)


def scheduled(where: str, name: str, value: Any, domain: Domain) -> Schedule:
    """``value`` as a schedule: one, or a number of ``domain``."""
    return value if isinstance(value, Schedule) else Constant(arguments.number(where, name, value, domain))
