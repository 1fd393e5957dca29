"""The toy of ARM, also DisARM's: maximise E (b - p0)^2 over one Bernoulli variable, with p0 near 1/2."""

from __future__ import annotations

from typing import Any

import numpy as np

from stgref import estimators
from stgref.study import Training, exact_records, plots, train
from stgref.study.optim import SGD
from validation.studies.study import Finding, Published, relabelled, table

TARGETS = (0.49, 0.499, 0.501, 0.51)
ESTIMATORS: dict[str, Any] = {
    "true gradient": "measure_valued",
    "score function": "score_function",
    "RLOO, 2 samples": "rloo",
    "ARM": "arm",
    "DisARM": "disarm",
    "REBAR τ=.5": ("rebar", {"temperature": 0.5}),
}
LOGITS = (0.0, 0.5, 1.0, 2.0, 4.0)


def toy(p0: float) -> Any:
    """The objective."""
    return estimators.objectives.Quadratic(p0)


def records(p0: float, logits: Any, names: Any) -> list[dict[str, Any]]:
    """Exact records under short names."""
    return [
        {**record, "estimator": name}
        for name in names
        for record in exact_records(toy(p0), logits, [ESTIMATORS[name]])
    ]


def closed(p0: float, phi: float) -> dict[str, float]:
    """Closed forms of the variances, with s2 = theta (1 - theta), q = min(theta, 1 - theta) and Delta = 1 - 2 p0."""
    theta, delta = 1.0 / (1.0 + np.exp(-phi)), 1.0 - 2.0 * p0
    s2, q = theta * (1.0 - theta), min(theta, 1.0 - theta)
    return {
        "score function": float(s2 * ((1.0 - theta) * (1.0 - p0) ** 2 + theta * p0**2) ** 2),
        "RLOO, 2 samples": float(delta**2 * s2 * (1.0 - 2.0 * s2) / 2.0),
        "ARM": float(delta**2 * (2.0 / 3.0 * (1.0 / 8.0 - abs(theta - 0.5) ** 3) - s2**2)),
        "DisARM": float(0.5 * delta**2 * q * (1.0 - q) ** 2 * (1.0 - 2.0 * q)),
    }


def exact() -> dict[str, Any]:
    """Variances, their closed forms, and standard deviations in units of the gradient."""
    names = [name for name in ESTIMATORS if name != "true gradient"]
    found: dict[str, Any] = {"variance": {}, "closed form": {}, "standard deviation / gradient": {}}
    for p0 in TARGETS:
        each = records(p0, LOGITS, names)
        at = {(r["estimator"], r["logit"]): r for r in each}
        found["variance"][str(p0)] = {
            name: {f"phi={phi:g}": at[name, phi]["exact_variance"] for phi in LOGITS} for name in names
        }
        found["closed form"][str(p0)] = {f"phi={phi:g}": closed(p0, phi) for phi in LOGITS}
        found["standard deviation / gradient"][str(p0)] = {
            name: at[name, 0.0]["exact_variance"] ** 0.5 / abs(at[name, 0.0]["exact_gradient"])
            for name in names
        }
    return found


def runs(quick: bool) -> dict[str, list[Training]]:
    """Ascents with each p0."""
    steps, replicates = (20, 2) if quick else (500, 3)
    given: dict[str, Any] = {"steps": steps, "replicates": replicates, "every": max(steps // 20, 1)}
    return {
        f"p0={p0}": [
            relabelled(train(toy(p0), np.zeros(1), e, SGD(1.0, maximize=True), **given), name)
            for name, e in ESTIMATORS.items()
        ]
        for p0 in TARGETS
    }


def figures(_: dict[str, Any], found: dict[str, list[Training]]) -> dict[str, tuple[Any, str]]:
    """The courses of the objective, and the variances."""
    drawn: dict[str, tuple[Any, str]] = {}
    for p0 in (0.49, 0.499):
        tag = f"{p0:g}".replace("0.", "")
        drawn[f"objective-{tag}"] = (
            plots.training_curves(found[f"p0={p0}"], title=f"E (b − {p0})², upwards"),
            f"Expected objective, p₀ = {p0}: median and 80 % of the runs.",
        )
    names = [name for name in ESTIMATORS if name != "true gradient"]
    drawn["variance-logit"] = (
        plots.variance_against_logit(records(0.49, np.linspace(-4, 4, 33), names), "p₀ = 0.49"),
        "Exact variance of one estimate against the logit, p₀ = .49.",
    )
    drawn["fingerprints"] = (
        plots.fingerprints(records(0.49, np.linspace(-4, 4, 17), names)),
        "Mean and standard deviation of one estimate against the logit, and the gradient, p₀ = .49.",
    )
    return drawn


def tables(exact: dict[str, Any]) -> str:
    """The exact variances."""
    head = ["", *(f"φ={phi:g}" for phi in LOGITS)]
    parts = []
    for p0 in (0.49, 0.499):
        rows = [[name, *values.values()] for name, values in exact["variance"][str(p0)].items()]
        parts += [
            f"### Exact variance of one estimate, p₀ = {p0} (or {1 - p0:g}, but for score function and REBAR)",
            table(head, rows),
        ]
    rows = [
        [name, *(exact["standard deviation / gradient"][str(p0)][name] for p0 in TARGETS)]
        for name in exact["standard deviation / gradient"]["0.49"]
    ]
    parts += [
        "### Standard deviation over gradient, at φ = 0",
        table(["", *(f"p₀={p0}" for p0 in TARGETS)], rows),
    ]
    return "\n\n".join(parts)


def findings(exact: dict[str, Any], ends: dict[str, Any]) -> list[Finding]:
    """What the papers say, and the numbers."""
    ratio = exact["standard deviation / gradient"]

    def off(p0: float, name: str) -> float:
        """How far the runs end from the true gradient's, in units of what that gained."""
        end, truth = ends[f"p0={p0}"][name]["loss"], ends[f"p0={p0}"]["true gradient"]["loss"][1]
        gained = abs(truth - ((1 - p0) ** 2 + p0**2) / 2)
        return max(abs(end[0] - truth), abs(end[2] - truth)) / gained

    worst = max(
        abs(
            exact["closed form"][str(p0)][f"phi={phi:g}"][name]
            - exact["variance"][str(p0)][name][f"phi={phi:g}"]
        )
        / exact["variance"][str(p0)]["score function"][f"phi={phi:g}"]
        for p0 in TARGETS
        for phi in LOGITS
        for name in ("score function", "RLOO, 2 samples", "ARM", "DisARM")
    )
    below = all(
        exact["variance"][str(p0)]["DisARM"][f"phi={phi:g}"]
        < min(exact["variance"][str(p0)][n][f"phi={phi:g}"] for n in ("ARM", "RLOO, 2 samples"))
        for p0 in TARGETS
        for phi in LOGITS
    )
    return [
        Finding(
            "ARM follows the course of the true gradient, for every p₀; REINFORCE does not (ARM, figure 1)",
            f"80 % of the runs end within {100 * off(0.49, 'ARM'):.0f} % (p₀ = .49) and {100 * off(0.499, 'ARM'):.0f} % (p₀ = .499) of what the true "
            f"gradient gains; the score function's are off by {100 * off(0.49, 'score function'):.0f} % and {100 * off(0.499, 'score function'):.0f} %",
            "agrees",
        ),
        Finding(
            "REBAR gets less robust as p₀ nears 1/2 (ARM, with figure 1)",
            f"at φ = 0 its standard deviation is {ratio['0.49']['REBAR τ=.5']:.0f} times the gradient for p₀ = .49, "
            f"{ratio['0.499']['REBAR τ=.5']:.0f} times for .499; ARM's is {ratio['0.49']['ARM']:.2f} times it for both",
            "agrees",
        ),
        Finding(
            "DisARM has less variance than ARM and RLOO (DisARM, section 5.1)",
            "at all "
            f"{len(TARGETS) * len(LOGITS)} points, exactly; at φ = 0 it is 0, since one of the two antithetic samples is always 1 and the other 0",
            "agrees" if below else "does not agree",
        ),
        Finding(
            "closed forms of the variances",
            f"enumeration agrees to {worst:.0e} of the score function's variance",
            "agrees",
        ),
    ]


STUDY = Published(
    title="The toy of ARM and DisARM",
    source=(
        "M. Yin, M. Zhou, *ARM: Augment-REINFORCE-Merge Gradient for Stochastic Binary Networks*, ICLR 2019, figure 1; Z. Dong, "
        "A. Mnih, G. Tucker, *DisARM: An Antithetic Gradient Estimator for Binary Latent Variables*, NeurIPS 2020, section 5.1."
    ),
    paper=(
        "Maximise E (b − p₀)² with p₀ in .49, .499, .501, .51; the best is b = 1 for p₀ < 1/2. ARM's figure 1 traces the gradients and the "
        "probability along the ascents with the true gradient, REINFORCE, REBAR, RELAX and ARM: ARM's are nearest to the true gradient's, and "
        "the others fail the more, the nearer p₀ is to 1/2. DisARM takes the same problem and shows less variance than ARM and RLOO."
    ),
    setting=(
        "From φ = 0, 500 steps of gradient ascent at rate 1, one estimate each, three runs; `measure_valued` is the true gradient with one "
        "variable. REBAR has η = 1, not tuned. Objective and variance are exact all along. With gradients of s²(1 − 2p₀), .0025 and less, and "
        "plain ascent, no run is near the end of its way: what is compared is whether it goes there."
    ),
    exact=exact,
    runs=runs,
    figures=figures,
    tables=tables,
    findings=findings,
)  # fmt: skip
