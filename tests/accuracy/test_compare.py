"""The comparison can fail: what it accepts, what it rejects, and that wrong formulas are caught."""

import math

import numpy as np
import pytest
from flint import arb

from tests.accuracy import check as checking
from tests.accuracy.compare import compare
from tests.oracle import Exact

INF = math.inf


def exact(value, condition=0.0):
    return Exact(arb(value), arb(condition))


@pytest.mark.parametrize(
    ("got", "wanted", "tolerances"),
    [
        (1.0, exact(1.0), 0.0),
        (1 + 2.0**-52, exact(1.0), 0.25),
        (1 + 8 * 2.0**-52, exact(1.0, 1.0), 1.0),
        (1 + 6 * 2.0**-52, exact(1.0), 1.5),
        (5e-324, exact(0.0), 1.0),
        (1e-323, exact(0.0), 2.0),
        (0.0, exact(1e-320), 2024.0),
        (0.0, Exact(arb(2) ** -1075, arb(0)), 0.5),
        (INF, Exact(arb(10) ** 400, arb(0)), 0.0),
        (-INF, Exact(arb(10) ** 400, arb(0)), INF),
        (1.7e308, Exact(arb(10) ** 400, arb(0)), 2.0**50),
        (INF, exact(1.7e308), INF),
        (math.nan, exact(1.0), INF),
        (math.nan, Exact(math.nan, arb(0)), 0.0),
        (0.0, Exact(math.nan, arb(0)), INF),
        (-INF, Exact(-INF, arb(0)), 0.0),
        (-745.0, Exact(-INF, arb(0)), INF),
    ],
)
def test_error_in_tolerances(got, wanted, tolerances):
    assert compare(got, wanted, "float64").tolerances == pytest.approx(tolerances, rel=1e-3)


def test_float32_is_held_to_its_own_eps():
    assert compare(1 + 2.0**-23, exact(1.0), "float32").tolerances == 0.25
    assert compare(1 + 2.0**-23, exact(1.0), "float64").tolerances > 1e8


def wrong_prob_active(mu, std):
    """Return (1 + erf) / 2, as in practice: no digits in the lower tail."""
    return np.vectorize(lambda t: (1 + math.erf(t)) / 2, otypes=[mu.dtype])(mu / std / math.sqrt(2))


def wrong_variance(logits):
    """Return p (1 - p), which loses 1 - p."""
    with np.errstate(over="ignore"):
        p = 1 / (1 + np.exp(-logits))
    return p * (1 - p)


@pytest.mark.parametrize(
    ("function", "wrong"),
    [
        ("rectified_gaussian.prob_active", wrong_prob_active),
        ("bernoulli.variance", wrong_variance),
        ("logistic.mean", lambda loc, _: loc + 2 * np.finfo(loc.dtype).smallest_subnormal),
        ("logistic.mean", lambda loc, _: loc.astype(np.float16)),
        ("logistic.mean", lambda loc, scale: np.where(scale > 100, np.nan, loc)),
        ("logistic.mean", lambda _, __: 1 / 0),
        ("logistic.mean", lambda loc, _: loc + 0 * np.log(np.zeros(1)).clip(0)),
        ("logistic.mean", None),
    ],
)
@pytest.mark.parametrize("dtype", checking.DTYPES)
def test_wrong_formulas_are_caught(function, wrong, dtype, monkeypatch):
    monkeypatch.setattr(checking, "find", lambda _: wrong)
    (row,) = checking.check(function, dtype)
    assert not row.passed
    assert row.line().startswith("FAIL")
    assert row.bad == 0 or row.details(3).count("hex") == min(3, row.bad)
