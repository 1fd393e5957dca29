"""A lower precision inside."""

import numpy as np

from stgref.conformance.defect import Defect
from stgref.conformance.mistakes.asked import Asked, Guess
from stgref.conformance.mistakes.build import for_each, functions

ROOM = 64
"""How many eps of the lower precision a result may be off."""


def mistakes() -> tuple[Defect, ...]:
    """Return them, in the order in which they are tried."""
    return (
        Defect(
            "half-precision-inside",
            "every number is one of float16: half precision inside",
            formulas=lambda: for_each(functions(), lambda _: _as_float16),
        ),
        Defect(
            "float32-inside",
            "every number is one of float32: float32 inside float64",
            formulas=lambda: for_each(functions(), lambda _: _as_float32),
        ),
    )


def _as_float16(asked: Asked) -> dict[str, Guess] | None:
    return _as(asked, "float16")


def _as_float32(asked: Asked) -> dict[str, Guess] | None:
    return _as(asked, "float32") if asked.dtype == "float64" else None


def _as(asked: Asked, dtype: str) -> dict[str, Guess] | None:
    """Take the subject's own numbers, if they are of that precision and right in it."""
    limits = np.finfo(dtype)
    made = {}
    for name, got in asked.got.items():
        wanted = asked.wanted[name]
        with np.errstate(all="ignore"):
            same = (got == got.astype(dtype)) | np.isnan(got)
            off = np.abs(got.astype("float64") - wanted.value)
            bound = ROOM * float(limits.eps) * wanted.condition + float(limits.smallest_normal)
            beyond = np.abs(wanted.value) > float(limits.max)
        if not np.all(
            same
            & ((off <= bound) | beyond | (np.isnan(got) & np.isnan(wanted.value)) | (got == wanted.value))
        ):
            return None
        made[name] = Guess(got.astype("float64")[None], wanted.condition)
    return made
