"""The elementary functions: against SciPy's, against each other, at their ends. Digits are `tests.accuracy`'s."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from stgref import special

EPS = 2.0**-52
REAL = st.floats(-40.0, 40.0)
WIDE = st.floats(-1e4, 1e4)
UNIT = st.floats(1e-300, 1.0, exclude_max=True)


def close(got: float, wanted: float, condition: float = 0.0, factor: float = 16.0) -> bool:
    """Whether they agree to ``factor`` eps (|f| + condition); below the normal numbers, to a few subnormals."""
    return abs(got - wanted) <= factor * (EPS * (abs(wanted) + abs(condition)) + 5e-324)


@pytest.mark.parametrize("name", ["expit", "log_expit", "erfc", "ndtr", "log_ndtr", "softplus"])
@given(x=REAL)
def test_scipy_agrees(name, x):
    """With SciPy's function at the rounding error of its argument, where that is its own bound too."""
    f, g = getattr(special, name), getattr(special, f"grad_{name}")
    if {"erfc": x, "ndtr": -x, "log_ndtr": x}.get(name, 0.0) > 26.0:
        return  # SciPy's is 0 before its result is subnormal
    assert close(f(x), getattr(scipy.special, name)(x), x * g(x).x, factor=64.0)


@given(x=st.floats(-5.0, 1e4))
def test_scipy_agrees_on_erfcx(x):
    assert close(special.erfcx(x), scipy.special.erfcx(x), x * special.grad_erfcx(x).x)


@given(p=UNIT)
def test_scipy_agrees_on_quantiles(p):
    assert close(special.logit(p), scipy.special.logit(p), 1.0 + abs(math.log(p)), factor=64.0)
    assert close(special.ndtri(p), scipy.special.ndtri(p))


@given(x=WIDE)
def test_sigmoid_functions_are_each_others_images(x):
    assert special.expit(x) + special.expit(-x) == pytest.approx(1.0, rel=2 * EPS, abs=0)
    assert special.log_expit(x) == -special.softplus(-x)
    assert special.grad_log_expit(x).x == special.expit(-x)
    assert special.grad_softplus(x).x == special.expit(x)
    assert special.grad_expit(x).x == special.grad_expit(-x).x
    assert close(special.softplus(x) - special.softplus(-x), x, abs(x) + special.softplus(x))
    assert close(math.exp(special.log_expit(x)), special.expit(x), abs(x))


@given(x=WIDE)
def test_log1mexp_is_even_and_inverts(x):
    assert special.log1mexp(x) == special.log1mexp(-x)
    assert x == 0.0 or special.grad_log1mexp(x).x == -special.grad_log1mexp(-x).x
    value = special.log1mexp(x)
    if 1e-300 < abs(x) < 30.0:  # beyond, exp(value) is nearly 1 and says little of x
        assert close(special.log1mexp(value), -abs(x), math.exp(min(abs(x), 30.0)) * value, factor=64.0)


@given(x=REAL)
def test_normal_functions_are_each_others_images(x):
    assert special.ndtr(x) + special.ndtr(-x) == pytest.approx(1.0, rel=4 * EPS, abs=0)
    assert special.erfc(x) + special.erfc(-x) == pytest.approx(2.0, rel=4 * EPS, abs=0)
    assert special.grad_ndtr(x).x == special.grad_ndtr(-x).x
    assert special.grad_log_ndtr(x).x == special.inverse_mills(x)
    assert close(special.ndtr(x), 0.5 * special.erfc(-x / math.sqrt(2.0)), 2.0 * x * special.grad_ndtr(x).x)
    assert close(
        math.exp(special.log_ndtr(x)),
        special.ndtr(x),
        special.ndtr(x) * special.log_ndtr(x) + x * special.grad_ndtr(x).x,
    )


@given(x=REAL)
def test_inverse_mills_is_the_quotient(x):
    if x > -37.0:
        wanted = special.grad_ndtr(x).x / special.ndtr(x)
        assert close(special.inverse_mills(x), wanted, x * x * wanted)
    assert max(-x, 0.0) <= special.inverse_mills(x) <= max(-x, 0.0) + 0.8
    assert -1.0 <= special.grad_inverse_mills(x).x <= 0.0


@given(x=st.floats(-5.0, 25.0))
def test_erfcx_is_the_scaled_erfc(x):
    assert close(special.erfcx(x), math.exp(x * x) * special.erfc(x), 4.0 * x * x * special.erfcx(x))


@given(p=UNIT)
def test_quantile_functions_are_antisymmetric_and_invert(p):
    """As far as 1 - p is exact; the condition of x to p is p / f(x)."""
    q = 1.0 - p
    if 1.0 - q == p:
        assert special.logit(q) == -special.logit(p)
        assert special.ndtri(q) == -special.ndtri(p)
        assert special.grad_logit(q).p == pytest.approx(special.grad_logit(p).p, rel=4 * EPS, abs=0)
    for inverse, f in ((special.logit, special.expit), (special.ndtri, special.ndtr)):
        x = inverse(p)
        slope = getattr(special, f"grad_{f.__name__}")(x).x
        assert close(f(x), p, x * slope)


GRADIENTS = {
    "expit": (-40.0, 40.0),
    "log_expit": (-40.0, 40.0),
    "softplus": (-40.0, 40.0),
    "log1mexp": (0.1, 40.0),
    "erfc": (-4.0, 8.0),
    "erfcx": (-4.0, 50.0),
    "ndtr": (-12.0, 8.0),
    "log_ndtr": (-100.0, 8.0),
    "inverse_mills": (-100.0, 8.0),
    "logit": (0.01, 0.99),
    "ndtri": (0.01, 0.99),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients_integrate_to_the_differences(name):
    """The fundamental theorem: 40 Gauss-Legendre nodes on 100 short pieces, to 1e-13 of what is added up."""
    nodes, weights = np.polynomial.legendre.leggauss(40)
    ends = np.linspace(*GRADIENTS[name], 101)
    middle, half = (ends[1:] + ends[:-1]) / 2, (ends[1:] - ends[:-1]) / 2
    slopes = getattr(special, f"grad_{name}")(middle[:, None] + half[:, None] * nodes)[0]
    f = getattr(special, name)(ends)
    size = (
        np.abs(f[1:]) + np.abs(f[:-1]) + np.abs(ends[1:] * slopes[:, -1]) + np.abs(ends[:-1] * slopes[:, 0])
    )
    assert np.all(np.abs(half * (slopes @ weights) - (f[1:] - f[:-1])) <= 1e-14 * size)


@pytest.mark.parametrize("name", sorted(GRADIENTS))
def test_every_function_has_its_gradient(name):
    gradient = getattr(special, f"grad_{name}")
    assert gradient(0.5)._fields == getattr(special, name).arrays


def test_the_table_of_gradients_is_complete():
    assert {n for n in special.__all__ if not n.startswith("grad_")} == set(GRADIENTS)
    assert {n.removeprefix("grad_") for n in special.__all__} == set(GRADIENTS)


INFINITY = math.inf
LIMITS = [
    ("expit", -INFINITY, 0.0),
    ("expit", INFINITY, 1.0),
    ("log_expit", -INFINITY, -INFINITY),
    ("log_expit", INFINITY, 0.0),
    ("softplus", INFINITY, INFINITY),
    ("softplus", -INFINITY, 0.0),
    ("log1mexp", 0.0, -INFINITY),
    ("log1mexp", INFINITY, 0.0),
    ("erfc", -INFINITY, 2.0),
    ("erfc", INFINITY, 0.0),
    ("erfcx", INFINITY, 0.0),
    ("ndtr", -INFINITY, 0.0),
    ("ndtr", INFINITY, 1.0),
    ("log_ndtr", -INFINITY, -INFINITY),
    ("log_ndtr", INFINITY, 0.0),
    ("inverse_mills", -INFINITY, INFINITY),
    ("inverse_mills", INFINITY, 0.0),
    ("logit", 0.0, -INFINITY),
    ("logit", 1.0, INFINITY),
    ("ndtri", 0.0, -INFINITY),
    ("ndtri", 1.0, INFINITY),
    ("grad_logit", 0.0, INFINITY),
    ("grad_logit", 1.0, INFINITY),
    ("grad_ndtri", 0.0, INFINITY),
    ("grad_ndtri", 1.0, INFINITY),
]


@pytest.mark.parametrize(("name", "x", "limit"), LIMITS)
def test_limits(name, x, limit):
    result = getattr(special, name)(x)
    assert (result[0] if isinstance(result, tuple) else result) == limit


@pytest.mark.parametrize("name", special.__all__)
def test_nan_stays_nan(name):
    """Where an argument may be one (probabilities may not)."""
    f = getattr(special, name)
    if f.arrays == ("p",):
        with pytest.raises(ValueError, match=r"\bp\b"):
            f(math.nan)
    else:
        assert np.isnan(f(math.nan)).all()


@pytest.mark.parametrize("name", [n for n in special.__all__ if "logit" not in n and "ndtri" not in n])
def test_finite_arguments_give_numbers_without_warnings(name):
    """Of any size; only erfcx overflows, to the left of -26, and its slope with it, and log1mexp is infinite at 0."""
    x = np.concatenate([np.geomspace(1e-300, 1e300, 601), [0.0]])
    x = np.concatenate([x, -x])
    result = getattr(special, name)(x)
    values = result[0] if isinstance(result, tuple) else result
    singular = {
        "erfcx": x < -26,
        "grad_erfcx": x < -26,
        "log1mexp": x == 0,
        "grad_log1mexp": np.abs(x) < 1e-299,
    }
    overflow = np.abs(x) > 1e150  # squares overflow: the logarithm of the normal cdf is -inf from -1.9e154 on
    assert not np.isnan(values).any()
    assert np.isfinite(values[~(singular.get(name, False) | overflow)]).all()
