"""One estimate of a gradient, of the mean of a sum of squares of Bernoulli variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stgref.explain import steps
from stgref.explain.steps import Explanation, Step
from stgref.numerics.namespace import Array

MOST = 4
"""Variables, and samples: more lines would explain no more."""
THETA = Step("theta", "sigma(phi)")
SAMPLE = Step("b", "positive(phi + noise)")
OTHER = Step("btilde", "positive(phi - noise)")
VALUE = Step("fb", "sum((b - t) ** 2)")
OTHER_VALUE = Step("ftilde", "sum((btilde - t) ** 2)")
SLOPE = Step("df", "2 * (b - t)")
LATENT_GIVEN = "r * softplus(r * conditional + softplus(r * phi))"
DERIVATIVES = {
    "sigmoid": "sigma(phi / temperature) * sigma(-phi / temperature) / temperature",
    "clipped": "small(phi)",
}
Options = Mapping[str, Any]


@dataclass(frozen=True)
class Estimator:
    """The description of an estimator.

    Attributes
    ----------
    title : str
        What it is.
    steps : callable
        From its options to its steps, the last of which makes g.
    options : dict
        Its options and their defaults.
    letters : dict of str to str
        The options that stand in the formulas, and their names there.
    most : int
        Variables for which its exact moments are quick.
    """

    title: str
    steps: Callable[[Options], Sequence[Step]]
    options: Mapping[str, Any] = field(default_factory=dict)
    letters: Mapping[str, str] = field(default_factory=dict)
    most: int = MOST


def _score_function(_: Options) -> Sequence[Step]:
    return THETA, SAMPLE, VALUE, Step("g", "(fb - c) * (b - theta)")


def _rloo(options: Options) -> Sequence[Step]:
    each = range(1, options["k"] + 1)
    samples = [Step(f"b{j}", f"positive(phi + noise{j})") for j in each]
    values = [Step(f"f{j}", f"sum((b{j} - t) ** 2)") for j in each]
    mean = Step("fbar", f"({' + '.join(f'f{j}' for j in each)}) / {len(each)}")
    terms = " + ".join(f"(f{j} - fbar) * (b{j} - theta)" for j in each)
    return (
        THETA,
        *samples,
        *values,
        mean,
        Step("g", terms if len(each) == 2 else f"({terms}) / {len(each) - 1}"),
    )


def _straight_through(options: Options) -> Sequence[Step]:
    if options["derivative"] == "identity":
        return SAMPLE, SLOPE, Step("g", "df")
    return SAMPLE, SLOPE, Step("d", DERIVATIVES[options["derivative"]]), Step("g", "d * df")


def _arm(_: Options) -> Sequence[Step]:
    u = Step("u", "sigma(noise)")
    return u, SAMPLE, OTHER, VALUE, OTHER_VALUE, Step("g", "(fb - ftilde) * (u - 0.5)")


def _disarm(_: Options) -> Sequence[Step]:
    g = Step("g", "0.5 * (fb - ftilde) * (b - btilde) * sigma(abs(phi))")
    return SAMPLE, OTHER, VALUE, OTHER_VALUE, g


def _rebar(options: Options) -> Sequence[Step]:
    given = "z" if options["coupling"] == "coupled" else LATENT_GIVEN
    return (
        THETA,
        Step("z", "phi + noise"),
        Step("b", "positive(z)"),
        VALUE,
        Step("r", "2 * b - 1"),
        Step("ztilde", given),
        Step("s", "sigma(z / temperature)"),
        Step("stilde", "sigma(ztilde / temperature)"),
        Step("ctilde", "eta * sum((stilde - t) ** 2)"),
        Step("dc", "2 * eta * (s - t) * s * (1 - s) / temperature"),
        Step("dctilde", "2 * eta * (stilde - t) * stilde * (1 - stilde) / temperature"),
        Step("chance", "sigma(r * phi)"),
        Step("dztilde", "chance * (1 - exp(-abs(ztilde)))"),
        Step("g", "(fb - ctilde) * (b - theta) + dc - dctilde * dztilde"),
    )


ESTIMATORS = {
    "score_function": Estimator(
        "one estimate by the score function, REINFORCE", _score_function, {"baseline": 0.0}, {"baseline": "c"}
    ),
    "rloo": Estimator("one estimate that leaves one out", _rloo, {"k": 2}),
    "straight_through": Estimator(
        "one straight-through estimate",
        _straight_through,
        {"derivative": "identity", "temperature": 1.0},
        {"temperature": "temperature"},
    ),
    "arm": Estimator("one estimate of ARM", _arm),
    "disarm": Estimator("one estimate of DisARM", _disarm),
    "rebar": Estimator(
        "one estimate of REBAR",
        _rebar,
        {"temperature": 0.5, "eta": 1.0, "coupling": "independent"},
        {"temperature": "temperature", "eta": "eta"},
        most=2,
    ),
}
CHOICES = {"derivative": ("identity", *DERIVATIVES), "coupling": ("independent", "coupled")}


def explain(
    name: str,
    logits: Sequence[float],
    target: Sequence[float] = (0.45,),
    noise: Sequence[float] | None = None,
    conditional_noise: Sequence[float] | None = None,
    seed: int = 0,
    **options: Any,
) -> Explanation:
    """Explain one estimate of the gradient of the mean of f(b) = sum_i (b_i - t_i)^2.

    Parameters
    ----------
    name : str
        The estimator.
    logits : sequence of float
        Log odds of a 1, of up to four variables.
    target : sequence of float, default (0.45,)
        The targets t, or one for all.
    noise : sequence of float, optional
        The noise of each variable, for ``rloo`` sample by sample. Drawn by default.
    conditional_noise : sequence of float, optional
        For ``rebar``, the noise of the latents given the samples. Drawn by default.
    seed : int, default 0
        Of what is drawn.
    **options
        The estimator's own options.

    Returns
    -------
    Explanation
        The lines; ``facts`` has what the library returns: the estimate, what it estimates, and its mean and standard
        deviation.

    Raises
    ------
    TypeError, ValueError
        If there are too many variables or samples, or an argument is out of range.
    """
    from stgref import estimators  # noqa: PLC0415 (heavy)

    described = ESTIMATORS[name]
    phi, t = _vector("logits", logits, len(logits)), _vector("target", target, len(logits))
    if options.get("k", 0) > MOST:
        raise ValueError(f"k must be {MOST} or less, got {options['k']}")
    drawn = estimators.draw_noise(name, 1, phi, rng=seed, **options)
    made = _given(drawn, noise, conditional_noise)
    f = estimators.objectives.Quadratic(t)
    facts = _facts(estimators, name, f, phi, made, options)
    known: dict[str, Any] = {"phi": phi, "t": t, **_named(made, options)}
    known |= {letter: options[option] for option, letter in described.letters.items()}
    given = steps.arguments(known)
    each = steps.forward("One estimate", described.steps(options), known)
    note = "The objective is f(b) = sum_i (b_i - t_i)^2; g estimates the gradient of its mean to phi, the logits."
    return Explanation(name, described.title, [given, each], facts, note)


def _vector(name: str, values: Sequence[float], length: int) -> Array:
    """Numbers as a vector, one number standing for all.

    Raises
    ------
    ValueError
        If there are none, too many, or not so many as there are variables.
    """
    if not 1 <= length <= MOST:
        raise ValueError(f"logits takes 1 to {MOST} numbers, got {length}")
    if len(values) not in (1, length):
        raise ValueError(f"{name} takes {length} numbers, one for each logit, got {len(values)}")
    return np.broadcast_to(np.array(values, dtype=np.float64), (length,)).copy()


def _given(drawn: Any, noise: Sequence[float] | None, conditional: Sequence[float] | None) -> Any:
    """The noise that was drawn, or what was given instead of it."""
    if not isinstance(drawn, tuple):
        if conditional is not None:
            raise ValueError("conditional_noise is for rebar")
        return _like("noise", drawn, noise)
    return drawn._replace(  # type: ignore[attr-defined]
        latent=_like("noise", drawn.latent, noise),  # type: ignore[attr-defined]
        conditional=_like("conditional_noise", drawn.conditional, conditional),  # type: ignore[attr-defined]
    )


def _like(name: str, drawn: Array, given: Sequence[float] | None) -> Array:
    if given is None:
        return drawn
    if len(given) != drawn.size:
        raise ValueError(f"{name} takes {drawn.size} numbers, got {len(given)}")
    return np.array(given, dtype=np.float64).reshape(drawn.shape)


def _named(noise: Any, options: Options) -> dict[str, Array]:
    """The noise of the one estimate, by its names in the formulas."""
    if isinstance(noise, tuple):
        found = {"noise": noise.latent[0], "conditional": noise.conditional[0]}  # type: ignore[attr-defined]
        return {"noise": found["noise"]} if options["coupling"] == "coupled" else found
    if noise.ndim == 3:
        return {f"noise{j + 1}": row for j, row in enumerate(noise[0])}
    return {"noise": noise[0]}


def _facts(estimators: Any, name: str, f: Any, phi: Array, noise: Any, options: Options) -> dict[str, Array]:
    """What the library says: the estimate, what it estimates, and the moments of all estimates."""
    found = {
        f"estimators.{name}": getattr(estimators, name)(f, phi, noise, **options)[0],
        "exact_gradient": estimators.exact_gradient(f, phi),
    }
    if phi.shape[0] <= ESTIMATORS[name].most:
        mean, covariance = estimators.exact_moments(name, f, phi, **options)
        found["exact_moments, mean"] = mean
        found["exact_moments, standard deviation"] = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return found
