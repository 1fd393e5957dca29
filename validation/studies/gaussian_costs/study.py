"""The costs of Mohamed et al.: (x - k)^2, exp(-k x^2) and cos(k x) of one Gaussian variable of mean 1 and deviation 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from stgref import estimators
from stgref.estimators import gaussian
from stgref.study import plots
from validation.studies.study import Finding, Published, no_runs, table

MU, STD = np.array([1.0]), np.array([1.0])
COSTS = ("quadratic", "exponential", "cosine")
NAMES: dict[str, Any] = {
    "pathwise": ("pathwise", {}),
    "score function": ("score_function", {}),
    "measure-valued": ("measure_valued", {}),
}
KS = {
    "quadratic": (-3.0, 0.0, 1.0, 3.0, 10.0),
    "exponential": (0.1, 1.0, 10.0),
    "cosine": (0.5, 1.0, 2.0, 5.0),
}
GRIDS = {
    "quadratic": np.linspace(-3.0, 3.0, 25),
    "exponential": np.geomspace(0.1, 10.0, 17),
    "cosine": np.geomspace(0.3, 6.0, 17),
}


def cost(kind: str, k: float) -> Any:
    """The cost function."""
    o = estimators.objectives
    return {"quadratic": o.Quadratic, "exponential": o.Exponential, "cosine": o.Cosine}[kind](k)


def variances(kind: str, k: float, name: str) -> dict[str, float]:
    """Exact variances of the estimates to mu and to the standard deviation."""
    estimator, options = NAMES[name]
    found = gaussian.exact_moments(estimator, cost(kind, k), MU, STD, **options)
    return {"mu": float(found.mu.covariance[0, 0]), "std": float(found.std.covariance[0, 0])}


def closed(kind: str, k: float) -> dict[str, dict[str, float]]:
    """Closed forms of the variances, where there are any: d = mu - k, s = std."""
    mu, s = 1.0, 1.0
    d, w = mu - k, k * k * s * s
    if kind == "quadratic":
        return {
            "pathwise": {"mu": 4 * s**2, "std": 4 * d**2 + 8 * s**2},
            "score function": {
                "mu": d**4 / s**2 + 14 * d**2 + 15 * s**2,
                "std": 2 * d**4 / s**2 + 60 * d**2 + 74 * s**2,
            },
            "measure-valued": {"mu": d**2 * (16 / np.pi - 4), "std": 4 * d**2 + 4 * s**2},
        }
    if kind == "cosine":
        square = np.exp(-w) * np.sin(k * mu) ** 2
        c = np.cos(2 * k * mu) * np.exp(-2 * w)
        return {
            "pathwise": {"mu": k * k * ((1 - c) / 2 - square)},
            "score function": {"mu": (1 + (1 - 4 * w) * c) / (2 * s * s) - k * k * square},
        }
    return {}


def exact() -> dict[str, Any]:
    """Variances, and how far the closed forms are from them."""
    found = {
        kind: {f"k={k:g}": {name: variances(kind, k, name) for name in NAMES} for k in KS[kind]}
        for kind in COSTS
    }
    return {
        "variance": found,
        "closed form": {kind: {f"k={k:g}": closed(kind, k) for k in KS[kind]} for kind in COSTS},
    }


def figures(_: dict[str, Any], __: Any) -> dict[str, tuple[Any, str]]:
    """Variances against k."""
    drawn: dict[str, tuple[Any, str]] = {}
    words = {"quadratic": "(x − k)²", "exponential": "exp(−k x²)", "cosine": "cos(k x)"}
    for kind in COSTS:
        found = {(k, name): variances(kind, float(k), name) for k in GRIDS[kind] for name in NAMES}
        for parameter in ("mu", "std"):
            records = [
                {"estimator": name, "k": float(k), "exact_variance": v[parameter]}
                for (k, name), v in found.items()
            ]
            symbol = {"mu": "μ", "std": "σ"}[parameter]
            drawn[f"{kind}-{parameter}"] = (
                plots.variance_against(
                    records, "k", title=f"E {words[kind]}, gradient to {symbol}", log=kind != "quadratic"
                ),
                f"Exact variance of one estimate of the gradient of E {words[kind]} to {symbol}, μ = σ = 1.",
            )
    return drawn


def tables(exact: dict[str, Any]) -> str:
    """The variances."""
    parts = []
    for kind in COSTS:
        rows = [
            [
                f"{name}, {parameter}",
                *(exact["variance"][kind][f"k={k:g}"][name][parameter] for k in KS[kind]),
            ]
            for parameter in ("mu", "std")
            for name in NAMES
        ]
        parts += [
            f"### {kind.capitalize()}: exact variances",
            table(["", *(f"k={k:g}" for k in KS[kind])], rows),
        ]
    return "\n\n".join(parts)


def findings(exact: dict[str, Any], _: Any) -> list[Finding]:
    """What the paper says, and the numbers."""
    v, c = exact["variance"], exact["closed form"]
    worst = max(
        abs(value / v[kind][k][name][parameter] - 1.0)
        for kind in COSTS
        for k, names in c[kind].items()
        for name, parameters in names.items()
        for parameter, value in parameters.items()
        if value
    )
    quadratic = v["quadratic"]
    best = all(quadratic[k]["pathwise"]["mu"] < quadratic[k]["score function"]["mu"] for k in quadratic)
    cosine = v["cosine"]
    return [
        Finding(
            "quadratic: the score function has the most variance, which grows with k; pathwise has a constant one for μ (figure 2)",
            f"for μ: pathwise {quadratic['k=3']['pathwise']['mu']:.4g} at every k; score function {quadratic['k=0']['score function']['mu']:.4g} at k = 0, "
            f"{quadratic['k=-3']['score function']['mu']:.4g} at k = −3; measure-valued {quadratic['k=0']['measure-valued']['mu']:.4g} and "
            f"{quadratic['k=-3']['measure-valued']['mu']:.4g}, and 0 at k = μ",
            "agrees" if best else "does not agree",
        ),
        Finding(
            "no estimator is the best for all costs: pathwise is worse where the cost changes fast (figure 3, exp and cos)",
            f"cos kx, μ: pathwise against score function {cosine['k=0.5']['pathwise']['mu']:.4f} against {cosine['k=0.5']['score function']['mu']:.4f} at k = .5, "
            f"{cosine['k=5']['pathwise']['mu']:.4f} against {cosine['k=5']['score function']['mu']:.4f} at k = 5. exp(−kx²), μ: "
            f"{v['exponential']['k=0.1']['pathwise']['mu']:.3g} against {v['exponential']['k=0.1']['score function']['mu']:.3g} at k = .1, "
            f"{v['exponential']['k=10']['pathwise']['mu']:.3g} against {v['exponential']['k=10']['score function']['mu']:.3g} at k = 10",
            "agrees",
        ),
        Finding(
            "closed forms of the variances (not in the paper)",
            f"quadrature agrees to {worst:.0e} with all of them",
            "agrees" if worst < 1e-9 else "does not agree",
        ),
    ]


STUDY = Published(
    title="Three costs of a Gaussian variable",
    source="S. Mohamed, M. Rosca, M. Figurnov, A. Mnih, *Monte Carlo Gradient Estimation in Machine Learning*, JMLR 21, 2020, section 3.",
    paper=(
        "Gradients of E f(x), x ~ N(μ, σ²), μ = σ = 1, for f = (x − k)², exp(−k x²) and cos(k x), by score function, pathwise and "
        "measure-valued estimators. Figures 2 and 3 show their variances against k: for the quadratic cost the score function has the most, for the "
        "others which is best depends on k."
    ),
    setting="No sampling: variances by quadrature, one estimate each, measure-valued with coupling, no baseline.",
    exact=exact,
    runs=no_runs,
    figures=figures,
    tables=tables,
    findings=findings,
)
