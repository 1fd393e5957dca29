"""What a gate layer returns under another test-time rule, or with clamps.

Each takes a case, what is declared and the answer so far; it returns the convention in words and the results that it changes, or
None.
"""

from typing import TypeAlias

import numpy as np
from scipy.special import logit

from stgref.conformance import layers
from stgref.conformance.condition import Wanted
from stgref.conformance.functions import LAYERS, Layer
from stgref.conformance.laws import float64, slope_of, value_of
from stgref.conformance.profile import Profile
from stgref.conformance.recording import Case
from stgref.conformance.sharing import Sharing
from stgref.conformance.terms import base_noise
from stgref.conformance.values import Array

Answers: TypeAlias = dict[str, Wanted]
Changed: TypeAlias = tuple[str, Answers] | None


def with_clamped_noise(case: Case, profile: Profile, found: Answers) -> Changed:
    """Keep the uniform u behind logistic noise between eps and 1 - eps: the noise within logit(1 - eps)."""
    layer, eps = _layer(case), profile.clamps.get("uniform")
    sampled = "noise" in case.arguments or "uniform" in case.arguments
    noise = base_noise(case, layer) if eps and sampled and layer.law == "hard_concrete" else None
    if eps is None or noise is None or np.all(np.abs(noise) <= -logit(eps)):
        return None
    kept = np.clip(noise, logit(eps), -logit(eps))
    return f"uniform clamped by {eps:g}", layers.answer(case.asking("noise", kept))


def by_rule(case: Case, profile: Profile, found: Answers) -> Changed:
    """Multiply by another value z of the gate in the test-time pass."""
    layer, rule = _layer(case), profile.test_time_rule
    if (
        rule not in {"median", "mean"}
        or "uniform" in case.arguments
        or case.arguments.get("noise") is not None
    ):
        return None
    z, words = value_of(layer.law, rule, _own(case, layer)), f"test-time rule {rule}"
    if "x" not in case.arguments:
        return (words, {"value": z}) if case.arguments["clamp"] else None
    sharing = Sharing(case.arguments["mask"], case.array("x").shape)
    factor = np.asarray(case.array("x" if "gated" in found else "d_gated"), "float64")
    through = Wanted(
        factor * sharing.spread(z.value), np.abs(factor) * sharing.spread(z.condition + np.abs(z.value))
    )
    if "gated" in found:
        return words, {"gated": through}
    weight = factor * case.array("x")
    return words, {"input": through, layer.parameter: _with_slope(case, layer, rule, weight, sharing)}


def _with_slope(case: Case, layer: Layer, rule: str, weight: Array, sharing: Sharing) -> Wanted:
    """Sum the slope of the rule over the elements, on top of the penalty's gradient."""
    slope = slope_of(layer.law, rule, _own(case, layer))
    yardstick = sharing.spread(slope.condition + 2 * np.abs(slope.value))
    penalty = layers.answer(case.asking("d_gated", np.zeros_like(weight)))[layer.parameter]
    size = penalty.value.size
    return Wanted(
        penalty.value + sharing.collect(weight * sharing.spread(slope.value), size),
        penalty.condition + sharing.collect(np.abs(weight) * yardstick, size),
    )


def with_clamped_probability(case: Case, profile: Profile, found: Answers) -> Changed:
    """Keep the open probabilities p between eps and 1 - eps; where one is moved there, its slope is 0."""
    layer, eps = _layer(case), profile.clamps.get("probability")
    if not eps or "x" not in case.arguments:
        return None
    own = _own(case, layer)
    p = value_of(layer.law, "prob_active", own)
    moved, words = (p.value < eps) | (p.value > 1 - eps), f"probability clamped by {eps:g}"
    if not np.any(moved):
        return None
    if "l0_reg" in found:
        total = layers.penalty(case, np.clip(p.value, eps, 1 - eps))
        return words, {"l0_reg": Wanted(total, np.abs(layers.penalty(case, p.condition + p.value + eps)))}
    scale = np.asarray(case.array("d_l0_reg") * layers.share(case), "float64")
    lost = moved * scale * slope_of(layer.law, "prob_active", own).value
    old = found[layer.parameter]
    return words, {layer.parameter: Wanted(old.value - lost, old.condition)}


CHANGES = (with_clamped_noise, by_rule, with_clamped_probability)
"""In the order in which they are made."""


def _layer(case: Case) -> Layer:
    return LAYERS[case.function.split(".")[0]]


def _own(case: Case, layer: Layer) -> list[Array]:
    return float64(case, (layer.parameter, *layer.options))
