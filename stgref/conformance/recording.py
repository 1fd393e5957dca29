"""A recording: what somebody's implementation returned, and on which cases.

A case is a function, a dtype and arguments. ``kind`` says what a right answer is: ``valid``, the number; ``invalid``,
an error; ``acceptable``, the number under any convention for a clip point.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np

from stgref.conformance.functions import FUNCTIONS
from stgref.conformance.values import Array

Kind: TypeAlias = Literal["valid", "invalid", "acceptable"]
Argument: TypeAlias = Array | str | bool | None

KINDS: tuple[Kind, ...] = ("valid", "invalid", "acceptable")
DTYPES = ("float32", "float64")


@dataclass(frozen=True)
class Case:
    """One call of one function.

    Parameters
    ----------
    id : str
        Unique among the cases.
    function : str
        The function's public name.
    dtype : str
        ``"float32"`` or ``"float64"``: of the arguments and of the results.
    arguments : mapping
        The arguments by name. ``uniform`` may stand in place of ``noise``; neither array means the test-time pass.
    kind : {"valid", "invalid", "acceptable"}
        What a right answer is.
    flags : tuple of str
        Why this case was chosen.
    """

    id: str
    function: str
    dtype: str
    arguments: Mapping[str, Argument]
    kind: Kind = "valid"
    flags: tuple[str, ...] = ()

    @property
    def result_names(self) -> tuple[str, ...]:
        """What a right answer consists of."""
        return FUNCTIONS[self.function].results

    def array(self, name: str) -> Array:
        """Return an argument that is an array.

        Parameters
        ----------
        name : str
            The name of the argument.

        Returns
        -------
        numpy.ndarray
            The argument.
        """
        value = self.arguments[name]
        if not isinstance(value, np.ndarray):
            raise TypeError(f"{self.id}: argument {name!r} is not an array")
        return value

    def asking(self, name: str, value: Array) -> "Case":
        """Return the case with another argument; it has no answer of its own.

        Parameters
        ----------
        name : str
            The argument; ``noise`` takes the place of ``uniform``.
        value : numpy.ndarray
            Its value.

        Returns
        -------
        Case
            The other case.
        """
        kept = {key: x for key, x in self.arguments.items() if (key, name) != ("uniform", "noise")}
        return Case(
            self.id, self.function, self.dtype, {**kept, name: np.asarray(value)}, self.kind, self.flags
        )


@dataclass(frozen=True)
class Failure:
    """What a subject did instead of returning.

    Parameters
    ----------
    text : str
        The message of its error.
    """

    text: str


Output: TypeAlias = Mapping[str, Array] | Failure


@dataclass(frozen=True)
class Recording:
    """What a subject returned, with the cases it was asked.

    Parameters
    ----------
    subject : mapping
        Who: at least ``name``; all else is shown in reports.
    cases : mapping
        Every case by its id, in order.
    outputs : mapping
        What came of each case.
    """

    subject: Mapping[str, Any]
    cases: Mapping[str, Case]
    outputs: Mapping[str, Output] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def name(self) -> str:
        """The subject in a few words."""
        return f"{self.subject['name']} {self.subject.get('version', '')}".strip()

    def only(self, which: Callable[[Case], bool]) -> "Recording":
        """Leave out cases, and their outputs.

        Parameters
        ----------
        which : callable
            Takes a case, returns whether it stays.

        Returns
        -------
        Recording
            What is left.
        """
        cases = {name: case for name, case in self.cases.items() if which(case)}
        outputs = {name: output for name, output in self.outputs.items() if name in cases}
        return Recording(self.subject, cases, outputs)
