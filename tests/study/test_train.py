"""Training: its steps written out, reproducible bits, exact curves, gates, tuning, and bad input."""

from __future__ import annotations

from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from scipy import stats

from stgref import estimators
from stgref.conformance.errors import UnusableInputError
from stgref.laws import hard_concrete
from stgref.study.optim import SGD, Adam
from stgref.study.schedules import Exponential, Linear
from stgref.study.train import train

TOY = estimators.objectives.Quadratic(0.45)
ZERO = np.zeros(1)
CURVES = ("loss", "params", "values", "variance")


def same(a, b):
    for name in CURVES:
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    for name, values in a.options.items():
        np.testing.assert_array_equal(values, b.options[name])


def test_the_steps_are_those_written_out():
    f = estimators.objectives.Quadratic([0.45, 0.3])
    start, n, steps, seed = np.array([0.3, -1.1]), 3, 7, 5
    found = train(
        f,
        start,
        ("rebar", {"eta": 0.5}),
        SGD(0.2),
        steps,
        n_samples=n,
        replicates=2,
        seed=seed,
        every=1,
        variance="none",
    )
    for r in range(2):
        phi = start
        for t in range(steps + 1):
            np.testing.assert_array_equal(found.params[r, t], phi)
            rng = np.random.SeedSequence(seed, spawn_key=(r, t))
            noise = estimators.draw_noise("rebar", n, phi, rng=rng)
            phi = phi - 0.2 * estimators.rebar(f, phi, noise, eta=0.5).mean(axis=0)


def test_the_curves_are_exact_where_they_can_be():
    found = train(TOY, ZERO, "arm", SGD(1.0), 30, every=10)
    assert found.steps.tolist() == [0, 10, 20, 30]
    assert found.exact_loss
    assert found.exact_variance
    for t in range(4):
        phi = found.params[0, t]
        assert found.loss[0, t] == estimators.exact_value(TOY, phi)
        covariance = estimators.exact_moments("arm", TOY, phi).covariance
        np.testing.assert_array_equal(found.variance[0, t], np.diag(covariance))
        assert found.total_variance[0, t] == covariance[0, 0]
        np.testing.assert_allclose(found.values[0, t], 1 / (1 + np.exp(-phi)), rtol=1e-14)


def test_what_is_too_large_is_estimated_and_says_so():
    def f(b):
        return np.mean((b - 0.499) ** 2, axis=-1)

    logits = np.full(40, 0.5)
    found = train(f, logits, "disarm", SGD(1.0), 2, every=2, variance_samples=4000)
    assert not found.exact_loss
    assert not found.exact_variance
    closed = estimators.objectives.MeanQuadratic(0.499)
    assert found.loss[0, 0] == pytest.approx(closed.exact_value(logits), abs=1e-5)
    a, theta = (1 - 2 * 0.499) / 40, 1 / (1 + np.exp(-0.5))
    q = 1 - theta
    wanted = a**2 * (1 - q) ** 2 * (q * (1 - 2 * q) / 2 + 39 * q**2)
    np.testing.assert_allclose(found.variance[0, 0].mean(), wanted, rtol=0.03)
    with pytest.raises(ValueError, match="variance cannot be exact for disarm here"):
        train(f, logits, "disarm", SGD(1.0), 2, variance="exact")
    assert np.all(np.isnan(train(f, logits, "disarm", SGD(1.0), 1, variance="none").variance))


def test_bits_do_not_depend_on_where_or_how_often_it_is_looked_at():
    given = {"replicates": 3, "seed": 1, "variance": "estimated", "variance_samples": 20}
    alone = train(TOY, ZERO, "disarm", Adam(0.1), 20, every=5, **given)
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        same(alone, train(TOY, ZERO, "disarm", Adam(0.1), 20, every=5, executor=pool, **given))
    with ThreadPoolExecutor(3) as pool:
        same(alone, train(TOY, ZERO, "disarm", Adam(0.1), 20, every=5, executor=pool, **given))
    often = train(TOY, ZERO, "disarm", Adam(0.1), 20, every=1, **given)
    np.testing.assert_array_equal(often.params[:, ::5], alone.params)
    fewer = train(TOY, ZERO, "disarm", Adam(0.1), 20, every=5, **{**given, "replicates": 2})
    np.testing.assert_array_equal(fewer.params, alone.params[:2])
    other = train(TOY, ZERO, "disarm", Adam(0.1), 20, every=5, **{**given, "seed": 2})
    assert np.any(other.params[:, -1] != alone.params[:, -1])
    assert len(np.unique(alone.params[:, -1])) == 3


def test_it_goes_down_and_up():
    down = train(TOY, ZERO, "disarm", Adam(0.1), 200, every=100)
    up = train(TOY, ZERO, "disarm", Adam(0.1, maximize=True), 200, every=100)
    assert down.loss[0, -1] < 0.21
    assert up.loss[0, -1] > 0.29


def test_categories_are_trained():
    f = estimators.objectives.Linear([[0.3, 0.1, 0.9]])
    found = train(f, np.zeros((1, 3)), "categorical.rloo", SGD(1.0), 300, n_samples=4, every=300)
    np.testing.assert_allclose(found.values.sum(axis=-1), 1.0)
    assert found.exact_loss
    assert found.values[0, -1, 0, 1] > 0.9
    assert found.loss[0, -1] < 0.15


def test_gates_are_trained_with_their_penalty():
    f, start = estimators.objectives.Quadratic([1.0, 0.1]), np.array([0.5, 0.5])
    spec = ("gates.hard_concrete", {"temperature": Exponential(0.66, 0.33, 200)})
    found = train(f, start, spec, Adam(0.05), 300, n_samples=8, penalty=0.2, every=100)
    assert not found.exact_loss
    temperatures = found.options["temperature"][0]
    np.testing.assert_allclose(temperatures, [0.66, (0.66 * 0.33) ** 0.5, 0.33, 0.33])
    np.testing.assert_array_equal(
        found.values[0, -1], hard_concrete.mean(found.params[0, -1], float(temperatures[-1]))
    )
    assert found.values[0, -1, 0] > 0.8
    assert found.values[0, -1, 1] < 0.1
    one = train(f, start, "gates.hard_concrete", SGD(1.0), 1, penalty=0.2, every=1)
    plain = train(f, start, "gates.hard_concrete", SGD(1.0), 1, every=1)
    slope = 0.2 * hard_concrete.grad_prob_active(start).log_alpha
    np.testing.assert_allclose(plain.params[0, 1] - one.params[0, 1], slope, rtol=1e-12)
    opened = 0.2 * float(hard_concrete.prob_active(start).sum())
    assert one.loss[0, 0] - plain.loss[0, 0] == pytest.approx(opened, rel=1e-12)
    z = hard_concrete.transform(estimators.gates.draw_noise("hard_concrete", 200_000, start, rng=0), start)
    assert plain.loss[0, 0] == pytest.approx(f(z).mean(), abs=0.02)


def test_a_tuned_control_variate_has_less_variance():
    spec = ("rebar", {"temperature": 0.5, "eta": 2.0})
    given = {"steps": 150, "n_samples": 10, "every": 150}
    plain = train(TOY, ZERO, spec, SGD(0.0), **given)
    tuned = train(TOY, ZERO, spec, SGD(0.0), tuner=Adam(0.03), **given)
    assert plain.options.keys() == {"rate"}
    assert tuned.options.keys() == {"rate", "eta", "temperature"}
    assert tuned.options["eta"][0, 0] == 2.0
    assert tuned.total_variance[0, -1] < 0.5 * plain.total_variance[0, -1]


def test_a_function_of_ones_own_is_an_estimator():
    def own(objective, logits, noise, scale=1.0):
        return scale * estimators.disarm(objective, logits, noise)

    spec = (own, {"scale": Linear(1.0, 0.0, 10)})
    found = train(TOY, ZERO, spec, SGD(1.0), 12, every=1)
    assert found.label == "own(scale=Linear(start=1.0, end=0.0, steps=10))"
    assert not found.exact_variance
    assert found.options["scale"][0].tolist() == pytest.approx([max(1 - t / 10, 0) for t in range(13)])
    assert found.params[0, 10] == found.params[0, 12]


def test_a_slope_is_that_of_the_samples_whose_loss_it_is():
    spec = ("straight_through", {"derivative": "sigmoid", "slope": Linear(1.0, 5.0, 4)})
    found = train(TOY, np.array([0.5]), spec, SGD(0.0), 4, every=4)
    for t, slope in enumerate((1.0, 5.0)):
        assert found.values[0, t, 0] == pytest.approx(1 / (1 + np.exp(-0.5 * slope)), rel=1e-14)
        assert found.loss[0, t] == estimators.exact_value(TOY, np.array([0.5 * slope]))


def test_bands():
    found = train(TOY, ZERO, "score_function", SGD(1.0), 10, every=10, replicates=9)
    band = found.band("loss", level=0.5)
    np.testing.assert_allclose(band.low, np.quantile(found.loss, 0.25, axis=0))
    np.testing.assert_array_equal(band.middle, np.median(found.loss, axis=0))
    mean = found.band("loss", level=0.95, kind="mean")
    low, high = stats.t.interval(0.95, 8, found.loss[:, 1].mean(), stats.sem(found.loss[:, 1]))
    assert (mean.low[1], mean.high[1]) == pytest.approx((low, high))
    np.testing.assert_array_equal(found.band("rate").middle, [1.0, 1.0])
    with pytest.raises(ValueError, match="curve takes one of"):
        found.band("losses")
    with pytest.raises(ValueError, match="takes 2 runs or more, got 1"):
        train(TOY, ZERO, "arm", SGD(), 1).band(kind="mean")


def test_records_are_the_curves(tmp_path):
    found = train(
        TOY, ZERO, ("rebar", {"temperature": Linear(1.0, 0.5, 10)}), SGD(1.0), 10, every=5, replicates=2
    )
    records = found.to_records()
    assert len(records) == 6
    assert records[4] == {
        "estimator": found.label,
        "replicate": 1,
        "step": 5,
        "loss": found.loss[1, 1],
        "total_variance": found.total_variance[1, 1],
        "rate": 1.0,
        "temperature": 0.75,
    }
    found.to_csv(tmp_path / "curves.csv")
    rows = (tmp_path / "curves.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 7
    assert float(rows[5].split(",")[-4]) == found.loss[1, 1]


class Interrupted(Executor):
    """Stops after a number of runs."""

    def __init__(self, runs):
        self.runs = runs

    def map(self, function, tasks):
        for done, task in enumerate(tasks):
            if done == self.runs:
                raise KeyboardInterrupt
            yield function(task)


def test_an_interrupted_training_goes_on(tmp_path):
    given = {"steps": 6, "every": 3, "replicates": 4, "variance": "none"}
    path = tmp_path / "runs.npz"
    alone = train(TOY, ZERO, "disarm", Adam(0.1), **given)
    with pytest.raises(KeyboardInterrupt):
        train(TOY, ZERO, "disarm", Adam(0.1), checkpoint=path, executor=Interrupted(3), **given)
    rest = Interrupted(1)
    same(alone, train(TOY, ZERO, "disarm", Adam(0.1), checkpoint=path, executor=rest, **given))
    same(alone, train(TOY, ZERO, "disarm", Adam(0.1), checkpoint=path, executor=Interrupted(0), **given))
    assert [file.name for file in tmp_path.iterdir()] == ["runs.npz"]


def test_the_checkpoint_of_another_training_is_refused(tmp_path):
    path, given = tmp_path / "runs.npz", {"steps": 2, "checkpoint": tmp_path / "runs.npz"}
    train(TOY, ZERO, "disarm", Adam(0.1), **given)
    before = path.read_bytes()
    others = {
        "seed is 0 there, here 1": lambda: train(TOY, ZERO, "disarm", Adam(0.1), seed=1, **given),
        "estimator is 'disarm' there, here 'arm'": lambda: train(TOY, ZERO, "arm", Adam(0.1), **given),
        "optimizer is": lambda: train(TOY, ZERO, "disarm", Adam(0.2), **given),
        "logits is": lambda: train(TOY, ZERO + 1, "disarm", Adam(0.1), **given),
        "estimates is": lambda: train(
            estimators.objectives.Quadratic(0.4), ZERO, "disarm", Adam(0.1), **given
        ),
    }
    for words, another in others.items():
        with pytest.raises(UnusableInputError, match=words):
            another()
    assert path.read_bytes() == before
    path.write_bytes(b"PK not a file of arrays")
    with pytest.raises(UnusableInputError, match="is none of a training"):
        train(TOY, ZERO, "disarm", Adam(0.1), **given)


def test_single_precision_stays():
    found = train(TOY, np.zeros(1, np.float32), "disarm", Adam(0.1), 5, every=5)
    assert found.params.dtype == np.float32


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"objective": 3}, TypeError, "objective takes a callable"),
        ({"objective": lambda b: b}, ValueError, "objective must return shape"),
        ({"logits": [0.0]}, TypeError, "logits takes a NumPy array"),
        ({"logits": np.zeros(1, int)}, TypeError, "logits takes a NumPy array of single or double"),
        ({"logits": np.zeros(0)}, ValueError, r"logits must have shape \(D,\)"),
        ({"estimator": "disarmed"}, ValueError, "train: there is no estimator 'disarmed'"),
        ({"estimator": "gaussian.pathwise"}, ValueError, "there is no estimator"),
        ({"estimator": 3}, TypeError, "estimators takes names"),
        ({"estimator": ("rloo", 3)}, TypeError, "estimators takes names, functions and"),
        ({"estimator": ("rloo", {"m": 3})}, TypeError, "no option m"),
        ({"estimator": ("rebar", {"temperature": Linear(-1.0, 1.0, 5)})}, ValueError, "temperature must be"),
        ({"optimizer": "adam"}, TypeError, "optimizer takes one of stgref.study.optim"),
        (
            {"tuner": SGD()},
            ValueError,
            "tuning takes the estimator rebar or relax, got <stgref estimator estimators.disarm",
        ),
        (
            {"estimator": ("relax", {"control_variate": estimators.Relaxed(TOY, 0.5)}), "tuner": SGD()},
            TypeError,
            "tuning takes a control_variate with",
        ),
        ({"estimator": "rebar", "tuner": SGD(maximize=True)}, ValueError, "tuner must minimise"),
        ({"steps": 1.5}, TypeError, "steps takes an integer"),
        ({"every": 0}, ValueError, "every must be 1 or more, got 0"),
        ({"replicates": 0}, ValueError, "replicates must be 1 or more"),
        ({"n_samples": -1}, ValueError, "n_samples must be 1 or more"),
        ({"penalty": 0.1}, ValueError, "penalty is for gates, got 0.1 for disarm"),
        ({"variance": "some"}, ValueError, "variance takes one of"),
    ],
)
def test_bad_input_is_named(change, error, words):
    given = {
        "objective": TOY,
        "logits": ZERO,
        "estimator": "disarm",
        "optimizer": SGD(),
        "steps": 1,
        **change,
    }
    with pytest.raises(error, match=words):
        train(**given)
