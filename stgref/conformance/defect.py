"""What a known wrong implementation is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from stgref.conformance.evidence import Evidence, Explains
from stgref.conformance.mistakes.asked import Formula


def never(evidence: Evidence) -> bool:
    """Explain no single case."""
    return False


@dataclass(frozen=True)
class Defect:
    """A known wrong implementation.

    Parameters
    ----------
    name : str
        A short name, for manifests.
    description : str
        One line: what is done, and what is wrong with it.
    explains : callable
        Takes the `Evidence` of a failing check; whether this is the cause.
    formulas : callable
        Returns what it gives, by the names of functions that it may spoil: one or more formulas, each for all cases of
        the function together.
    """

    name: str
    description: str
    explains: Explains = field(default_factory=lambda: never)
    formulas: Callable[[], Mapping[str, tuple[Formula, ...]]] = dict
