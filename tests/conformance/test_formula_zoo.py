"""Wrong functions are caught and named, from all their cases; right ones in other styles pass."""

import math
from functools import partial

import mpmath
import numpy as np
import pytest
from scipy import stats
from scipy.special import erfc, erfcx, expit, log_expit, log_ndtr

import stgref
from stgref.conformance import DEFECTS
from tests.conformance.formula_zoo import ZOO
from tests.conformance.plain import FUNCTIONS as PLAIN
from tests.conformance.vector_subjects import judged, verdict

NAMES = {defect.name for defect in DEFECTS}
WORDS = {defect.name: defect.description for defect in DEFECTS}


@pytest.mark.parametrize("name", ZOO)
def test_a_wrong_function_is_caught_and_named(name):
    function, call, cause = ZOO[name]
    checks = [check for check in judged({function: call}) if check.status == "fail" and check.worst]
    assert {check.dtype for check in checks} <= {"float32", "float64"}
    assert checks
    assert {check.defect for check in checks} == {cause}
    assert all(WORDS.get(cause, "off by more than the tolerance") in check.diagnosis for check in checks)


def test_the_zoo_is_large_and_most_of_it_has_a_name():
    named = [cause for *_, cause in ZOO.values() if cause]
    assert len(ZOO) >= 60
    assert len(named) >= 0.8 * len(ZOO)
    assert set(named) <= NAMES


def test_an_innocent_function_is_never_blamed_for_another():
    function, call, cause = ZOO["penalty with stale temperature"]
    right = ("hard_concrete.prob_zero", "hard_concrete.transform", "binary_concrete.cdf", "normal.ccdf")
    innocent = {name: stgref_function(name) for name in right}
    assert verdict({**innocent, function: call}) == ({function}, {cause})


def test_a_cause_is_named_in_the_dtype_that_has_it():
    """Right in float32, float32 inside float64."""

    def cdf(x, loc, scale):
        return stgref.logistic.cdf(x.astype("float32"), loc.astype("float32"), scale.astype("float32"))

    failed = [check for check in judged({"logistic.cdf": cdf}) if check.status == "fail" and check.worst]
    assert {(check.dtype, check.defect) for check in failed} == {("float64", "float32-inside")}


def test_half_precision_inside():
    def mean(logits):
        return expit(logits.astype("float64")).astype("float16")

    assert verdict({"bernoulli.mean": mean}) == ({"bernoulli.mean"}, {"half-precision-inside"})


def test_an_argument_outside_the_domain_that_is_accepted_is_named():
    def variance(loc, scale):
        return scale * scale

    failed = [check for check in judged({"normal.variance": variance}) if check.status == "fail"]
    assert {(check.id.split(".")[3], check.defect) for check in failed} == {("outside", "domain-unchecked")}


def test_two_bugs_at_once_have_no_name():
    def cdf(x, loc, scale):
        return np.clip(expit((x - loc) * scale), 1e-3, 1 - 1e-3)

    assert verdict({"logistic.cdf": cdf}) == ({"logistic.cdf"}, {None})


def test_a_wrong_number_among_right_ones_has_no_name():
    """A single number that happens to be that of a known formula is not enough."""

    def cdf(x, loc, scale):
        wrong = x == STRAY
        return stgref.logistic.ccdf(x, loc, scale) if wrong else stgref.logistic.cdf(x, loc, scale)

    from stgref.conformance import cases  # noqa: PLC0415

    STRAY = next(cases("logistic.cdf", "float64")).arguments["x"]  # noqa: N806
    assert verdict({"logistic.cdf": cdf}, ("float64",)) == ({"logistic.cdf"}, {None})


# Right in other styles ---------------------------------------------------------------------------------------------------


def stgref_function(name, **options):
    law, _, quantity = name.partition(".")
    made = getattr(getattr(stgref, law), quantity)
    return lambda *given: made(*given, **options)


def in_fifty_digits(formula):
    def call(*given):
        with mpmath.workdps(50):
            made = formula(*(mpmath.mpf(float(x)) for x in given))
            return {k: float(v) for k, v in made.items()} if isinstance(made, dict) else float(made)

    return call


def digits_sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def by_tanh(logits):
    """sigmoid(x) as (1 + tanh(x/2)) / 2 where that keeps its digits."""
    return (1 + np.tanh(logits / 2)) / 2 if logits > -1 else np.exp(logits) / (1 + np.exp(logits))


def on_plain_numbers(f, *given):
    return f(*map(float, given))


def torch_style(name, *given):
    torch = pytest.importorskip("torch")
    functions = {
        "bernoulli.log_prob_one": torch.nn.functional.logsigmoid,
        "rectified_gaussian.transform": lambda n, m, s: (m + s * n).clamp(0, 1),
        "rectified_gaussian.median": lambda m, _: m.clamp(0, 1),
    }
    return functions[name](*map(torch.as_tensor, given)).numpy()


def by_autograd(noise, mu, std):
    """torch's own derivative of the clamp: that of the closed interval."""
    torch = pytest.importorskip("torch")
    leaves = [torch.tensor(float(x), dtype=torch.float64, requires_grad=True) for x in (noise, mu, std)]
    z = (leaves[1] + leaves[2] * leaves[0]).clamp(0, 1)
    z.backward()
    return dict(zip(("noise", "mu", "std"), (float(x.grad) for x in leaves), strict=True)) | {
        "value": float(z)
    }


RIGHT = {
    "another conventions at a clip point, open": {
        name: stgref_function(name, clip_gradient="open")
        for name in (
            "hard_concrete.grad_transform",
            "rectified_gaussian.grad_transform",
            "hard_concrete.grad_median",
        )
    },
    "another convention at a clip point, half": {
        name: stgref_function(name, clip_gradient="half")
        for name in (
            "hard_concrete.grad_transform",
            "rectified_gaussian.grad_transform",
            "rectified_gaussian.grad_icdf",
        )
    },
    "SciPy's distributions": {
        "normal.cdf": stats.norm.cdf,
        "normal.ccdf": stats.norm.sf,
        "logistic.logcdf": stats.logistic.logcdf,
        "gumbel.transform": lambda n, m, s: m + s * n,
        "normal.mean": stats.norm.mean,
    },
    "SciPy's special functions": {
        "bernoulli.log_prob_one": log_expit,
        "rectified_gaussian.log_prob_active": lambda m, s: log_ndtr(m / s),
        "rectified_gaussian.prob_active": lambda m, s: erfc(-m / s / m.dtype.type(math.sqrt(2))) / 2,
    },
    "by the scaled complementary error function": {
        "normal.logcdf": lambda x, m, s: (
            np.log(erfcx(-(x - m) / s / math.sqrt(2)) / 2) - ((x - m) / s) ** 2 / 2
            if (x - m) / s < 0
            else np.log1p(-erfc((x - m) / s / math.sqrt(2)) / 2)
        ),
    },
    "by tanh": {"bernoulli.mean": by_tanh},
    "fifty digits, rounded": {
        "bernoulli.mean": in_fifty_digits(digits_sigmoid),
        "bernoulli.grad_mean": in_fifty_digits(lambda a: {"logits": digits_sigmoid(a) * digits_sigmoid(-a)}),
        "gumbel.logccdf": in_fifty_digits(
            lambda x, m, s: mpmath.log(-mpmath.expm1(-mpmath.exp(-(x - m) / s)))
        ),
    },
    "plain Python": {name: partial(on_plain_numbers, f) for name, f in PLAIN.items() if ".prob" in name},
    "torch": {
        name: partial(torch_style, name)
        for name in ("bernoulli.log_prob_one", "rectified_gaussian.transform", "rectified_gaussian.median")
    },
    "torch's autograd": {"rectified_gaussian.grad_transform": by_autograd},
    "a mapping without some fields": {
        "hard_concrete.grad_prob_active": lambda *own: {
            "log_alpha": stgref.hard_concrete.grad_prob_active(*own).log_alpha
        },
    },
    "stgref itself": {
        name: stgref_function(name)
        for name in (
            "hard_concrete.mean",
            "hard_concrete.logpdf",
            "binary_concrete.grad_logpdf",
            "normal.icdf",
        )
    },
}


@pytest.mark.parametrize("style", RIGHT)
def test_right_functions_in_other_styles_pass(style):
    wrong = [check for check in judged(RIGHT[style]) if check.status == "fail" and "outside" not in check.id]
    assert [(check.id, check.diagnosis) for check in wrong] == []
