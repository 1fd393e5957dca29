"""What each argument may be, by its name: one table for every law, gate and function.

A name means the same thing everywhere in the package, so its range is written here once.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from stgref.numerics.namespace import Array, Namespace, default_dtype, device_of, is_lazy


@dataclass(frozen=True)
class Domain:
    """A set of allowed values: its wording in an error, and a test that works on numbers and on arrays."""

    words: str
    contains: Callable[[Any], Any]


POSITIVE = Domain("finite and greater than 0", lambda v: (v > 0) & (v < math.inf))
COUNT = Domain("finite and at least 0", lambda v: (v >= 0) & (v < math.inf))
PROBABILITY = Domain("a probability, between 0 and 1", lambda v: (v >= 0) & (v <= 1))
INSIDE = Domain("strictly between 0 and 1", lambda v: (v > 0) & (v < 1))
DOMAINS = {
    "temperature": POSITIVE,
    "scale": POSITIVE,
    "std": POSITIVE,
    "lower": Domain("finite and less than 0", lambda v: (v < 0) & (v > -math.inf)),
    "upper": Domain("finite and greater than 1", lambda v: (v > 1) & (v < math.inf)),
    "p": PROBABILITY,
    "prob": PROBABILITY,
    "margin": POSITIVE,
    **dict.fromkeys(("count", "squares", "n_in", "n_out", "kernel", "positions"), COUNT),
    "sample": Domain("0 or 1", lambda v: (v == 0) | (v == 1)),
    **dict.fromkeys(("u", "drop_rate", "keep_rate", "prob_zero", "prob_active", "mean"), INSIDE),
    "alpha": POSITIVE,
}
_KUMARASWAMY = {
    "noise": Domain("a uniform number, between 0 and 1", DOMAINS["p"].contains),
    "a": POSITIVE,
    "b": POSITIVE,
}
OF_LAWS = {"kumaraswamy": _KUMARASWAMY, "hard_kumaraswamy": _KUMARASWAMY}
"""Names that mean something else, or nothing, outside the functions of a law."""


@functools.cache
def domain_of(name: str, law: str = "") -> Domain | None:
    """The domain of an argument called ``name`` of ``law`` (``lower_p`` and ``lower_q`` are bounds as ``lower`` is)."""
    own = OF_LAWS.get(law, {}).get(name)
    return own or DOMAINS.get(name) or DOMAINS.get(name.removesuffix("_p").removesuffix("_q"))


OPTIONS = {"clip_gradient": ("closed", "open", "half")}


def check_options(function: str, options: Mapping[str, Any]) -> None:
    """Raise a `ValueError` naming the option unless each of ``options`` has one of its values."""
    for name, value in options.items():
        if not isinstance(value, str) or value not in OPTIONS[name]:
            raise ValueError(f"{function}: {name} takes one of {', '.join(OPTIONS[name])}, got {value!r}")


def check_domain(function: str, name: str, value: Array | float, xp: Namespace) -> None:
    """Raise a `ValueError` naming the argument unless all of ``value`` is in its domain (lazy values are trusted)."""
    domain = domain_of(name, function.partition(".")[0])
    if domain is None or is_lazy(value):
        return
    inside = domain.contains(value if type(value) is np.ndarray else _comparable(value, xp))
    if not (
        inside
        if isinstance(inside, bool)
        else inside.all()
        if isinstance(inside, np.ndarray)
        else xp.all(inside)
    ):
        raise ValueError(
            f"{function}: {name} must be {domain.words}, got {_first_outside(inside, value, xp)}"
        )


def _comparable(value: Any, xp: Namespace) -> Any:
    """Integers as floating numbers: the standard compares no others with an infinity."""
    if isinstance(value, float) or not xp.isdtype(value.dtype, "integral"):
        return value
    return xp.astype(value, default_dtype(xp, device_of([value])))


def _first_outside(inside: Any, value: Any, xp: Namespace) -> Any:
    if isinstance(inside, bool):
        return value
    first = int(xp.argmin(xp.astype(xp.reshape(inside, (-1,)), xp.int32)))
    return xp.reshape(value, (-1,))[first]
