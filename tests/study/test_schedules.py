"""Schedules: exact ends, their formulas between, and bad input."""

from __future__ import annotations

import itertools
import math
import pickle

import pytest

from stgref import estimators
from stgref.study import schedules

RAMPS = [schedules.Linear, schedules.Exponential, schedules.Cosine]
ENDS = [(0.1, 0.3), (0.7, 1e-3), (1.0, 5.0), (1 / 3, 1 / 3), (1e-300, 1e300)]


@pytest.mark.parametrize("kind", RAMPS)
@pytest.mark.parametrize(("start", "end"), ENDS)
@pytest.mark.parametrize("steps", [1, 7, 1000])
def test_ends_are_exact_and_the_way_between_is_monotone(kind, start, end, steps):
    schedule = kind(start, end, steps)
    assert schedule(0) == start
    assert schedule(steps) == schedule(10 * steps) == end
    path = [schedule(t) for t in range(steps + 1)]
    low, high = sorted((start, end))
    slack = 1e-15 * high
    assert all(low - slack <= value <= high + slack for value in path)
    rising = [(b - a) * (1 if end >= start else -1) >= -slack for a, b in itertools.pairwise(path)]
    assert all(rising)


def test_between_the_ends_are_the_formulas():
    a, b, steps = 2.0, 0.5, 8
    for t in range(1, steps):
        r = t / steps
        assert schedules.Linear(a, b, steps)(t) == pytest.approx(a + r * (b - a), rel=1e-15)
        assert schedules.Exponential(a, b, steps)(t) == pytest.approx(
            a * math.exp(r * math.log(b / a)), rel=1e-15
        )
        assert schedules.Cosine(a, b, steps)(t) == pytest.approx(
            b + (a - b) * (1 + math.cos(math.pi * r)) / 2, rel=1e-15
        )


def test_slope_annealing_is_a_schedule_and_a_line():
    """The published one by epochs, 0.04 each, to 5."""
    by_epoch = schedules.Custom(estimators.slope_annealing)
    line = schedules.Linear(1.0, 5.0, 100)
    assert all(by_epoch(t) == pytest.approx(line(t), rel=1e-15) for t in range(200))
    stairs = schedules.Custom(estimators.slope_annealing, per=10)
    assert [stairs(t) for t in (0, 9, 10, 19, 20)] == [1.0, 1.0, 1.04, 1.04, 1.08]


def test_stairs_and_warm_up():
    stairs = schedules.Steps([1.0, 0.1, 0.01], [10, 20])
    assert [stairs(t) for t in (0, 9, 10, 19, 20, 99)] == [1.0, 1.0, 0.1, 0.1, 0.01, 0.01]
    warm = schedules.WarmUp(2.0, 4)
    assert [warm(t) for t in range(6)] == [0.5, 1.0, 1.5, 2.0, 2.0, 2.0]
    after = schedules.WarmUp(schedules.Linear(1.0, 0.0, 10), 5)
    assert [after(t) for t in (4, 5, 10, 15)] == [1.0, 1.0, 0.5, 0.0]


def test_they_are_values():
    for schedule in (schedules.Constant(1), schedules.Cosine(1, 0, 5), schedules.Steps([1, 2], [3])):
        assert pickle.loads(pickle.dumps(schedule)) == schedule  # noqa: S301 (made here)
        assert isinstance(schedule(0), float)
    assert schedules.Linear(1, 2, 3) != schedules.Linear(1, 2, 4)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: schedules.Constant(math.nan), ValueError, "Constant: value must be finite, got nan"),
        (lambda: schedules.Constant("1"), TypeError, "Constant: value takes a real number"),
        (lambda: schedules.Linear(0.0, math.inf, 3), ValueError, "Linear: end must be finite"),
        (lambda: schedules.Linear(0.0, 1.0, 0), ValueError, "Linear: steps must be 1 or more, got 0"),
        (lambda: schedules.Linear(0.0, 1.0, 2.5), TypeError, "Linear: steps takes an integer, got 2.5"),
        (
            lambda: schedules.Exponential(1.0, 0.0, 3),
            ValueError,
            "Exponential: end must be finite and greater",
        ),
        (lambda: schedules.Cosine(1.0, 0.0, 3)(-1), ValueError, "Cosine: step must be 0 or more, got -1"),
        (lambda: schedules.Cosine(1.0, 0.0, 3)(0.5), TypeError, "Cosine: step takes an integer"),
        (lambda: schedules.Steps([1.0, 2.0], []), ValueError, "Steps: boundaries must be one fewer"),
        (lambda: schedules.Steps([1.0, 2.0, 3.0], [5, 5]), ValueError, "Steps: boundaries must increase"),
        (lambda: schedules.WarmUp(None, 3), TypeError, "WarmUp: schedule takes"),
        (lambda: schedules.Custom(3), TypeError, "Custom: function takes a callable, got 3"),
        (
            lambda: schedules.Custom(lambda _: math.nan)(0),
            ValueError,
            "Custom: what function returns must be",
        ),
    ],
)
def test_bad_input_is_named(make, error, words):
    with pytest.raises(error, match=words):
        make()
