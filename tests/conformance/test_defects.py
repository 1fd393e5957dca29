"""Every known defect is recognised in an implementation that has it, and in no implementation that has not.

The wrong numbers are made here, from other formulas than those of the package.
"""

import math
import re

import numpy as np
import pytest
from scipy.special import expit, ndtr

from stgref.conformance import DEFECTS
from stgref.conformance.defect import never
from stgref.conformance.defects import diagnose
from stgref.conformance.evidence import Evidence
from stgref.conformance.recording import Failure, Recording
from stgref.conformance.reference import answer
from stgref.conformance.validation import validate
from tests.conformance import shipped, toy

SHORT = {"float32": "f32", "float64": "f64"}


def erf_sum(case, x):
    """0.5 (1 + erf(x)), every step rounded to the dtype of the case."""
    dtype = np.dtype(case.dtype).type
    erf = np.asarray([math.erf(each) for each in np.asarray(x, dtype)], dtype)
    return dtype(0.5) * (dtype(1) + erf)


def own(case):
    """The parameters of the law in float64."""
    return [np.asarray(each, "float64") for each in case.arguments.values()]


def mu_over_std(case):
    mu, std = own(case)
    return mu / std


def sigmoid_argument(case, temperature=None):
    log_alpha, t, lower, upper = own(case)
    return log_alpha - (t if temperature is None else temperature) * np.log(-lower / upper)


def overflowing(x, dtype):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x.astype(dtype)))


def rounded(case, value):
    return {"value": np.asarray(value).astype(case.dtype)}


def stretched(case, s):
    _, _, lower, upper = own(case)
    return np.clip(s * (upper - lower) + lower, 0, 1)


def slope_of_penalty(case, slope):
    """The gradient of a penalty alone, from the derivative of each open probability."""
    x = sigmoid_argument_of_layer(case)
    share = case.array("d_l0_reg") * case.array("reg_weight") / len(x)
    zero = np.zeros_like(case.array("x"))
    return {
        "input": shipped.right(case)["input"] + zero,
        "log_alpha_param": (share * slope(x)).astype(case.dtype),
    }


def sigmoid_argument_of_layer(case):
    names = ("log_alpha_param", "temperature", "lower_bound", "upper_bound")
    log_alpha, t, lower, upper = (np.asarray(case.array(name), "float64") for name in names)
    return log_alpha - t * np.log(-lower / upper)


def product(case):
    def slope(x):
        s = expit(x).astype(case.dtype)
        return s * (1 - s)

    return slope_of_penalty(case, slope)


def flushed(case):
    return slope_of_penalty(case, lambda x: 0 * x)


def clamped_slope(case):
    return slope_of_penalty(case, lambda x: np.where(abs(x) < math.log(1e6), expit(x) * expit(-x), 0))


def accepted(case):
    n = case.array("x").shape
    return {"gated": np.zeros(n, case.dtype), "l0_reg": np.ones((), case.dtype)}


LAYER = "bc.forward.{}.train.bulk.plain.default.sum"
WRONG = {
    # defect: (case, what an implementation that has it returns), ...
    "none-in-place": [
        (
            f"{family}.vjp.{{}}.train.reduction.plain.default.none",
            lambda _: Failure("modified by an inplace operation"),
        )
        for family in ("bc", "gauss")
    ],
    "temperature-range": [
        (
            "bc.forward.{}.train.warm.plain.default.sum",
            lambda _: Failure("ValueError: temperature must be < 1"),
        )
    ],
    "empty-batch": [
        (f"{family}.forward.{{}}.train.empty-batch.plain.default.sum", lambda _: Failure("IndexError"))
        for family in ("bc", "gauss")
    ],
    "mask-gap": [
        (f"{family}.forward.{{}}.eval.mask-gap.plain.default.sum", accepted) for family in ("bc", "gauss")
    ],
    "mask-range": [
        (f"bc.forward.{{}}.eval.mask-{what}.plain.default.sum", accepted)
        for what in ("negative", "too-large")
    ],
    "erf-tail": [
        (
            "gauss.prob_active.{}.low.default",
            lambda case: rounded(case, erf_sum(case, mu_over_std(case) / math.sqrt(2))),
        ),
    ],
    "erf-precedence": [
        (
            f"gauss.prob_active.{{}}.{region}.default",
            lambda case: rounded(case, erf_sum(case, mu_over_std(case) * math.sqrt(2))),
        )
        for region in ("bulk", "low")
    ],
    "mu-from-half": [
        (
            "gauss.prob_active.{}.bulk.default",
            lambda case: rounded(case, ndtr((own(case)[0] + 0.5) / own(case)[1])),
        )
    ],
    "sigmoid-flush": [
        (
            "bc.prob_active.{}.flush.default",
            lambda case: rounded(case, overflowing(sigmoid_argument(case), case.dtype)),
        ),
        ("bc.vjp.{}.eval.flush.plain.default.mean", flushed),
    ],
    "sigmoid-slope": [("bc.vjp.{}.eval.high.plain.default.mean", product)],
    "stale-offset": [
        ("bc.prob_active.{}.annealed.cold", lambda case: rounded(case, expit(sigmoid_argument(case, 2 / 3)))),
        ("bc.prob_active.{}.bulk.lopsided", lambda case: rounded(case, expit(sigmoid_argument(case, 2 / 3)))),
    ],
    "penalty-without-temperature": [
        ("bc.prob_active.{}.bulk.lopsided", lambda case: rounded(case, expit(sigmoid_argument(case, 1))))
    ],
    "clamped-probability": [
        (
            "bc.prob_active.{}.low.default",
            lambda case: rounded(case, np.clip(expit(sigmoid_argument(case)), 1e-6, 1 - 1e-6)),
        ),
        ("bc.vjp.{}.eval.low.plain.default.mean", clamped_slope),
    ],
    "rule-as-mean": [
        ("bc.mean.{}.bulk.wide", lambda case: rounded(case, stretched(case, expit(own(case)[0]))))
    ],
    "median-as-mean": [
        (
            "bc.mean.{}.bulk.default",
            lambda case: rounded(case, stretched(case, expit(own(case)[0] / own(case)[1]))),
        )
    ],
    "mu-as-mean": [("gauss.mean.{}.bulk.unit", lambda case: rounded(case, np.clip(own(case)[0], 0, 1)))],
    "noise-shared": [
        (
            f"{family}.forward.{{}}.train.bulk.plain.default.sum",
            lambda case: toy.forward(case, noise=lambda n: n[:1]),
        )
        for family in ("bc", "gauss")
    ],
    "noise-lopsided": [
        (
            "bc.forward.{}.train.noise-tails.plain.default.sum",
            lambda case: toy.forward(case, noise_of=lambda u: np.log(u + 1e-8) - np.log(1 - u)),
        )
    ],
    "gate-without-temperature": [(LAYER, lambda case: toy.forward(case, temperature=1.0))],
    "weight-ignored": [
        (f"{family}.forward.{{}}.train.bulk.plain.default.sum", lambda case: toy.forward(case, weight=1.0))
        for family in ("bc", "gauss")
    ],
    "reduction-ignored": [
        (
            f"{family}.forward.{{}}.train.reduction.plain.default.mean",
            lambda case: toy.forward(case, reduction="sum"),
        )
        for family in ("bc", "gauss")
    ],
}
ALL = [
    pytest.param(defect, name.format(SHORT[dtype]), make, id=f"{defect}-{name.format(SHORT[dtype])}")
    for defect, examples in WRONG.items()
    for name, make in examples
    for dtype in SHORT
]


def checked(case, output):
    (check,) = validate(Recording({"name": "x"}, {case.id: case}, {case.id: output})).checks
    return check


def test_every_known_defect_is_tried():
    of_vectors = {"domain-unchecked"}
    assert WRONG.keys() | of_vectors == {defect.name for defect in DEFECTS if defect.explains is not never}


@pytest.mark.parametrize(("defect", "name", "make"), ALL)
def test_a_defect_is_recognised(defect, name, make):
    case = shipped.case(name)
    check = checked(case, make(case))
    assert check.status == "fail"
    assert check.defect == defect
    assert check.diagnosis == next(known.description for known in DEFECTS if known.name == defect)


@pytest.mark.parametrize("name", sorted({parameters.values[1] for parameters in ALL}))
def test_no_defect_explains_what_is_right(name):
    case, wanted = shipped.case(name), answer(shipped.case(name))
    output = Failure("ValueError: no") if wanted is None else shipped.right(case)
    assert checked(case, output).status == "pass"
    assert diagnose(Evidence(case, output, wanted, 4)) is None


@pytest.mark.parametrize(
    "name",
    sorted({p.values[1] for p in ALL if not re.search("mask|warm|empty", p.values[1])}),
)
def test_no_defect_explains_noise(name):
    """Numbers that are wrong in no known way get no known name."""
    case = shipped.case(name)
    output = {result: value * np.asarray(1.25, case.dtype) for result, value in shipped.right(case).items()}
    check = checked(case, output)
    assert check.status == "fail"
    assert check.defect is None
    assert "off by more than the tolerance" in check.diagnosis


def test_no_defect_explains_an_error_without_a_known_cause():
    case = shipped.case(LAYER.format("f64"))
    check = checked(case, Failure("Segmentation fault"))
    assert (check.status, check.defect) == ("fail", None)
    assert "Segmentation fault" in check.diagnosis


def test_the_toy_layer_is_right_where_nothing_is_wrong_with_it():
    for family in ("bc", "gauss"):
        case = shipped.case(f"{family}.forward.f64.train.bulk.plain.default.sum")
        assert checked(case, toy.forward(case)).status == "pass"
