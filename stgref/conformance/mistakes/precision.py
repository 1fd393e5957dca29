"""A lower precision inside."""

from collections.abc import Callable
from functools import partial

import numpy as np

from stgref.conformance.defect import Defect
from stgref.conformance.mistakes.asked import Asked, Guess
from stgref.conformance.mistakes.build import UNITS, Given, for_each, functions, right
from stgref.conformance.values import Array

ROOM = 64
"""How many eps of the lower precision a result may be off."""


OFFSET = ("hard_concrete.prob_active", "hard_concrete.prob_zero")


def mistakes() -> tuple[Defect, ...]:
    """Return them, in the order in which they are tried."""
    return (
        Defect(
            "half-precision-inside",
            "every number is one of float16: half precision inside",
            formulas=lambda: for_each(functions(), lambda _: _as_float16),
        ),
        Defect(
            "offset-in-float32",
            "log(-lower/upper) in float32, the rest in float64",
            formulas=lambda: {
                name: tuple(partial(_offset_in_float32, name, ratio) for ratio in (_of_bounds, _of_ratio))
                for name in OFFSET
            },
        ),
        Defect(
            "float32-inside",
            "every number is one of float32: float32 inside float64",
            formulas=lambda: for_each(functions(), lambda _: _as_float32),
        ),
    )


def _of_bounds(given: Given) -> Array:
    made: Array = -given["lower"].astype("float32") / given["upper"].astype("float32")
    return made


def _of_ratio(given: Given) -> Array:
    made: Array = (-given["lower"] / given["upper"]).astype("float32")
    return made


def _offset_in_float32(
    function: str, ratio: Callable[[Given], Array], asked: Asked
) -> dict[str, Guess] | None:
    """Take the logarithm of the bounds' ratio in float32, of bounds in float32 or not."""
    if asked.dtype != "float64":
        return None
    given = asked.exact
    log, exact = np.log(ratio(given)), np.log(-given["lower"] / given["upper"])
    shifts = [given["temperature"] * (log + k * np.spacing(np.abs(log)) - exact) for k in UNITS]
    made = [right(function, {**given, "log_alpha": given["log_alpha"] - shift})["value"] for shift in shifts]
    return {"value": Guess(np.stack(made), asked.wanted["value"].condition + np.abs(made[0]))}


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
