"""Trainings by hand are those of autograd, to rounding; what is pruned computes the same; pages are those of their results."""

from __future__ import annotations

import importlib
import json

import numpy as np
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("rich")

from validation.scratch import by_hand, report, run
from validation.scratch.feature_selection import data
from validation.scratch.feature_selection import network as selecting
from validation.scratch.pruned_digits import experiment as digits
from validation.scratch.pruned_digits import network as pruning

NAMES = run.NAMES
SIZES = [16, 12, 8, 4]
PRICES = [np.full(n, price) for n, price in zip(SIZES[:-1], (0.02, 0.01, 0.005), strict=True)]


def selection(problem):
    x, y, *_ = data.PROBLEMS[problem](6, seed=0)
    regression = problem == "sine"
    loss = by_hand.squared_error if regression else by_hand.cross_entropy
    task = selecting.Task(x[:100], y[:100], loss, 1 if regression else 2, 0.05)
    start = selecting.start(task, [8, 5], np.random.default_rng(1))
    return start, task, selecting.noise_of_steps(task, np.random.default_rng(2))


def classification():
    rng = np.random.default_rng(0)
    x, label = rng.uniform(size=(60, SIZES[0])), rng.integers(0, SIZES[-1], 60)
    start = pruning.start(SIZES, np.random.default_rng(1))
    return start, pruning.batches(x, label, SIZES, 20, np.random.default_rng(2)), PRICES


@pytest.fixture
def autograd():
    """The same training in torch, on one thread: it is too small for two."""
    torch = pytest.importorskip("torch")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield lambda name: importlib.import_module(f"validation.scratch.{name}.with_torch")
    torch.set_num_threads(threads)


@pytest.mark.parametrize("problem", ["two moons", "XOR", "sine"])
def test_features_are_selected_as_with_autograd(problem, autograd):
    with_torch = autograd("feature_selection")
    ours = selecting.train(*selection(problem), 60, 0.02)
    assert report.difference(ours, with_torch.train(*selection(problem), 60, 0.02)) < 1e-12
    assert report.difference(ours, selection(problem)[0] | {"b1": ours["b1"]}) > 0.01


def test_digits_are_pruned_as_with_autograd(autograd):
    with_torch = autograd("pruned_digits")
    ours = pruning.train(*classification(), 60, 0.01)
    assert report.difference(ours, with_torch.train(*classification(), 60, 0.01)) < 1e-12


def test_what_is_pruned_computes_the_same():
    rng = np.random.default_rng(5)
    params = pruning.start(SIZES, rng)
    params |= {name: rng.normal(0.0, 3.0, value.shape) for name, value in params.items() if name[0] in "bl"}
    x = np.random.default_rng(3).uniform(size=(30, SIZES[0]))
    values = pruning.gate_values(params)
    kept, small = pruning.pruned(params)
    closed = [int((value == 0.0).sum()) for value in values]
    assert all(0 < n < len(value) for n, value in zip(closed, values, strict=True))
    h = x[:, kept]
    for k in pruning.LAYERS:
        h = h @ small[f"W{k}"] + small[f"b{k}"]
        h = np.maximum(h, 0.0) if k < pruning.LAYERS[-1] else h
    np.testing.assert_allclose(h, pruning.predict(params, values, x), rtol=1e-12, atol=1e-12)
    sizes = [n - gone for n, gone in zip(SIZES, [*closed, 0], strict=True)]
    assert pruning.parameters(sizes) == sum(value.size for value in small.values())


def test_gates_that_are_always_open_leave_the_network_as_it_is():
    start, task, eps = selection("XOR")
    start["mu"] = np.full(6, 20.0)
    task = task._replace(price=0.0)
    _, grads = selecting.gradient(start, selecting.layer_of_gates(start, 0.0), next(eps), task)
    _, d_outputs = task.loss(selecting.network(start, task.x)[0], task.y)
    _, plain = selecting.network(start, task.x)[1](d_outputs)
    assert not grads["mu"].any()
    assert all(np.array_equal(grads[name], plain[name]) for name in plain)
    values = pruning.gate_values(
        pruning.start(SIZES, np.random.default_rng(0), digits.ALWAYS_OPEN), rule="mean"
    )
    assert all((value == 1.0).all() for value in values)


def test_the_two_informative_bits_are_found():
    split = data.xor(8, seed=0)
    task = selecting.Task(split.x, split.y, by_hand.cross_entropy, 2, 0.025)
    start = selecting.start(task, [20, 10], np.random.default_rng(0))
    found = selecting.train(start, task, selecting.noise_of_steps(task, np.random.default_rng(1)), 300, 0.03)
    assert np.array_equal(selecting.selected(found), split.informative)
    assert (selecting.predict(found, split.test_x).argmax(axis=1) == split.test_y).mean() > 0.95


@pytest.mark.parametrize("problem", ["two moons", "XOR", "sine"])
def test_only_informative_features_say_something(problem):
    split = data.PROBLEMS[problem](7, seed=1)
    again = data.PROBLEMS[problem](7, seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(split, again, strict=True))
    assert split.informative.tolist() == [True, True] + 5 * [False]
    np.testing.assert_allclose(split.x.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(split.x.std(axis=0), 1.0, rtol=1e-12)
    # A neighbour in the informative features has nearly the same answer, one in the others does not.
    by_two, by_others = (nearest(split, mask) for mask in (split.informative, ~split.informative))
    assert by_two < 0.4 * by_others


def nearest(split, mask):
    """Mean squared difference between the answers of test examples and of their nearest neighbours."""
    a, b = split.test_x[:100][:, mask], split.x[:, mask]
    closest = ((a[:, None] - b) ** 2).sum(axis=-1).argmin(axis=1)
    return np.mean((split.test_y[:100] - split.y[closest]) ** 2.0)


@pytest.mark.parametrize("name", NAMES)
def test_each_runs_to_its_page(name):
    pytest.importorskip("sklearn", reason="pip install 'stgref[scratch]' brings scikit-learn and its data")
    ticks = []
    experiment = run.load(name)._replace(agreement=lambda steps: {"nothing": float(steps)})
    content = report.run(name, experiment, lambda: ticks.append(1), quick=True)
    assert len(ticks) == len(content["records"])
    known = {record_key(record) for record in results(name)["records"]}
    assert {record_key(record) for record in content["records"]} < known
    text = report.page(experiment, json.loads(json.dumps(content, allow_nan=False)))
    for heading in ("## What was published", "## What was done here", "## What was found", "## All numbers"):
        assert heading in text


def record_key(record):
    return tuple(record.get(key) for key in ("problem", "features", "method", "setting", "seed"))


def results(name):
    return json.loads((report.FOLDER / name / "results.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_pages_and_plots_are_those_of_their_results(name):
    experiment, content = run.load(name), results(name)
    assert (report.FOLDER / name / "README.md").read_text(encoding="utf-8") == report.page(
        experiment, content
    )
    plots = {path.stem: path.stat().st_size for path in (report.FOLDER / name).glob("*.svg")}
    assert plots.keys() == experiment.figures(content["records"]).keys()
    assert max(plots.values()) < 250_000


@pytest.mark.parametrize("name", NAMES)
def test_what_was_published_here_agreed_with_autograd(name):
    torch = results(name)["torch"]
    assert torch["steps"] >= 100
    assert max(torch["difference"].values()) < 1e-9


def test_only_known_experiments_are_run(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["run.py", "digits"])
    with pytest.raises(SystemExit):
        run.main()
    assert (
        "there is no experiment 'digits'; there are feature_selection, pruned_digits"
        in capsys.readouterr().err
    )
