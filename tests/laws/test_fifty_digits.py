"""The same kernels in 50-digit arithmetic: a wrong formula shows, rounding does not.

Where no constant of the kernel is a rounded Python float, 40 digits agree with a textbook formula; where one is (pi, the
square root of 2), 14.
"""

from __future__ import annotations

import importlib

import mpmath as mp
import pytest

from stgref import (
    binary_concrete,
    hard_concrete,
    hard_kumaraswamy,
    kumaraswamy,
    logistic,
    normal,
    rectified_gaussian,
)

mparray = pytest.importorskip("mparray", reason="mparray is not installed")


@pytest.fixture(autouse=True)
def digits():
    with mp.workdps(50):
        yield


def sigma(x):
    return 1 / (1 + mp.exp(-x))


def point(x, a, t, lower, upper):
    return t * mp.log((x - lower) / (upper - x)) - a


def survival(x, a, b, lower=0, upper=1):
    return (1 - ((x - lower) / (upper - lower)) ** a) ** b


def quantile(u, a, b, lower=0, upper=1):
    return lower + (upper - lower) * (1 - (1 - u) ** (1 / b)) ** (1 / a)


FORMULAS = {
    "logistic.cdf": (logistic.cdf, ["0.4", "0.1", "2.5"], lambda x, m, s: sigma((x - m) / s), 1e-40),
    "logistic.logpdf": (
        logistic.logpdf,
        ["0.4", "0.1", "2.5"],
        lambda x, m, s: mp.log(sigma((x - m) / s) * sigma((m - x) / s) / s),
        1e-40,
    ),
    "normal.logcdf": (
        normal.logcdf,
        ["-3.0", "0.1", "0.5"],
        lambda x, m, s: mp.log(mp.ncdf((x - m) / s)),
        1e-14,
    ),
    "binary_concrete.cdf": (
        binary_concrete.cdf,
        ["0.4", "0.3", "0.7"],
        lambda x, a, t: sigma(t * mp.log(x / (1 - x)) - a),
        1e-40,
    ),
    "binary_concrete.logpdf": (
        binary_concrete.logpdf,
        ["0.4", "3.3", "0.7"],
        lambda x, a, t: mp.log(mp.diff(lambda z: sigma(t * mp.log(z / (1 - z)) - a), x)),
        1e-14,
    ),
    "hard_concrete.transform": (
        hard_concrete.transform,
        ["0.2", "0.3", "0.7", "-0.1", "1.2"],
        lambda n, a, t, lo, up: sigma((n + a) / t) * (up - lo) + lo,
        1e-40,
    ),
    "hard_concrete.cdf": (
        hard_concrete.cdf,
        ["0.4", "0.3", "0.7", "-0.1", "1.2"],
        lambda x, *law: sigma(point(x, *law)),
        1e-40,
    ),
    "hard_concrete.log_prob_active": (
        hard_concrete.log_prob_active,
        ["0.3", "0.7", "-0.1", "1.2"],
        lambda *law: mp.log(1 - sigma(point(0, *law))),
        1e-40,
    ),
    "hard_concrete.prob_interior": (
        hard_concrete.prob_interior,
        ["0.3", "0.7", "-0.1", "1.2"],
        lambda *law: sigma(point(1, *law)) - sigma(point(0, *law)),
        1e-40,
    ),
    "rectified_gaussian.prob_active": (
        rectified_gaussian.prob_active,
        ["0.3", "0.7"],
        lambda mu, s: mp.ncdf(mu / s),
        1e-14,
    ),
    "kumaraswamy.transform": (kumaraswamy.transform, ["0.4", "1.7", "0.6"], quantile, 1e-40),
    "kumaraswamy.cdf": (kumaraswamy.cdf, ["0.4", "1.7", "0.6"], lambda x, *law: 1 - survival(x, *law), 1e-40),
    "kumaraswamy.logpdf": (
        kumaraswamy.logpdf,
        ["0.4", "1.7", "0.6"],
        lambda x, a, b: mp.log(a * b * x ** (a - 1) * (1 - x**a) ** (b - 1)),
        1e-40,
    ),
    "hard_kumaraswamy.transform": (
        hard_kumaraswamy.transform,
        ["0.4", "1.7", "0.6", "-0.1", "1.2"],
        quantile,
        1e-40,
    ),
    "hard_kumaraswamy.logcdf": (
        hard_kumaraswamy.logcdf,
        ["0.4", "1.7", "0.6", "-0.1", "1.2"],
        lambda x, *law: mp.log(1 - survival(x, *law)),
        1e-40,
    ),
    "hard_kumaraswamy.logpdf": (
        hard_kumaraswamy.logpdf,
        ["0.4", "1.7", "0.6", "-0.1", "1.2"],
        lambda x, a, b, lo, up: mp.log(
            a
            * b
            / (up - lo)
            * ((x - lo) / (up - lo)) ** (a - 1)
            * (1 - ((x - lo) / (up - lo)) ** a) ** (b - 1)
        ),
        1e-40,
    ),
    "hard_kumaraswamy.log_prob_interior": (
        hard_kumaraswamy.log_prob_interior,
        ["1.7", "0.6", "-0.1", "1.2"],
        lambda *law: mp.log(survival(0, *law) - survival(1, *law)),
        1e-40,
    ),
}


def numbers(texts):
    return [mp.mpf(t) for t in texts]


def called(function, values):
    # mparray names its dtype float64, whatever its digits: the wrapper leaves it as it is.
    return function(*(mparray.asarray([v]) for v in values))


@pytest.mark.parametrize("name", FORMULAS)
def test_value(name):
    function, texts, formula, tolerance = FORMULAS[name]
    values = numbers(texts)
    expected = formula(*values)
    assert abs(called(function, values)[0] - expected) < tolerance * abs(expected)


@pytest.mark.parametrize("name", [n for n in FORMULAS if n != "binary_concrete.logpdf"])
def test_gradient(name):
    """Against the numerical derivative of the textbook formula, good to 20 digits."""
    _, texts, formula, tolerance = FORMULAS[name]
    law, _, quantity = name.partition(".")
    gradient = getattr(importlib.import_module(f"stgref.laws.{law}"), f"grad_{quantity}")
    values = numbers(texts)
    result = called(gradient, values)
    fields = [f for f in result._fields if f != "value"]
    assert len(fields) == len(values)
    for i, field in enumerate(fields):
        order = [int(j == i) for j in range(len(values))]
        expected = (
            mp.diff(formula, tuple(values), tuple(order)) if len(values) > 1 else mp.diff(formula, values[0])
        )
        assert abs(getattr(result, field)[0] - expected) < max(tolerance, 1e-20) * max(abs(expected), 1e-3)


def test_a_wrong_formula_shows():
    """The check itself: a sign, or a constant off by 1e-30, is far beyond its tolerance."""
    values = numbers(["0.4", "0.3", "0.7", "-0.1", "1.2"])
    wrong = sigma(point(*values) * (1 + mp.mpf("1e-30")))
    assert abs(called(hard_concrete.cdf, values)[0] - wrong) > 1e-40 * wrong
