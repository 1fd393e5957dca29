"""The oracle against mpmath's own derivatives and integrals, and against published values."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from flint import arb, ctx, fmpq
from mpmath import mp, mpf

from tests.oracle import LAWS, Exact, evaluate, split
from tests.oracle.jets import value, variable

ORDINARY = {
    "noise": (0.3, -1.7),
    "x": (0.4, 0.875),
    "p": (0.3, 0.8125),
    "sample": (1.0, 0.0),
    "loc": (-0.5, 1.25),
    "scale": (0.75, 2.5),
    "logits": (0.7, -2.5),
    "log_alpha": (0.7, -1.5),
    "temperature": (2 / 3, 1.25),
    "lower": (-0.1, -0.4),
    "upper": (1.1, 1.7),
    "mu": (0.4, 1.1),
    "std": (0.5, 0.7),
    "a": (0.7, 2.5),
    "b": (1.75, 0.4),
}
FUNCTIONS = [f"{law.name}.{function}" for law in LAWS.values() for function in law.functions()]
SLOW = ("mean", "variance", "entropy", "kl_divergence")
INTEGRATED = ("binary_concrete", "hard_concrete", "hard_kumaraswamy")


@pytest.fixture(autouse=True)
def _thirty_digits():
    with mp.workdps(30):
        yield


def point(function: str, which: int) -> tuple[float, ...]:
    """Return an ordinary point; in a divergence q is the other one."""
    law, quantity, _ = split(function)
    names = law.arguments(quantity)
    if law.name == "bernoulli" and names[0] == "x":
        return (float(which), ORDINARY["logits"][which])
    if quantity == "kl_divergence":
        return tuple(ORDINARY[n[:-2]][n.endswith("_q")] for n in names)
    return tuple(ORDINARY[n][which] for n in names)


def close(a: mpf, b: arb | float, scale: mpf) -> bool:
    return abs(a - to_mpf(b)) <= mpf(10) ** -14 * max(abs(a), scale)


def to_mpf(x: arb | float) -> mpf:
    if not isinstance(x, arb):
        return mpf(x)
    mantissa, exponent = x.mid().man_exp()
    return mp.ldexp(mpf(int(mantissa)), int(exponent))


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_agrees_with_mpmath(function, which):
    """Values with the same definitions in mpmath, derivatives by its finite differences, integrals by its quadrature."""
    law, quantity, is_gradient = split(function)
    slow = quantity in SLOW and law.name in INTEGRATED
    if which and (slow or quantity == "kl_divergence"):
        pytest.skip("one point is enough for mpmath's quadrature under mpmath's differences")
    args = point(function, which)

    def derivative(*orders):
        def f(*at):
            return mpf(law.quantities[quantity](*at))

        return mp.diff(f, tuple(map(mpf, args)), orders) if any(orders) else f(*map(mpf, args))

    names = law.arguments(quantity)
    # Nothing moves off an atom.
    moving = [j for j, n in enumerate(names) if n != "sample" and (law.name != "bernoulli" or n != "x")]
    for field, exact in evaluate(function, args).items():
        if field == "x" and law.name == "bernoulli":
            assert mp.isnan(exact.value)
            continue
        times = 2 if ".grad2_" in function else 1
        orders = [times * int(n == field) for n in names]
        own = derivative(*orders)
        if ".grad2_" in function and exact.value == 0 and exact.condition == 0:
            assert abs(own) < mpf(10) ** -20  # linear
            continue
        if not mp.isfinite(own):
            assert exact.value == (0 if mp.isnan(own) else own)  # where a logarithm is constantly -inf
            continue
        if slow and is_gradient:
            condition = condition_by_differences(function, field, args)
        else:
            sums = [[o + (i == j) for i, o in enumerate(orders)] for j in moving]
            condition = sum(abs(mpf(args[j]) * derivative(*s)) for j, s in zip(moving, sums, strict=True))
        assert close(own, exact.value, condition), field
        assert abs(condition - to_mpf(exact.condition)) <= 1e-3 * (condition + abs(own)), field


def condition_by_differences(function: str, field: str, args: tuple[float, ...]) -> mpf:
    """Return sum |x_i df/dx_i| from the oracle's own values, which mpmath has confirmed."""
    total, centre = mpf(0), to_mpf(evaluate(function, args)[field].value)
    for i, a in enumerate(args):
        moved = a * (1 + 2.0**-20)
        there = to_mpf(evaluate(function, (*args[:i], moved, *args[i + 1 :]))[field].value)
        total += abs((there - centre) * mpf(a) / (mpf(moved) - mpf(a)))
    return total


def rational(text: object) -> arb:
    number = Fraction(str(text))
    return arb(fmpq(number.numerator, number.denominator))


PUBLISHED = json.loads((Path(__file__).parents[1] / "data/gate_values.json").read_text())
NAMES = {
    "log_p_active": "log_prob_active",
    "p_active": "prob_active",
    "p0": "prob_zero",
    "p1": "prob_one",
    "mean": "mean",
    "var": "variance",
    "median_gate": "median",
}
DERIVATIVES = {
    "dmean_dloga": ("mean", (0,)),
    "d2mean_dloga2": ("mean", (0, 0)),
    "dmean_dtemp": ("mean", (1,)),
    "dmean_dmu": ("mean", (0,)),
    "d2mean_dmu2": ("mean", (0, 0)),
    "dmean_dstd": ("mean", (1,)),
    "dp_dmu": ("prob_active", (0,)),
    "dp_dstd": ("prob_active", (1,)),
}


def published_id(row: dict) -> str:
    return "-".join(str(row[k]) for k in ("dist", "temp", "log_alpha", "std", "mu") if k in row)


@pytest.mark.most(30)
@pytest.mark.parametrize("row", PUBLISHED, ids=published_id)
def test_reproduces_the_published_values(row):
    """20 digits, computed by others at exact rational arguments."""
    hard = row["dist"] == "hard_concrete"
    ctx.prec = 200 if hard else 300  # bits; 1 - p and the Gaussian variance cancel
    law = LAWS["hard_concrete" if hard else "rectified_gaussian"]
    keys = ("log_alpha", "temp", "lower", "upper") if hard else ("mu", "std")
    args = [variable(rational(row[k]), i, arb(1), 2) for i, k in enumerate(keys)]
    for key in row.keys() & NAMES.keys():
        assert agrees(value(law.quantities[NAMES[key]](*args)), row[key]), key
    for key in row.keys() & DERIVATIVES.keys():
        quantity, variables = DERIVATIVES[key]
        jet = law.quantities[quantity](*args)
        assert agrees(jet.h[variables] if len(variables) == 2 else jet.d[variables[0]], row[key]), key


def agrees(got: arb | int, published: str) -> bool:
    """Whether 19 digits agree, or both are 0 by symmetry, which the published ones miss by 1e-72."""
    wanted = arb(published)
    return bool(abs(got - wanted) <= abs(wanted) * 1e-19) or bool(abs(wanted) < 1e-70 and abs(got) < 1e-25)


def only(function: str, *args: float) -> Exact:
    return evaluate(function, args)["value"]


@pytest.mark.parametrize(
    ("function", "args", "logarithm"),
    [
        ("hard_concrete.prob_active", (-1e4, 1e-3, -0.1, 1.1), -1e4),
        ("hard_concrete.prob_interior", (1e4, 1e-3, -0.1, 1.1), -1e4),
        ("rectified_gaussian.prob_active", (-1e4, 1.0), -5e7),
        ("binary_concrete.transform", (0.0, -1e4, 1e-3), -1e7),
    ],
)
def test_underflow_is_no_zero(function, args, logarithm):
    """Results far below the smallest double keep their digits."""
    exact = only(function, *args).value
    assert exact > 0
    assert abs(float(exact.log()) / logarithm - 1) < 1e-3


def test_mass_adds_to_one():
    for law, args in (("hard_concrete", (0.7, 0.3, -0.2, 1.4)), ("rectified_gaussian", (0.4, 0.5))):
        parts = [only(f"{law}.prob_{part}", *args).value for part in ("zero", "interior", "one")]
        assert abs(sum(parts) - 1) < 1e-20


def test_kl_divergence_of_a_law_from_itself_is_zero():
    assert only("hard_concrete.kl_divergence", *(0.7, 0.3, -0.2, 1.4) * 2).value == 0


def test_a_point_at_the_clip_is_told():
    args = (-5.0, 6.0, 1.0)
    assert evaluate("rectified_gaussian.grad_transform", args)["mu"].gap < 1e-16
    assert evaluate("rectified_gaussian.grad_transform", (-5.0, 5.5, 1.0))["mu"].gap > 1e-3


@pytest.mark.parametrize(
    "function", ["hard_concrete.grad_entropy", "hard_concrete.nonsense", "nonsense.mean"]
)
def test_unknown_functions(function):
    with pytest.raises(LookupError):
        evaluate(function, (1.0,))
