"""The oracle of the laws of vectors against mpmath's finite differences of the same definitions."""

from __future__ import annotations

import pytest
from flint import arb
from mpmath import mp, mpf

from tests.oracle.evaluate_vector import aslist, evaluate_vector
from tests.oracle.vectors import VECTOR_LAWS, bare

ORDINARY = {
    "noise": [0.3, -1.7, 0.9],
    "logits": [0.7, -2.5, 1.25],
    "x": [0.25, 0.125, 0.625],
    "sample": [0.0, 1.0, 0.0],
    "temperature": 0.75,
    "cotangent": [1.5, -0.25, 0.875],
    "d_noise": [0.5, 2.0, -1.0],
    "d_logits": [-0.75, 0.25, 1.5],
    "d_temperature": 0.625,
}
DERIVED = [
    f"{law.name}.{f}"
    for law in VECTOR_LAWS.values()
    for f in law.functions()
    if f != bare(f) and f not in ("vjp_transform", "jvp_transform")
] + [
    "concrete.vjp_transform",
    "concrete.jvp_transform",
    "exp_concrete.vjp_transform",
    "exp_concrete.jvp_transform",
]


def values_at(law: str, name: str) -> dict:
    values = {n: ORDINARY[n] for n in VECTOR_LAWS[law].arguments(name)}
    return values | ({"x": ORDINARY["sample"]} if law == "categorical" and "x" in values else {})


def as_mpf(x: arb | float) -> mpf:
    if not isinstance(x, arb):
        return mpf(x)
    mantissa, exponent = x.mid().man_exp()
    return mp.ldexp(mpf(int(mantissa)), int(exponent))


def moved(law, values: dict, name: str, i: int, h: mpf) -> dict:
    parts = aslist(values[name])
    parts = [p + h if j == i else p for j, p in enumerate(parts)]
    return {**values, name: parts if isinstance(values[name], list) else parts[0]}


def derivative(f, law, values: dict, name: str, i: int) -> mpf:
    return mp.diff(lambda h: f(moved(law, values, name, i, h)), mpf(0))


@pytest.mark.parametrize("function", DERIVED)
def test_agrees_with_mpmath(function):
    law, _, name = function.partition(".")
    quantity, names = VECTOR_LAWS[law].quantities[bare(name)]
    fixed = VECTOR_LAWS[law].fixed
    given = values_at(law, name)
    with mp.workdps(40):
        values = {
            n: v if n in fixed else [mpf(u) for u in v] if isinstance(v, list) else mpf(v)
            for n, v in given.items()
        }
        exact = evaluate_vector(function, given)
        if name.startswith("jvp_"):
            for k, got in enumerate(exact["value"]):

                def along(h, k=k):
                    at = {n: values[n] for n in names}
                    for n in (n for n in names if n not in fixed):
                        for i, d in enumerate(aslist(values[f"d_{n}"])):
                            at = moved(law, at, n, i, h * d)
                    return quantity(*(at[n] for n in names))[k]

                assert abs(as_mpf(got.value) - mp.diff(along, mpf(0))) < mpf(10) ** -15
            return

        def total(at):
            result = aslist(quantity(*(at[n] for n in names)))
            return sum(c * r for c, r in zip(at.get("cotangent", [mpf(1)]), result, strict=True))

        for n in (n for n in names if n not in fixed):
            for i, got in enumerate(exact[n]):
                assert abs(as_mpf(got.value) - derivative(total, law, values, n, i)) < mpf(10) ** -15


def test_conditions_add_up_relative_changes():
    """log x of two categories at v = (a, 0): (log p)' is 1 - p and -(1 - p), at the noise and the logit alike."""
    (first, _) = evaluate_vector("categorical.log_probs", {"logits": [2.0, 0.0]})["value"]
    assert abs(float(first.condition) - 2 / (1 + float(arb(2).exp()))) < 1e-15


@pytest.mark.parametrize(
    "function", [f"{law.name}.{f}" for law in VECTOR_LAWS.values() for f in law.functions()]
)
def test_conditions_are_sums_of_relative_changes(function):
    """Of the oracle's own values, every component of every argument moved by 2^-20 of itself."""
    law, _, name = function.partition(".")
    given = values_at(law, name)
    here = evaluate_vector(function, given)
    sums = {field: [mpf(0)] * len(parts) for field, parts in here.items()}
    with mp.workdps(40):
        for n in (n for n in given if n not in VECTOR_LAWS[law].fixed):
            for i, x in enumerate(aslist(given[n])):
                there = evaluate_vector(function, moved(law, given, n, i, x * 2.0**-20))
                for field, parts in here.items():
                    for k, (a, b) in enumerate(zip(parts, there[field], strict=True)):
                        change = abs(as_mpf(b.value) - as_mpf(a.value)) * 2**20
                        sums[field][k] += 0 if mp.isnan(change) else change
    for field, parts in here.items():
        for total, part in zip(sums[field], parts, strict=True):
            assert abs(as_mpf(part.condition) - total) <= 1e-4 * total, field
