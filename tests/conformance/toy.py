"""A gate layer written plainly, in float64, with everything that people get wrong as an option."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import expit
from scipy.stats import norm

from stgref.conformance.recording import Case

Array = Any


def logistic(u: Array) -> Array:
    return np.log(u) - np.log1p(-u)


def same(noise: Array) -> Array:
    return noise


def number(case: Case, name: str) -> Array:
    return np.asarray(case.arguments[name], "float64")


def open_probability(case: Case) -> Array:
    if case.function.startswith("Gaussian"):
        return norm.sf(0, number(case, "mu"), number(case, "std"))
    t, l, u = (number(case, name) for name in ("temperature", "lower_bound", "upper_bound"))
    return expit(number(case, "log_alpha_param") - t * np.log(-l / u))


def forward(
    case: Case,
    *,
    noise_of: Callable[[Array], Array] = logistic,
    noise: Callable[[Array], Array] = same,
    temperature: float | None = None,
    weight: float | None = None,
    reduction: str | None = None,
) -> dict[str, Array]:
    """The sampled layer without a mask; each option is a way to go wrong."""
    x, n = number(case, "x"), case.array("x").shape[1]
    if case.function.startswith("Gaussian"):
        z = number(case, "mu") + number(case, "std") * noise(number(case, "noise"))
    else:
        t = temperature or number(case, "temperature")
        s = expit((noise_of(noise(number(case, "uniform"))) + number(case, "log_alpha_param")) / t)
        z = s * (number(case, "upper_bound") - number(case, "lower_bound")) + number(case, "lower_bound")
    p = open_probability(case) * (weight or number(case, "reg_weight"))
    reduced = {"sum": p.sum(), "mean": p.sum() / n, "none": p}[
        reduction or str(case.arguments["reg_reduction"])
    ]
    outputs = {"gated": x * np.clip(z, 0, 1), "l0_reg": reduced}
    return {name: np.asarray(value).astype(case.dtype) for name, value in outputs.items()}
