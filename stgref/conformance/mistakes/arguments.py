"""Right answers to other questions: an argument is taken for something that it is not."""

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.special import expit, logit, ndtr, ndtri

from stgref.conformance.defect import Defect
from stgref.conformance.mistakes.asked import Formula
from stgref.conformance.mistakes.build import Formulas, Given, exactly, for_each, functions, merged, right
from stgref.conformance.values import Array

CONCRETE = ("binary_concrete", "hard_concrete")
SCALED = ("logistic", "normal", "gumbel")
EPSILONS = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-10, 2.0**-23, 2.0**-52)
CLAMPS = (
    *((eps, 1 - eps) for eps in EPSILONS),
    *((float(np.float32(eps)), float(np.float32(1 - eps))) for eps in EPSILONS),
    (2.0**-126, 1 - 2.0**-23),
    (2.0**-1022, 1 - 2.0**-52),
)
"""The ends, in float64 and as float32 has them; and the smallest normal number with 1 - eps, of either."""
BOUNDS = (5.0, 10.0, 15.0, 20.0, 30.0, 50.0, 80.0, 100.0)

Change = Callable[[Array], Array]


def taken_for(name: str, to: Change, slope: Change, laws: tuple[str, ...] = ()) -> Formulas:
    """Take one argument for another number, in every function that has it; gradients follow by the chain rule.

    Parameters
    ----------
    name : str
        The argument.
    to, slope : callable
        What it is taken for, and the derivative of that.
    laws : tuple of str
        Of which laws; of all by default.

    Returns
    -------
    mapping
        The formulas by function.
    """

    def make(function: str) -> Formula:
        def wrong(given: Given) -> Given:
            made = right(function, {**given, name: to(given[name])})
            return {**made, name: made[name] * slope(given[name])} if name in made else made

        return exactly(wrong)

    return for_each(_having(name, laws), make)


def _having(name: str, laws: tuple[str, ...]) -> list[str]:
    return [
        function
        for function, (arguments, _) in functions().items()
        if name in arguments and (not laws or function.partition(".")[0] in laws)
    ]


def _constant(value: float) -> tuple[Change, Change]:
    return (lambda x: np.full_like(x, value)), np.zeros_like


def _of_values(formulas: Formulas) -> Formulas:
    """Leave gradients out: in those of one argument, this is the sign of the gradient."""
    return {name: each for name, each in formulas.items() if ".grad_" not in name}


def _reversed(name: str, laws: tuple[str, ...]) -> Formulas:
    return taken_for(name, np.negative, lambda x: np.full_like(x, -1.0), laws)


def _mirrored(function: str) -> Formula:
    """Swap what belongs to 0 and to 1: bounds 1 - upper and 1 - lower."""

    def wrong(given: Given) -> Given:
        made = right(function, {**given, "lower": 1 - given["upper"], "upper": 1 - given["lower"]})
        return made if "lower" not in made else {**made, "lower": -made["upper"], "upper": -made["lower"]}

    return exactly(wrong)


def _downwards(function: str) -> Formula:
    """Stretch from upper to lower: the other end for every noise."""
    first = functions()[function][0][0]

    def wrong(given: Given) -> Given:
        start = 1 - given["p"] if first == "p" else -given[first]
        made = right(function, {**given, first: start, "log_alpha": -given["log_alpha"]})
        return {name: -x if name in {first, "log_alpha"} else x for name, x in made.items()}

    return exactly(wrong)


def _inverted_ratio(function: str) -> Formula:
    """Take log(-upper/lower) for log(-lower/upper)."""

    def wrong(given: Given) -> Given:
        shift = 2 * given["temperature"] * np.log(-given["lower"] / given["upper"])
        return right(function, {**given, "log_alpha": given["log_alpha"] + shift})

    return exactly(wrong)


def _clamped(of: Change, back: Change) -> Formulas:
    """Keep the uniform number that the noise stands for away from 0 and 1."""
    return merged(
        *(
            taken_for(
                "noise",
                partial(_through_clamp, of, back, ends),
                partial(_slope_of_clamp, of, ends),
                ("normal", "rectified_gaussian") if of is ndtr else ("logistic", "bernoulli", *CONCRETE),
            )
            for ends in CLAMPS
        )
    )


def _bounded(c: float, x: Array) -> Array:
    return np.clip(x, -c, c)


def _inside(c: float, x: Array) -> Array:
    return (np.abs(x) <= c).astype("float64")


def _same(x: Array) -> Array:
    return x


def _through_clamp(of: Change, back: Change, ends: tuple[float, float], x: Array) -> Array:
    return back(np.clip(of(x), *ends))


def _slope_of_clamp(of: Change, ends: tuple[float, float], x: Array) -> Array:
    inside: Array = (of(x) > ends[0]) & (of(x) < ends[1])
    return inside.astype("float64")


def _clamped_probability() -> Formulas:
    return merged(
        *(
            taken_for(
                "p",
                partial(_through_clamp, _same, _same, ends),
                partial(_slope_of_clamp, _same, ends),
            )
            for ends in CLAMPS
        )
    )


def counted_from_half() -> Formulas:
    """Return the formulas of a mu that is counted from 1/2."""
    return taken_for("mu", lambda mu: mu + 0.5, np.ones_like)


def mistakes() -> tuple[Defect, ...]:
    """Return them, in the order in which they are tried."""
    return (
        Defect(
            "temperature-missing",
            "temperature missing: matches temperature 1",
            formulas=lambda: merged(
                taken_for("temperature", *_constant(1.0), CONCRETE),
            ),
        ),
        Defect(
            "temperature-multiplied",
            "multiplied by the temperature instead of divided",
            formulas=lambda: merged(
                taken_for("temperature", np.reciprocal, lambda t: -1 / t**2, CONCRETE),
            ),
        ),
        Defect(
            "temperature-stale",
            "the temperature stays at its default, 2/3, whatever is given",
            formulas=lambda: merged(
                taken_for("temperature", *_constant(2 / 3), CONCRETE),
            ),
        ),
        Defect(
            "variance-for-scale",
            "the scale is squared: the variance where the standard deviation belongs",
            formulas=lambda: merged(
                taken_for("scale", np.square, lambda s: 2 * s, SCALED),
                taken_for("std", np.square, lambda s: 2 * s),
            ),
        ),
        Defect(
            "scale-for-variance",
            "the root of the scale is taken: it is treated as a variance",
            formulas=lambda: merged(
                taken_for("scale", np.sqrt, lambda s: 0.5 / np.sqrt(s), SCALED),
                taken_for("std", np.sqrt, lambda s: 0.5 / np.sqrt(s)),
            ),
        ),
        Defect(
            "rate-for-scale",
            "divided by the scale where it multiplies: a rate where a scale belongs",
            formulas=lambda: merged(
                taken_for("scale", np.reciprocal, lambda s: -1 / s**2, SCALED),
                taken_for("std", np.reciprocal, lambda s: -1 / s**2),
            ),
        ),
        Defect(
            "uniform-for-logit",
            "matches uniform where its logit belongs: the uniform variate is not mapped to the base noise",
            formulas=lambda: merged(
                taken_for(
                    "noise", expit, lambda x: expit(x) * expit(-x), ("logistic", "bernoulli", *CONCRETE)
                ),
                taken_for(
                    "noise",
                    ndtr,
                    lambda x: np.exp(-x * x / 2) / np.sqrt(2 * np.pi),
                    ("normal", "rectified_gaussian"),
                ),
                taken_for(
                    "noise", lambda x: np.exp(-np.exp(-x)), lambda x: np.exp(-x - np.exp(-x)), ("gumbel",)
                ),
            ),
        ),
        Defect(
            "bounds-swapped",
            "bounds swapped: stretched from upper to lower",
            formulas=lambda: merged(
                for_each(
                    [
                        f"hard_concrete.{each}"
                        for each in ("transform", "grad_transform", "icdf", "iccdf", "grad_icdf")
                    ],
                    _downwards,
                ),
            ),
        ),
        Defect(
            "noise-reversed",
            "the sign of the noise is reversed",
            formulas=lambda: merged(
                _reversed("noise", ("logistic", "normal", "bernoulli", "rectified_gaussian", *CONCRETE)),
            ),
        ),
        Defect(
            "logit-reversed",
            "the sign of log_alpha, or of the logits, is reversed: the gate is closed where it should be open",
            formulas=lambda: merged(
                _reversed("log_alpha", CONCRETE),
                _of_values(_reversed("logits", ("bernoulli",))),
            ),
        ),
        Defect(
            "probability-for-logit",
            "the sigmoid of log_alpha, or of the logits, where the logit itself belongs",
            formulas=lambda: merged(
                taken_for("log_alpha", expit, lambda x: expit(x) * expit(-x), CONCRETE),
                taken_for("logits", expit, lambda x: expit(x) * expit(-x), ("bernoulli",)),
            ),
        ),
        Defect(
            "logit-clamped",
            "log_alpha, or the logits, are clamped to [-c, c], c being 20 or so: no gate is surely open or closed",
            formulas=lambda: merged(
                *(
                    taken_for(name, partial(_bounded, c), partial(_inside, c))
                    for name in ("log_alpha", "logits")
                    for c in BOUNDS
                )
            ),
        ),
        Defect(
            "alpha-for-log-alpha",
            "alpha where its logarithm belongs",
            formulas=lambda: merged(
                taken_for("log_alpha", np.exp, np.exp, CONCRETE),
            ),
        ),
        Defect(
            "bounds-mirrored",
            "bounds swapped: stretched to [1 - upper, 1 - lower]",
            formulas=lambda: merged(
                for_each(_having("lower", ("hard_concrete",)), _mirrored),
            ),
        ),
        Defect(
            "ratio-inverted",
            "log(-upper/lower) where log(-lower/upper) belongs",
            formulas=lambda: merged(
                for_each(
                    [
                        f"hard_concrete.{log}{each}"
                        for log in ("", "log_")
                        for each in ("prob_active", "prob_zero")
                    ],
                    _inverted_ratio,
                ),
            ),
        ),
        Defect(
            "uniform-clamped",
            "the uniform variate is clamped to [eps, 1 - eps]: no tails",
            formulas=lambda: merged(
                _clamped(expit, logit),
                _clamped(ndtr, ndtri),
                _clamped_probability(),
            ),
        ),
        Defect(
            "arguments-in-float32",
            "the arguments are rounded to float32, the rest is float64",
            formulas=lambda: merged(
                for_each(functions(), _rounded),
            ),
        ),
    )


def _rounded(function: str) -> Formula:
    return exactly(
        lambda given: right(
            function, {name: x.astype("float32").astype("float64") for name, x in given.items()}
        )
    )
