"""The samples of the scalar laws, and their derivatives."""

from __future__ import annotations

import inspect
import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import stgref
from stgref.explain import steps
from stgref.explain.steps import Explanation, Step


@dataclass(frozen=True)
class Law:
    """The description of a law's sample.

    Attributes
    ----------
    title : str
        What it is.
    base : str
        The function of `stgref.noise` that draws its noise.
    steps : tuple of Step
        From noise and parameters to the sample, the last symbol.
    noise : str
        The name of the noise in the formulas.
    note : str
        What else there is to say.
    """

    title: str
    base: str
    steps: tuple[Step, ...]
    noise: str = "noise"
    note: str = ""


LOCATION_SCALE = (Step("x", "loc + scale * noise", {"noise": "scale", "loc": "1", "scale": "noise"}),)
CLIPPED = Step("z", "clip(zbar)", {"zbar": "inside(zbar)"})
V = Step(
    "v",
    "(noise + log_alpha) / temperature",
    {"noise": "1 / temperature", "log_alpha": "1 / temperature", "temperature": "-v / temperature"},
)
STRETCHED = Step(
    "zbar",
    "upper * sigma(v) + lower * sigma(-v)",
    {"v": "(upper - lower) * sigma(v) * sigma(-v)", "lower": "sigma(-v)", "upper": "sigma(v)"},
)
Y = Step("y", "-log1p(-uniform) / b", {"uniform": "1 / (b * (1 - uniform))", "b": "-y / b"})


def _power(symbol: str) -> Step:
    """The Kumaraswamy variable, (1 - e^-y)^(1/a)."""
    return Step(
        symbol,
        "(-expm1(-y)) ** (1 / a)",
        {"y": f"{symbol} / (a * expm1(y))", "a": f"-{symbol} * log({symbol}) / a"},
    )


LAWS = {
    "logistic": Law("a sample of the logistic law", "logistic", LOCATION_SCALE),
    "normal": Law("a sample of the normal law", "normal", LOCATION_SCALE),
    "gumbel": Law("a sample of the Gumbel law", "gumbel", LOCATION_SCALE),
    "binary_concrete": Law(
        "a sample of the binary concrete law",
        "logistic",
        (V, Step("z", "sigma(v)", {"v": "sigma(v) * sigma(-v)"})),
    ),
    "hard_concrete": Law("a sample of the hard concrete law", "logistic", (V, STRETCHED, CLIPPED)),
    "rectified_gaussian": Law(
        "a sample of the rectified Gaussian law",
        "normal",
        (Step("zbar", "mu + std * noise", {"noise": "std", "mu": "1", "std": "noise"}), CLIPPED),
    ),
    "kumaraswamy": Law("a sample of the Kumaraswamy law", "uniform", (Y, _power("z")), "uniform"),
    "hard_kumaraswamy": Law(
        "a sample of the hard Kumaraswamy law",
        "uniform",
        (
            Y,
            _power("v"),
            Step(
                "zbar",
                "upper * v + lower * (1 - v)",
                {"v": "upper - lower", "lower": "1 - v", "upper": "v"},
            ),
            CLIPPED,
        ),
        "uniform",
    ),
    "bernoulli": Law(
        "a sample of the Bernoulli law",
        "logistic",
        (Step("b", "positive(noise + logits)", {"noise": "0", "logits": "0"}),),
        note="The sample jumps, so that its derivatives are 0 wherever they exist, and say nothing about its mean. "
        "stgref explain score-function shows an estimator that does.",
    ),
}
QUANTITIES = ("mean", "variance", "prob_zero", "prob_one")
"""What is said of a law beside its sample, where it has it."""


def law_of(name: str) -> types.ModuleType:
    """The module of a law."""
    module: types.ModuleType = getattr(stgref, name)
    return module


def parameters(name: str) -> dict[str, Any]:
    """The parameters of a law, and their defaults."""
    signature = inspect.signature(law_of(name).transform)
    return {p.name: p.default for p in signature.parameters.values() if p.name != "noise"}


def explain(name: str, noise: float, **values: float) -> Explanation:
    """Explain a sample of a law, and its derivatives.

    Parameters
    ----------
    name : str
        The law.
    noise : float
        Its base noise.
    **values
        Its parameters.

    Returns
    -------
    Explanation
        The lines; ``facts`` has what the law's functions return.

    Raises
    ------
    ValueError
        If an argument is out of range, or a line is no finite number.

    Examples
    --------
    >>> from stgref.explain.laws import explain
    >>> explain("logistic", 0.5, loc=1.0, scale=2.0).sections[1].lines[0].value
    2.0
    """
    law, module = LAWS[name], law_of(name)
    facts = returned(name, noise, values)
    known: dict[str, Any] = {law.noise: noise, **values}
    sections = [
        steps.arguments(known),
        steps.forward("Sample", law.steps, known),
        steps.local(law.steps, known),
    ]
    if len(law.steps) > 1:
        last = law.steps[-1].symbol
        sections.append(steps.chain(law.steps, known, last, [law.noise, *values], {last: None}))
    facts |= {q: float(getattr(module, q)(*values.values())) for q in QUANTITIES if hasattr(module, q)}
    return Explanation(name, law.title, sections, facts, law.note)


def returned(name: str, noise: float, values: Mapping[str, float]) -> dict[str, float]:
    """The sample and its derivatives as the law returns them."""
    found = law_of(name).grad_transform(np.float64(noise), *values.values())
    return {f"grad_transform.{key}": float(value) for key, value in found._asdict().items()}
