"""The toy of REBAR and RELAX: minimise E (b - t)^2 over one Bernoulli variable."""

from __future__ import annotations

import dataclasses
from typing import Any, Self

import numpy as np

from stgref import estimators
from stgref.numerics import sigmoid
from stgref.numerics.namespace import NUMPY, Array
from stgref.study import Training, exact_records, plots, train
from stgref.study.optim import Adam
from validation.studies.study import Finding, Published, relabelled, table

TARGETS = (0.45, 0.49, 0.499)
SCALES = np.array([0.5, 1.0, 2.0, 5.0])
TABLE: dict[str, Any] = {
    "score function": "score_function",
    "RLOO, 2 samples": "rloo",
    "ARM": "arm",
    "DisARM": "disarm",
    "REBAR τ=.5, η=1": ("rebar", {"temperature": 0.5}),
    "REBAR τ=.5, η=1, coupled": ("rebar", {"temperature": 0.5, "coupling": "coupled"}),
    "REBAR τ=2, η=1": ("rebar", {"temperature": 2.0}),
    "REBAR τ=2, η=1, coupled": ("rebar", {"temperature": 2.0, "coupling": "coupled"}),
}
BIASED: dict[str, Any] = {
    "straight-through": ("straight_through", {"derivative": "sigmoid"}),
    "Gumbel-softmax τ=1": ("relaxation", {"temperature": 1.0}),
    "Gumbel-softmax τ=.1": ("relaxation", {"temperature": 0.1}),
}
TEMPERATURES = (0.1, 0.5, 1.0, 2.0, 5.0, 20.0, 100.0)


@dataclasses.dataclass(frozen=True)
class Sigmoids:
    r"""RELAX's control variate: :math:`c(z) = w_0 + \sum_k w_k \sigma(z / \tau_k)` of one latent, with fixed temperatures."""

    parameters: Array

    def replaced(self, parameters: Array) -> Self:
        """The same with other weights."""
        return dataclasses.replace(self, parameters=np.array(parameters))

    def __call__(self, z: Array) -> Array:
        """Values (...) at latents (..., 1)."""
        return self.grad_parameters(z) @ self.parameters

    def grad(self, z: Array) -> Array:
        """Derivatives (..., 1)."""
        return (sigmoid.grad_expit(NUMPY, z / SCALES).x / SCALES) @ self.parameters[1:, None]

    def grad_parameters(self, z: Array) -> Array:
        """Derivatives of c(z) to the weights (..., P)."""
        return np.concatenate([np.ones_like(z), sigmoid.expit(NUMPY, z / SCALES)], axis=-1)

    def grad_parameters_product(self, z: Array, v: Array) -> Array:
        """Derivatives of c'(z) v to the weights (..., P)."""
        slopes = sigmoid.grad_expit(NUMPY, z / SCALES).x / SCALES
        return np.concatenate([np.zeros_like(z), slopes * v], axis=-1)


def toy(t: float) -> Any:
    """The objective."""
    return estimators.objectives.Quadratic(t)


def one(t: float, phi: float, estimator: Any) -> dict[str, float]:
    """Exact mean and variance of one estimate."""
    (record,) = exact_records(toy(t), [phi], [estimator])
    return {"mean": record["exact_mean"], "variance": record["exact_variance"]}


def best_weight(t: float, phi: float, tau: float) -> dict[str, float]:
    """The weight of REBAR with the least variance, which is a parabola in it, by its values at three: 0, h and 2 h."""
    h = max(1.0, tau)  # far enough apart that the second difference keeps its digits
    v = [one(t, phi, ("rebar", {"temperature": tau, "eta": eta}))["variance"] for eta in (0.0, h, 2.0 * h)]
    curvature = (v[0] - 2.0 * v[1] + v[2]) / (2.0 * h * h)
    slope = (4.0 * v[1] - 3.0 * v[0] - v[2]) / (2.0 * h)
    eta = -0.5 * slope / curvature
    return {
        "eta": eta,
        "variance": v[0] - curvature * eta**2,
        "of the score function": 1.0 - curvature * eta**2 / v[0],
    }


def exact() -> dict[str, Any]:
    """Variances at phi = 0 and 2, biases, and what the best weight gains."""
    return {
        "gradient": {str(t): float(estimators.exact_gradient(toy(t), np.zeros(1))[0]) for t in TARGETS},
        "phi=0": {name: {str(t): one(t, 0.0, e)["variance"] for t in TARGETS} for name, e in TABLE.items()},
        "phi=2": {name: {str(t): one(t, 2.0, e)["variance"] for t in TARGETS} for name, e in TABLE.items()},
        "biased means": {
            f"phi={phi:g}": {
                name: one(0.45, phi, e)["mean"]
                / float(estimators.exact_gradient(toy(0.45), np.array([phi]))[0])
                for name, e in BIASED.items()
            }
            for phi in (0.0, -0.4, 1.5)
        },
        "best weight, t=.45": {
            f"phi={phi:g}": {str(tau): best_weight(0.45, phi, tau) for tau in TEMPERATURES}
            for phi in (0.0, 2.0)
        },
    }


def runs(quick: bool) -> dict[str, list[Training]]:
    """Trainings with each target."""
    steps, replicates = (20, 2) if quick else (400, 4)
    given: dict[str, Any] = {"steps": steps, "replicates": replicates, "every": max(steps // 20, 1)}
    found: dict[str, list[Training]] = {}
    for t in TARGETS:
        f, start, adam = toy(t), np.zeros(1), Adam(0.05)
        relaxed = ("relax", {"control_variate": Sigmoids(np.zeros(5))})
        found[f"t={t}"] = [
            relabelled(train(f, start, "score_function", adam, **given), "score function"),
            relabelled(train(f, start, ("rebar", {"temperature": 0.5}), adam, **given), "REBAR, fixed"),
            relabelled(
                train(f, start, ("rebar", {"temperature": 0.5}), adam, tuner=Adam(0.02), **given),
                "REBAR, tuned",
            ),
            relabelled(train(f, start, relaxed, adam, tuner=Adam(0.02), **given), "RELAX, tuned"),
            relabelled(train(f, start, "disarm", adam, **given), "DisARM"),
            relabelled(train(f, start, BIASED["straight-through"], adam, **given), "straight-through"),
            relabelled(train(f, start, BIASED["Gumbel-softmax τ=1"], adam, **given), "Gumbel-softmax τ=1"),
        ]
    return found


def figures(_: dict[str, Any], found: dict[str, list[Training]]) -> dict[str, tuple[Any, str]]:
    """Loss and variance for each target, and variances against the logit."""
    drawn: dict[str, tuple[Any, str]] = {}
    for t in TARGETS:
        each, tag = found[f"t={t}"], f"{t:g}".replace("0.", "")
        drawn[f"loss-{tag}"] = (
            plots.training_curves(each, reference=t**2, title=f"E (b − {t})²"),
            f"Expected loss, t = {t}: median and 80 % of the runs; dotted, the least there is, t².",
        )
    drawn["variance-45"] = (
        plots.training_curves(found["t=0.45"], "total_variance", title="t = 0.45"),
        "Exact variance of one estimate along the way, t = 0.45.",
    )
    records = [
        {**record, "estimator": name}
        for name, e in TABLE.items()
        if "coupled" not in name
        for record in exact_records(toy(0.45), np.linspace(-4.0, 4.0, 33), [e])
    ]
    drawn["variance-logit"] = (
        plots.variance_against_logit(records, "t = 0.45"),
        "Exact variance of one estimate against the logit, t = 0.45.",
    )
    return drawn


def tables(exact: dict[str, Any]) -> str:
    """The exact numbers."""
    parts = []
    for phi in ("phi=0", "phi=2"):
        rows = [[name, *values.values()] for name, values in exact[phi].items()]
        parts += [
            f"### Exact variance of one estimate, {phi}",
            table(["", *(f"t={t}" for t in TARGETS)], rows),
        ]
    parts += [
        "### What the best fixed weight of REBAR gains, t = .45",
        "The variance is a parabola in η, so that its minimum is known exactly.",
    ]
    head = [
        "τ",
        *(f"best η, {phi}" for phi in ("φ=0", "φ=2")),
        *(f"variance / score function's, {p}" for p in ("φ=0", "φ=2")),
    ]
    both = [exact["best weight, t=.45"][phi] for phi in ("phi=0", "phi=2")]
    rows = [
        [
            str(tau),
            *(b[str(tau)]["eta"] for b in both),
            *(f"{b[str(tau)]['of the score function']:.4f}" for b in both),
        ]
        for tau in TEMPERATURES
    ]
    parts += [table(head, rows), "### Mean of biased estimates, in units of the gradient, t = .45"]
    names = list(BIASED)
    rows = [[phi, *(values[name] for name in names)] for phi, values in exact["biased means"].items()]
    parts += [table(["", *names], rows)]
    return "\n\n".join(parts)


def findings(exact: dict[str, Any], ends: dict[str, Any]) -> list[Finding]:
    """What the papers say, and the numbers."""
    at = exact["phi=0"]
    worse = at["REBAR τ=.5, η=1"]["0.45"] / at["score function"]["0.45"]
    tuned = ends["t=0.45"]["REBAR, tuned"]["options"]
    best = exact["best weight, t=.45"]["phi=0"]
    loss = {t: {name: end["loss"][1] for name, end in ends[f"t={t}"].items()} for t in TARGETS}
    hard = loss[0.499]
    ended = {name: end["total variance"] for name, end in ends["t=0.45"].items()}
    relaxed = ended["RELAX, tuned"] / ended["score function"]
    st = loss[0.45]["straight-through"]
    return [
        Finding(
            "only unbiased estimators find the right answer (REBAR, figure 1, t = .45)",
            f"straight-through ends at {st:.4g}, near t(1 − t) = .2475, where its mean is 0; DisARM at {loss[0.45]['DisARM']:.4g}, "
            f"the least being .2025. Gumbel-softmax (τ = 1), also biased, ends at {loss[0.45]['Gumbel-softmax τ=1']:.4g}: at "
            f"φ = −.4 its mean is {exact['biased means']['phi=-0.4']['Gumbel-softmax τ=1']:.2f} of the gradient, and soon has the wrong sign",
            "agrees",
        ),
        Finding(
            "REBAR has less variance than the score function (REBAR, figure 1)",
            f"with η = 1 it has {worse:.2f} times as much at φ = 0, τ = .5; the best η at τ = .5 takes off "
            f"{100 * (1 - best['0.5']['of the score function']):.2f} %. Only with a large temperature is much gained: at τ = 20 the "
            f"best η is {best['20.0']['eta']:.0f}, with {best['20.0']['of the score function']:.2f} of the variance. Tuned along the way, η goes from 1 "
            f"to {tuned['eta']:.2f} and τ from .5 to {tuned['temperature']:.2f}, nearly the score function",
            "does not hold at a fixed η; tuned, it is no worse",
        ),
        Finding(
            "t = .499 is the harder problem, and RELAX learns it sooner than REBAR and REINFORCE (RELAX, figure 1)",
            f"after the same steps from .250001: score function {hard['score function']:.6f}, REBAR fixed {hard['REBAR, fixed']:.6f}, "
            f"tuned {hard['REBAR, tuned']:.6f}, RELAX tuned {hard['RELAX, tuned']:.6f}, DisARM {hard['DisARM']:.6f}; the least is .249001",
            "agrees"
            if hard["RELAX, tuned"] < min(hard["score function"], hard["REBAR, tuned"]) - 1e-5
            else "not seen in these few steps",
        ),
        Finding(
            "not in these papers",
            f"a second sample as baseline (RLOO) leaves {at['RLOO, 2 samples']['0.499'] / at['score function']['0.499']:.1g} of the score function's variance at "
            f"t = .499 and φ = 0, DisARM nothing; RELAX, whose control variate has a constant, learns to leave {relaxed:.2g} of it at t = .45",
            "baselines matter more",
        ),
    ]


STUDY = Published(
    title="The toy of REBAR and RELAX",
    source=(
        "G. Tucker et al., *REBAR: Low-variance, unbiased gradient estimates for discrete latent variable models*, NeurIPS 2017, "
        "section 5.1; W. Grathwohl et al., *Backpropagation through the Void*, ICLR 2018, section 5.1."
    ),
    paper=(
        "Minimise E (b − t)² over the probability of one bit. REBAR's figure 1 (t = .45) shows the logarithm of the variance and the "
        "loss: unbiased estimators reach the optimum, relaxed ones do not. RELAX's figure 1 (t = .499) shows that its learned control "
        "variate gives less variance than REBAR's, and learns sooner. Neither gives numbers in its text. The public code of RELAX "
        "starts at φ = 0 and takes 5000 steps of Adam at rate .01, one sample each."
    ),
    setting=(
        "From φ = 0, 400 steps of Adam at rate .05, one estimate each, four runs. REBAR has τ = .5 and η = 1, fixed or tuned with Adam at "
        "rate .02 along `rebar_variance_gradient`; RELAX has c(z) = w₀ + Σ wₖ σ(z/τₖ) with four fixed temperatures, its weights tuned in the "
        "same way (the paper has a network). Losses and variances are exact all along."
    ),
    exact=exact,
    runs=runs,
    figures=figures,
    tables=tables,
    findings=findings,
)  # fmt: skip
