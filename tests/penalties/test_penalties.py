"""Penalties against exact rational numbers: all subsets of open gates are listed, and polynomials differentiated exactly.

Nothing here is shared with stgref. A function that is linear in an argument has the derivative f(1) - f(0) there, one that
is quadratic (f(x + 1) - f(x - 1)) / 2, in rational arithmetic without any rounding.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stgref import BinaryConcreteStochasticGates, penalties
from tests.numerics.catalogue import fields

Exact = Callable[..., Fraction]
EPS = Fraction(1, 2**52)
TINY = Fraction(1, 2**1074)

PROBS = [
    [0.5],
    [0.3, 0.9],
    [1e-20, 3e-18, 2e-19],
    [0.5, 1.0, 0.0, 0.25],
    [1 - 2.0**-53, 1 - 2.0**-50, 1e-300],
    [5e-324, 2.0**-1022],
    [0.125, 0.3, 0.5, 0.6, 0.9],
]


def mean_over_subsets(prob: list[Fraction], of: Callable[[tuple[int, ...]], Fraction | int]) -> Fraction:
    """The expectation of a function of which gates are open."""
    total = Fraction(0)
    for gates in itertools.product((0, 1), repeat=len(prob)):
        chance = math.prod((p if z else 1 - p for p, z in zip(prob, gates, strict=True)), start=Fraction(1))
        total += chance * of(gates)
    return total


def l0(prob: list[Fraction], weight: list[Fraction]) -> Fraction:
    return mean_over_subsets(prob, lambda z: sum(w * on for w, on in zip(weight, z, strict=True)))


def l0_l2(prob: Any, count: Any, squares: Any, l0_weight: Fraction, precision: Fraction) -> Fraction:
    each = [l0_weight * c + precision * s / 2 for c, s in zip(count, squares, strict=True)]
    return l0(prob, each)


def parameters(n_in: Fraction, n_out: Fraction, kernel: Fraction, bias: Fraction) -> Fraction:
    return n_in * n_out * kernel + n_out * bias


def flops(n_in: Any, n_out: Any, kernel: Any, positions: Any, bias: Any) -> Fraction:
    products = n_in * kernel * n_out * positions
    sums = (n_in * kernel - 1) * n_out * positions
    return products + sums + bias * n_out * positions


def any_open(prob: list[Fraction]) -> Fraction:
    return mean_over_subsets(prob, lambda z: int(any(z)))


def at_least(k: int) -> Exact:
    return lambda prob: mean_over_subsets(prob, lambda z: int(sum(z) >= k))


def transitions(prob: list[Fraction]) -> Fraction:
    return mean_over_subsets(prob, lambda z: sum(a != b for a, b in itertools.pairwise(z)))


def lagrangian(size: Fraction, target: Fraction, linear: Fraction, quadratic: Fraction) -> Fraction:
    return linear * (size - target) + quadratic * (size - target) ** 2


def moved(args: list[Any], i: int, j: int | None, to: Fraction) -> list[Any]:
    """The arguments with one number in another place."""
    new = list(args)
    new[i] = to if j is None else [*args[i][:j], to, *args[i][j + 1 :]]
    return new


def derivative(f: Exact, args: list[Any], i: int, j: int | None) -> Fraction:
    """Exact for polynomials of degree two in each number."""
    at = args[i] if j is None else args[i][j]
    return (f(*moved(args, i, j, at + 1)) - f(*moved(args, i, j, at - 1))) / 2


def places(args: list[Any]) -> list[tuple[int, int | None]]:
    """Where the numbers stand."""
    return [(i, j) for i, a in enumerate(args) for j in (range(len(a)) if isinstance(a, list) else [None])]


def bound(f: Exact, args: list[Any]) -> Fraction:
    """4 eps (|f| + sum_i |x_i df/dx_i|), or the smallest subnormal."""
    moves = ((args[i] if j is None else args[i][j]) * derivative(f, args, i, j) for i, j in places(args))
    return max(4 * EPS * (abs(f(*args)) + sum(map(abs, moves))), TINY)


def exact(args: list[Any]) -> list[Any]:
    return [[Fraction(x) for x in a] if isinstance(a, list) else Fraction(a) for a in args]


def assert_right(got: Any, f: Exact, args: list[Any]) -> None:
    wanted = f(*args)
    assert abs(Fraction(float(got)) - wanted) <= bound(f, args), (float(got), float(wanted))


def check(name: str, f: Exact, numbers: list[Any], argument_names: list[str]) -> None:
    """The value and each partial derivative."""
    args = exact(numbers)
    assert_right(getattr(penalties, name)(*numbers), f, args)
    slopes = fields(getattr(penalties, f"grad_{name}")(*numbers))
    assert list(slopes) == argument_names
    for i, j in places(args):
        got = slopes[argument_names[i]] if j is None else slopes[argument_names[i]][j]
        assert_right(got, lambda *a, i=i, j=j: derivative(f, list(a), i, j), args)


WEIGHTS = [3.0, 1.5, 0.1, 40.0, 7.0]


@pytest.mark.parametrize("prob", PROBS)
def test_l0(prob):
    check("l0", l0, [prob, WEIGHTS[: len(prob)]], ["prob", "weight"])


@pytest.mark.parametrize("prob", PROBS[:4])
def test_l0_l2(prob):
    n = len(prob)
    numbers = [prob, WEIGHTS[:n], WEIGHTS[-n:], 0.1, 0.7]
    check("l0_l2", l0_l2, numbers, ["prob", "count", "squares", "l0_weight", "precision"])


@pytest.mark.parametrize("numbers", [[3.3, 1.7, 9.0, 1.0], [0.0, 2.0, 1.0, 0.0], [1e6, 1e-6, 25.0, 1.0]])
def test_parameters_and_flops(numbers):
    check("parameters", parameters, numbers, ["n_in", "n_out", "kernel", "bias"])
    *head, bias = numbers
    check("flops", flops, [*head, 49.0, bias], ["n_in", "n_out", "kernel", "positions", "bias"])


@pytest.mark.parametrize("prob", PROBS)
def test_any_open(prob):
    check("any_open", any_open, [prob], ["prob"])


@pytest.mark.parametrize("prob", PROBS)
def test_transitions(prob):
    check("transitions", transitions, [prob], ["prob"])


@pytest.mark.parametrize(
    "numbers", [[0.7, 0.4, 1.5, 3.0], [0.1, 0.1, 1.0, 2.0], [1.0, 1.0 + 2.0**-52, -2.0, 1e6]]
)
def test_lagrangian(numbers):
    check("lagrangian", lagrangian, numbers, ["size", "target", "linear", "quadratic"])


@pytest.mark.parametrize("prob", PROBS)
def test_at_least(prob):
    got, args = penalties.at_least(prob), exact([prob])
    for k in range(1, len(prob) + 1):
        assert_right(got[k - 1], at_least(k), args)
        one_hot = np.eye(len(prob))[k - 1]
        back = penalties.vjp_at_least(one_hot, prob).prob
        for j in range(len(prob)):
            assert_right(back[j], lambda p, k=k, j=j: derivative(at_least(k), [p], 0, j), args)


def test_many_gates_do_not_add_up_errors():
    """A thousand factors near 1: their roundings would be off by some hundred eps; here the sum of the terms is exact."""
    prob = np.linspace(1e-9, 2e-9, 1000)
    exactly = [Fraction(float(p)) for p in prob]
    closed = math.prod(1 - p for p in exactly)
    got = penalties.at_least(prob)
    assert abs(Fraction(float(got[0])) / (1 - closed) - 1) <= 4 * EPS
    assert abs(Fraction(float(penalties.any_open(prob))) / (1 - closed) - 1) <= 8 * EPS
    back = penalties.vjp_at_least(np.eye(1000)[0], prob).prob
    slopes = penalties.grad_any_open(prob).prob
    for j in (0, 499, 999):
        others = closed / (1 - exactly[j])
        assert abs(Fraction(float(back[j])) / others - 1) <= 4 * EPS
        assert abs(Fraction(float(slopes[j])) / others - 1) <= 4 * EPS


def test_the_first_of_at_least_is_any_and_the_last_is_all():
    prob = np.asarray([0.25, 0.5, 0.75])
    at = penalties.at_least(prob)
    assert at[0] == penalties.any_open(prob)
    assert at[-1] == 0.25 * 0.5 * 0.75


def barrier(size: Fraction, budget: Fraction, margin: Fraction) -> Fraction:
    """As the paper has it, of y = (V - a) / (b - a)."""
    y = max((size - (budget - margin)) / margin, Fraction(0))
    return y**2 / (1 - y)


@pytest.mark.parametrize(
    "numbers",
    [[0.75, 1.0, 0.5], [0.9, 1.0, 0.2], [0.1, 1.0, 0.2], [1.0 - 2.0**-53, 1.0, 0.5], [6.5, 7.0, 100.0]],
)
def test_barrier(numbers):
    """Against differences of 2^-200, exact but for their own second order."""
    args, h = [Fraction(x) for x in numbers], Fraction(1, 2**200)

    def slope(f: Exact, at: list[Fraction], i: int) -> Fraction:
        return (f(*moved(at, i, None, at[i] + h)) - f(*moved(at, i, None, at[i] - h))) / (2 * h)

    def within(got: Any, f: Exact) -> None:
        allowed = 4 * EPS * (abs(f(*args)) + sum(abs(x * slope(f, args, i)) for i, x in enumerate(args)))
        assert abs(Fraction(float(got)) - f(*args)) <= allowed + TINY

    within(penalties.barrier(*numbers), barrier)
    for i, got in enumerate(penalties.grad_barrier(*numbers)):
        within(got, lambda *a, i=i: slope(barrier, list(a), i))


@pytest.mark.parametrize("size", [1.0, 1.5])
def test_the_barrier_cannot_be_crossed(size):
    assert penalties.barrier(size, 1.0, 0.5) == math.inf
    assert penalties.grad_barrier(size, 1.0, 0.5) == (math.inf, -math.inf, math.inf)


def test_total_variation():
    x = [0.0, 1.0, 0.25, 0.25]
    assert penalties.total_variation(x) == 1.75
    np.testing.assert_array_equal(penalties.grad_total_variation(x).x, [-1.0, 2.0, -1.0, 0.0])
    assert penalties.total_variation([0.5]) == 0.0
    np.testing.assert_array_equal(penalties.grad_total_variation([0.5]).x, [0.0])


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=4))
def test_groups_at_any_probabilities(prob):
    args = exact([prob])
    assert_right(penalties.any_open(prob), any_open, args)
    for k, got in enumerate(penalties.at_least(prob), start=1):
        assert_right(got, at_least(k), args)


def test_a_penalty_pulls_back_to_the_parameters_of_a_layer():
    """Through the layer's probabilities, against torch's derivatives of the definition of the whole."""
    torch = pytest.importorskip("torch")
    log_alpha = np.asarray([-1.0, 0.5, 2.0])
    gates = BinaryConcreteStochasticGates.from_pretrained(log_alpha, reg_reduction="none").eval()
    (_, prob), pullback = gates.vjp(np.ones((1, 3)))
    n = penalties.l0(prob, np.ones(3))
    size, by_n = penalties.flops(n, n, 9.0), penalties.grad_flops(n, n, 9.0)
    slope = penalties.grad_barrier(size, 200.0, 150.0).size * (by_n.n_in + by_n.n_out)
    got = pullback(np.zeros((1, 3)), slope * np.ones(3)).log_alpha_param

    a = torch.tensor(log_alpha, requires_grad=True)
    p = torch.sigmoid(a - 2 / 3 * math.log(0.1 / 1.1))
    y = (18 * p.sum() ** 2 - 50) / 150
    (wanted,) = torch.autograd.grad(y**2 / (1 - y), a)
    np.testing.assert_allclose(got, wanted.numpy(), rtol=1e-13)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: penalties.l0([0.5, 1.5], [1.0, 1.0]), "penalties.l0: prob must be a probability"),
        (
            lambda: penalties.l0([0.5, 0.5], [1.0, 1.0, 1.0]),
            "penalties.l0: the last axes, of categories, differ",
        ),
        (lambda: penalties.any_open(0.5), "penalties.any_open: prob takes vectors"),
        (
            lambda: penalties.barrier(1.0, 2.0, 0.0),
            "penalties.barrier: margin must be finite and greater than 0",
        ),
        (lambda: penalties.flops(-1.0, 2.0), "penalties.flops: n_in must be finite and at least 0"),
    ],
)
def test_bad_arguments_are_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
