"""The gamma function in doubled precision, and what remains of exponentials, against mpmath."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from stgref.numerics import doubled as dd
from stgref.numerics import exponential
from stgref.numerics.gamma import log_gamma

Z = np.asarray([1.0, 1.0 + 2.0**-30, 1.5, 2.0, 5.0, 23.5, 24.0, 48.0, 101.0, 301.0])


@pytest.fixture(autouse=True)
def _digits():
    with mp.workdps(50):
        yield


@pytest.mark.parametrize(
    ("field", "exact"),
    [("log", mp.loggamma), ("slope", mp.digamma), ("bend", lambda z: mp.psi(1, z))],
)
def test_gamma_has_28_digits(field, exact):
    """Of the logarithm those after the point of its largest part, log(24!) = 54."""
    got = getattr(log_gamma(np, dd.doubled(np, Z)), field)
    for z, hi, lo in zip(Z.tolist(), got.hi.tolist(), got.lo.tolist(), strict=True):
        wanted = exact(mp.mpf(z))
        assert abs(mp.mpf(hi) + mp.mpf(lo) - wanted) < mp.mpf(10) ** -28 * max(abs(wanted), 1)


X = np.concatenate([10.0 ** np.linspace(-300, 1.5, 40), [0.5, 1.999, 2.0, 2.001]])


@pytest.mark.parametrize(
    ("f", "points", "exact"),
    [
        (exponential.exp_remainder, np.concatenate([-X[::-1], X]), lambda x: mp.exp(x) - 1 - x),
        (exponential.damped, X, lambda x: x / mp.expm1(x)),
        (exponential.undamped_excess, X, lambda x: x / (1 - mp.exp(-x)) - 1),
        (exponential.gamma_two, X, lambda x: mp.gammainc(2, 0, x)),
    ],
)
def test_what_remains_of_exponentials(f, points, exact):
    """To 4 eps and x eps, for the exponential of x; where it is beyond the smallest normal number."""
    got = f(np, points)
    for x, value in zip(points.tolist(), got.tolist(), strict=True):
        with mp.workdps(700):
            wanted = exact(mp.mpf(x))
        if abs(wanted) > 1e-290:
            assert abs(value - wanted) <= (4 + abs(x)) * 2.0**-52 * abs(wanted), (x, value)


def test_a_quotient_that_is_1_at_0():
    assert exponential.damped(np, np.asarray([0.0, 5e-324])).tolist() == [1.0, 1.0]
