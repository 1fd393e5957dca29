"""The answers to a case under the conventions that a subject declares.

A parameter under another meaning makes another question, whose derivative is taken by the chain rule. A clip gradient chooses
one of the acceptable answers. A test-time rule and a clamp are another answer to the same question.
"""

from typing import TypeAlias

import numpy as np

from stgref.conformance import declared_layers, reference
from stgref.conformance.condition import STEP, Wanted
from stgref.conformance.functions import LAYERS
from stgref.conformance.laws import value_of
from stgref.conformance.profile import PARAMETERISATIONS, Parameterisation, Profile
from stgref.conformance.recording import Case
from stgref.conformance.selection import LAYER_NAMES
from stgref.conformance.vector import Vector

Answers: TypeAlias = dict[str, Wanted]


def can_be_asked(case: Case, profile: Profile) -> bool:
    """Tell whether the numbers of a case can be the subject's parameters.

    Parameters
    ----------
    case : Case
        The case.
    profile : Profile
        What the subject declares.

    Returns
    -------
    bool
        Whether they lie where these do.
    """
    return all(
        bool(np.all((each.low < case.array(name)) & (case.array(name) < each.high)))
        for name, each in _meanings(case, profile).items()
    )


def declared_answer(case: Case, profile: Profile) -> tuple[str, Answers] | None:
    """Answer a case as the subject declares to.

    Parameters
    ----------
    case : Case
        Of kind ``valid`` or ``acceptable``.
    profile : Profile
        What the subject declares.

    Returns
    -------
    tuple or None
        The conventions in words, and the answer to each result; None if they do not change the answer.
    """
    meanings = _meanings(case, profile)
    asked = case
    for name, meaning in meanings.items():
        asked = asked.asking(name, meaning.own(np.asarray(case.array(name), "float64")))
    words, found = _under_conventions(asked, profile)
    for name, meaning in meanings.items():
        found = _chained(case, asked, name, meaning, found)
    words = [profile.parameters[LAYER_NAMES.get(name, name)] for name in meanings] + words
    return (", ".join(words), found) if words else None


def _under_conventions(case: Case, profile: Profile) -> tuple[list[str], Answers]:
    """Answer in the law's parameters; say which conventions matter."""
    words, found = [], reference.answer(case) or {}
    if case.kind == "acceptable" and profile.clip_gradient and isinstance(case, Vector):
        words.append(f"clip gradient {profile.clip_gradient}")
        if profile.clip_gradient != "closed":
            found = case.alternative(profile.clip_gradient)
    changes = (
        declared_layers.CHANGES if case.function.split(".")[0] in LAYERS else [_with_clamped_probability]
    )
    for change in changes:
        if changed := change(case, profile, found):
            words.append(changed[0])
            found = {**found, **changed[1]}
    return words, found


def _with_clamped_probability(case: Case, profile: Profile, found: Answers) -> tuple[str, Answers] | None:
    """Keep an open probability between eps and 1 - eps; where it is moved there, its slope is 0."""
    law, quantity = case.function.split(".")
    eps = profile.clamps.get("probability")
    if not eps or quantity not in {"prob_active", "grad_prob_active"}:
        return None
    p = value_of(law, "prob_active", [np.asarray(x, "float64") for x in case.arguments.values()])
    moved = (p.value < eps) | (p.value > 1 - eps)
    if not np.any(moved):
        return None
    if quantity == "prob_active":
        return f"probability clamped by {eps:g}", {
            "value": Wanted(np.clip(p.value, eps, 1 - eps), p.condition)
        }
    slopes = {name: Wanted(np.where(moved, 0.0, each.value), each.condition) for name, each in found.items()}
    return f"probability clamped by {eps:g}", slopes


def _chained(case: Case, asked: Case, name: str, meaning: Parameterisation, found: Answers) -> Answers:
    """Count the sensitivity to the subject's parameter, and take derivatives to it."""
    x = np.asarray(case.array(name), "float64")
    plain = reference.answer(asked) or {}
    moved = [reference.answer(asked.asking(name, meaning.own(x * (1 + s)))) or {} for s in (-STEP, STEP)]
    result = {}
    for key, each in found.items():
        off = np.minimum(*(np.abs(other[key].value - plain[key].value) for other in moved)) / STEP
        result[key] = Wanted(each.value, each.condition + off)
    if name in result:
        slope, to = meaning.slope(x), result[name]
        result[name] = Wanted(to.value * slope, np.abs(slope) * (to.condition + np.abs(to.value)))
    return result


def _meanings(case: Case, profile: Profile) -> dict[str, Parameterisation]:
    """Return the parameters of a case that the subject has another meaning for, by the names of the case."""
    names = {LAYER_NAMES.get(name, name): name for name in case.arguments}
    return {
        names[bare]: PARAMETERISATIONS[bare][meaning]
        for bare, meaning in profile.parameters.items()
        if bare in names
    }
