"""The sampler of the categorical law: one-hot vectors (n, G, K), tested as the indices of their ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import softmax

from stgref.conformance.profile import Profile
from stgref.conformance.sampling.case import Bounds, SamplerCase, Test, Unusable, numbers
from stgref.conformance.sampling.independence import across_columns, across_rows
from stgref.conformance.sampling.law_mistakes import LIMIT, distance
from stgref.conformance.sampling.mistakes import (
    GUMBEL_REVERSED,
    SHARED_BY_GATES,
    Imitation,
    Mistake,
    nearest,
    repetition,
)
from stgref.conformance.statistics import Measured, binomial
from stgref.conformance.values import Array
from stgref.laws import gumbel

IMITATIONS = (
    Imitation(
        SHARED_BY_GATES, lambda u, logits: _argmax(np.broadcast_to(gumbel.icdf(u[:, :1]), u.shape), logits)
    ),
    Imitation(
        Mistake("uniform-for-gumbel", "matches uniform noise where standard Gumbel belongs"),
        lambda u, logits: one_of(u + logits),
    ),
    Imitation(
        GUMBEL_REVERSED,
        lambda u, logits: _argmax(-gumbel.icdf(u), logits),
    ),
    Imitation(
        Mistake("logits-reversed", "the sign of the logits is reversed"),
        lambda u, logits: _argmax(gumbel.icdf(u), -logits),
    ),
)


@dataclass(frozen=True)
class CategoricalCase(SamplerCase):
    """The sampler of the categorical law.

    Parameters
    ----------
    function, name
        As of `SamplerCase`.
    logits : tuple of tuple of float
        For each column, those of its categories.
    """

    logits: tuple[tuple[float, ...], ...]

    @property
    def tests(self) -> Mapping[str, Test]:
        """The tests by name."""
        return {"categories": self.masses, "gates": self.gates, "batch": self.batch}

    def claimed(self, bounds: Bounds, profile: Profile) -> "CategoricalCase | None":
        """Leave the case out if a logit is not what the subject claims."""
        low, high = bounds.get("logits", (-np.inf, np.inf))
        return self if np.all((low <= np.array(self.logits)) & (np.array(self.logits) <= high)) else None

    def ask(self, call: Callable[..., Any], rows: int, dtype: str, rng: np.random.Generator) -> Any:
        """Call the subject once."""
        logits = np.asarray(self.logits, dtype)
        return call((rows, *logits.shape), logits, rng=rng)

    def usable(self, returned: Array, rows: int, dtype: str) -> Array:
        """See that a sample is one-hot; return the categories."""
        values = numbers(returned, (rows, *np.shape(self.logits)), f"{dtype} discrete")
        if not (np.all((values == 0) | (values == 1)) and np.all(values.sum(axis=-1) == 1)):
            raise Unusable("samples are not one-hot")
        return one_of(values)

    def explain(self, sample: Array, dtype: str, rng: np.random.Generator) -> Mistake | None:
        """Name the known mistake that gives such a sample."""
        logits = np.asarray(self.logits, dtype).astype("float64")
        u = rng.uniform(size=(*sample.shape, logits.shape[-1]))
        return repetition(sample) or nearest(
            IMITATIONS, lambda made: distance(made, sample), LIMIT, u, logits
        )

    def masses(self, sample: Array, level: float, dtype: str) -> list[Measured]:
        """Count every category of every column."""
        p = self._probabilities(dtype)
        return [
            binomial(
                int(np.sum(sample[:, i] == k)),
                len(sample),
                float(p[i, k]),
                level / p.size,
                f"column {i}, category {k}",
            )
            for i, k in np.ndindex(p.shape)
        ]

    def gates(self, sample: Array, level: float, dtype: str) -> list[Measured]:
        """Test whether the columns are independent."""
        return across_columns(sample > 0, 1 - self._probabilities(dtype)[:, 0], level)

    def batch(self, sample: Array, level: float, dtype: str) -> list[Measured]:
        """Test whether the rows are independent."""
        return across_rows(sample > 0, 1 - self._probabilities(dtype)[:, 0], level)

    def _probabilities(self, dtype: str) -> Array:
        p: Array = softmax(np.asarray(self.logits, dtype).astype("float64"), axis=-1)
        return p


def _argmax(noise: Array, logits: Array) -> Array:
    return one_of(noise + logits)


def one_of(values: Array) -> Array:
    """Return the category of the largest value.

    Parameters
    ----------
    values : numpy.ndarray
        (n, G, K).

    Returns
    -------
    numpy.ndarray
        The indices (n, G), in float64.
    """
    return np.asarray(np.argmax(values, axis=-1), "float64")
