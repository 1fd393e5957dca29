"""Every Bernoulli estimator with options worth trying, and an objective that works in any array library."""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace

from stgref import estimators
from stgref.estimators.table import ROWS


class Mixed:
    """(b_0 - 0.45)^2 + 2 (b_1 - 0.3)^2 + 0.7 b_0 b_1 + 0.1 b_0^3, in the first two of D >= 2 coordinates."""

    def __call__(self, b: Any) -> Any:
        x, y = b[..., 0], b[..., 1]
        return (x - 0.45) ** 2 + 2.0 * (y - 0.3) ** 2 + 0.7 * x * y + 0.1 * x**3

    def grad(self, b: Any) -> Any:
        xp, x, y = array_namespace(b), b[..., 0], b[..., 1]
        parts = [2.0 * (x - 0.45) + 0.7 * y + 0.3 * x**2, 4.0 * (y - 0.3) + 0.7 * x]
        return xp.stack(parts + [0.0 * x] * (b.shape[-1] - 2), axis=-1)

    def hessian_product(self, b: Any, v: Any) -> Any:
        xp, x, v0, v1 = array_namespace(b), b[..., 0], v[..., 0], v[..., 1]
        parts = [(2.0 + 0.6 * x) * v0 + 0.7 * v1, 0.7 * v0 + 4.0 * v1]
        return xp.stack(parts + [0.0 * x] * (b.shape[-1] - 2), axis=-1)


f = Mixed()

#: The options that every estimator is tried with; without an entry it has its defaults.
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "score_function": [
        {},
        {"baseline": [0.5, -1.0]},
        {"baseline": "optimal"},
        {"baseline": "moving_average", "decay": 0.5},
    ],
    "rloo": [{}, {"k": 3}],
    "straight_through": [
        {},
        {"derivative": "sigmoid", "temperature": 0.5},
        {"derivative": "clipped"},
        {"derivative": "sigmoid", "slope": 3.0},
    ],
    "relaxation": [{"temperature": 0.5}],
    "gumbel_softmax_st": [{"temperature": 0.5}],
    "gumbel_rao": [{"temperature": 0.5, "k": 3}],
    "reinmax": [{}, {"temperature": 1.5}],
    "arms": [{}, {"k": 4}],
    "rebar": [{"temperature": 0.5, "eta": 0.3}, {"temperature": 2.0, "eta": 1.0, "coupling": "coupled"}],
    "relax": [
        {"control_variate": estimators.Relaxed(f, 0.7, 0.5)},
        {"control_variate": estimators.Relaxed(f, 0.7, 0.5), "coupling": "coupled"},
    ],
    "double_cv": [{"alpha": -0.3}, {"k": 3, "alpha": 0.5}],
    "finite_difference": [{"step": 0.25}],
    "vimco": [{"k": 3}, {"average": "arithmetic"}],
    "sts": [{}, {"score": True}],
    "multiplicative_noise": [{}, {"rate": 0.2}],
}

CASES = [
    (e.name.removeprefix("estimators."), o)
    for e in ROWS
    for o in OPTIONS.get(e.name.removeprefix("estimators."), [{}])
]


def case_id(case: tuple[str, dict[str, Any]]) -> str:
    name, options = case
    return "-".join([name, *(f"{k}={v}" for k, v in options.items() if k != "control_variate")])
