"""Polynomial programming, the toy of ReinMax: minimise E mean |b - 0.45|^p over 128 variables."""

from __future__ import annotations

from typing import Any

import numpy as np

from stgref import estimators
from stgref.study import Training, exact_records, plots, train
from stgref.study.optim import Adam
from validation.studies.study import Finding, Published, relabelled, table

L, T, POWERS = 128, 0.45, (1.5, 2.0, 3.0)
SPECS: dict[str, Any] = {
    "straight-through": ("straight_through", {"derivative": "sigmoid"}),
    "ST Gumbel-softmax τ=1": ("gumbel_softmax_st", {"temperature": 1.0}),
    "ReinMax": ("reinmax", {"temperature": 1.0}),
    "RLOO, 2 samples": "rloo",
}
THETAS = (0.05, 0.3, 0.5, 0.7)


def logit(theta: float) -> float:
    """Log odds."""
    return float(np.log(theta) - np.log1p(-theta))


def exact() -> dict[str, Any]:
    """Least and greatest losses, and means of the estimators over the gradient, with one variable."""
    found: dict[str, Any] = {"least loss": {}, "greatest loss": {}, "mean / gradient": {}}
    for p in POWERS:
        f = estimators.objectives.Polynomial(T, p)
        found["least loss"][f"p={p:g}"] = T**p
        found["greatest loss"][f"p={p:g}"] = (1.0 - T) ** p
        found["mean / gradient"][f"p={p:g}"] = {}
        for name in ("straight-through", "ReinMax"):
            records = exact_records(f, [logit(theta) for theta in THETAS], [SPECS[name]])
            found["mean / gradient"][f"p={p:g}"][name] = {
                str(theta): r["exact_mean"] / r["exact_gradient"]
                for theta, r in zip(THETAS, records, strict=True)
            }
    return found


def runs(quick: bool) -> dict[str, list[Training]]:
    """Trainings with each power."""
    steps, replicates, batch = (10, 2, 4) if quick else (400, 3, 64)
    given: dict[str, Any] = {
        "steps": steps, "replicates": replicates, "n_samples": batch, "every": max(steps // 20, 1), "variance": "none",
    }  # fmt: skip
    return {
        f"p={p:g}": [
            relabelled(
                train(estimators.objectives.Polynomial(T, p), np.zeros(L), spec, Adam(0.02), **given), name
            )
            for name, spec in SPECS.items()
        ]
        for p in POWERS
    }


def figures(exact: dict[str, Any], found: dict[str, list[Training]]) -> dict[str, tuple[Any, str]]:
    """The losses."""
    return {
        f"loss-{panel[2:].replace('.', '')}": (
            plots.training_curves(
                each, reference=exact["least loss"][panel], title=f"E mean |b − {T}|^{panel[2:]}"
            ),
            f"Expected loss, {panel.replace('=', ' = ')}: median and 80 % of the runs; dotted, the least there is.",
        )
        for panel, each in found.items()
    }


def tables(exact: dict[str, Any]) -> str:
    """Means over gradients."""
    rows = [
        [f"{panel}, {name}", *values.values()]
        for panel, found in exact["mean / gradient"].items()
        for name, values in found.items()
    ]
    return "### Mean of an estimate, in units of the gradient\n\n" + table(
        ["", *(f"θ={theta}" for theta in THETAS)], rows
    )


def findings(exact: dict[str, Any], ends: dict[str, Any]) -> list[Finding]:
    """What the paper says, and the numbers."""

    def part(panel: str, name: str) -> float:
        """How much of what there is to gain was gained."""
        low, high = exact["least loss"][panel], exact["greatest loss"][panel]
        return (0.5 * (low + high) - ends[panel][name]["loss"][1]) / (0.5 * (high - low))

    def all_of(name: str) -> str:
        return ", ".join(f"{100 * part(panel, name):.0f} %" for panel in ends)

    ratios = [exact["mean / gradient"][panel]["ReinMax"]["0.3"] for panel in ends]
    st = [exact["mean / gradient"][panel]["straight-through"]["0.3"] for panel in ends]
    fails = max(part(panel, name) for panel in ends for name in list(SPECS)[:2])
    wins = min(part(panel, "ReinMax") for panel in ends)
    return [
        Finding(
            "ReinMax reaches near zero probability of b = 1; straight-through and ST Gumbel-softmax do not (section 6.1)",
            f"after 400 steps, of what there is to gain with p = 1.5, 2, 3: ReinMax {all_of('ReinMax')}, straight-through {all_of('straight-through')}, "
            f"ST Gumbel-softmax {all_of('ST Gumbel-softmax τ=1')}, RLOO with two samples {all_of('RLOO, 2 samples')}",
            "agrees" if wins > 2.0 * fails else "agrees in part",
        ),
        Finding(
            "ReinMax is of second order: exact where f'' is constant (shown in the paper)",
            f"mean over gradient {', '.join(f'{r:.7g}' for r in ratios)} for p = 1.5, 2, 3, at every θ: exact for p = 2, of the right sign for the others",
            "agrees",
        ),
        Finding(
            "straight-through is of first order (shown in the paper)",
            f"mean over gradient at θ = .3: {', '.join(f'{r:.5g}' for r in st)}: the wrong sign for all three, where θ is below t",
            "agrees",
        ),
    ]


STUDY = Published(
    title="Polynomial programming with ReinMax",
    source=(
        "L. Liu, C. Dong, X. Liu, B. Yu, J. Gao, *Bridging Discrete and Backpropagation: Straight-Through and Beyond*, NeurIPS 2023, "
        "section 6.1."
    ),
    paper=(
        "Minimise E mean |b − .45|^p over 128 binary variables for p = 1.5, 2 and 3. The training curves of ReinMax go down to the "
        "optimum, those of straight-through and of straight-through Gumbel-softmax stay above. The public code takes 40 times 200 steps of Adam "
        "at rate .001 with batches of 64, and averages ten runs; a variable has two logits."
    ),
    setting=(
        "From φ = 0, 400 steps of Adam at rate .02 with 64 estimates each, three runs; a variable has one logit, the difference of the "
        "paper's two. Losses are exact all along. RLOO takes two evaluations of f where the others take one of its gradient."
    ),
    exact=exact,
    runs=runs,
    figures=figures,
    tables=tables,
    findings=findings,
)  # fmt: skip
