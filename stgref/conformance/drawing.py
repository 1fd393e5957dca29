"""Cases of drawn points, for every function of the scalar laws.

The vectors are few, chosen for what is hard. These are many, for what is wrong in one region only. The answers are stgref's,
so points where those are not certain are left out.
"""

import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np

from stgref.conformance.condition import Wanted
from stgref.conformance.drawn import Drawn
from stgref.conformance.drawn_points import UNIFORM, candidates, reach
from stgref.conformance.laws import LAWS
from stgref.conformance.live import look_up
from stgref.conformance.profile import Profile
from stgref.conformance.selection import Domain
from stgref.conformance.values import Array
from stgref.conformance.vector_sets import argument_names, result_names

COUNT = 256
FEWER = {
    f"{law}.{name}": 48
    for law in ("binary_concrete", "hard_concrete", "hard_kumaraswamy")
    for name in ("variance", "entropy", "grad_mean", "grad_variance")
} | {"hard_concrete.kl_divergence": 12}
"""Points of the functions that are integrals: each costs as much as a thousand of others."""
SPARE = 3
"""How many times as many candidates as points."""
STEP = 2.0**-17
BENT = 0.1
"""Of a step up and a step down: how different they may be. More is a jump, a kink, or no derivative at this scale."""
OWN = {"float64": 4.0, "float32": 0.125}
"""In eps of ``|f| + sum_i |x_i df/dx_i|``: how far off stgref's float64 may be, which it is held to, seen from either dtype; and
the sum itself, which is known to about 1 %."""
DISCRETE = {("bernoulli", "x"), ("bernoulli", "sample")}


def drawn_cases(functions: Iterable[str], dtype: str, domain: Domain | None = None) -> dict[str, Drawn]:
    """Draw a case for each function; the same ones every time.

    Parameters
    ----------
    functions : iterable of str
        Names of functions; those that are of no scalar law have no case.
    dtype : str
        Of the arguments.
    domain : mapping, optional
        ``(low, high)`` by the name of an argument: the points lie there. No case where none does.

    Returns
    -------
    dict
        The cases by their ids.
    """
    ends = tuple((name, tuple(map(float, each))) for name, each in (domain or {}).items())
    known = argument_names()
    made = [_drawn(name, dtype, ends) for name in functions if name in known and name.split(".")[0] in LAWS]
    return {case.id: case for case in made if case is not None}


def drawn_for(
    subject: Any, functions: Iterable[str], dtype: str, domain: Domain | None, profile: Profile
) -> dict[str, Drawn]:
    """Draw cases of the functions that a subject has.

    Parameters
    ----------
    subject : mapping or object
        A live subject.
    functions : iterable of str
        Names of functions.
    dtype : str
        Of the arguments.
    domain : mapping or None
        As `drawn_cases` takes it.
    profile : Profile
        What the subject declares: other parameters are asked in the vectors alone.

    Returns
    -------
    dict
        The cases by their ids.
    """
    if profile.parameters:
        return {}
    return drawn_cases(
        (name for name in sorted(functions) if look_up(subject, name) is not None), dtype, domain
    )


UNIT = frozenset(
    {"binary_concrete", "hard_concrete", "rectified_gaussian", "kumaraswamy", "hard_kumaraswamy"}
)
"""The laws on [0, 1]."""


@cache
def _drawn(function: str, dtype: str, ends: tuple[tuple[str, tuple[float, ...]], ...]) -> Drawn | None:
    names, domain = argument_names()[function], {name: (low, high) for name, (low, high) in ends}
    if any(low > high for low, high in (reach(name, domain) for name in names)):
        return None
    rng = np.random.default_rng(zlib.crc32(function.encode()))
    count = FEWER.get(function, COUNT)
    with np.errstate(all="ignore"):
        points = candidates(function, names, (2 if function in FEWER else SPARE) * count, rng, domain)
        points = {name: x.astype(dtype).astype("float64") for name, x in points.items()}
        points = _kept(points, _usable(function, points, domain))
        if not points[names[0]].size:
            return None
        answers, certain = _answers(function, points, dtype)
    which = np.flatnonzero(certain)[:count]
    if not which.size:
        return None
    return Drawn(
        f"{function}.{'f32' if dtype == 'float32' else 'f64'}.drawn",
        function,
        dtype,
        {name: x[which].astype(dtype) for name, x in points.items()},
        flags=("drawn",),
        names=tuple(answers),
        answers={
            name: Wanted(each.value[which], each.condition[which], own=each.own)
            for name, each in answers.items()
            if np.all(np.isfinite(each.value[which]))
        },
    )


def _kept(points: Mapping[str, Array], which: Array) -> dict[str, Array]:
    return {name: x[which] for name, x in points.items()}


def _usable(function: str, points: Mapping[str, Array], domain: Domain) -> Array:
    """Tell the points that are in the function's domain, away from its ends, and where the subject claims to be right."""
    law = function.split(".", maxsplit=1)[0]
    usable = np.array(True)
    for name, x in points.items():
        low, high = domain.get(name, (-np.inf, np.inf))
        usable = usable & np.isfinite(x) & (low <= x) & (x <= high)
        if (
            name == "p"
            or (name == "noise" and law in UNIFORM)
            or (name == "x" and law in UNIT and not function.endswith("_logit"))
        ):
            usable = usable & (x > 0) & (x < 1 - 2 * STEP)
    return usable


def _answers(function: str, points: Mapping[str, Array], dtype: str) -> tuple[dict[str, Wanted], Array]:
    """Answer at all points, and tell where that is certain."""
    arguments, limits = list(points.values()), np.finfo(dtype)
    values = _values(function, arguments)
    totals = {name: np.abs(value) for name, value in values.items()}
    certain = np.ones(arguments[0].shape, dtype=bool)
    numbers = [name for name, value in values.items() if not np.all(np.isnan(value))]
    for i, name in enumerate(points):
        if (function.split(".", maxsplit=1)[0], name) in DISCRETE:
            continue
        up, down = (_values(function, _moved(arguments, i, scale)) for scale in (1 + STEP, 1 - STEP))
        for each in numbers:
            rise, fall = up[each] - values[each], down[each] - values[each]
            change = np.maximum(np.abs(rise), np.abs(fall)) + STEP * np.abs(values[each])
            certain &= np.isfinite(change) & (np.abs(rise + fall) <= BENT * change)
            totals[each] = totals[each] + np.abs(rise - fall) / (2 * STEP)
    for each in numbers:
        size = np.abs(values[each])
        certain &= np.isfinite(totals[each]) & (totals[each] < float(limits.max) / 2**8)
        certain &= (totals[each] == 0) | (size == 0) | (size > float(limits.tiny) * 2**8)
    return {name: Wanted(value, totals[name], own=OWN[dtype]) for name, value in values.items()}, certain


def _values(function: str, arguments: list[Array]) -> dict[str, Array]:
    law, name = function.split(".")
    found = getattr(LAWS[law], name)(*arguments)
    fields = found._asdict() if name.startswith("grad_") else {"value": found}
    return {each: fields[each] for each in result_names()[function]}


def _moved(arguments: list[Array], i: int, scale: float) -> list[Array]:
    return [*arguments[:i], arguments[i] * scale, *arguments[i + 1 :]]
