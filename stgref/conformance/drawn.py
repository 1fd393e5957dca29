"""A case of many drawn points, with the answers of stgref's own kernels."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from stgref.conformance.condition import Wanted
from stgref.conformance.recording import Case


@dataclass(frozen=True)
class Drawn(Case):
    """A case of points that were drawn, for a live subject.

    Parameters
    ----------
    id, function, dtype : str
        As of a `Case`.
    arguments : mapping
        Arrays of one shape (n,), in the function's order.
    kind : {"valid"}
        As of a `Case`.
    flags : tuple of str
        As of a `Case`.
    names : tuple of str
        What a right answer consists of.
    answers : mapping
        The right answer to each result that is a number; what is NaN by convention is missing.
    """

    names: tuple[str, ...] = ("value",)
    answers: Mapping[str, Wanted] = field(default_factory=dict)

    @property
    def result_names(self) -> tuple[str, ...]:
        """What a right answer consists of."""
        return self.names

    def wanted(self) -> dict[str, Wanted]:
        """Return the answer with its yardstick.

        Returns
        -------
        dict
            By name.
        """
        return dict(self.answers)
