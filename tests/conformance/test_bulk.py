"""Cases of many numbers: what is said of the parts together is what would be said of the whole."""

import json
from dataclasses import replace

import numpy as np
import pytest

from stgref.conformance import bulk, validate
from stgref.conformance.judge import judge
from stgref.conformance.recording import Case, Failure
from stgref.conformance.reference import answer
from tests.conformance.array_files import npz
from tests.conformance.test_array_files import own
from validation.benchmarks import check_recording

N = 103


def case(function="hard_concrete.prob_active", shape=(N,), dtype="float64", kind="valid", **changes):
    random = np.random.default_rng(0)
    arguments = {
        "log_alpha": random.normal(0, 20, shape),
        "temperature": np.asarray(0.5),
        "lower": np.asarray(-0.125),
        "upper": np.asarray(1.125),
    } | changes
    return Case("many", function, dtype, {n: np.asarray(x, dtype) for n, x in arguments.items()}, kind)


def right(asked):
    return {name: each.value.astype(asked.dtype) for name, each in answer(asked).items()}


def spoilt(output, name, *places, by=1e-9):
    value = output[name].copy()
    value.ravel()[list(places)] *= 1 + by
    return {**output, name: value}


def clipped(asked):
    return {"value": np.clip(right(asked)["value"], 1e-6, 1 - 1e-6)}


GRADIENT = case("hard_concrete.grad_prob_active")
GRID = case(
    shape=(7, 1),
    temperature=np.geomspace(0.1, 2, 3),
    lower=np.full((2, 1, 1), -0.1),
    upper=np.full((7, 3), 1.1),
)
TURNED = case(log_alpha=np.asfortranarray(np.random.default_rng(1).normal(size=(9, 12))))
MU = np.tile([0.0, 0.5, 1.0, -0.5], 26)
EDGE = Case(
    "many", "rectified_gaussian.grad_median", "float64", {"mu": MU, "std": np.ones(104)}, "acceptable"
)
CASES = {
    "right": (case(), right(case())),
    "right in float32": (case(dtype="float32"), right(case(dtype="float32"))),
    "one wrong": (case(), spoilt(right(case()), "value", 77)),
    "all wrong": (case(), spoilt(right(case()), "value", *range(N))),
    "the first and the last wrong": (case(), spoilt(right(case()), "value", 0, N - 1)),
    "one infinite": (case(), spoilt(right(case()), "value", 50, by=np.inf)),
    "one field wrong": (GRADIENT, spoilt(right(GRADIENT), "upper", 11)),
    "arguments that broadcast": (GRID, right(GRID)),
    "one wrong of a grid": (GRID, spoilt(right(GRID), "value", 30)),
    "one wrong in column order": (TURNED, spoilt(right(TURNED), "value", 40)),
    "a known defect": (case(), clipped(case())),
    "a known defect and another": (case(), spoilt(clipped(case()), "value", 5)),
    "a wrong shape": (case(), {"value": np.zeros(N - 1)}),
    "a wrong shape that broadcasts": (case(), {"value": np.zeros(1)}),
    "an error": (case(), Failure("none")),
    "another convention": (EDGE, {"mu": np.tile([0.5, 1.0, 0.5, 0.0], 26), "std": np.zeros(104)}),
}


@pytest.fixture
def parts(monkeypatch):
    def use(length):
        monkeypatch.setattr(bulk, "PART", length)

    return use


@pytest.mark.parametrize(("asked", "output"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("length", [4, 10, 51, 102])
def test_the_parts_say_what_the_whole_says(asked, output, length, parts):
    whole = judge(asked, output, 4.0)
    parts(length)
    divided = judge(asked, output, 4.0)
    assert replace(divided, spread=None) == replace(whole, spread=None)
    if whole.spread and divided.spread:
        assert (divided.spread.ulp, divided.spread.wrong) == (whole.spread.ulp, whole.spread.wrong)
    assert (divided.spread is None) == (whole.spread is None)


def test_the_examples_are_what_they_say():
    found = {name: judge(*each, 4.0) for name, each in CASES.items()}
    assert {name for name, check in found.items() if check.status == "pass"} == {
        "right", "right in float32", "arguments that broadcast",
    }  # fmt: skip
    assert found["another convention"].status == "acceptable"
    assert found["a known defect"].defect == "clamped-probability"
    assert found["a known defect and another"].defect is None
    assert found["all wrong"].diagnosis.startswith(f"{N} of {N} numbers")


def test_a_million_numbers_are_judged_in_parts(tmp_path, monkeypatch):
    sizes = []

    def counted(part, *rest, **options):
        sizes.append(part.array("log_alpha").size)
        return judge(part, *rest, **options)

    monkeypatch.setattr(
        "stgref.conformance.judge.partial", lambda _, **kwargs: lambda c, o, **k: counted(c, o, **kwargs, **k)
    )
    header, arrays = own(200_001)
    del header["cases"][0]["arguments"]["lower"]
    arrays["cases/mine/1/lower"] = np.full(200_001, -0.125)
    path = tmp_path / "many.npz"
    path.write_bytes(npz({"recording": json.dumps(header), **arrays}))
    report = validate(path)
    assert report.passed
    assert report.checks[0].count == 4 * 200_001
    assert sum(sizes) == 200_001
    assert max(sizes) <= bulk.PART


def test_layers_and_wrong_arguments_are_not_divided(parts):
    parts(1)
    asked = case(kind="invalid", temperature=np.array([0.5, -1.0]), log_alpha=np.zeros(2))
    assert judge(asked, Failure("no"), 4.0).status == "pass"


@pytest.mark.parametrize("run", check_recording.RUNS, ids=lambda run: "-".join(map(str, run)))
def test_the_benchmark_checks_what_it_says(run, tmp_path):
    few = run._replace(arguments=50)
    path = tmp_path / f"many{run.suffix}"
    check_recording.write(few, path)
    (check,) = validate(path).checks
    assert (check.function, check.dtype, check.count) == (run.function, run.dtype, few.values)
    assert (check.status == "pass") == (run.factor == 1.0)
