"""Formulas that lose digits, or all of them, in a tail."""

import math
from collections.abc import Callable, Iterable

import numpy as np
from scipy.special import erf, expit

from stgref.conformance.defect import Defect
from stgref.conformance.laws import LAWS
from stgref.conformance.mistakes.arguments import CLAMPS
from stgref.conformance.mistakes.asked import Asked, Formula, Guess
from stgref.conformance.mistakes.build import (
    UNITS,
    Formulas,
    Given,
    exactly,
    for_each,
    functions,
    lossy,
    lossy_fields,
    merged,
    right,
)
from stgref.conformance.values import Array

VALUE = "value"
COMPLEMENTS = {"cdf": "ccdf", "ccdf": "cdf", "prob_zero": "prob_active", "prob_active": "prob_zero"}
LOGARITHMS = {f"log{each}": each for each in ("cdf", "ccdf", "pdf")} | {
    f"log_prob_{each}": f"prob_{each}" for each in ("zero", "one", "active", "interior")
}


def mistakes() -> tuple[Defect, ...]:
    """Return them, in the order in which they are tried."""
    return (
        Defect(
            "complement-cancels",
            "1 minus the other probability: the difference cancels, and far in the tail nothing is left",
            formulas=lambda: _complements([f for f in _named(COMPLEMENTS) if f not in NORMAL_TAILS]),
        ),
        Defect(
            "log-of-sigmoid",
            "log(sigmoid(x)), or -log(1 + exp(-x)), as it stands: exp overflows on one side, and is lost in the sum on the "
            "other",
            formulas=lambda: {name: (_softplus(name), _log_of(name)) for name in SIGMOIDS},
        ),
        Defect(
            "log-of-underflow",
            "the logarithm of a number that underflows: -inf where there is a number",
            formulas=lambda: for_each([name for name in _named(LOGARITHMS) if name not in SIGMOIDS], _log_of),
        ),
        Defect(
            "log-of-complement",
            "log(1 - the other probability), or log(0.5*(1 + erf)): the difference cancels, and the logarithm with it",
            formulas=_logs_of_complements,
        ),
        Defect(
            "log-one-minus-exp",
            "log(1 - exp(-w)) as it stands: the difference cancels for small w",
            formulas=lambda: {"gumbel.logccdf": (lossy(_gumbel_cdf, lambda c, _: np.log(1 - c)),)},
        ),
        Defect(
            "log1p-missing",
            "log(1 + x) where log1p(x) belongs: small x are lost",
            formulas=lambda: for_each(SIGMOIDS, _without_log1p),
        ),
        Defect(
            "expm1-missing",
            "exp(x) - 1 where expm1(x) belongs: small x are lost",
            formulas=lambda: {
                "gumbel.grad_logpdf": (_score_of(lambda g: np.exp(-_standard(g)), lambda e: e - 1),)
            },
        ),
        Defect(
            "score-cancels",
            "1 - 2 sigmoid(y) where -tanh(y/2) belongs: it cancels around 0",
            formulas=lambda: {
                "logistic.grad_logpdf": (
                    _score_of(lambda g: expit(_standard(g)), lambda s: 1 - 2 * s),
                    _score_of(lambda g: expit(-_standard(g)), lambda s: 2 * s - 1),
                )
            },
        ),
        Defect(
            "log-of-one-minus-p",
            "log(1 - p) in place of log1p(-p): small p are lost",
            formulas=lambda: {"gumbel.iccdf": (lossy(lambda g: 1 - g["p"], _gumbel_quantile),)},
        ),
        Defect(
            "variance-by-subtraction",
            "the variance as E z^2 - (E z)^2: the difference cancels",
            formulas=lambda: for_each(_named({"variance": ""}, CONTINUOUS), _difference),
        ),
        Defect(
            "clamped-sample",
            "the sample is clamped to [eps, 1 - eps]",
            formulas=lambda: {
                f"binary_concrete.{each}": tuple(_clamped(f"binary_concrete.{each}", ends) for ends in CLAMPS)
                for each in ("transform", "icdf", "iccdf", "median")
            },
        ),
        Defect(
            "underflow-not-gradual",
            "0 where the right number is subnormal: 1/(1 + exp(-x)) when exp overflows, or subnormals that are flushed",
            formulas=lambda: for_each(functions(), lambda _: _flushed),
        ),
    )


CONTINUOUS = ("binary_concrete", "hard_concrete", "rectified_gaussian")
CLAMPED = dict.fromkeys(
    ("cdf", "ccdf", "prob_zero", "prob_one", "prob_active", "logcdf", "logccdf", *LOGARITHMS, "mean"), ""
)


def products() -> Formulas:
    """Return the formulas of s (1 - s)."""
    return merged(
        {name: _product(name) for name in SLOPES},
        {"bernoulli.variance": (_difference("bernoulli.variance"),)},
        {"bernoulli.grad_variance": tuple(_skewed(sign) for sign in (1, -1))},
    )


def clamped() -> Formulas:
    """Return the formulas of clamped probabilities."""
    return {name: tuple(_clamped(name, ends) for ends in CLAMPS) for name in _named(CLAMPED)}


def erf_tail() -> Formulas:
    """Return the formulas of normal probabilities as 0.5 (1 + erf), or as 1 less the other."""
    sums = {name: (_one_plus_erf(start, log=False),) for name, start in NORMAL_TAILS.items()}
    return merged(sums, _complements([name for name in _named(COMPLEMENTS) if name in sums]))


def _logs_of_complements() -> Formulas:
    logarithms = {log: plain for log, plain in LOGARITHMS.items() if plain in COMPLEMENTS}
    names = [name for name in _named(logarithms) if not name.startswith("gumbel")]
    start = {
        name: NORMAL_TAILS.get(name.replace(".log_", ".").replace(".log", ".")) for name in _named(LOGARITHMS)
    }
    sums = {name: (_one_plus_erf(y, log=True),) for name, y in start.items() if y is not None}
    return merged(sums, for_each(names, _log_of_complement))


def _standard(given: Given) -> Array:
    return (given["x"] - given["loc"]) / given["scale"]


def _to_zero(given: Given) -> Array:
    return -given["mu"] / given["std"]


def _to_one(given: Given) -> Array:
    return (given["mu"] - 1) / given["std"]


def _to_active(given: Given) -> Array:
    return given["mu"] / given["std"]


NORMAL_TAILS: dict[str, Callable[[Given], Array]] = {
    # The functions that are Phi(y), and y.
    "normal.cdf": _standard,
    "normal.ccdf": lambda g: -_standard(g),
    "rectified_gaussian.prob_zero": _to_zero,
    "rectified_gaussian.prob_one": _to_one,
    "rectified_gaussian.prob_active": _to_active,
}


def _one_plus_erf(start: Callable[[Given], Array], *, log: bool) -> Formula:
    def inner(given: Given) -> Array:
        y = start(given)
        made: Array = erf(y / y.dtype.type(math.sqrt(2)))
        return made

    def outer(e: Array, _: Given) -> Array:
        p = 0.5 * (1 + e)
        return np.log(p) if log else p

    return lossy(inner, outer)


def _named(quantities: dict[str, str], laws: Iterable[str] = LAWS) -> list[str]:
    return [name for law in laws for quantity in quantities if (name := f"{law}.{quantity}") in functions()]


def _rounded(function: str) -> Callable[[Given], Array]:
    """Return a function in the dtype of its arguments, as a good implementation has it."""

    def inner(given: Given) -> Array:
        dtype = next(iter(given.values())).dtype
        return right(function, {name: x.astype("float64") for name, x in given.items()})[VALUE].astype(dtype)

    return inner


def _beside(function: str, quantity: str) -> str:
    return f"{function.partition('.')[0]}.{quantity}"


def _complements(names: list[str]) -> Formulas:
    """Return 1 - p, and 1/2 - (p - 1/2), which has a digit more."""
    return merged(for_each(names, _complement), for_each(names, _mirrored))


def _complement(function: str) -> Formula | None:
    other = _beside(function, COMPLEMENTS[function.partition(".")[2]])
    return lossy(_rounded(other), lambda p, _: 1 - p) if other in functions() else None


def _mirrored(function: str) -> Formula | None:
    other = _beside(function, COMPLEMENTS[function.partition(".")[2]])
    if other not in functions():
        return None
    p = _rounded(other)
    return lossy(lambda given: p(given) - 0.5, lambda h, _: 0.5 - h)


def _log_of_complement(function: str) -> Formula | None:
    other = _beside(function, COMPLEMENTS[LOGARITHMS[function.partition(".")[2]]])
    return lossy(_rounded(other), lambda p, _: np.log(1 - p)) if other in functions() else None


def _log_of(function: str) -> Formula:
    return lossy(_rounded(_beside(function, LOGARITHMS[function.partition(".")[2]])), lambda p, _: np.log(p))


def _hard_end(given: Given, end: float) -> Array:
    shift: Array = given["temperature"] * np.log((end - given["lower"]) / (given["upper"] - end))
    return given["log_alpha"] - shift


def _gate(given: Given) -> Array:
    return (given["log_alpha"] + given["noise"]) / given["temperature"]


SIGMOIDS: dict[str, Callable[[Given], Array]] = {
    # The functions that are a logarithm of a sigmoid, and of what.
    "logistic.logcdf": _standard,
    "logistic.logccdf": lambda g: -_standard(g),
    "bernoulli.log_prob_one": lambda g: g["logits"],
    "bernoulli.log_prob_active": lambda g: g["logits"],
    "bernoulli.log_prob_zero": lambda g: -g["logits"],
    "hard_concrete.log_prob_active": lambda g: _hard_end(g, 0),
    "hard_concrete.log_prob_zero": lambda g: -_hard_end(g, 0),
    "hard_concrete.log_prob_one": lambda g: _hard_end(g, 1),
}

SLOPES: dict[str, Callable[[Given], Array]] = {
    # The functions all of whose derivatives have the derivative of a sigmoid for a factor, and where it is taken.
    "bernoulli.grad_mean": lambda g: g["logits"],
    "bernoulli.grad_prob_one": lambda g: g["logits"],
    "bernoulli.grad_prob_active": lambda g: g["logits"],
    "bernoulli.grad_prob_zero": lambda g: g["logits"],
    "bernoulli.variance": lambda g: g["logits"],
    "logistic.pdf": _standard,
    "logistic.grad_cdf": _standard,
    "binary_concrete.grad_transform": _gate,
    "binary_concrete.grad_median": lambda g: g["log_alpha"] / g["temperature"],
    "hard_concrete.grad_prob_active": lambda g: _hard_end(g, 0),
    "hard_concrete.grad_prob_zero": lambda g: _hard_end(g, 0),
    "hard_concrete.grad_prob_one": lambda g: _hard_end(g, 1),
}


def _softplus(function: str) -> Formula:
    return lossy(lambda g: 1 + np.exp(-SIGMOIDS[function](g)), lambda total, _: -np.log(total))


def _without_log1p(function: str) -> Formula:
    """log sigmoid(z) as min(z, 0) - log(1 + e^-|z|)."""
    z = SIGMOIDS[function]
    return lossy(lambda g: 1 + np.exp(-np.abs(z(g))), lambda total, g: np.minimum(z(g), 0) - np.log(total))


def _score_of(inner: Callable[[Given], Array], score: Callable[[Array], Array]) -> Formula:
    """Return the gradient of a log-density of (x - loc) / scale from its score, and that from a number in danger."""
    return lossy_fields(
        inner,
        {
            "x": lambda e, g: score(e) / g["scale"],
            "loc": lambda e, g: -score(e) / g["scale"],
            "scale": lambda e, g: -(1 + _standard(g) * score(e)) / g["scale"],
        },
    )


def _product(function: str) -> tuple[Formula, ...]:
    """Replace s(x) s(-x) by s (1 - s), of the sigmoid, or of its complement where the other tail is at hand."""
    return tuple(_product_of(function, sign) for sign in (1, -1))


def _skewed(sign: int) -> Formula:
    """s (1 - s) (1 - 2 s)."""
    return lossy(lambda g: expit(sign * g["logits"]), lambda s, _: sign * s * (1 - s) * (1 - 2 * s), "logits")


def _product_of(function: str, sign: int) -> Formula:
    def formula(asked: Asked) -> dict[str, Guess]:
        start = SLOPES[function]
        with np.errstate(all="ignore"):
            s = expit(sign * start(asked.exact)).astype(asked.dtype)
            slope = expit(start(asked.exact)) * expit(-start(asked.exact))
            made = [t * (1 - t) for t in (s + k * np.spacing(s) for k in UNITS)]
            ratio = np.stack([np.where(slope > 0, x / slope, 1.0) for x in made])
        return {
            name: Guess(ratio * wanted.value, wanted.condition * (1 + ratio[0]))
            for name, wanted in asked.wanted.items()
            if name != VALUE or len(asked.wanted) == 1
        }

    return formula


def _gumbel_cdf(given: Given) -> Array:
    return np.exp(-np.exp(-_standard(given)))


def _gumbel_quantile(q: Array, given: Given) -> Array:
    made: Array = given["loc"] - given["scale"] * np.log(-np.log(q))
    return made


def _difference(function: str) -> Formula:
    mean, variance = _rounded(_beside(function, "mean")), _rounded(function)

    def inner(given: Given) -> Array:
        return variance(given) + np.square(mean(given))

    def outer(second: Array, given: Given) -> Array:
        made: Array = second - np.square(mean(given))
        return made

    return lossy(inner, outer)


def _clamped(function: str, ends: tuple[float, float]) -> Formula:
    log = function.partition(".")[2] in LOGARITHMS

    def wrong(given: Given) -> Given:
        limits = [math.log(end) for end in ends] if log else ends
        return {VALUE: np.clip(right(function, given)[VALUE], *limits)}

    return exactly(wrong)


def _flushed(asked: Asked) -> dict[str, Guess]:
    tiny = float(np.finfo(asked.dtype).smallest_normal)
    near = 4 * tiny
    return {
        name: Guess(
            np.stack([np.where(np.abs(x.value) < end, 0.0, x.value) for end in (0, tiny, near)]),
            x.condition,
            abrupt=True,
        )
        for name, x in asked.wanted.items()
    }
