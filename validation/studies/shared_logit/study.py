"""The shared logit of Liu et al. and Kool et al.: three variables, one logit eta, E sum (b - p)^2."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from stgref import estimators
from stgref.study import plots
from validation.studies.study import Finding, Published, no_runs, table

TARGETS = np.array([0.6, 0.51, 0.48])
F = estimators.objectives.Quadratic(TARGETS)
ETAS = (0.0, -4.0)
SPECS: dict[str, tuple[str, dict[str, Any], int]] = {  # name, options, evaluations
    "score function": ("score_function", {}, 1),
    "score function, mean as baseline": ("score_function", {"baseline": 0.0}, 1),
    "RLOO, 2": ("rloo", {"k": 2}, 2),
    "RLOO, 3": ("rloo", {"k": 3}, 3),
    "RLOO, 4": ("rloo", {"k": 4}, 4),
    "ARM": ("arm", {}, 2),
    "DisARM": ("disarm", {}, 2),
    "measure-valued": ("measure_valued", {}, 4),
}
SIZES = (2, 3, 4)


def truth(eta: float) -> float:
    """The gradient to the shared logit."""
    return float(np.sum(estimators.exact_gradient(F, np.full(3, eta))))


def variance(label: str, eta: float) -> float:
    """Variance of the sum over the coordinates, which is the estimate of the gradient to the shared logit."""
    name, options, _ = SPECS[label]
    phi = np.full(3, eta)
    if "baseline" in options:
        options = {"baseline": float(estimators.exact_value(F, phi))}
    return float(np.sum(estimators.exact_moments(name, F, phi, **options).covariance))


def outcomes(eta: float) -> tuple[Any, Any, Any]:
    """Probability, objective and score of the eight outcomes, each with b summed to one score."""
    theta = 1.0 / (1.0 + np.exp(-eta))
    b = np.array(list(itertools.product([0.0, 1.0], repeat=3)))
    return np.prod(np.where(b > 0, theta, 1.0 - theta), axis=1), F(b), np.sum(b - theta, axis=1)


def chance(p: Any, rest: frozenset[int], left: float = 1.0) -> float:
    """Probability that the next draws without replacement are the set ``rest``, in any order, with ``left`` left over."""
    if not rest:
        return 1.0
    return float(sum(p[s] / left * chance(p, rest - {s}, left - p[s]) for s in rest))


def unordered(eta: float, k: int, *, baseline: bool) -> tuple[float, float]:
    """Mean and variance of the unordered-set estimator of Kool et al., by all sets of k of the eight outcomes."""
    p, f, score = outcomes(eta)
    mean, square = 0.0, 0.0
    for each in itertools.combinations(range(8), k):
        whole = frozenset(each)
        share = chance(p, whole)
        first = {s: chance(p, whole - {s}, 1.0 - p[s]) for s in each}

        def second(
            s: int, other: int, whole: frozenset[int] = whole, first: dict[int, float] = first
        ) -> float:
            """P(the set | first s, then other) / P(the set | first s)."""
            return chance(p, whole - {s, other}, 1.0 - p[s] - p[other]) / first[s]

        def base(s: int, each: Sequence[int] = each, second: Any = second) -> float:
            """The built-in baseline: the estimate of E f from the same set, given that s was drawn first."""
            others = sum(p[o] / (1.0 - p[s]) * second(s, o) * f[o] for o in each if o != s)
            return float(p[s] * f[s] + (1.0 - p[s]) * others)

        g = sum(p[s] * first[s] / share * (f[s] - (base(s) if baseline else 0.0)) * score[s] for s in each)
        mean, square = mean + share * g, square + share * g * g
    return float(mean), float(square - mean * mean)


def summed(eta: float, k: int) -> float:
    """Variance of summing the k - 1 likeliest outcomes and sampling one of the others (Liu et al.)."""
    p, f, score = outcomes(eta)
    rest = np.argsort(-p, kind="stable")[k - 1 :]
    left = p[rest].sum()
    q, g = p[rest] / left, left * f[rest] * score[rest]
    return float(q @ g**2 - (q @ g) ** 2)


def exact() -> dict[str, Any]:
    """Gradients and variances at both logits."""
    found: dict[str, Any] = {"gradient": {}, "variance": {}, "without replacement": {}}
    for eta in ETAS:
        at = f"eta={eta:g}"
        found["gradient"][at] = truth(eta)
        found["variance"][at] = {label: variance(label, eta) for label in SPECS}
        found["without replacement"][at] = {
            **{f"unordered set, {k}": unordered(eta, k, baseline=False)[1] for k in SIZES},
            **{f"unordered set with baseline, {k}": unordered(eta, k, baseline=True)[1] for k in SIZES},
            **{f"sum and sample, {k}": summed(eta, k) for k in SIZES},
        }
        found["mean with baseline"] = {
            **found.get("mean with baseline", {}),
            at: {str(k): unordered(eta, k, baseline=True)[0] for k in SIZES},
        }
    return found


def figures(_: dict[str, Any], __: Any) -> dict[str, tuple[Any, str]]:
    """Variances against the logit."""
    known = ("score function", "RLOO, 4", "DisARM")

    def at(eta: float) -> dict[str, float]:
        return {
            **{label: variance(label, eta) for label in known},
            "unordered set, 4": unordered(eta, 4, baseline=True)[1],
            "sum and sample, 4": summed(eta, 4),
        }

    records = [
        {"estimator": label, "logit": float(eta), "exact_mean": truth(float(eta)), "exact_variance": value}
        for eta in np.linspace(-4.0, 2.0, 25)
        for label, value in at(float(eta)).items()
    ]
    caption = (
        "Exact variance of one estimate of the gradient to the shared logit. RLOO, unordered set and sum and sample evaluate the "
        "objective 4 times, DisARM twice."
    )
    figure = plots.variance_against_logit(records, "gradient to the shared logit η")
    return {"variance-logit": (figure, caption)}


def tables(exact: dict[str, Any]) -> str:
    """Variances."""
    head = ["", *(f"η={eta:g}" for eta in ETAS)]
    both = [{**exact["variance"][at], **exact["without replacement"][at]} for at in ("eta=0", "eta=-4")]
    rows = [[label, *(found[label] for found in both)] for label in both[0]]
    return "### Exact variance of one estimate of the gradient to the shared logit\n\n" + table(head, rows)


def findings(exact: dict[str, Any], _: Any) -> list[Finding]:
    """What the papers say, and the numbers."""
    v, w, g = exact["variance"], exact["without replacement"], exact["gradient"]
    off = max(
        abs(m / g[at] - 1.0) for at, means in exact["mean with baseline"].items() for m in means.values()
    )
    return [
        Finding(
            "sampling without replacement has less variance, above all at η = −4, where one outcome has most of the probability (Kool et al., figure 1)",
            f"with four evaluations, η = 0: unordered set with its baseline {w['eta=0']['unordered set with baseline, 4']:.4g}, RLOO {v['eta=0']['RLOO, 4']:.4g}; "
            f"η = −4: {w['eta=-4']['unordered set with baseline, 4']:.3g} against {v['eta=-4']['RLOO, 4']:.3g}",
            "agrees"
            if all(w[at]["unordered set with baseline, 4"] < v[at]["RLOO, 4"] for at in v)
            else "does not agree",
        ),
        Finding(
            "the built-in baseline lowers the variance (Kool et al., figure 1)",
            "; ".join(
                f"{at.replace('eta=', 'η = ')}: {w[at]['unordered set with baseline, 4']:.3g} with, {w[at]['unordered set, 4']:.3g} without, k = 4"
                for at in w
            )
            + f". With k ≥ 2 it stays unbiased (to {off:.0e})",
            "agrees"
            if all(w[at]["unordered set with baseline, 4"] < w[at]["unordered set, 4"] for at in w)
            else "agrees in part",
        ),
        Finding(
            "summing the likeliest outcomes pays where they have most of the probability (Liu et al.)",
            f"η = −4: {w['eta=-4']['sum and sample, 4']:.3g} with three summed, {v['eta=-4']['score function']:.3g} of the score function; η = 0: "
            f"{w['eta=0']['sum and sample, 4']:.3g} and {v['eta=0']['score function']:.3g}",
            "agrees",
        ),
        Finding(
            "not in these papers",
            f"DisARM with two evaluations has {v['eta=0']['DisARM']:.3g} at η = 0 and {v['eta=-4']['DisARM']:.3g} at η = −4; the measure-valued estimator "
            f"with four, none but rounding: of a separable objective it knows the gradient exactly",
            "beside them",
        ),
    ]


STUDY = Published(
    title="Three variables with a shared logit",
    source=(
        "R. Liu, J. Regier, N. Tripuraneni, M. I. Jordan, J. McAuliffe, *Rao-Blackwellized Stochastic Gradients for Discrete "
        "Distributions*, ICML 2019; W. Kool, H. van Hoof, M. Welling, *Estimating Gradients for Discrete Random Variables by Sampling "
        "without Replacement*, ICLR 2020, section 5.1."
    ),
    paper=(
        "E Σ (b − p)² of three bits with p = (.6, .51, .48) and one logit η. Kool et al. show the logarithm of the variance of the gradient "
        "against the number of samples, at η = 0 and η = −4: sampling without replacement, with a built-in baseline, is the best of those that "
        "only sample."
    ),
    setting=(
        "No sampling: variances by enumeration. The estimate of the gradient to η is the sum of those to the three logits. The unordered-set "
        "estimator and sum-and-sample are not among stgref's estimators; they are written out here, over the eight outcomes, to compare with."
    ),
    exact=exact,
    runs=no_runs,
    figures=figures,
    tables=tables,
    findings=findings,
)  # fmt: skip
