"""Rows of noise in runs over threads: the same bits, for any length of a run and any number of threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import stgref
from stgref import estimators
from stgref.estimators import by_rows, objectives
from tests.estimators.catalogue import CASES, case_id

N, D = 53, 7
f = objectives.MeanQuadratic(0.499) + objectives.Quadratic(np.linspace(0.0, 1.0, D))


class Counted:
    """An objective that counts its calls, and the points of each."""

    def __init__(self, *, rowwise: bool) -> None:
        self.rowwise, self.points = rowwise, []

    def __call__(self, b: Any) -> Any:
        self.points.append(b.shape[0])
        return f(b)

    def grad(self, b: Any) -> Any:
        return f.grad(b)


def prepared(case: tuple[str, dict[str, Any]], dtype: Any = np.float64) -> Any:
    name, options = case[0], dict(case[1])
    if name == "relax":
        options["control_variate"] = estimators.Relaxed(f, 0.7, 0.5)
    if isinstance(options.get("baseline"), list):
        options["baseline"] = np.linspace(-1.0, 1.0, D)
    phi = np.linspace(-3.0, 3.0, D).astype(dtype)
    return options, phi, estimators.draw_noise(name, N, phi, rng=0, **options)


@pytest.fixture(autouse=True)
def _own_threads() -> Any:
    yield
    stgref.set_threads(None)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_runs_are_the_whole(
    case: tuple[str, dict[str, Any]], dtype: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    options, phi, noise = prepared(case, dtype)
    estimate = getattr(estimators, case[0])
    whole = estimate(f, phi, noise, **options)
    for size, threads in ((1, 1), (D, 3), (100, 1), (300, 2)):
        monkeypatch.setattr(by_rows, "SIZE", size)
        stgref.set_threads(threads)
        np.testing.assert_array_equal(estimate(f, phi, noise, **options), whole)


@pytest.mark.parametrize("name", ["pathwise", "score_function", "measure_valued"])
def test_runs_of_several_gradients(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mu, std = np.linspace(-1.0, 1.0, D), np.linspace(0.5, 2.0, D)
    noise = estimators.gaussian.draw_noise(name, N, mu, std, 0)
    estimate = getattr(estimators.gaussian, name)
    whole = estimate(f, mu, std, noise)
    monkeypatch.setattr(by_rows, "SIZE", 2 * D)
    for part, wanted in zip(estimate(f, mu, std, noise), whole, strict=True):
        np.testing.assert_array_equal(part, wanted)


def test_only_who_says_so_is_called_by_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_rows, "SIZE", 8 * D)
    _, phi, noise = prepared(("disarm", {}))
    for rowwise, wanted in ((False, [N] * 2), (True, sorted([8] * 12 + [5] * 2))):
        g = Counted(rowwise=rowwise)
        estimators.disarm(g, phi, noise)
        assert sorted(g.points) == wanted
    c = Counted(rowwise=False)
    estimators.relax(f, phi, prepared(("relax", {}))[2], control_variate=c)
    assert set(c.points) == {N}


def test_the_layout_of_the_noise_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    # NumPy adds many numbers of a row in another order than those of a column.
    phi, g = np.linspace(-1.0, 1.0, 200), objectives.Quadratic(np.linspace(0.0, 1.0, 200))
    noise = estimators.draw_noise("score_function", N, phi, rng=0)
    whole = estimators.score_function(g, phi, noise)
    for size in (1, 2**17):
        monkeypatch.setattr(by_rows, "SIZE", size)
        np.testing.assert_array_equal(estimators.score_function(g, phi, np.asfortranarray(noise)), whole)


def test_an_error_in_a_run_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_rows, "SIZE", 8 * D)
    _, phi, noise = prepared(("disarm", {}))
    noise[-1, -1] = np.nan
    with pytest.raises(ValueError, match=r"estimators.disarm: noise must be numbers, got nan"):
        estimators.disarm(f, phi, noise)


@pytest.mark.parametrize(
    ("objective", "rowwise"),
    [
        (objectives.Linear([1.0]), True),
        (2.0 * objectives.Linear([1.0]) + objectives.Quadratic(0.5), True),
        (objectives.Linear([1.0]) + objectives.Pairwise([[1.0]]), False),
        (objectives.Linear([1.0]) + (lambda b: b[..., 0]), False),
        (estimators.Relaxed(objectives.Quadratic(0.5), 0.5), True),
        (estimators.Relaxed(objectives.Pairwise([[1.0]]), 0.5), False),
    ],
    ids=repr,
)
def test_which_objectives_are(objective: Any, rowwise: bool) -> None:
    assert objective.rowwise is rowwise
