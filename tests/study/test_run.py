"""What a study returns, and what it refuses."""

import csv
import json
import sys

import numpy as np
import pytest

from stgref import estimators, study
from tests.study import zoo

FIELDS = [
    "estimator",
    "coordinate",
    "n_samples",
    "mean",
    "bias",
    "bias_low",
    "bias_high",
    "variance",
    "variance_low",
    "variance_high",
    "mse",
    "exact_mean",
    "exact_variance",
    "evaluations",
    "seconds",
]


@pytest.fixture(scope="module")
def found():
    return study.run(zoo.F, zoo.PHI, [*zoo.MANY, zoo.own, (zoo.own, {"scale": 2.0})], 20_000, seed=1)


def test_records_have_the_public_fields(found):
    records = found.to_records()
    assert len(records) == 7 * 3
    for record in records:
        assert set(FIELDS) <= set(record)
    assert [r["coordinate"] for r in records[:3]] == [0, 1, 2]
    names = [r.name for r in found.results]
    assert names == ["score_function", "arm", "disarm", "rloo", "reinmax", "own()", "own(scale=2.0)"]


def test_exact_values_are_those_of_exact_moments(found):
    mean, covariance = estimators.exact_moments("arm", zoo.F, zoo.PHI)
    records = [r for r in found.to_records() if r["estimator"] == "arm"]
    assert [r["exact_mean"] for r in records] == mean.tolist()
    assert [r["exact_variance"] for r in records] == np.diag(covariance).tolist()
    assert [r["exact_gradient"] for r in records] == estimators.exact_gradient(zoo.F, zoo.PHI).tolist()


def test_evaluations_are_counted(found):
    each = {r["estimator"]: r["evaluations_each"] for r in found.summaries()}
    assert (each["score_function"], each["arm"], each["rloo"], each["reinmax"]) == (1.0, 2.0, 3.0, 1.0)


def test_an_own_function_is_measured_as_the_same_estimator_of_stgref(found):
    """Exactly unbiased for scale 1; for scale 2 its bias is the gradient."""
    own, double = found.results[-2:]
    g = estimators.exact_gradient(zoo.F, zoo.PHI)
    assert own.exact_mean is None
    for result, bias in ((own, 0.0 * g), (double, g)):
        wide = 4.0 * (result.bias.high - result.bias.low)
        assert np.all(np.abs(result.bias.value - bias) < wide)


def test_own_noise():
    def pairs(objective, logits, noise):
        return estimators.rloo(objective, logits, noise)

    pairs.draw_noise = lambda n, logits, rng: estimators.draw_noise("rloo", n, logits, rng=rng)
    mine = study.run(zoo.F, zoo.PHI, [pairs], 1000)
    theirs = study.run(zoo.F, zoo.PHI, ["rloo"], 1000)
    assert np.array_equal(mine.results[0].mean.value, theirs.results[0].mean.value)


def test_what_is_unknown_is_none():
    def f(b):
        return np.sum(b, axis=-1)

    with_exact_off = study.run(f, np.zeros(3), ["arm"], 100, exact=False).to_records()[0]
    too_large = study.run(f, np.zeros(40), ["arm"], 100).to_records()[0]
    for record in (with_exact_off, too_large):
        assert record["bias"] is record["mse"] is record["exact_mean"] is record["exact_variance"] is None
        assert record["variance_low"] <= record["variance"] <= record["variance_high"]


def test_the_variance_of_a_moving_average_is_not_that_of_a_long_past():
    r = study.run(zoo.F, zoo.PHI, [("score_function", {"baseline": "moving_average"})], 1000).to_records()[0]
    assert r["exact_variance"] is None
    assert r["exact_mean"] is not None


def test_categorical_estimators():
    f, logits = (
        estimators.objectives.Quadratic(np.full((2, 3), 0.3)),
        np.array([[0.1, 0.2, 0.3], [1.0, 0.0, -1.0]]),
    )
    found = study.run(f, logits, ["categorical.score_function", "categorical.rloo"], 50_000)
    for r in found.to_records():
        assert r["bias_low"] - 3e-3 <= 0.0 <= r["bias_high"] + 3e-3
        assert r["exact_variance"] is not None
    assert found.to_records()[4]["coordinate"] == (1, 1)


def test_single_precision_and_torch():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    single = study.run(zoo.F, zoo.PHI.astype(np.float32), ["arm"], 1000)
    other = study.run(zoo.F, torch.asarray(zoo.PHI.astype(np.float32)), ["arm"], 1000)
    assert other.results[0].mean.value == pytest.approx(single.results[0].mean.value, rel=1e-5)


def test_csv_and_json(found, tmp_path):
    found.to_csv(tmp_path / "r.csv")
    found.to_json(tmp_path / "r.json")
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    records = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert [float(r["variance"]) for r in rows] == [r["variance"] for r in records]
    assert [r["variance"] for r in records] == [r["variance"] for r in found.to_records()]
    assert rows[-1]["exact_mean"] == ""


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_data_frames(found, name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=f"to_{name} needs {name}"):
        getattr(found, f"to_{name}")()
    monkeypatch.undo()
    pytest.importorskip(name, reason=f"{name} is not installed")
    assert len(getattr(found, f"to_{name}")()) == 21


def test_repr_and_rich(found):
    assert "arm: 20000" in repr(found)
    rich = pytest.importorskip("rich.table", reason="rich is not installed")
    assert isinstance(found.__rich__(), rich.Table)
    assert found["arm"].name == "arm"
    with pytest.raises(KeyError, match="nothing"):
        found["nothing"]


BAD = [
    ({"n_samples": 1}, ValueError, "n_samples must be 2 or more"),
    ({"n_samples": 10.0}, TypeError, "n_samples takes an integer"),
    ({"seed": -1}, ValueError, "seed must be 0 or more"),
    ({"estimators": "arm"}, TypeError, "estimators takes a list"),
    ({"estimators": []}, TypeError, "estimators takes a list"),
    ({"estimators": ["nothing"]}, ValueError, "no estimator 'nothing'"),
    ({"estimators": [3]}, TypeError, "estimators takes names"),
    ({"estimators": [("reinmax", {"temperature": -1.0})]}, ValueError, "temperature must be"),
    ({"estimators": [("arm", {"k": 2})]}, TypeError, "no option k"),
    ({"estimators": [lambda _f, _phi, z: z[:, 0]]}, ValueError, r"estimates must have shape \(2, 3\)"),
    ({"estimators": [lambda *_: None]}, TypeError, "returns an array"),
    ({"estimators": [lambda _f, _phi, z: z + np.nan]}, ValueError, "must be finite"),
    ({"logits": np.zeros((0,))}, ValueError, "logits takes an array"),
    ({"objective": 3}, TypeError, "objective takes a callable"),
    ({"confidence": 1.0}, ValueError, "confidence must be"),
    ({"precision": 0.0}, ValueError, "precision must be"),
    ({"executor": 3}, TypeError, "executor takes"),
    ({"block_size": 0}, ValueError, "block_size must be 1 or more"),
    ({"in_flight": 0}, ValueError, "in_flight must be 1 or more"),
    ({"exact": 1}, TypeError, "exact takes True or False"),
]


@pytest.mark.parametrize(("wrong", "kind", "words"), BAD)
def test_bad_input(wrong, kind, words):
    given = {"objective": zoo.F, "logits": zoo.PHI, "estimators": ["arm"], "n_samples": 100, **wrong}
    with pytest.raises(kind, match=words):
        study.run(**given)


def test_sweep_over_problems_and_options():
    def quadratic(size):
        return estimators.objectives.Quadratic(np.linspace(0.1, 0.9, size))

    grid = {"dimension": [1, 3], "logits": [-1.0, 1.0], "n_samples": [50, 100], "temperature": [0.5, 1.0]}
    found = study.sweep(None, 0.0, ["arm", "reinmax"], 100, grid, objective_of=quadratic)
    assert len(found.results) == 2 * 2 * 2 * (1 + 2)
    records = found.to_records()
    assert len(records) == 2 * 2 * 3 * (1 + 3)
    assert {r["temperature"] for r in records if r["estimator"] == "arm"} == {None}
    last = records[-1]
    assert [last[k] for k in ("dimension", "logits", "n_samples", "temperature", "coordinate")] == [
        3,
        1.0,
        100,
        1.0,
        2,
    ]
    assert last["exact_gradient"] == estimators.exact_gradient(quadratic(3), np.ones(3))[2]
    assert last["exact_variance"] == pytest.approx(
        estimators.exact_moments("reinmax", quadratic(3), np.ones(3), temperature=1.0).covariance[2, 2]
    )
    means = [r["mean"] for r in records if r["dimension"] == 1 and r["estimator"] == "arm"]
    assert len(set(means)) == len(means)  # each point has a stream of its own
    assert len(found.summaries()) == len(found.results)


@pytest.mark.parametrize(
    ("grid", "kind", "words"),
    [
        ({}, TypeError, "grid takes a mapping"),
        ({"temperature": []}, ValueError, "one value or more"),
        ({"temperature": 1.0}, TypeError, "takes a list"),
        ({"nothing": [1]}, ValueError, "'nothing', which is no option"),
        ({"dimension": [0]}, ValueError, "dimension must be 1 or more"),
        ({"n_samples": range(10**6)}, ValueError, "points or fewer"),
    ],
)
def test_bad_grids(grid, kind, words):
    with pytest.raises(kind, match=words):
        study.sweep(zoo.F, zoo.PHI, ["arm", ("reinmax", {"temperature": 1.0})], 10, grid)
