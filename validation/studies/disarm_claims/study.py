"""DisARM and ARMS: what their variances are, exactly, in one variable and in several."""

from __future__ import annotations

from typing import Any

import numpy as np

from stgref import estimators
from stgref.study import plots
from validation.studies.study import Finding, Published, no_runs, table

THETAS = (0.1, 0.3, 0.5, 0.8, 0.9, 0.99)
PRINTED = {  # The ARMS toy, Var / Delta^2, for n = 2, 3, 4, 6.
    0.1: (0.0324, 0.0189, 0.01215, 0.00597784),
    0.3: (0.0294, 0.00643453, 0.00232265, 0.00201096),
    0.5: (0.0, 0.00093366, 0.00151951, 0.00083111),
    0.8: (0.0384, 0.01706667, 0.00774694, 0.00348939),
}
SIZES = (2, 3, 4, 6)
PROBLEMS = 300


def logit(theta: float) -> float:
    """Log odds."""
    return float(np.log(theta) - np.log1p(-theta))


def variances(name: str, f: Any, phi: Any, **options: Any) -> Any:
    """Exact variance of each coordinate."""
    return np.diag(estimators.exact_moments(name, f, np.asarray(phi, dtype=float), **options).covariance)


def table_of(values: Any) -> Any:
    """Any function of D bits, by its 2^D values."""

    def f(b: Any) -> Any:
        return values[(b @ 2.0 ** np.arange(b.shape[-1])).astype(int)]

    return f


def survey() -> dict[str, Any]:
    """Random functions of two to four bits at random logits: how often DisARM has less variance than others."""
    rng, wins, total, worst = np.random.default_rng(0), {"arm": 0, "rloo": 0}, 0, 0.0
    for _ in range(PROBLEMS):
        d = int(rng.integers(2, 5))
        f, phi = table_of(rng.normal(size=2**d)), rng.normal(scale=1.5, size=d)
        disarm, arm, rloo = (variances(name, f, phi) for name in ("disarm", "arm", "rloo"))
        total += d
        wins["arm"] += int(np.sum(disarm <= arm))
        wins["rloo"] += int(np.sum(disarm <= rloo))
        worst = max(worst, float(np.max(disarm / rloo)))
    return {
        "problems": PROBLEMS,
        "coordinates": total,
        "at most ARM's": wins["arm"],
        "at most RLOO's": wins["rloo"],
        "largest ratio to RLOO's": worst,
    }


def exact() -> dict[str, Any]:
    """Variances over Delta^2 in one variable, the counterexample, and the survey."""
    f = estimators.objectives.Linear([1.0])
    one = {
        str(theta): {
            "ARM": float(variances("arm", f, [logit(theta)])[0]),
            "RLOO, 2 samples": float(variances("rloo", f, [logit(theta)])[0]),
            **{
                f"ARMS, n={n}" if n > 2 else "DisARM": float(variances("arms", f, [logit(theta)], k=n)[0])
                for n in SIZES
            },
            **{f"RLOO, {n} samples": float(variances("rloo", f, [logit(theta)], k=n)[0]) for n in SIZES[1:]},
        }
        for theta in THETAS
    }
    phi = [logit(0.9), 0.0]
    second = estimators.objectives.Linear([0.0, 1.0])
    return {
        "variance / Delta^2": one,
        "irrelevant coordinate": {
            name: float(variances(name, second, phi)[0]) for name in ("disarm", "arm", "rloo")
        },
        "survey": survey(),
    }


def figures(_: dict[str, Any], __: Any) -> dict[str, tuple[Any, str]]:
    """Variance over the gradient against the probability."""
    f, thetas = estimators.objectives.Linear([1.0]), np.linspace(0.02, 0.98, 49)
    many = {
        "ARM": ("arm", {}),
        "DisARM": ("disarm", {}),
        "RLOO, 2": ("rloo", {}),
        "ARMS, 4": ("arms", {"k": 4}),
        "RLOO, 4": ("rloo", {"k": 4}),
    }
    records = [
        {
            "estimator": label,
            "theta": theta,
            "exact_variance": float(variances(name, f, [logit(theta)], **options)[0]),
            "exact_mean": theta * (1 - theta),
        }
        for label, (name, options) in many.items()
        for theta in thetas
    ]
    return {
        "variance-theta": (
            plots.variance_against(records, "theta", "probability θ", "f(1) − f(0) = 1"),
            "Exact variance of one estimate of one variable, f(1) − f(0) = 1.",
        )
    }


def tables(exact: dict[str, Any]) -> str:
    """Variances over Delta^2."""
    one = exact["variance / Delta^2"]
    names = list(next(iter(one.values())))
    rows = [[name, *(one[str(theta)][name] for theta in THETAS)] for name in names]
    return "\n\n".join(
        [
            "### Exact variance in one variable, over (f(1) − f(0))²",
            table(["", *(f"θ={theta}" for theta in THETAS)], rows),
        ]
    )


def findings(exact: dict[str, Any], _: Any) -> list[Finding]:
    """What is claimed, and the numbers."""
    one, survey, other = exact["variance / Delta^2"], exact["survey"], exact["irrelevant coordinate"]
    arms = [[one[str(theta)]["DisARM" if n == 2 else f"ARMS, n={n}"] for n in SIZES] for theta in PRINTED]
    worst = float(np.max(np.abs(np.array(arms) - np.array(list(PRINTED.values())))))
    less = all(one[str(t)]["DisARM"] <= one[str(t)]["RLOO, 2 samples"] for t in THETAS)
    four = sum(one[str(t)]["ARMS, n=4"] < one[str(t)]["RLOO, 4 samples"] for t in THETAS)
    return [
        Finding(
            "Var DisARM ≤ Var ARM (DisARM, section 3: a conditional expectation of ARM)",
            f"in all {survey['coordinates']} coordinates of {survey['problems']} random problems of 2 to 4 variables"
            if survey["at most ARM's"] == survey["coordinates"]
            else f"in {survey['at most ARM' + chr(39) + 's']} of {survey['coordinates']} coordinates",
            "agrees" if survey["at most ARM's"] == survey["coordinates"] else "does not agree",
        ),
        Finding(
            "DisARM has less variance than RLOO with 2 samples (DisARM, section 5, by experiment)",
            f"in one variable always, its variance being (1 − q)(1 − 2q)/(1 − 2q + 2q²) of RLOO's; in {survey['at most RLOO' + chr(39) + 's']} of {survey['coordinates']} random coordinates, with "
            f"a ratio of up to {survey['largest ratio to RLOO' + chr(39) + 's']:.2f} where not. θ = (.9, .5), f = b₂, first coordinate: "
            f"{other['disarm']:.4g} against {other['rloo']:.4g}",
            "agrees in one variable, not in general" if less else "does not agree",
        ),
        Finding(
            "ARMS has less variance than RLOO of as many samples (ARMS, section 5)",
            f"at {four} of {len(THETAS)} probabilities for n = 4. At θ = 1/2 pairs of DisARM have none at all, and ARMS with n = 4 has "
            f"{one['0.5']['ARMS, n=4']:.4g}: more samples in one copula are not always better than more pairs",
            "agrees" if four == len(THETAS) else "agrees mostly",
        ),
        Finding(
            "exact variances of ARMS, computed independently",
            f"16 of them agree to {worst:.0e}, as they are printed",
            "agrees" if worst < 1e-8 else "does not agree",
        ),
    ]


STUDY = Published(
    title="What is claimed of DisARM and ARMS",
    source=(
        "Z. Dong, A. Mnih, G. Tucker, *DisARM*, NeurIPS 2020; A. Dimitriev, M. Zhou, *ARMS: Antithetic-REINFORCE-Multi-Sample "
        "Gradient for Binary Variables*, ICML 2021."
    ),
    paper=(
        "DisARM is ARM with its continuous noise integrated out, which cannot have more variance; in the experiments it has less than "
        "RLOO with two samples too. ARMS extends it to n antithetic samples, and its toy, the same as ARM's, compares it with RLOO of n samples "
        "for p from .1 to .9."
    ),
    setting=(
        "No sampling at all: variances by enumeration, in one variable with f(1) − f(0) = 1, and of 300 random functions of two to four "
        "bits, normal values at normal logits of standard deviation 1.5."
    ),
    exact=exact,
    runs=no_runs,
    figures=figures,
    tables=tables,
    findings=findings,
)  # fmt: skip
