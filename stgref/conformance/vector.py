"""A case of a vector set: it brings its exact answer with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stgref.conformance.calls import call
from stgref.conformance.condition import Wanted
from stgref.conformance.errors import said
from stgref.conformance.recording import Case, Failure, Output
from stgref.conformance.report import Check
from stgref.conformance.values import Array, real

HALF = 0.5
"""Of an eps: how far a result may be from the exact value, which was rounded to it."""
TOLERANCE = 4.0


@dataclass(frozen=True)
class Vector(Case):
    """A case and its exact answer, computed without stgref.

    Parameters
    ----------
    id, function, dtype : str
        As of a `Case`.
    arguments : mapping
        As of a `Case`.
    kind : {"valid", "invalid", "acceptable"}
        As of a `Case`.
    flags : tuple of str
        As of a `Case`.
    names : tuple of str
        What a right answer consists of: ``value``, or the fields of a gradient.
    results : mapping
        The exact results by name, rounded once to the dtype; none where an error is the right answer.
    conditions : mapping
        For each, ``|f| + sum_i |x_i df/dx_i|``, in float64.
    conventions : mapping
        Other acceptable answers, by the name of the convention; ``(results, conditions)`` of each.
    """

    names: tuple[str, ...] = ("value",)
    results: Mapping[str, Array] = field(default_factory=dict)
    conditions: Mapping[str, Array] = field(default_factory=dict)
    conventions: Mapping[str, tuple[Mapping[str, Array], Mapping[str, Array]]] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.id

    @property
    def elementwise(self) -> bool:
        """Whether its arguments are single numbers, so that a subject can be asked many cases at once."""
        return all(isinstance(x, np.ndarray) and x.ndim == 0 for x in self.arguments.values())

    @property
    def result_names(self) -> tuple[str, ...]:
        """What a right answer consists of."""
        return self.names

    def wanted(self) -> dict[str, Wanted] | None:
        """Return the answer with its yardstick.

        Returns
        -------
        dict or None
            By name; None where an error is the right answer.
        """
        return None if self.kind == "invalid" else _paired(self.results, self.conditions)

    def alternatives(self) -> list[dict[str, Wanted]]:
        """Return the other acceptable answers.

        Returns
        -------
        list of dict
            One for each convention.
        """
        return [_paired(*each) for each in self.conventions.values()]

    def alternative(self, convention: str) -> dict[str, Wanted]:
        """Return the answer under one of the other conventions.

        Parameters
        ----------
        convention : str
            Its name.

        Returns
        -------
        dict
            By the name of the result.
        """
        return _paired(*self.conventions[convention])

    def call(self, f: Callable[..., Any]) -> Any:
        """Call an implementation of the function on the arguments, as `stgref.conformance.validate` calls a live subject.

        Functions of laws take arrays by position (tangents, ``d_...``, by keyword), layers take everything by keyword,
        estimators an objective of `stgref.estimators.objectives`, arrays, their noise, and options by keyword. Arrays
        are copies.

        Parameters
        ----------
        f : callable
            The implementation.

        Returns
        -------
        object
            What it returns.
        """
        return call(self, f)

    def check(self, output: Any, tolerance: float = TOLERANCE) -> Check:
        """Judge an output.

        Parameters
        ----------
        output : float, array_like, mapping, NamedTuple, tuple or Exception
            The number, or the results by name or in their order; fields that are absent are not judged. Or the error that
            was raised.
        tolerance : float, default 4
            The factor of the tolerance.

        Returns
        -------
        Check
            Whether it is right, and how far off.

        Raises
        ------
        TypeError
            If the output has none of the results.
        """
        # Here, since the judge knows vectors.
        from stgref.conformance.judge import judge  # noqa: PLC0415

        return judge(self, _output(output, self), tolerance)

    def assert_right(self, output: Any, tolerance: float = TOLERANCE) -> None:
        """Raise an error unless an output is right, or acceptable.

        Parameters
        ----------
        output : float, array_like, mapping, NamedTuple or Exception
            As `check` takes it.
        tolerance : float, default 4
            The factor of the tolerance.

        Raises
        ------
        AssertionError
            If it is wrong; the message says by how much, and why where that is known.
        TypeError
            If the output has none of the results.
        """
        # Here, since the report is made of checks.
        from stgref.conformance.summary import problem  # noqa: PLC0415

        check = self.check(output, tolerance)
        if check.status == "fail":
            raise AssertionError(problem(check))


def _paired(results: Mapping[str, Array], conditions: Mapping[str, Array]) -> dict[str, Wanted]:
    return {
        name: Wanted(np.asarray(value, "float64"), conditions[name], rounding=HALF)
        for name, value in results.items()
    }


def _output(output: Any, case: Vector) -> Output:
    if isinstance(output, Exception):
        return Failure(said(output))
    fields = _fields(output, case)
    found = {name: real(fields[name], name).astype(case.dtype) for name in case.names if name in fields}
    if not found:
        raise TypeError(
            f"{case.id}: takes {', '.join(case.names)}, got {', '.join(map(str, fields)) or 'nothing'}"
        )
    return found


def _fields(output: Any, case: Vector) -> Mapping[str, Any]:
    """Return the results by name."""
    fields = output._asdict() if hasattr(output, "_asdict") else output
    if isinstance(fields, Mapping):
        return fields
    if case.names == ("value",):
        return {"value": fields}
    if isinstance(fields, tuple) and len(fields) == len(case.names):
        return dict(zip(case.names, fields, strict=True))
    raise TypeError(f"{case.id}: takes a mapping or a NamedTuple of {', '.join(case.names)}, got {output!r}")
