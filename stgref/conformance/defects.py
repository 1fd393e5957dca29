"""Known wrong implementations, and what gives each away.

A failing check is named after the first of them that explains it: its error, or every one of its numbers, those that
are right included.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from stgref.conformance import altered, wrong
from stgref.conformance.defect import Defect as Defect  # noqa: PLC0414  handed on
from stgref.conformance.evidence import Evidence
from stgref.conformance.formulas import answers_instead, open_probability, open_slope, value
from stgref.conformance.mistakes import (
    arguments,
    cancellation,
    estimators,
    gradients,
    layers,
    precision,
    quantities,
)
from stgref.conformance.mistakes.build import merged
from stgref.conformance.refusals import accepts, any_of, refuses

UNCHECKED = "domain-unchecked"
"""Named apart, for whoever lets a subject answer where there is no answer."""

_DEFECTS = (
    Defect(
        "none-in-place",
        "reg_reduction 'none' cannot be back-propagated: the weight is multiplied into the probabilities in place",
        refuses("inplace operation", lambda case: case.arguments.get("reg_reduction") == "none"),
    ),
    Defect(
        "temperature-range",
        "a temperature of 1 or more is refused; the law exists for every temperature > 0",
        refuses("temperature", altered.warm),
    ),
    Defect(
        "empty-batch",
        "a batch without examples is an error; its output is empty",
        refuses("", altered.empty),
    ),
    Defect(
        "mask-gap",
        "a mask without one of the gates is accepted; that gate gates nothing and is penalised all the same",
        accepts(altered.gap),
    ),
    Defect(
        "mask-range",
        "a mask with the index of no gate is accepted",
        accepts(altered.beyond),
    ),
    Defect(
        UNCHECKED,
        "an argument outside the domain is accepted: numbers where an error is the right answer",
        accepts(lambda case: "outside" in case.flags),
    ),
    Defect(
        "erf-tail",
        "normal probability as 0.5*(1 + erf(x/sqrt(2))), or as 1 minus the other: the sum cancels, and from x = -6 down "
        "(float64: -8.3) nothing is left",
        open_probability("rectified_gaussian", wrong.one_plus_erf),
        cancellation.erf_tail,
    ),
    Defect(
        "erf-precedence",
        "open probability as 0.5*(1 + erf(mu/std*sqrt(2))): multiplied by sqrt(2) instead of divided",
        open_probability("rectified_gaussian", wrong.erf_precedence),
    ),
    Defect(
        "mu-from-half",
        "open probability as Phi((mu + 0.5)/std): right for a mu that is counted from 1/2, as in the stg package",
        open_probability("rectified_gaussian", wrong.mu_from_half),
        arguments.counted_from_half,
    ),
    Defect(
        "sigmoid-flush",
        "open probability as 1/(1 + exp(-x)): exp overflows, and the probability is 0 before it underflows",
        any_of(
            open_probability("hard_concrete", wrong.plain_sigmoid),
            open_slope("hard_concrete", wrong.plain_sigmoid_slope),
        ),
    ),
    Defect(
        "sigmoid-slope",
        "derivative of a sigmoid as s*(1 - s): the difference cancels, and a gate that is surely open gets a penalty "
        "gradient of 0",
        open_slope("hard_concrete", wrong.product_slope),
        cancellation.products,
    ),
    Defect(
        "stale-offset",
        "the penalty keeps the temperature that the layer was built with (2/3) when it is changed",
        open_probability("hard_concrete", wrong.at_first_temperature),
    ),
    Defect(
        "penalty-without-temperature",
        "open probability as sigmoid(log_alpha - log(-lower/upper)): the temperature is missing in the penalty",
        open_probability("hard_concrete", wrong.without_temperature),
    ),
    Defect(
        "clamped-probability",
        "the probability is clamped to [eps, 1 - eps], eps being 1e-6 or so: no tails, and no gradient there",
        any_of(
            open_probability("hard_concrete", wrong.clamped),
            open_slope("hard_concrete", wrong.clamped_slope),
        ),
        cancellation.clamped,
    ),
    Defect(
        "rule-as-mean",
        "clip(sigmoid(log_alpha)*(upper - lower) + lower), the test-time rule of Louizos et al., eq. 13, is called the "
        "mean; the exact mean differs, by up to 0.103 at the default options",
        value("hard_concrete.mean", wrong.louizos),
        quantities.rule_as_mean,
    ),
    Defect(
        "median-as-mean",
        "clip(sigmoid(log_alpha/temperature)*(upper - lower) + lower) is called the mean; it is the median",
        value("hard_concrete.mean", wrong.median),
        partial(quantities.median_as_mean, "hard_concrete"),
    ),
    Defect(
        "mu-as-mean",
        "clip(mu) is called the mean of the clipped gate; the exact mean differs, by up to 0.195 at std 0.5",
        value("rectified_gaussian.mean", wrong.clipped_mu),
        partial(quantities.median_as_mean, "rectified_gaussian"),
    ),
    Defect(
        "noise-shared",
        "one row of noise serves the whole batch",
        answers_instead(altered.one_noise, ("gated", "input", "log_alpha_param", "mu")),
    ),
    Defect(
        "noise-lopsided",
        "logistic noise as log(u + 1e-8) - log(1 - u): guarded on one side only, so the tails differ",
        answers_instead(altered.one_guard, ("gated", "input", "log_alpha_param"), "BinaryConcrete"),
    ),
    Defect(
        "gate-without-temperature",
        "the sampled gate is not divided by the temperature",
        answers_instead(altered.one("temperature"), ("gated", "input"), "BinaryConcrete"),
    ),
    Defect(
        "weight-ignored",
        "reg_weight is not multiplied into the penalty",
        answers_instead(altered.one("reg_weight"), ("l0_reg",)),
    ),
    Defect(
        "reduction-ignored",
        "the penalty is the sum over the gates, whatever reg_reduction says",
        answers_instead(altered.summed, ("l0_reg",)),
    ),
    *quantities.mistakes(),
    *arguments.mistakes(),
    *gradients.mistakes(),
    *cancellation.mistakes(),
    *precision.mistakes(),
    *layers.mistakes(),
    *estimators.mistakes(),
)


def _joined(same: Sequence[Defect]) -> Defect:
    """Take one mistake in laws and in estimators for one."""
    return replace(same[0], formulas=lambda: merged(*(each.formulas() for each in same)))


_NAMES = dict.fromkeys(each.name for each in _DEFECTS)
DEFECTS = tuple(_joined([each for each in _DEFECTS if each.name == name]) for name in _NAMES)
"""In the order in which they are tried."""


def diagnose(evidence: Evidence) -> Defect | None:
    """Name the known wrong implementation behind a failing check.

    Parameters
    ----------
    evidence : Evidence
        The case, what the subject returned, and the right answer.

    Returns
    -------
    Defect or None
        The first that explains everything; None if none does.
    """
    return next((defect for defect in DEFECTS if defect.explains(evidence)), None)
