"""All that a subject was asked of one function, and what a wrong formula would say to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from stgref.conformance.compare import distance
from stgref.conformance.condition import Wanted
from stgref.conformance.recording import Case
from stgref.conformance.values import Array

SLACK = 4
"""A subject's own form of a wrong formula may be less accurate than ours; this many tolerances are still the same number."""
HALF = 0.5
NORMAL = 4
"""Below this many times the smallest normal number, the inverse overflows: 1/(1 + exp(-x)) is 0 there."""


@dataclass(frozen=True)
class Guess:
    """What a wrong formula gives.

    Where digits cancel, a unit in the last place of what cancelled gives another number altogether. So there may be
    several, and the first that fits counts.

    Parameters
    ----------
    values : numpy.ndarray
        The numbers: the first axis is that of the choices, the likeliest first.
    condition : numpy.ndarray
        The condition sum of the numbers.
    abrupt : bool
        Whether underflow is what is wrong.
    """

    values: Array
    condition: Array
    abrupt: bool = False

    def nearest(self, got: Array) -> Array:
        """Choose for each number of a subject.

        Parameters
        ----------
        got : numpy.ndarray
            The subject's numbers.

        Returns
        -------
        numpy.ndarray
            Of all choices, the nearest.
        """
        same = (self.values == got) | (np.isnan(self.values) & np.isnan(got))
        with np.errstate(all="ignore"):
            off = np.where(same, 0.0, np.nan_to_num(np.abs(self.values - got), nan=np.inf))
        chosen: Array = np.take_along_axis(self.values, np.argmin(off, axis=0)[None], 0)[0]
        return chosen


@dataclass(frozen=True)
class Fit:
    """How well a wrong formula gives a subject's numbers.

    Parameters
    ----------
    strain : float
        How far down its lists of choices it takes to find them all.
    seen : int
        In how many cases it is wrong, other than by underflow.
    """

    strain: float = 0.0
    seen: int = 0

    def __add__(self, other: "Fit") -> "Fit":
        return Fit(self.strain + other.strain, self.seen + other.seen)


@dataclass(frozen=True)
class Asked:
    """The cases of one function in one dtype that have numbers for an answer, side by side.

    Parameters
    ----------
    case : Case
        The first of them.
    arguments : mapping
        By name; arrays, one number for each case, or all else that a lone case has.
    wanted : mapping
        The right results by name.
    got : mapping
        What the subject returned.
    factor : float
        The factor of the tolerance.
    alone : bool
        Whether there is one case only, of arrays.
    """

    case: Case
    arguments: Mapping[str, Any]
    wanted: Mapping[str, Wanted]
    got: Mapping[str, Array]
    factor: float
    alone: bool = False

    @property
    def function(self) -> str:
        """The function's public name."""
        return self.case.function

    @property
    def dtype(self) -> str:
        """Of arguments and results."""
        return self.case.dtype

    @property
    def exact(self) -> dict[str, Array]:
        """The arguments in float64."""
        return {name: np.asarray(x, "float64") for name, x in self.arguments.items()}

    @property
    def native(self) -> dict[str, Array]:
        """The arguments in the dtype of the cases."""
        return {name: np.asarray(x, self.dtype) for name, x in self.arguments.items()}

    def fit(self, guesses: Mapping[str, Guess]) -> Fit | None:
        """Tell whether a wrong formula gives the subject's numbers, right ones included, and is wrong where they are.

        Abrupt underflow is excused: it comes on top of many a formula.

        Parameters
        ----------
        guesses : mapping
            What it gives; results that it does not touch are left out.

        Returns
        -------
        Fit or None
            How well; None if it does not.
        """
        wrong, seen, excused, total = (np.asarray(False) for _ in range(4))
        for name, got in self.got.items():
            off = self._off(got, self.wanted[name]) > 1
            wrong = wrong | self._each_case(off)
            excused = excused | self._each_case(off & self._flushed(got, self.wanted[name].value))
            if name not in guesses:
                if np.any(off):
                    return None
                continue
            fits = self._fits(got, guesses[name])
            if not np.all(np.any(fits, axis=0)):
                return None
            nearest = guesses[name].nearest(got)
            # What underflow alone may have done speaks for no formula but that of underflow.
            telling = guesses[name].abrupt | ~self._flushed(got, self.wanted[name].value)
            seen = seen | self._each_case(off & telling & (self._off(nearest, self.wanted[name]) > 1))
            total = total + np.sum(np.argmax(fits, axis=0))
        return Fit(float(total), int(np.sum(seen))) if np.all(seen | excused | ~wrong) else None

    def _fits(self, got: Array, guess: Guess) -> Array:
        """Tell for each choice which numbers are the subject's."""
        condition = np.where(np.isfinite(guess.condition), guess.condition, 0.0)
        return np.stack(
            [
                (self._off(got, Wanted(x, condition, rounding=HALF), SLACK) <= 1) | self._flushed(got, x)
                for x in guess.values
            ]
        )

    def _flushed(self, got: Array, number: Array) -> Array:
        """Tell a 0 for a number that is hardly normal, which the exponential inside a formula may have made of it."""
        flushed: Array = (got == 0) & (np.abs(number) < NORMAL * float(np.finfo(self.dtype).smallest_normal))
        return flushed

    def _each_case(self, flags: Array) -> Array:
        return np.asarray(flags.any()) if self.alone else flags

    def _off(self, got: Array, wanted: Wanted, slack: int = 1) -> Array:
        return distance(got, wanted, self.dtype, slack * self.factor).tolerances


Formula: TypeAlias = Callable[[Asked], Mapping[str, Guess] | None]
"""What a wrong formula gives for each result that it touches; None where it does not apply."""
