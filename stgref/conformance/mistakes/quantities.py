"""One quantity where another belongs."""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from scipy.special import expit

from stgref.conformance.defect import Defect
from stgref.conformance.laws import LAWS
from stgref.conformance.mistakes.asked import Asked, Formula, Guess
from stgref.conformance.mistakes.build import Formulas, Given, exactly, for_each, functions, right
from stgref.conformance.values import Array

CLIPPED = ("hard_concrete", "rectified_gaussian")


def mistakes() -> tuple[Defect, ...]:
    """Return them, in the order in which they are tried."""
    return (
        _defect("tails-swapped", "P(X > x) where P(X <= x) belongs, or the other way round", _swapped(TAILS)),
        _defect(
            "atoms-swapped",
            "the probabilities of the two ends are swapped",
            _swapped({"prob_zero": "prob_one", "log_prob_zero": "log_prob_one"}),
        ),
        _defect(
            "closed-for-open",
            "the probability that the gate is closed, where it should be open",
            {"prob_active": "prob_zero", "log_prob_active": "log_prob_zero"},
        ),
        _defect(
            "one-for-active",
            "P(z = 1) where P(z > 0) belongs",
            _other("prob_active", "prob_one") | _other("log_prob_active", "log_prob_one"),
        ),
        _defect(
            "interior-for-active",
            "P(0 < z < 1) where P(z > 0) belongs: the atom at 1 is forgotten",
            _other("prob_active", "prob_interior") | _other("log_prob_active", "log_prob_interior"),
        ),
        _defect(
            "logarithm-missing",
            "the logarithm is missing",
            {f"log{each}": f"{each}" for each in LOGGED} | PROBS,
        ),
        _defect(
            "logarithm-taken",
            "the logarithm where the number itself belongs",
            {f"{each}": f"log{each}" for each in LOGGED} | {plain: log for log, plain in PROBS.items()},
        ),
        _defect("mean-for-median", "the mean where the median belongs", _other("median", "mean")),
        _computed(
            "std-for-variance", "the standard deviation where the variance belongs", "variance", np.sqrt
        ),
        _computed("entropy-in-bits", "entropy in bits", "entropy", lambda h: h / math.log(2)),
        _computed("base-two", "logarithm to base 2", "logpdf", lambda x: x / math.log(2)),
        _computed("base-ten", "logarithm to base 10", "logpdf", lambda x: x / math.log(10)),
        Defect(
            "jacobian-missing",
            "the log-Jacobian is missing: the density of the logit where that of x belongs",
            formulas=lambda: for_each(["binary_concrete.logpdf", "binary_concrete.pdf"], _without_jacobian),
        ),
        Defect(
            "stretch-missing-in-density",
            "the density is that of the stretched gate times the stretch: a factor upper - lower too many",
            formulas=lambda: for_each(["hard_concrete.logpdf", "hard_concrete.pdf"], _without_stretch),
        ),
        Defect(
            "atoms-missing",
            "the density at 0 and 1 is that of the interior: the atoms are forgotten",
            formulas=lambda: {
                "rectified_gaussian.logpdf": (exactly(_normal_logpdf),),
                "rectified_gaussian.pdf": (exactly(_normal_pdf),),
            },
        ),
        Defect(
            "not-clipped",
            "not clipped to [0, 1]",
            formulas=lambda: {
                "hard_concrete.transform": (exactly(_stretched),),
                "hard_concrete.median": (exactly(_stretched_median),),
                "rectified_gaussian.transform": (
                    exactly(lambda g: {"value": g["mu"] + g["std"] * g["noise"]}),
                ),
                "rectified_gaussian.median": (exactly(lambda g: {"value": g["mu"]}),),
                "rectified_gaussian.mean": (exactly(lambda g: {"value": g["mu"]}),),
                "rectified_gaussian.variance": (exactly(lambda g: {"value": g["std"] ** 2}),),
            },
        ),
        Defect(
            "moments-before-stretching",
            "that of the gate before it is stretched and clipped: bounds and atoms are forgotten",
            formulas=lambda: for_each(list(INSIDE), _of_the_inside),
        ),
        Defect(
            "eps-added-to-probability",
            "eps is added to the probability, which is kept in [eps, 1 - eps] then",
            formulas=_raised,
        ),
        Defect(
            "rounded",
            "rounded to 0 and 1",
            formulas=lambda: for_each(_named("transform", CONTINUOUS), _rounded),
        ),
        Defect(
            "gumbel-reversed",
            "the sign of the Gumbel noise is reversed: the law of minima",
            formulas=lambda: for_each([f"gumbel.{each}" for each in REVERSED], _of_minima),
        ),
        Defect(
            "mode-for-mean",
            "the location where the mean belongs: Euler's constant is missing",
            formulas=lambda: {"gumbel.mean": (exactly(lambda g: {"value": g["loc"]}),)},
        ),
        Defect(
            "hard-sample",
            "1 where the logit is positive: the noise is forgotten",
            formulas=lambda: {
                "bernoulli.transform": (exactly(lambda g: {"value": (g["logits"] > 0).astype(float)}),)
            },
        ),
    )


TAILS = {"cdf": "ccdf", "logcdf": "logccdf", "icdf": "iccdf"}
LOGGED = ("pdf", "cdf", "ccdf")
PROBS = {f"log_prob_{each}": f"prob_{each}" for each in ("zero", "one", "active", "interior")}
CONTINUOUS = ("binary_concrete", "hard_concrete", "rectified_gaussian")
REVERSED = {
    "transform": None,
    "icdf": "iccdf",
    "iccdf": "icdf",
    "cdf": "ccdf",
    "ccdf": "cdf",
    "logcdf": "logccdf",
    "logccdf": "logcdf",
    "pdf": "pdf",
    "logpdf": "logpdf",
    "mean": "mean",
    "median": "median",
}


INSIDE = {
    f"{law}.{quantity}": (f"{inside}.{quantity}", parameters)
    for law, inside, parameters in (
        ("hard_concrete", "binary_concrete", ("log_alpha", "temperature")),
        ("hard_kumaraswamy", "kumaraswamy", ("a", "b")),
    )
    for quantity in ("mean", "variance", "median", "entropy")
}
"""What is stretched and clipped, and its parameters."""
CHANCES = ("cdf", "ccdf", "prob_zero", "prob_one", "prob_active")
LOGS = ("logcdf", "logccdf", "log_prob_zero", "log_prob_one", "log_prob_active")
EPS = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
"""That of HardKuma is 1e-6."""
SHOWS = 1000
"""How many units of rounding an eps has that is told from them."""


def _of_the_inside(function: str) -> Formula | None:
    inside, parameters = INSIDE[function]
    if inside not in functions():
        return None
    return exactly(lambda given: right(inside, {name: given[name] for name in parameters}))


def _raised() -> Formulas:
    """Return probabilities to which eps is added, and their logarithms, of the laws with atoms."""
    return {
        name: tuple(_raised_by(name, eps) for eps in EPS)
        for quantity in (*CHANCES, *LOGS)
        for name in _named(quantity, (*CLIPPED, "hard_kumaraswamy"))
    }


def _raised_by(function: str, eps: float) -> Formula:
    """Return one of them; where eps shows, to the roundings of 1 less a power, as the probability is written there."""
    formula, logged = exactly(partial(_plus, function, eps)), ".log" in function

    def wrong(asked: Asked) -> dict[str, Guess]:
        shows = eps > SHOWS * np.finfo(asked.dtype).eps
        made: dict[str, Any] = dict(formula(asked) or {})
        return {name: _of_powers(guess, logged=logged) if shows else guess for name, guess in made.items()}

    return wrong


def _of_powers(guess: Guess, *, logged: bool) -> Guess:
    """A guess to the roundings of numbers near 1."""
    value = guess.values[0]
    return replace(guess, condition=guess.condition + (np.exp(-value) if logged else 1.0))


def _plus(function: str, eps: float, given: Given) -> Given:
    p, logged = right(function, given)["value"], ".log" in function
    p = np.clip((np.exp(p) if logged else p) + eps, eps, 1 - eps)
    return {"value": np.log(p) if logged else p}


def _swapped(pairs: dict[str, str]) -> dict[str, str]:
    return pairs | {b: a for a, b in pairs.items()}


def _other(quantity: str, instead: str) -> dict[str, str]:
    return {quantity: instead, f"grad_{quantity}": f"grad_{instead}"}


def _named(quantity: str, laws: Iterable[str] = LAWS) -> list[str]:
    return [name for law in laws if (name := f"{law}.{quantity}") in functions()]


def _defect(name: str, description: str, instead: dict[str, str]) -> Defect:
    """Return the same law's other quantity."""

    def make(function: str) -> Formula | None:
        law, _, quantity = function.partition(".")
        other = f"{law}.{instead[quantity]}"
        return exactly(lambda given: right(other, given)) if other in functions() else None

    return Defect(name, description, formulas=lambda: for_each([f for q in instead for f in _named(q)], make))


def _computed(name: str, description: str, quantity: str, change: Callable[[Array], Array]) -> Defect:
    """Return a quantity changed."""

    def make(function: str) -> Formula:
        return exactly(lambda given: {"value": change(right(function, given)["value"])})

    return Defect(name, description, formulas=lambda: for_each(_named(quantity), make))


def rule_as_mean() -> Formulas:
    """Return the formulas of the test-time rule in place of the mean."""
    return {
        "hard_concrete.mean": (exactly(_rule),),
        "binary_concrete.mean": (exactly(lambda g: {"value": expit(g["log_alpha"])}),),
    }


def median_as_mean(law: str) -> Formulas:
    """Return the formulas of the median in place of the mean.

    Parameters
    ----------
    law : str
        Of which law.

    Returns
    -------
    mapping
        The formulas by function.
    """
    return {f"{law}.{grad}mean": (exactly(partial(right, f"{law}.{grad}median")),) for grad in ("", "grad_")}


def _rule(given: Given) -> Given:
    s = expit(given["log_alpha"])
    return {"value": np.clip((1 - s) * given["lower"] + s * given["upper"], 0, 1)}


def _without_jacobian(function: str) -> Formula:
    def wrong(given: Given) -> Given:
        x = given["x"]
        inside = (x > 0) & (x < 1)
        safe = np.where(inside, x, 0.5)
        logit = np.log(safe) - np.log1p(-safe)
        log = right("binary_concrete.logpdf_logit", {**given, "x": logit})["value"]
        logged = function.endswith("logpdf")
        return {"value": np.where(inside, log if logged else np.exp(log), -np.inf if logged else 0.0)}

    return exactly(wrong)


def _without_stretch(function: str) -> Formula:
    def wrong(given: Given) -> Given:
        x, width = given["x"], given["upper"] - given["lower"]
        inside, made = (x > 0) & (x < 1), right(function, given)["value"]
        changed = made + np.log(width) if function.endswith("logpdf") else made * width
        return {"value": np.where(inside, changed, made)}

    return exactly(wrong)


def _normal_logpdf(given: Given) -> Given:
    return right("normal.logpdf", given)


def _normal_pdf(given: Given) -> Given:
    return right("normal.pdf", given)


def _stretched(given: Given) -> Given:
    z = (given["log_alpha"] + given["noise"]) / given["temperature"]
    return {"value": expit(-z) * given["lower"] + expit(z) * given["upper"]}


def _stretched_median(given: Given) -> Given:
    return _stretched({**given, "noise": np.zeros_like(given["log_alpha"])})


def _rounded(function: str) -> Formula:
    return exactly(lambda given: {"value": (right(function, given)["value"] > 0.5).astype(float)})


def _of_minima(function: str) -> Formula:
    quantity = function.partition(".")[2]
    instead = REVERSED[quantity]

    def wrong(given: Given) -> Given:
        if instead is None:
            return right(function, {**given, "noise": -given["noise"]})
        there = {name: -x if name in {"x", "loc"} else x for name, x in given.items()}
        made = right(f"gumbel.{instead}", there)["value"]
        return {"value": made if "x" in given else -made}

    return exactly(wrong)
