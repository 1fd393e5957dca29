"""Cases of drawn points: right subjects pass them, and what is wrong in one region only does not."""

import math
import operator
from functools import cache

import numpy as np
import pytest
import scipy.special
import scipy.stats
from flint import arb

import stgref
from stgref.conformance import validate
from stgref.conformance.drawing import OWN, drawn_cases
from stgref.conformance.drawn_points import bare
from stgref.conformance.judge import judge
from stgref.conformance.laws import LAWS
from stgref.conformance.vector_sets import argument_names
from tests.accuracy.reference import STORED
from tests.oracle import evaluate

DTYPES = ("float64", "float32")
ARGUMENTS = {name: each for name, each in argument_names().items() if name.split(".")[0] in LAWS}
FEW, FEWER = 12, 2

LOCATION_SCALE = ("logistic", "normal", "gumbel")
WITHOUT_LOCATION = ("variance", "grad_variance", "entropy", "grad_mean", "grad_median", "grad_icdf")
#: What does not depend on an argument.
INDEPENDENT = {
    *((f"{law}.{name}", "loc") for law in LOCATION_SCALE for name in WITHOUT_LOCATION),
    *((f"{law}.{name}", "scale") for law in LOCATION_SCALE for name in ("grad_mean", "grad_median")),
    *((f"{law}.{name}", "scale") for law in ("logistic", "normal") for name in ("mean", "median")),
    *((f"rectified_gaussian.{name}", "std") for name in ("median", "grad_median")),
}
#: Steps: they do not see a small change, and their derivatives are 0.
STEPS = {f"bernoulli.{name}" for name in ("transform", "grad_transform", "icdf", "iccdf", "median")}
FLAT = {"bernoulli.grad_icdf", "bernoulli.grad_median"}

DISCRETE = {(function, "x") for function in ARGUMENTS if function.startswith("bernoulli.")}

CONSTANTS = {"x": 0.5, "p": 0.5, "temperature": 2 / 3, "scale": 1, "std": 0.5, "lower": -0.1, "upper": 1.1}
LOCATIONS = ("log_alpha", "logits", "mu", "loc")


@cache
def case_of(function, dtype):
    (case,) = drawn_cases([function], dtype).values()
    return case


def output_of(case, **changed):
    """What stgref returns at the points, with other values of some arguments."""
    arguments = {**case.arguments, **changed}
    with np.errstate(all="ignore"):
        found = operator.attrgetter(case.function)(stgref)(*(np.array(x) for x in arguments.values()))
    fields = found._asdict() if ".grad_" in case.function else {"value": found}
    return {name: np.asarray(fields[name]) for name in case.result_names}


def status(case, output):
    return judge(case, output, 4.0, explain=False).status


def passing(function, mistakes):
    """Which mistakes are taken for right, by the names of the arguments."""
    found = []
    for dtype in DTYPES:
        case = case_of(function, dtype)
        for name in case.arguments:
            x, kind = case.arguments[name], bare(name)
            if kind == "sample" or (function, kind) in INDEPENDENT or (function, name) in DISCRETE:
                continue
            for label, changed in mistakes(kind, x):
                if status(case, output_of(case, **{name: changed.astype(dtype)})) != "fail":
                    found.append((dtype, name, label))
    return found


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", ARGUMENTS)
def test_the_answers_are_right_within_what_is_granted(function, dtype):
    """By the oracle, which knows them without stgref; the condition sum is known to 2 %."""
    case = case_of(function, dtype)
    count = len(next(iter(case.arguments.values())))
    for i in range(0, count, max(1, count // (FEWER if function in STORED else FEW))):
        point = [float(x[i]) for x in case.arguments.values()]
        exact = evaluate(function, point)
        for name, answer in case.wanted().items():
            value = arb(exact[name].value)
            size = float(abs(value).mid() + exact[name].condition.mid())
            error = float(abs(arb(float(answer.value[i])) - value).mid())
            assert error <= max(OWN["float64"] * 2.0**-52 * size, 2.0**-1074), (name, point)
            assert abs(answer.condition[i] - size) <= max(0.02 * size, 2.0**-1022), (name, point)


@pytest.mark.parametrize("function", ARGUMENTS)
def test_stgref_passes(function):
    for dtype in DTYPES:
        assert status(case_of(function, dtype), output_of(case_of(function, dtype))) == "pass"


@pytest.mark.parametrize("function", sorted(ARGUMENTS.keys() - FLAT))
def test_an_argument_that_is_not_looked_at(function):
    def mistakes(kind, x):
        yield "constant", np.full_like(x, CONSTANTS.get(kind, 0.25))

    assert passing(function, mistakes) == []


@pytest.mark.parametrize("function", sorted(ARGUMENTS.keys() - FLAT - STEPS))
def test_an_argument_that_is_off_by_one_percent(function):
    def mistakes(kind, x):
        chance = kind == "p" or (kind == "noise" and "kumaraswamy" in function)
        yield "x 1.01", np.minimum(x * 1.01, 1) if chance else x * 1.01

    wrong = passing(function, mistakes)
    # The derivative of a clipped mu is 0 or 1.
    assert wrong == [] or function == "rectified_gaussian.grad_median"


@pytest.mark.parametrize("function", sorted(ARGUMENTS.keys() - FLAT))
def test_an_argument_that_is_clipped(function):
    def mistakes(kind, x):
        if kind == "temperature":
            yield "at least 0.1", np.maximum(x, 0.1)
            yield "at most 5", np.minimum(x, 5)
        if kind in {"scale", "std"}:
            yield "at least 0.1", np.maximum(x, 0.1)
            yield "at most 10", np.minimum(x, 10)
        # A median that is clipped itself, and the step at 0, do not see it.
        if kind in LOCATIONS and function not in {
            "rectified_gaussian.median",
            "rectified_gaussian.grad_median",
            "bernoulli.median",
        }:
            yield "within 10", np.clip(x, -10, 10)
            yield "at least -1", np.maximum(x, -1)

    assert passing(function, mistakes) == []


@pytest.mark.parametrize("function", sorted(ARGUMENTS.keys() - FLAT))
def test_a_result_that_is_off_by_a_millionth_near_0(function):
    case = case_of(function, "float64")
    for name in (each for each in case.arguments if bare(each) in LOCATIONS):
        near = np.abs(case.arguments[name]) < 1
        off = {key: np.where(near, x * (1 + 1e-6), x) for key, x in output_of(case).items()}
        assert status(case, off) == "fail"


def scalar(x, loc, scale):
    """The normal cdf of single numbers."""
    return math.erfc((loc.item() - x.item()) / scale.item() / math.sqrt(2)) / 2


NAIVE = {
    "bernoulli.mean": scipy.special.expit,
    "bernoulli.log_prob_one": scipy.special.log_expit,
    "bernoulli.log_prob_zero": lambda logits: scipy.special.log_expit(-logits),
    "bernoulli.pdf": lambda x, logits: scipy.special.expit(np.where(x == 1, logits, -logits)),
    "logistic.cdf": lambda x, loc, scale: scipy.special.expit((x - loc) / scale),
    "logistic.variance": lambda _, scale: scale**2 * scale.dtype.type(np.pi**2 / 3),
    "normal.cdf": lambda x, loc, scale: scipy.special.ndtr((x - loc) / scale),
    "normal.logcdf": lambda x, loc, scale: scipy.special.log_ndtr((x - loc) / scale),
    "normal.icdf": lambda p, loc, scale: loc + scale * scipy.special.ndtri(p),
    "normal.grad_mean": lambda *_: {"loc": 1.0, "scale": 0.0},
    "gumbel.icdf": lambda p, loc, scale: loc - scale * np.log(-np.log(p)),
    "binary_concrete.transform": lambda noise, log_alpha, t: scipy.special.expit((log_alpha + noise) / t),
    "hard_concrete.transform": lambda noise, log_alpha, t, lower, upper: np.clip(
        lower + (upper - lower) * scipy.special.expit((log_alpha + noise) / t), 0, 1
    ),
    "hard_concrete.prob_active": lambda log_alpha, t, lower, upper: scipy.special.expit(
        log_alpha - t * np.log(-lower / upper)
    ),
    "rectified_gaussian.prob_active": lambda mu, std: scipy.special.ndtr(mu / std),
    "rectified_gaussian.transform": lambda noise, mu, std: np.clip(mu + std * noise, 0, 1),
}


@pytest.mark.parametrize("dtype", DTYPES)
def test_plain_implementations_that_are_right_pass(dtype):
    report = validate(NAIVE, dtype=dtype)
    drawn = [check for check in report.checks if check.id.endswith(".drawn")]
    assert {check.function for check in drawn} == NAIVE.keys()
    assert [check for check in drawn if check.status != "pass"] == []


def test_a_function_of_single_numbers():
    (check,) = [each for each in validate({"normal.cdf": scalar}).checks if each.id == "normal.cdf.f64.drawn"]
    assert (check.status, check.count) == ("pass", 256)


def test_a_failure_shows_its_inputs():
    def wrong(x, loc, scale):
        return stgref.normal.cdf(x, loc, np.minimum(scale, 300))

    report = validate({"normal.cdf": wrong})
    (check,) = [each for each in report.checks if each.status == "fail"]
    assert check.id == "normal.cdf.f64.drawn"
    assert float.fromhex(check.worst.inputs["scale"]) > 300
    assert check.worst.inputs.keys() == {"x", "loc", "scale"}


def test_a_failure_is_named_as_those_of_the_vectors():
    report = validate(
        {"normal.cdf": lambda x, loc, scale: (1 + scipy.special.erf((x - loc) / scale / np.sqrt(2))) / 2}
    )
    causes = {check.defect for check in report.checks if check.status == "fail"}
    assert len(causes) == 1
    assert any(check.id.endswith(".drawn") for check in report.checks if check.status == "fail")


@pytest.mark.most(1)
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_narrow_domain_has_its_points(dtype):
    domain = {"temperature": (0.3, 0.31), "log_alpha": (-0.2, 0.2), "x": (0.4, 0.41), "p": (0.9, 0.95)}
    for case in drawn_cases(ARGUMENTS, dtype, domain).values():
        for name in case.arguments.keys() & domain.keys():
            low, high = domain[name]
            assert np.all((low <= case.arguments[name]) & (case.arguments[name] <= high))
        if case.function.startswith("binary_concrete."):
            assert len(case.arguments["log_alpha"]) >= 12, case.id


def test_where_nothing_can_be_drawn_there_is_no_case():
    assert drawn_cases(["binary_concrete.pdf"], "float64", {"temperature": (-2, -1)}) == {}


def test_every_decade_and_sign_is_met():
    found = case_of("binary_concrete.logpdf", "float64").arguments
    for exponent in range(-3, 2):
        low, high = 10.0**exponent, 10.0 ** (exponent + 1)
        assert np.any((low <= found["temperature"]) & (found["temperature"] < high))
        for sign in (-1, 1):
            at = sign * found["log_alpha"]
            assert np.any((low <= at) & (at < high))


def test_the_points_are_the_same_every_time():
    first = drawn_cases(["normal.cdf"], "float64", {"x": (0, 1)})
    again = drawn_cases(["normal.cdf"], "float64", {"x": (0.0, 1.0)})
    assert all(
        np.array_equal(x, again[name].arguments[key])
        for name, case in first.items()
        for key, x in case.arguments.items()
    )
