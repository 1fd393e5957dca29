"""Laws with parameters drawn by hypothesis: over the whole domain of DESIGN section 9, and where plain quadrature serves."""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from stgref import bernoulli, binary_concrete, gumbel, hard_concrete, logistic, normal, rectified_gaussian
from tests.numerics.bounds import sizes

EPS = 2.0**-52
TINY = 5e-324

LOCATION_SCALE = (logistic, normal, gumbel)
GATES = (hard_concrete, rectified_gaussian)
ATOMIC = (bernoulli, *GATES)
LAWS = (*LOCATION_SCALE, bernoulli, binary_concrete, *GATES)
BASE = {hard_concrete: logistic, binary_concrete: logistic, bernoulli: logistic, rectified_gaussian: normal} | {
    law: law for law in LOCATION_SCALE
}


class Case(NamedTuple):
    """A law and its parameters."""

    law: ModuleType
    params: tuple[float, ...]

    def __call__(self, quantity: str, *first: Any) -> Any:
        """The quantity of the law, at ``first`` where it has a first argument."""
        return getattr(self.law, quantity)(*first, *self.params)

    def slack(self, quantity: str, *first: Any) -> Any:
        """eps (|f| + sum |x df/dx|), by the quantity's gradient: an error of 4 of these is allowed, and a subnormal."""
        value, gradient = self(quantity, *first), self(f"grad_{quantity}", *first)
        partials = [d for name, d in gradient._asdict().items() if name != "value"]
        total = np.abs(value)
        for x, d in zip((*first, *self.params), partials, strict=True):
            total = total + np.where(np.isnan(d), 0.0, np.abs(x * d))
        return EPS * total + TINY

    def measured_slack(self, quantity: str) -> float:
        """The same where there is no gradient, by differences."""
        args = [np.asarray(v) for v in self.params]
        return EPS * float(sizes(getattr(self.law, quantity), args)["value"]) + TINY


def log_uniform(low: float, high: float) -> st.SearchStrategy[float]:
    """Positive numbers of all orders of magnitude."""
    return st.floats(math.log(low), math.log(high)).map(math.exp).map(lambda v: min(max(v, low), high))


REAL = st.one_of(st.floats(-10.0, 10.0), st.floats(-1e4, 1e4))
#: Multiples of 2^-20, so that the mirror images 1 - u and 1 - l are exact.
BINARY_LOWER = log_uniform(2.0**-19, 10.0).map(lambda v: -max(round(v * 2**20), 2) / 2**20)
PARAMETERS: dict[ModuleType, st.SearchStrategy[tuple[float, ...]]] = {
    **dict.fromkeys(LOCATION_SCALE, st.tuples(st.floats(-1e3, 1e3), log_uniform(1e-3, 1e3))),
    bernoulli: st.tuples(REAL),
    binary_concrete: st.tuples(REAL, log_uniform(1e-3, 1e2)),
    hard_concrete: st.tuples(REAL, log_uniform(1e-3, 1e2), BINARY_LOWER, BINARY_LOWER.map(lambda v: 1.0 - v)),
    rectified_gaussian: st.tuples(REAL, log_uniform(1e-3, 10.0)).map(lambda p: (p[0] * p[1], p[1])),
}
MODERATE: dict[ModuleType, st.SearchStrategy[tuple[float, ...]]] = {
    **dict.fromkeys(LOCATION_SCALE, st.tuples(st.floats(-3.0, 3.0), st.floats(0.1, 5.0))),
    bernoulli: st.tuples(st.floats(-8.0, 8.0)),
    binary_concrete: st.tuples(st.floats(-6.0, 6.0), st.floats(0.2, 5.0)),
    hard_concrete: st.tuples(
        st.floats(-6.0, 6.0), st.floats(0.1, 5.0), st.floats(-3.0, -0.01), st.floats(1.01, 4.0)
    ),
    rectified_gaussian: st.tuples(st.floats(-2.0, 3.0), st.floats(0.05, 3.0)),
}


def cases(*laws: ModuleType, moderate: bool = False) -> st.SearchStrategy[Case]:
    """One of the laws with its parameters."""
    table = MODERATE if moderate else PARAMETERS
    return st.sampled_from(laws).flatmap(lambda law: table[law].map(lambda p: Case(law, p)))


#: Points of [0, 1] and near it, also extremely near its ends.
NEAR_UNIT = st.one_of(
    st.floats(-0.5, 1.5, allow_subnormal=False),
    st.floats(0.0, 1.0, allow_subnormal=False),
    log_uniform(1e-290, 1.0),
    log_uniform(2.0**-52, 1.0).map(lambda v: 1.0 - v),
    st.sampled_from([0.0, 1.0, -1e-290]),
)
INSIDE = NEAR_UNIT.filter(lambda x: 1e-290 <= x < 1.0)
PROBABILITY = st.one_of(st.floats(0.0, 1.0), log_uniform(1e-290, 1.0), st.sampled_from([0.0, 0.5, 1.0]))


def clip_noise(case: Case) -> tuple[float, float]:
    """The noise at which a gate reaches 0 and 1."""
    if case.law is rectified_gaussian:
        mu, std = case.params
        return -mu / std, (1.0 - mu) / std
    a, t, lower, upper = case.params
    return t * math.log(-lower / upper) - a, t * math.log((1.0 - lower) / (upper - 1.0)) - a
