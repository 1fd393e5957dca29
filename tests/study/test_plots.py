"""Plots hold the numbers they are given; their colours are read on white and on black."""

from __future__ import annotations

import itertools
import subprocess
import sys

import numpy as np
import pytest

from stgref import estimators
from stgref.study import plots
from stgref.study.exact import exact_records
from stgref.study.optim import Adam
from stgref.study.train import train

pytest.importorskip("matplotlib")

TOY = estimators.objectives.Quadratic(0.45)
NAMES = ["score_function", "rloo", ("straight_through", {"derivative": "sigmoid"}), "measure_valued"]
GRID = np.linspace(-3, 3, 7)


@pytest.fixture(scope="module")
def records():
    return exact_records(TOY, GRID, NAMES)


@pytest.fixture(scope="module")
def runs():
    return [
        train(TOY, np.zeros(1), name, Adam(0.1), 30, every=10, replicates=5) for name in ("rloo", "disarm")
    ]


def of(records, name, key):
    return [record[key] for record in records if record["estimator"].startswith(name)]


def lines(ax):
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


def test_records_are_the_exact_moments(records):
    assert len(records) == len(NAMES) * len(GRID)
    record = records[2 * len(NAMES) + 1]
    moments = estimators.exact_moments("rloo", TOY, GRID[2:3])
    assert record == {
        "estimator": "rloo",
        "coordinate": 0,
        "logit": GRID[2],
        "exact_gradient": estimators.exact_gradient(TOY, GRID[2:3])[0],
        "exact_mean": moments.mean[0],
        "exact_bias": moments.mean[0] - estimators.exact_gradient(TOY, GRID[2:3])[0],
        "exact_variance": moments.covariance[0, 0],
    }
    two = exact_records(
        estimators.objectives.Quadratic([[0.4] * 3]),
        [np.array([[0.1, 0.2, 0.3]])],
        ["categorical.rloo"],
        temperature=2.0,
    )
    assert [(r["coordinate"], r["logit"], r["temperature"]) for r in two] == [
        (0, 0.1, 2),
        (1, 0.2, 2),
        (2, 0.3, 2),
    ]


def test_variance_against_logit_shows_exact_lines_and_sampled_points(records):
    sampled = [
        {
            "estimator": "mine",
            "logit": x,
            "variance": 2.0 + i,
            "variance_low": 1.0 + i,
            "variance_high": 5.0 + i,
        }
        for i, x in enumerate([1.0, -1.0])
    ]
    figure = plots.variance_against_logit([*records, *sampled], "title")
    (ax,) = figure.axes
    assert ax.get_yscale() == "log"
    assert ax.get_xlabel() == "logit φ\n(variance 0: measure_valued)"
    assert ax.get_ylabel() == "variance of one estimate"
    found = lines(ax)
    for name in ("score_function", "rloo"):
        np.testing.assert_array_equal(found[name].get_xdata(), GRID)
        np.testing.assert_array_equal(found[name].get_ydata(), of(records, name, "exact_variance"))
    (bars,) = ax.containers
    np.testing.assert_array_equal(bars[0].get_xdata(), [-1.0, 1.0])
    np.testing.assert_array_equal(bars[0].get_ydata(), [3.0, 2.0])
    (segments,) = bars[2]
    np.testing.assert_allclose([s[:, 1] for s in segments.get_segments()], [[2.0, 6.0], [1.0, 5.0]])
    texts = {text.get_text() for text in ax.texts}
    assert texts == {"score_function", "rloo", "straight_through(derivative='sigmoid')", "mine"}


def test_variance_against_temperature():
    records = [
        {"estimator": "relaxation", "temperature": t, "exact_variance": 1 / t} for t in (2.0, 0.5, 1.0)
    ]
    (ax,) = plots.variance_against_temperature(records).axes
    assert ax.get_xscale() == ax.get_yscale() == "log"
    (line,) = lines(ax).values()
    np.testing.assert_array_equal(line.get_xdata(), [0.5, 1.0, 2.0])
    np.testing.assert_array_equal(line.get_ydata(), [2.0, 1.0, 0.5])


def test_bias_and_deviation_are_told_from_nothing(records):
    (ax,) = plots.bias_variance(records).axes
    found = lines(ax)
    for name in ("score_function", "rloo", "straight_through(derivative='sigmoid')"):
        variance = np.mean(of(records, name.partition("(")[0], "exact_variance"))
        assert found[name].get_ydata()[0] == pytest.approx(variance**0.5, rel=1e-12)
    biased = found["straight_through(derivative='sigmoid')"]
    bias = np.sqrt(np.mean(np.square(of(records, "straight_through", "exact_bias"))))
    assert biased.get_xdata()[0] == pytest.approx(bias, rel=1e-12)
    assert biased.get_markerfacecolor() != "none"
    assert found["rloo"].get_markerfacecolor() == "none"
    assert found["rloo"].get_xdata()[0] < bias / 2


def test_a_sampled_bias_is_told_by_its_interval():
    base = {"bias": 0.1, "bias_low": 0.05, "bias_high": 0.15, "variance": 4.0}
    unsure = {**base, "bias_low": -0.05}
    (ax,) = plots.bias_variance([{"estimator": "a", **base}, {"estimator": "b", **unsure}]).axes
    found = lines(ax)
    assert found["a"].get_xdata()[0] == 0.1
    assert found["b"].get_xdata()[0] < 0.1
    assert found["a"].get_ydata()[0] == found["b"].get_ydata()[0] == 2.0


def test_training_curves_are_the_bands(runs):
    figure = plots.training_curves(runs, level=0.6, reference=0.2025)
    (ax,) = figure.axes
    for run, band in zip(runs, ax.collections, strict=True):
        wanted = run.band("loss", 0.6)
        np.testing.assert_array_equal(lines(ax)[run.label].get_ydata(), wanted.middle)
        corners = {tuple(v) for v in band.get_paths()[0].vertices.tolist()}
        assert set(zip(wanted.steps.tolist(), wanted.low.tolist(), strict=True)) <= corners
        assert set(zip(wanted.steps.tolist(), wanted.high.tolist(), strict=True)) <= corners
    assert [line.get_ydata()[0] for line in ax.lines if line.get_label() == "_reference"] == [0.2025]
    (ax,) = plots.training_curves(runs, "total_variance", kind="mean").axes
    assert ax.get_yscale() == "log"
    np.testing.assert_array_equal(lines(ax)["rloo"].get_ydata(), runs[0].total_variance.mean(axis=0))


def test_histograms_hold_the_shares():
    values = np.array([0.0, 0.0, 1.0, 2.0])
    figure = plots.gradient_histograms({"a": values, "b": values[2:]}, 0.75, bins=4)
    for ax, given in zip(figure.axes, (values, values[2:]), strict=True):
        (stairs,) = ax.patches
        share, edges, _ = stairs.get_data()
        np.testing.assert_array_equal(share, np.histogram(given, edges)[0] / given.size)
        assert share.sum() == 1.0
        marks = {line.get_label(): line.get_xdata()[0] for line in ax.lines}
        assert marks == {"_exact": 0.75, "_mean": given.mean()}


def test_fingerprints_are_the_exact_moments(records):
    figure = plots.fingerprints(records, "title")
    assert len(figure.axes) == len(NAMES)
    ax = figure.axes[2]
    name = "straight_through"
    found = {line.get_label().partition("(")[0]: line.get_ydata() for line in ax.lines}
    np.testing.assert_array_equal(found["_exact"], of(records, name, "exact_gradient"))
    np.testing.assert_array_equal(found[name], of(records, name, "exact_mean"))
    low = np.array(of(records, name, "exact_mean")) - np.sqrt(of(records, name, "exact_variance"))
    corners = {tuple(v) for v in ax.collections[0].get_paths()[0].vertices.tolist()}
    assert set(zip(GRID.tolist(), low.tolist(), strict=True)) <= corners


def luminance(colour):
    linear = [
        v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4
        for v in (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    ]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


@pytest.mark.parametrize("colour", [*plots.COLOURS, plots.GREY])
def test_every_colour_is_read_on_white_and_on_near_black(colour):
    """A contrast of 3 or more, what WCAG 2 asks of graphics."""
    assert 1.05 / (luminance(colour) + 0.05) >= 3.0
    assert (luminance(colour) + 0.05) / (luminance("#0d1117") + 0.05) >= 3.0


def test_no_two_series_look_alike():
    looks = [plots.style(i) for i in range(28)]
    assert len({(look.colour, str(look.dashes)) for look in looks}) == 28


@pytest.mark.parametrize("gap", [0.1, 0.3])
def test_names_are_spread_and_keep_their_order(gap):
    heights = [0.0, 0.01, 0.5, 0.5, 0.52, 0.95]
    found = plots.spread(heights, gap)
    assert all(b - a >= gap - 1e-12 for a, b in itertools.pairwise(found))
    assert plots.spread([0.1, 0.9], gap) == [0.1, 0.9]


def test_figures_are_drawn_and_have_no_ground(records, tmp_path):
    figure = plots.variance_against_logit(records)
    figure.savefig(tmp_path / "plot.svg")
    assert (tmp_path / "plot.svg").stat().st_size > 1000
    assert figure.patch.get_alpha() == 0.0


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (
            lambda: plots.variance_against_logit([]),
            ValueError,
            "variance_against: records must not be empty",
        ),
        (lambda: plots.variance_against_logit("a"), TypeError, "records takes a sequence of dicts, got str"),
        (
            lambda: plots.variance_against_logit([1]),
            TypeError,
            "records takes a sequence of dicts, got one of int",
        ),
        (
            lambda: plots.variance_against_temperature([{"estimator": "a", "logit": 1.0}]),
            ValueError,
            "records must have the key 'temperature', got one with estimator, logit",
        ),
        (
            lambda: plots.bias_variance([{"estimator": "a"}]),
            ValueError,
            "bias_variance: records of a must have",
        ),
        (lambda: plots.training_curves([]), TypeError, "training_curves: trainings takes"),
        (lambda: plots.gradient_histograms({}, 0.0), TypeError, "gradient_histograms: estimates takes"),
        (
            lambda: plots.gradient_histograms({"a": np.array([np.nan])}, 0.0),
            ValueError,
            "estimates of a must be a vector of finite numbers",
        ),
        (
            lambda: plots.fingerprints([{"estimator": "a", "logit": 0}]),
            ValueError,
            "the key 'exact_gradient'",
        ),
        (
            lambda: exact_records(TOY, [0.0], [lambda *_: 0]),
            ValueError,
            "exact_records: estimators takes those of logits",
        ),
    ],
)
def test_bad_input_is_named(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_without_matplotlib_it_says_how_to_get_it():
    program = (
        "import sys; from stgref.study import plots; print('matplotlib' in sys.modules)\n"
        "sys.modules['matplotlib'] = None; sys.modules['matplotlib.figure'] = None\n"
        "try: plots.variance_against_logit([{'estimator': 'a', 'logit': 0.0, 'variance': 1.0}])\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\nstgref.study.plots needs matplotlib: pip install 'stgref[plots]'\n"
