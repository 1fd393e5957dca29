"""What is known about a failing check."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from stgref.conformance.compare import distance
from stgref.conformance.condition import Wanted
from stgref.conformance.recording import Case, Failure, Output
from stgref.conformance.values import Array

REACH = 2
"""How many units in its last place an elementary function may be off in a wrong formula."""


@dataclass(frozen=True)
class Predicted(Wanted):
    """What a wrong formula gives.

    Where it cancels, what is left is a whole number of units in the last place of what cancelled, and it takes only a
    unit or two more or less there to give another number altogether.

    Parameters
    ----------
    step : numpy.ndarray
        What one such unit does to the value.
    whole : bool
        Whether the units show: in a sum of several such numbers they do not.
    """

    step: Array
    whole: bool = True

    def nearest(self, got: Array) -> Wanted:
        """Choose the units that give the number nearest to the subject's.

        Parameters
        ----------
        got : numpy.ndarray
            The subject's numbers.

        Returns
        -------
        Wanted
            The formula's.
        """
        off = np.asarray(got - self.value, "float64")
        with np.errstate(all="ignore"):
            units = np.where((self.step > 0) & np.isfinite(off), off / self.step, 0.0)
            units = np.clip(units, -REACH, REACH)
        return Wanted(self.value + (np.rint(units) if self.whole else units) * self.step, self.condition)


@dataclass(frozen=True)
class Evidence:
    """A case, what came of it, and what should have.

    Parameters
    ----------
    case : Case
        The case.
    output : mapping or Failure
        What the subject returned.
    wanted : mapping or None
        The right answer; None if that is an error.
    factor : float
        The factor of the tolerance.
    explain : bool
        Whether to look for a known defect.
    """

    case: Case
    output: Output
    wanted: Mapping[str, Wanted] | None
    factor: float
    explain: bool = True

    def reproduced_by(self, predicted: Mapping[str, Wanted]) -> bool:
        """Tell whether a wrong formula gives the subject's numbers.

        Parameters
        ----------
        predicted : mapping
            What the wrong formula gives, and how sensitive that is; the results that it does not touch are left out.

        Returns
        -------
        bool
            Whether every number of the subject is that of the formula, or the right one where the formula says
            nothing, and the formula is indeed wrong here.
        """
        if not predicted or self.wanted is None or isinstance(self.output, Failure):
            return False
        claimed = {**self.wanted, **predicted}
        if not all(self._near(self.output[name], wanted) for name, wanted in claimed.items()):
            return False
        return not all(self._near(predicted[name].value, self.wanted[name]) for name in predicted)

    def _near(self, got: object, wanted: Wanted) -> bool:
        numbers = np.asarray(got, self.case.dtype)
        if numbers.shape != wanted.value.shape:
            return False
        right = wanted.nearest(numbers) if isinstance(wanted, Predicted) else wanted
        return distance(numbers, right, self.case.dtype, self.factor).right


Explains: TypeAlias = Callable[[Evidence], bool]
"""Whether a cause explains a failing check."""
