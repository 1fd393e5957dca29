"""Wrong estimators, some of them wrong as laws are, by the same names: made from the right ones, or written down where the mistake is inside.

Each is called as the right one: an objective, logits, noise, and options by keyword.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from scipy.special import expit

from stgref.conformance.calls import call
from stgref.conformance.defect import Defect
from stgref.conformance.mistakes.asked import Asked, Formula, Guess
from stgref.conformance.mistakes.build import Formulas
from stgref.conformance.recording import Case
from stgref.conformance.values import Array

Estimator: TypeAlias = Callable[..., Any]
Spoil: TypeAlias = Callable[[str, Estimator], Estimator]
"""Takes the name and the right estimator, returns the wrong one."""

NAMES = (
    "score_function",
    "rloo",
    "straight_through",
    "relaxation",
    "gumbel_softmax_st",
    "gumbel_rao",
    "reinmax",
    "arm",
    "disarm",
    "arms",
    "muprop",
    "measure_valued",
    "rebar",
    "relax",
    "double_cv",
    "finite_difference",
    "vimco",
    "sts",
    "noisy_rectifier",
)
WARM = ("straight_through", "relaxation", "gumbel_softmax_st", "gumbel_rao", "reinmax", "rebar")
"""Those that have a temperature."""
ROUNDINGS = 16
"""How many roundings of its own size a wrong estimate may be off."""


def mistakes() -> tuple[Defect, ...]:
    """Return them, in the order in which they are tried."""
    return (
        _mistake(
            "temperature-missing",
            "temperature missing: matches temperature 1",
            WARM,
            _with(temperature=1.0),
        ),
        _mistake(
            "slope-without-temperature",
            "the derivative's factor 1/temperature is missing",
            WARM[:-1],
            _by(lambda _, options: options.get("temperature", 1.0)),
        ),
        _mistake(
            "average-includes-current",
            "moving average that includes the current sample: the estimate times decay",
            ("score_function",),
            _by(lambda _, options: options.get("decay", 1.0)),
        ),
        _mistake(
            "baseline-missing", "the baseline is not subtracted", ("score_function",), _with(baseline=0.0)
        ),
        _mistake(
            "nobody-left-out",
            "the baseline is the mean of all values, the sample's own included",
            ("rloo",),
            _by(lambda _, options: 1 - 1 / options.get("k", 2)),
        ),
        _mistake(
            "weight-missing",
            "the weight sigmoid(|logits|) is missing",
            ("disarm",),
            _by(lambda logits, _: 1 / expit(np.abs(logits))),
        ),
        _mistake(
            "pair-not-antithetic",
            "the pair is not antithetic: [u > theta] where [u < theta] belongs",
            ("arm",),
            lambda *_: _not_antithetic,
        ),
        _mistake("uniform-not-centred", "u where u - 1/2 belongs", ("arm",), lambda *_: _not_centred),
        _mistake(
            "estimator-of-another",
            "disarm's estimate: the noise is integrated out",
            ("arm",),
            _other("disarm"),
        ),
        _mistake(
            "not-through-conditional",
            "the gradient is not taken through the latent given the sample",
            ("rebar", "relax"),
            lambda name, _: partial(_relaxed, name, 0.0),
            lambda name, _: partial(_relaxed, name, 1.0),
        ),
        _mistake(
            "control-variate-missing",
            "the control variate is missing: the score function",
            ("rebar", "relax"),
            lambda *_: _plain_score,
        ),
        _mistake("scale-missing", "the control variate's scale eta is missing", ("rebar",), _with(eta=1.0)),
        _mistake(
            "own-gradient-missing",
            "the linear term's own gradient is not added back: biased",
            ("muprop",),
            lambda *_: _muprop,
        ),
        _mistake(
            "hard-for-soft",
            "the gradient at the hard sample where that at the relaxed one belongs",
            ("relaxation",),
            _other("gumbel_softmax_st"),
        ),
        _mistake(
            "soft-for-hard",
            "the gradient at the relaxed sample where that at the hard one belongs",
            ("gumbel_softmax_st",),
            _other("relaxation"),
        ),
        _mistake("draws-ignored", "the first of the conditional draws only", ("gumbel_rao",), _first_draw),
        _mistake(
            "straight-through-otherwise",
            "the derivative of another straight-through rule",
            ("straight_through",),
            *(_with(derivative=each) for each in ("identity", "sigmoid", "clipped")),
        ),
        _mistake(
            "other-average",
            "geometric and arithmetic mean are swapped",
            ("vimco",),
            _with(average="geometric"),
            _with(average="arithmetic"),
        ),
        _mistake(
            "control-variate-reversed", "the sign of alpha is reversed", ("double_cv",), _reversed("alpha")
        ),
        _mistake(
            "step-missing",
            "the difference is not divided by the step",
            ("finite_difference",),
            _by(lambda _, options: options.get("step", 1.0)),
            _by(lambda _, options: 2 * options.get("step", 1.0)),
        ),
        _mistake(
            "to-probabilities",
            "the gradient is to the probabilities, not to their logits: theta (1 - theta) is missing",
            NAMES,
            _by(lambda logits, _: 1 / (expit(logits) * expit(-logits))),
        ),
        # Again, for where theta (1 - theta) underflows.
        _mistake("to-probabilities", "", ("measure_valued",), lambda *_: _rises),
        _mistake(
            "noise-shared-by-batch",
            "one row of noise serves all estimates",
            NAMES,
            _with_noise(lambda x: np.array(np.broadcast_to(x[:1], x.shape))),
        ),
        _mistake(
            "noise-shared-by-gates",
            "one variate serves all gates",
            NAMES,
            _with_noise(lambda x: np.array(np.broadcast_to(x[..., :1], x.shape))),
        ),
        _mistake(
            "uniform-for-logit",
            "matches uniform where its logit belongs",
            NAMES,
            _with_noise(expit),
        ),
        _mistake(
            "noise-reversed",
            "the sign of the noise is reversed",
            NAMES,
            _with_noise(np.negative),
        ),
        _mistake("gradient-stopped", "every estimate is zero", NAMES, _by(lambda *_: 0.0)),
        _mistake("sign", "the sign is reversed: the gradient of -f", NAMES, _by(lambda *_: -1.0)),
        _mistake("doubled", "missing factor one half: twice the estimate", NAMES, _by(lambda *_: 2.0)),
        _mistake("halved", "a factor one half too many", NAMES, _by(lambda *_: 0.5)),
    )


def _mistake(name: str, description: str, names: tuple[str, ...], *spoils: Spoil) -> Defect:
    return Defect(name, description, formulas=partial(_formulas, names, spoils))


def _formulas(names: tuple[str, ...], spoils: tuple[Spoil, ...]) -> Formulas:
    from stgref import estimators  # noqa: PLC0415  which not every check needs

    return {
        f"estimators.{name}": tuple(_estimated(spoil(name, getattr(estimators, name))) for spoil in spoils)
        for name in names
    }


def _estimated(wrong: Estimator) -> Formula:
    def formula(asked: Asked) -> dict[str, Guess]:
        made = np.asarray(call(_in_float64(asked.case), wrong), "float64")
        size = np.max(asked.wanted["value"].condition, initial=0.0) + ROUNDINGS * np.abs(made)
        return {"value": Guess(made[None], size)}

    return formula


def _in_float64(case: Case) -> Case:
    arguments: Mapping[str, Any] = {
        name: x.astype("float64") if isinstance(x, np.ndarray) else x for name, x in case.arguments.items()
    }
    return replace(case, dtype="float64", arguments=arguments)


def _by(factor: Callable[[Array, Mapping[str, Any]], Any]) -> Spoil:
    """Multiply the estimates."""

    def spoil(name: str, right: Estimator) -> Estimator:
        return lambda f, logits, noise, **options: (
            right(f, logits, noise, **options) * factor(logits, options)
        )

    return spoil


def _with(**changes: Any) -> Spoil:
    """Change options."""

    def spoil(name: str, right: Estimator) -> Estimator:
        return lambda f, logits, noise, **options: right(f, logits, noise, **{**options, **changes})

    return spoil


def _reversed(option: str) -> Spoil:
    def spoil(name: str, right: Estimator) -> Estimator:
        return lambda f, logits, noise, **options: right(
            f, logits, noise, **{**options, option: -options[option]}
        )

    return spoil


def _other(name: str) -> Spoil:
    """Take another estimator."""

    def spoil(_: str, right: Estimator) -> Estimator:
        from stgref import estimators  # noqa: PLC0415

        other: Estimator = getattr(estimators, name)
        return other

    return spoil


def _with_noise(change: Callable[[Array], Array]) -> Spoil:
    """Change the noise."""

    def changed(noise: Any) -> Any:
        return type(noise)(*map(change, noise)) if isinstance(noise, tuple) else change(noise)

    def spoil(name: str, right: Estimator) -> Estimator:
        return lambda f, logits, noise, **options: right(f, logits, changed(noise), **options)

    return spoil


def _first_draw(name: str, right: Estimator) -> Estimator:
    def wrong(f: Any, logits: Array, noise: Any, **options: Any) -> Any:
        first = noise._replace(conditional=noise.conditional[:, :1])
        return right(f, logits, first, **{**options, "k": 1})

    return wrong


def _rises(f: Any, logits: Array, noise: Array) -> Array:
    b, gates = _sample(logits, noise)[0], np.eye(logits.size, dtype=bool)
    return np.stack([f(np.where(own, 1.0, b)) - f(np.where(own, 0.0, b)) for own in gates], axis=-1)


def _not_antithetic(f: Any, logits: Array, noise: Array) -> Array:
    u, theta = expit(noise), expit(logits)
    difference = f((u > 1 - theta).astype("float64")) - f((u > theta).astype("float64"))
    made: Array = difference[:, None] * (u - 0.5)
    return made


def _not_centred(f: Any, logits: Array, noise: Array) -> Array:
    u, theta = expit(noise), expit(logits)
    difference = f((u > 1 - theta).astype("float64")) - f((u < theta).astype("float64"))
    made: Array = difference[:, None] * u
    return made


def _sample(logits: Array, noise: Array) -> tuple[Array, Array]:
    b = (logits + noise > 0).astype("float64")
    return b, b * expit(-logits) - (1 - b) * expit(logits)


def _plain_score(f: Any, logits: Array, noise: Any, **options: Any) -> Array:
    b, score = _sample(logits, noise.latent)
    made: Array = f(b)[:, None] * score
    return made


def _muprop(f: Any, logits: Array, noise: Array) -> Array:
    b, score = _sample(logits, noise)
    theta = expit(logits)
    residual = f(b) - f(theta) - np.sum(f.grad(theta) * score, axis=-1)
    made: Array = residual[:, None] * score
    return made


def _relaxed(name: str, slope: float, f: Any, logits: Array, noise: Any, **options: Any) -> Array:
    """REBAR and RELAX with another derivative of the latent given the sample."""
    from stgref import bernoulli, estimators  # noqa: PLC0415

    if options.get("coupling", "independent") != "independent":  # No latent is drawn given the sample.
        right: Array = getattr(estimators, name)(f, logits, noise, **options)
        return right
    c, grad = _control_variate(name, f, options)
    b, score = _sample(logits, noise.latent)
    z, given = logits + noise.latent, bernoulli.conditional_latent(noise.conditional, b, logits)
    made: Array = (f(b) - c(given))[:, None] * score + grad(z) - slope * grad(given)
    return made


def _control_variate(name: str, f: Any, options: Mapping[str, Any]) -> tuple[Estimator, Estimator]:
    if name == "relax":
        return options["control_variate"], options["control_variate"].grad
    eta, t = options.get("eta", 1.0), options["temperature"]

    def grad(z: Array) -> Array:
        s = expit(z / t)
        made: Array = eta * f.grad(s) * s * expit(-z / t) / t
        return made

    return lambda z: eta * f(expit(z / t)), grad
