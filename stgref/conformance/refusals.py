"""Ways to say what an implementation refuses or accepts: each returns a predicate of the `Evidence` of a failure."""

from collections.abc import Callable

from stgref.conformance.evidence import Explains
from stgref.conformance.recording import Case, Failure


def refuses(words: str, applies: Callable[[Case], bool]) -> Explains:
    """Explain an error where there should be numbers.

    Parameters
    ----------
    words : str
        What its text says, among other things.
    applies : callable
        Whether the case is one that provokes it.

    Returns
    -------
    callable
        The predicate.
    """
    return lambda e: (
        e.wanted is not None and isinstance(e.output, Failure) and words in e.output.text and applies(e.case)
    )


def accepts(applies: Callable[[Case], bool]) -> Explains:
    """Explain numbers where there should be an error.

    Parameters
    ----------
    applies : callable
        Whether the case is wrong in the way that goes unnoticed.

    Returns
    -------
    callable
        The predicate.
    """
    return lambda e: e.wanted is None and not isinstance(e.output, Failure) and applies(e.case)


def any_of(*causes: Explains) -> Explains:
    """Explain by the first of several causes that fits.

    Parameters
    ----------
    *causes : callable
        Predicates.

    Returns
    -------
    callable
        The predicate.
    """
    return lambda evidence: any(cause(evidence) for cause in causes)
