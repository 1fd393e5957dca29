"""Peer and reference on the same noise: how far they are apart.

Every input is exact in the peer's dtype. The reference is asked in float64 with these very numbers; the tolerance is that of
`stgref validate`: 4 eps (|g| + sum_i |x_i dg/dx_i|) over the logits and the noise. A peer that is within it everywhere
agrees; one that is not, but nowhere further off than the largest tolerance of the comparison, agrees in norm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from stgref.conformance.compare import distance
from stgref.conformance.condition import Wanted, from_differences
from validation.estimators import rows

FACTOR = 4.0
"""Of eps times the condition."""


class Pairing(NamedTuple):
    """What a peer returned, and what is right."""

    got: Any
    wanted: Wanted
    dtype: str

    @property
    def numbers(self) -> dict[str, Any]:
        """The largest errors: in tolerances, in the largest tolerance, in ulp, and relative to the largest gradient."""
        off = distance(self.got, self.wanted, self.dtype, FACTOR)
        error = np.max(np.abs(np.asarray(self.got, "float64") - self.wanted.value))
        largest = FACTOR * np.finfo(self.dtype).eps * np.max(self.wanted.condition)
        return {
            "elements": int(np.size(self.got)),
            "tolerances": np.max(off.tolerances),
            "norm": error / largest,
            "ulp": np.max(off.ulp),
            "ulp_median": np.median(off.ulp),
            "relative": error / np.max(np.abs(self.wanted.value)),
        }

    @property
    def verdict(self) -> str:
        """What the numbers say."""
        numbers, limits = self.numbers, np.finfo(self.dtype)
        if numbers["tolerances"] <= 1.0:
            return rows.AGREES
        if numbers["norm"] <= 1.0:
            return rows.NORM
        lost = (self.got == 0) & (np.abs(self.wanted.value) > limits.tiny)
        return rows.LOST if np.all(lost) else rows.DIGITS


def paired(got: Any, function: Callable[..., Any], arguments: Sequence[Any]) -> Pairing:
    """Pair what a peer returned with ``function(*arguments)``, in float64."""
    exact = [np.asarray(x, "float64") for x in arguments]
    return Pairing(np.asarray(got), from_differences(function, exact), str(np.asarray(got).dtype))


def noise_of_samples(b: Any) -> Any:
    """Logistic noise that gives the samples b whatever the logits, for estimators that see the noise through b."""
    return np.where(np.asarray(b) > 0.5, 1e3, -1e3)
