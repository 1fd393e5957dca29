"""Wrong gate layers: right answers to other questions, and the clip forgotten."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from scipy.special import expit, ndtr

from stgref.conformance import layers
from stgref.conformance.defect import Defect
from stgref.conformance.functions import LAYERS
from stgref.conformance.mistakes.asked import Asked, Formula, Guess
from stgref.conformance.mistakes.build import Formulas
from stgref.conformance.recording import Case
from stgref.conformance.sharing import Sharing
from stgref.conformance.terms import base_noise
from stgref.conformance.values import Array

Changes: TypeAlias = Mapping[str, Any]
Change: TypeAlias = Callable[[Case], Changes]

CONCRETE, GAUSSIAN = LAYERS
BOTH = (CONCRETE, GAUSSIAN)
FROM_NOISE = {CONCRETE: expit, GAUSSIAN: ndtr}
ROUNDINGS = 64
"""How many roundings of its own size a number may be off: it is a sum over the batch."""
RULES = ("louizos", "median", "mean", "mode", "threshold", "scaled")


def mistakes() -> tuple[Defect, ...]:
    """Return them, in the order in which they are tried."""
    return (
        _whole(
            "noise-shared",
            "one row of noise serves the whole batch",
            _noise(lambda n: np.broadcast_to(n[:1], n.shape)),
        ),
        _whole(
            "noise-shared-by-gates",
            "one variate serves all gates",
            _noise(lambda n: np.broadcast_to(n[..., :1], n.shape)),
        ),
        _whole(
            "noise-ignored", "the noise is ignored: the test-time gate in training", lambda _: {"noise": None}
        ),
        _whole("noise-reversed", "the sign of the noise is reversed", _noise(np.negative)),
        _whole("uniform-for-logit", "matches uniform where its logit belongs", _uniform),
        _whole(
            "temperature-missing",
            "temperature missing: matches temperature 1",
            _one("temperature"),
            (CONCRETE,),
        ),
        _whole(
            "temperature-multiplied",
            "multiplied by the temperature instead of divided",
            _to("temperature", np.reciprocal),
            (CONCRETE,),
        ),
        _whole(
            "logit-reversed",
            "the sign of log_alpha is reversed",
            _to("log_alpha_param", np.negative),
            (CONCRETE,),
        ),
        _whole(
            "bounds-mirrored", "bounds swapped: stretched to [1 - upper, 1 - lower]", _mirrored, (CONCRETE,)
        ),
        _whole(
            "variance-for-scale",
            "the scale is squared: the variance where the standard deviation belongs",
            _to("std", np.square),
            (GAUSSIAN,),
        ),
        _whole(
            "mu-from-half",
            "mu is counted from 1/2, as in the stg package",
            _to("mu", lambda mu: mu + 0.5),
            (GAUSSIAN,),
        ),
        _gate(
            "gate-without-temperature",
            "the sampled gate is not divided by the temperature",
            _one("temperature"),
            (CONCRETE,),
        ),
        _gate("bounds-swapped", "bounds swapped: stretched from upper to lower", _downwards, (CONCRETE,)),
        _penalty(
            "penalty-without-temperature",
            "the temperature is missing in the penalty",
            _one("temperature"),
            (CONCRETE,),
        ),
        _penalty(
            "stale-offset",
            "the penalty keeps the temperature 2/3",
            _to("temperature", lambda t: 0 * t + 2 / 3),
            (CONCRETE,),
        ),
        _penalty("weight-ignored", "reg_weight is not multiplied into the penalty", _one("reg_weight")),
        _penalty(
            "weight-squared", "reg_weight is multiplied into the penalty twice", _to("reg_weight", np.square)
        ),
        _penalty(
            "reduction-ignored",
            "the penalty is the sum over the gates, whatever reg_reduction says",
            _reduced("sum"),
        ),
        _penalty(
            "mean-for-sum",
            "the penalty is the mean over the gates, whatever reg_reduction says",
            _reduced("mean"),
        ),
        _penalty(
            "penalty-gradient-missing",
            "the gradient of the penalty is missing",
            _zero("d_l0_reg"),
            methods=("vjp",),
        ),
        _penalty(
            "penalty-cotangent-ignored",
            "the cotangent of the penalty is taken for 1",
            _one("d_l0_reg"),
            methods=("vjp",),
        ),
        Defect(
            "gate-detached",
            "the gate is detached: its parameter has the gradient of the penalty only",
            formulas=lambda: _each(BOTH, ("vjp",), lambda layer, _: _parameter_only(layer)),
        ),
        Defect(
            "not-clipped",
            "not clipped to [0, 1]",
            formulas=lambda: {f"{name}.forward": (_unclipped,) for name in BOTH},
        ),
        Defect(
            "clip-gradient-ignored",
            "the derivative is not zero outside the clip: that of the unclipped gate",
            formulas=lambda: {f"{name}.vjp": (_unclipped_slope,) for name in BOTH},
        ),
        Defect("another-rule", "the value of another test-time rule", formulas=_rules),
        Defect(
            "clamp-ignored",
            "the gate values are clamped, or not, whatever clamp says",
            formulas=_clamps,
        ),
    )


def _each(names: tuple[str, ...], methods: tuple[str, ...], make: Callable[[str, str], Formula]) -> Formulas:
    return {f"{name}.{method}": (make(name, method),) for name in names for method in methods}


def _whole(name: str, description: str, change: Change, names: tuple[str, ...] = BOTH) -> Defect:
    """Change an argument of everything."""
    return Defect(
        name, description, formulas=lambda: _each(names, ("forward", "vjp"), lambda *_: _otherwise(change))
    )


def _gate(name: str, description: str, change: Change, names: tuple[str, ...] = BOTH) -> Defect:
    """Change an argument of the gate, and leave the penalty as it is."""

    def make(layer: str, method: str) -> Formula:
        if method == "forward":
            return _otherwise(change, ("gated",))
        return _in_parts(layer, change, lambda _: {})

    return Defect(name, description, formulas=lambda: _each(names, ("forward", "vjp"), make))


def _penalty(
    name: str,
    description: str,
    change: Change,
    names: tuple[str, ...] = BOTH,
    methods: tuple[str, ...] = ("forward", "vjp"),
) -> Defect:
    """Change an argument of the penalty, and leave the gate as it is."""

    def make(layer: str, method: str) -> Formula:
        if method == "forward":
            return _otherwise(change, ("l0_reg",))
        return _in_parts(layer, lambda _: {}, change)

    return Defect(name, description, formulas=lambda: _each(names, methods, make))


def _answer(case: Case, changes: Changes) -> dict[str, Array]:
    """Answer a case with other arguments."""
    other = Case(case.id, case.function, case.dtype, {**case.arguments, **changes})
    name, method = case.function.split(".")
    gates = layers.layer_of(other, layers.GATES[name], LAYERS[name])
    x, noise = np.asarray(other.array("x"), "float64"), base_noise(other, LAYERS[name])
    if method == "forward":
        return dict(zip(("gated", "l0_reg"), gates.forward(x, noise), strict=True))
    _, pullback = gates.vjp(x, noise)
    d_gated, d_l0_reg = (np.asarray(other.array(each), "float64") for each in ("d_gated", "d_l0_reg"))
    made = pullback(d_gated, d_l0_reg if d_l0_reg.ndim else float(d_l0_reg))
    return {each: getattr(made, each) for each in ("input", LAYERS[name].parameter)}


def _guess(asked: Asked, name: str, value: Array) -> Guess:
    made = np.asarray(value, "float64")
    return Guess(made[None], np.max(asked.wanted[name].condition, initial=0.0) + ROUNDINGS * np.abs(made))


def _otherwise(change: Change, results: tuple[str, ...] = ()) -> Formula:
    """Answer another question, in all results or in some."""

    def formula(asked: Asked) -> dict[str, Guess]:
        changes = change(asked.case)
        made = _answer(asked.case, changes) if changes else {}
        chosen = [name for name in made if not results or name in results]
        return {name: _guess(asked, name, made[name]) for name in chosen}

    return formula


def _in_parts(layer: str, gate: Change, penalty: Change) -> Formula:
    """Answer two questions about the parameter's gradient: one of the gate, one of the penalty."""
    parameter = LAYERS[layer].parameter

    def formula(asked: Asked) -> dict[str, Guess]:
        case = asked.case
        data = _answer(case, {**gate(case), **_zero("d_l0_reg")(case)})
        cost = _answer(case, {**_zero("d_gated")(case), **penalty(case)})[parameter]
        return {
            "input": _guess(asked, "input", data["input"]),
            parameter: _guess(asked, parameter, data[parameter] + cost),
        }

    return formula


def _parameter_only(layer: str) -> Formula:
    return _otherwise(_zero("d_gated"), (LAYERS[layer].parameter,))


def _to(name: str, change: Callable[[Array], Array]) -> Change:
    return lambda case: {name: np.asarray(change(np.asarray(case.array(name), "float64")))}


def _one(name: str) -> Change:
    return _to(name, np.ones_like)


def _zero(name: str) -> Change:
    return _to(name, np.zeros_like)


def _noise(change: Callable[[Array], Array]) -> Change:
    def changed(case: Case) -> Changes:
        return {} if case.arguments["noise"] is None else {"noise": np.array(change(case.array("noise")))}

    return changed


def _uniform(case: Case) -> Changes:
    return _noise(FROM_NOISE[case.function.partition(".")[0]])(case)


def _mirrored(case: Case) -> Changes:
    lower, upper = (np.asarray(case.array(name), "float64") for name in ("lower_bound", "upper_bound"))
    return {"lower_bound": np.asarray(1 - upper), "upper_bound": np.asarray(1 - lower)}


def _downwards(case: Case) -> Changes:
    return {**_noise(np.negative)(case), "log_alpha_param": np.negative(case.array("log_alpha_param"))}


def _reduced(reduction: str) -> Change:
    def changed(case: Case) -> Changes:
        # 'none' has another shape, and cannot be taken for the others.
        return {} if case.arguments["reg_reduction"] == "none" else {"reg_reduction": reduction}

    return changed


def _stretched(case: Case) -> tuple[Array, Array]:
    """The gate before it is clipped, and its derivative with respect to its parameter; one row for each example."""
    name = case.function.partition(".")[0]
    layer, noise = LAYERS[name], case.arguments["noise"]
    own, *options = (np.asarray(case.array(each), "float64") for each in (layer.parameter, *layer.options))
    n = np.asarray(noise, "float64")
    if name == GAUSSIAN:
        return own + options[0] * n, np.ones_like(own + n)
    t, lower, upper = options
    z = (own + n) / t
    return expit(-z) * lower + expit(z) * upper, (upper - lower) / t * expit(z) * expit(-z)


def _unclipped(asked: Asked) -> dict[str, Guess]:
    case = asked.case
    if case.arguments["noise"] is None:
        return {}
    x = np.asarray(case.array("x"), "float64")
    made = x * Sharing(case.arguments["mask"], x.shape).spread(_stretched(case)[0])
    return {"gated": _guess(asked, "gated", made)}


def _unclipped_slope(asked: Asked) -> dict[str, Guess]:
    case = asked.case
    if case.arguments["noise"] is None:
        return {}
    name = LAYERS[case.function.partition(".")[0]].parameter
    cost = _answer(case, _zero("d_gated")(case))[name]
    x, d_gated = (np.asarray(case.array(each), "float64") for each in ("x", "d_gated"))
    sharing = Sharing(case.arguments["mask"], x.shape)
    terms = d_gated * x * sharing.spread(_stretched(case)[1])
    return {name: _guess(asked, name, sharing.collect(terms, cost.size) + cost)}


def _rules() -> Formulas:
    """Every rule in place of every other."""
    return {
        function: tuple(partial(_by_rule, rule, None) for rule in RULES if rule != own)
        for function, own in _ruled()
    }


def _clamps() -> Formulas:
    return {
        function: tuple(partial(_by_rule, own, clamp) for clamp in (True, False))
        for function, own in _ruled()
    }


def _ruled() -> list[tuple[str, str]]:
    """The functions of test-time gates, and the rule of each."""
    ends = {"": "louizos"} | {f".{rule}": rule for rule in RULES}
    return [(f"{name}.get_gate_values{end}", rule) for name in BOTH for end, rule in ends.items()]


def _by_rule(rule: str, clamp: bool | None, asked: Asked) -> dict[str, Guess]:
    case = asked.case
    name = case.function.partition(".")[0]
    layer = LAYERS[name]
    own, *options = (np.asarray(case.array(each), "float64") for each in (layer.parameter, *layer.options))
    made = layers.GATES[name].from_pretrained(own, **dict(zip(layer.options, options, strict=True)))
    clamped = bool(case.arguments.get("clamp", True)) if clamp is None else clamp
    return {"value": _guess(asked, "value", made.get_gate_values(clamp=clamped, rule=rule))}
