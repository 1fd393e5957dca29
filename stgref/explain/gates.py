"""One gate of a layer: forward to its output and penalty, and back through the pullback."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import stgref
from stgref.explain import laws, steps
from stgref.explain.steps import Explanation, Step

GATED = Step("gated", "x * z", {"x": "z", "z": "x"})
PENALTY = Step("penalty", "reg_weight * p", {"p": "reg_weight"})


@dataclass(frozen=True)
class Gate:
    """The description of a gate.

    Attributes
    ----------
    title : str
        What it is.
    law : str
        The law of the gate.
    layer : str
        The layer.
    fields : dict of str to str
        The law's parameters, and what the layer calls them.
    active : tuple of Step
        From the parameters to p, the probability that the gate is open.
    """

    title: str
    law: str
    layer: str
    fields: dict[str, str]
    active: tuple[Step, ...]


GATES = {
    "binary_concrete_gates": Gate(
        "one gate of BinaryConcreteStochasticGates",
        "hard_concrete",
        "BinaryConcreteStochasticGates",
        {
            "log_alpha": "log_alpha_param",
            "temperature": "temperature",
            "lower": "lower_bound",
            "upper": "upper_bound",
        },
        (
            Step(
                "w",
                "log_alpha - temperature * log(-lower / upper)",
                {
                    "log_alpha": "1",
                    "temperature": "-log(-lower / upper)",
                    "lower": "-temperature / lower",
                    "upper": "temperature / upper",
                },
            ),
            Step("p", "sigma(w)", {"w": "sigma(w) * sigma(-w)"}),
        ),
    ),
    "gaussian_gates": Gate(
        "one gate of GaussianStochasticGates",
        "rectified_gaussian",
        "GaussianStochasticGates",
        {"mu": "mu", "std": "std"},
        (
            Step("w", "mu / std", {"mu": "1 / std", "std": "-w / std"}),
            Step("p", "Phi(w)", {"w": "density(w)"}),
        ),
    ),
}
OPTIONS = {"x": 1.0, "reg_weight": 1.0, "d_gated": 1.0, "d_l0_reg": 1.0}
"""What there is to say of a gate beside its law's parameters: its input, weight, and the cotangents that come back."""


def explain(
    name: str,
    noise: float,
    x: float,
    reg_weight: float,
    d_gated: float,
    d_l0_reg: float,
    **values: float,
) -> Explanation:
    """Explain a gate, and its pullback.

    Parameters
    ----------
    name : str
        The kind of gate.
    noise : float
        Base noise of its law.
    x : float
        The input.
    reg_weight : float
        The weight of the penalty.
    d_gated, d_l0_reg : float
        Cotangents: derivatives of a loss L to the output and to the penalty.
    **values
        The law's parameters.

    Returns
    -------
    Explanation
        The lines; ``facts`` has what the layer returns.

    Raises
    ------
    ValueError
        If an argument is out of range, or a line is no finite number.
    """
    gate = GATES[name]
    facts = returned(gate, noise, x, reg_weight, d_gated, d_l0_reg, values)
    law = laws.LAWS[gate.law]
    known: dict[str, Any] = {"x": x, "noise": noise, **values, "reg_weight": reg_weight}
    known |= {"d_gated": d_gated, "d_l0_reg": d_l0_reg}
    each = (*law.steps, GATED, *gate.active, PENALTY)
    seeds = {"gated": "d_gated", "penalty": "d_l0_reg"}
    sections = [
        steps.arguments(known),
        steps.forward("Gate, output and penalty", each, known),
        steps.local(each, known),
        steps.chain(each, known, "loss", ["x", *values], seeds),
    ]
    note = "L is the loss that the cotangents come from: d_gated is dL/dgated, d_l0_reg is dL/dpenalty."
    return Explanation(name, gate.title, sections, facts, note)


def returned(
    gate: Gate,
    noise: float,
    x: float,
    reg_weight: float,
    d_gated: float,
    d_l0_reg: float,
    values: dict[str, float],
) -> dict[str, float]:
    """What the layer returns for one example and one gate."""
    first, *others = (values[name] for name in gate.fields)
    _, *fields = gate.fields.values()
    layer = getattr(stgref, gate.layer)
    gates = layer.from_pretrained(
        np.array([first]), reg_weight=reg_weight, **dict(zip(fields, others, strict=True))
    )
    (gated, l0_reg), pullback = gates.vjp(np.array([[x]]), np.array([[noise]]))
    found = {"gated": gated, "l0_reg": l0_reg}
    back = pullback(np.array([[d_gated]]), d_l0_reg)
    found |= {f"pullback.{key}": value for key, value in back._asdict().items()}
    return {key: float(np.asarray(value).reshape(())) for key, value in found.items()}
