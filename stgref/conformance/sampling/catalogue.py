"""All known mistakes of samplers, by name."""

from stgref.conformance.sampling import categorical, estimator_mistakes, law_mistakes
from stgref.conformance.sampling.mistakes import REPEATED, SHARED_BY_BATCH, Imitation, Mistake

IMITATIONS: tuple[Imitation, ...] = (
    *law_mistakes.IMITATIONS,
    *categorical.IMITATIONS,
    *estimator_mistakes.IMITATIONS,
)
MISTAKES: tuple[Mistake, ...] = tuple(
    {
        each.name: each
        for each in (
            SHARED_BY_BATCH,
            REPEATED,
            law_mistakes.OPEN,
            *(imitation.mistake for imitation in IMITATIONS),
        )
    }.values()
)
"""One of each name. Those that laws and estimators share say the same."""
