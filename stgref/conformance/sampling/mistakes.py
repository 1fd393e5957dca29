"""Known wrong samplers, found by comparison with samples that have the mistake."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stgref.conformance.values import Array


@dataclass(frozen=True)
class Mistake:
    """A known wrong way to sample.

    Parameters
    ----------
    name : str
        A short name, for manifests.
    description : str
        One line: what is done, and what is wrong with it.
    """

    name: str
    description: str


@dataclass(frozen=True)
class Imitation:
    """A mistake that can be made on purpose.

    Parameters
    ----------
    mistake : Mistake
        What it is.
    sample : callable
        Makes a sample that has it; None where the mistake is impossible or does not matter.
    """

    mistake: Mistake
    sample: Callable[..., Array | None]


SHARED_BY_BATCH = Mistake(
    "noise-shared-by-batch", "noise shared across the batch: rows that should be independent are the same"
)
REPEATED = Mistake(
    "noise-repeated", "the same samples in every call: the sampler seeds itself and does not use rng"
)
SHARED_BY_GATES = Mistake(
    "noise-shared-by-gates", "noise shared across gates: one variate serves all columns"
)

TEMPERATURE_MISSING = Mistake("temperature-missing", "temperature missing: matches temperature 1")
UNIFORM_FOR_LOGIT = Mistake(
    "uniform-for-logit",
    "matches uniform where its logit belongs: the uniform variate is not mapped to the base noise",
)
GUMBEL_REVERSED = Mistake(
    "gumbel-reversed", "the sign of the Gumbel noise is reversed: log(-log(u)), the law of minima"
)


def repetition(sample: Array) -> Mistake | None:
    """Recognise rows that are copies of others.

    Parameters
    ----------
    sample : numpy.ndarray
        Rows of two calls.

    Returns
    -------
    Mistake or None
        None if they are not.
    """
    half = len(sample) // 2
    first, second = sample[:half], sample[half:]
    if np.all(first[::2] == first[1::2]) and np.all(second[::2] == second[1::2]):
        return SHARED_BY_BATCH
    return REPEATED if np.all(first == second) else None


def nearest(
    imitations: Sequence[Imitation], distance: Callable[[Array], float], limit: float, *given: Any
) -> Mistake | None:
    """Choose the mistake whose samples are most like the subject's.

    Parameters
    ----------
    imitations : sequence of Imitation
        The mistakes.
    distance : callable
        How far a sample is from the subject's.
    limit : float
        What is too far.
    *given
        What the samples are made from.

    Returns
    -------
    Mistake or None
        None if all are too far.
    """
    made = [(imitation.mistake, imitation.sample(*given)) for imitation in imitations]
    far = [(distance(sample), mistake) for mistake, sample in made if sample is not None]
    near = [pair for pair in far if pair[0] < limit]
    return min(near, key=lambda pair: pair[0])[1] if near else None
