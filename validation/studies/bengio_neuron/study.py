"""The four approaches of Bengio, Leonard and Courville, on one neuron."""

from __future__ import annotations

from typing import Any

import numpy as np

from stgref import estimators
from stgref.study import Training, plots, train
from stgref.study.optim import Adam
from stgref.study.schedules import Linear
from validation.studies.study import Finding, Published, relabelled, table

T = 0.45
TOY = estimators.objectives.Quadratic(T)
ACTIVATIONS = (-2.0, -0.4, 0.0, 1.0, 2.0)
GRID = np.linspace(-4.0, 4.0, 33)
UNITS: dict[
    str, tuple[str, dict[str, Any], str, dict[str, Any]]
] = {  # estimator, options; an unbiased one, options
    "1: score function": ("score_function", {}, "score_function", {}),
    "1: with the best baseline": ("score_function", {"baseline": "optimal"}, "score_function", {}),
    "2: stochastic times smooth": ("sts", {}, "sts", {"score": True}),
    "3: noisy rectifier": ("noisy_rectifier", {}, "noisy_rectifier", {}),
    "3: multiplicative noise": ("multiplicative_noise", {}, "multiplicative_noise", {}),
    "4: straight-through": ("straight_through", {}, "score_function", {}),
    "4: straight-through, σ'": ("straight_through", {"derivative": "sigmoid"}, "score_function", {}),
}


def moments(f: Any, a: float, label: str) -> dict[str, float]:
    """Exact gradient of the expectation over the unit, mean and variance of one estimate."""
    name, options, unbiased, others = UNITS[label]
    phi = np.array([a])
    found = estimators.exact_moments(name, f, phi, **options)
    truth = estimators.exact_moments(unbiased, f, phi, **others).mean
    return {
        "gradient": float(truth[0]),
        "mean": float(found.mean[0]),
        "variance": float(found.covariance[0, 0]),
    }


def exact() -> dict[str, Any]:
    """Moments of all units, of the quadratic and of the linear objective."""
    linear = estimators.objectives.Linear([1.0])
    return {
        "quadratic": {f"a={a:g}": {label: moments(TOY, a, label) for label in UNITS} for a in ACTIVATIONS},
        "linear": {f"a={a:g}": {label: moments(linear, a, label) for label in UNITS} for a in ACTIVATIONS},
    }


def runs(quick: bool) -> dict[str, list[Training]]:
    """Trainings of the binary neuron."""
    steps, replicates = (20, 2) if quick else (400, 5)
    given: dict[str, Any] = {"steps": steps, "replicates": replicates, "every": max(steps // 20, 1)}
    slope = ("straight_through", {"derivative": "sigmoid", "slope": Linear(1.0, 5.0, steps)})
    specs: dict[str, Any] = {
        **{label: (name, options) for label, (name, options, *_) in UNITS.items() if label[0] in "14"},
        "4: σ', slope 1 to 5": slope,
    }
    found: list[Training] = []
    for label, spec in specs.items():
        found.append(relabelled(train(TOY, np.zeros(1), spec, Adam(0.05), **given), label))
    return {"binary neuron": found}


def figures(_: dict[str, Any], found: dict[str, list[Training]]) -> dict[str, tuple[Any, str]]:
    """Fingerprints, and the losses."""
    records = [
        {
            "estimator": label,
            "logit": float(a),
            "exact_gradient": m["gradient"],
            "exact_mean": m["mean"],
            "exact_variance": m["variance"],
        }
        for label in UNITS
        for a in GRID
        for m in (moments(TOY, float(a), label),)
    ]
    return {
        "fingerprints": (
            plots.fingerprints(records, f"(h − {T})²", shared=False),
            "Mean and standard deviation of one estimate, and the gradient of the expectation over each unit (grey), against the activation.",
        ),
        "loss": (
            plots.training_curves(found["binary neuron"], reference=T**2, title=f"E (b − {T})²"),
            "Expected loss of the binary neuron: median and 80 % of the runs; dotted, the least there is.",
        ),
    }


def tables(exact: dict[str, Any]) -> str:
    """Gradient, mean and deviation."""
    parts = []
    for a in ("a=0", "a=1"):
        rows = [
            [label, m["gradient"], m["mean"], m["variance"] ** 0.5]
            for label, m in exact["quadratic"][a].items()
        ]
        parts += [
            f"### (h − .45)², {a}",
            table(["", "gradient", "mean of an estimate", "standard deviation"], rows),
        ]
    return "\n\n".join(parts)


def findings(exact: dict[str, Any], ends: dict[str, Any]) -> list[Finding]:
    """What the paper says, and the numbers."""
    q, linear, end = exact["quadratic"], exact["linear"], ends["binary neuron"]
    most = max(q[a]["1: with the best baseline"]["variance"] for a in q)
    half = [linear[a]["2: stochastic times smooth"] for a in linear]
    noisy = max(
        abs(linear[f"a={a:g}"]["3: noisy rectifier"]["mean"] - 1.0 / (1.0 + np.exp(-a))) for a in ACTIVATIONS
    )
    return [
        Finding(
            "there is a baseline of least variance, E[(h − p)² L] / E[(h − p)²] (section 4)",
            f"with one neuron it leaves no variance at all: {most:.0e} at most, where there is {q['a=0']['1: score function']['variance']:.3g} without one",
            "agrees",
        ),
        Finding(
            "stochastic times smooth: E f(h) is that of f(p) but for o(√p), and its gradient follows (section 5)",
            f"for f = h the mean of the estimate is {half[0]['mean'] / half[0]['gradient']:.6f} of the gradient at every a: derived through the smooth "
            "part only, half of it is missing, the score-function term",
            "a factor of 1/2 is missing",
        ),
        Finding(
            "noise injected before a rectifier gives unbiased gradients (section 3)",
            f"the mean for f = h is the probability that the unit is on, σ(a), to {noisy:.0e}",
            "agrees",
        ),
        Finding(
            "straight-through, although biased, gave the best results of the four (section 6, conditional computation on MNIST)",
            f"not on this toy: it ends at a loss of {end['4: straight-through']['loss'][1]:.4f}, with σ' at {end['4: straight-through, σ' + chr(39)]['loss'][1]:.4f}, "
            f"with a slope of 1 to 5 at {end['4: σ' + chr(39) + ', slope 1 to 5']['loss'][1]:.4f}, near p = t with t(1 − t) = .2475, while the score function with its best "
            f"baseline reaches {end['1: with the best baseline']['loss'][1]:.4f}, the least being .2025. At a = −.4 its mean is "
            f"{q['a=-0.4']['4: straight-through']['mean']:.3f}, the gradient {q['a=-0.4']['4: straight-through']['gradient']:.4f}",
            "not seen here; MNIST was not rerun",
        ),
    ]


STUDY = Published(
    title="Four ways through a stochastic neuron",
    source=(
        "Y. Bengio, N. Léonard, A. Courville, *Estimating or Propagating Gradients Through Stochastic Neurons for Conditional Computation*, "
        "arXiv:1308.3432, 2013."
    ),
    paper=(
        "Four ways to a gradient: (1) an unbiased estimator like REINFORCE, with the baseline of least variance; (2) a unit that is a stochastic "
        "binary part times a smooth one; (3) noise injected into a smooth unit; (4) straight-through. They are compared as gaters of a network "
        "on MNIST, where straight-through did best."
    ),
    setting=(
        "One neuron of activation a, with the objective (h − .45)² of its output h, and h itself. Each unit has its own output, so each "
        "estimate is compared with the gradient of the expectation over its own. Means and variances are exact. The binary neuron is trained from "
        "a = 0 with 400 steps of Adam at rate .05, one estimate each, five runs; the slope of slope annealing goes from 1 to 5. MNIST is left out."
    ),
    exact=exact,
    runs=runs,
    figures=figures,
    tables=tables,
    findings=findings,
)  # fmt: skip
