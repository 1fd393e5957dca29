"""The shipped recording: right where Captum is right, caught where it is wrong, and neither by chance."""

import dataclasses
import fnmatch
import json

import numpy as np
import pytest

import stgref
from stgref.conformance import DEFECTS, expected
from stgref.conformance.errors import UnusableInputError
from stgref.conformance.expected import compare_with_expected, expected_defects
from stgref.conformance.files import shipped_text
from stgref.conformance.recording import Case, Failure, Recording
from stgref.conformance.reference import answer
from stgref.conformance.validation import validate
from tests.conformance import shipped

CAUGHT = {
    "none-in-place",
    "temperature-range",
    "empty-batch",
    "mask-gap",
    "erf-tail",
    "sigmoid-flush",
    "sigmoid-slope",
    "stale-offset",
    "rule-as-mean",
    "mu-as-mean",
}


def replaced(recording, **outputs):
    """The recording with other outputs."""
    return Recording(recording.subject, recording.cases, {**recording.outputs, **outputs})


def off(asked, name, tolerances):
    """The right output with its largest number of one result off by some tolerances."""
    wanted, output = answer(asked)[name], shipped.right(asked)
    index = np.unravel_index(np.argmax(np.abs(wanted.value)), wanted.value.shape)
    number = wanted.value[index] + tolerances * 4 * np.finfo(asked.dtype).eps * wanted.condition[index]
    output[name] = np.array(output[name])
    output[name][index] = number
    return output, index


def test_every_recording_behaves_as_its_list_of_defects_says():
    assert shipped.report().passed
    assert {check.defect for check in shipped.report().checks if check.status == "fail"} == CAUGHT


def test_every_expected_defect_is_described():
    assert {defect.name for defect in DEFECTS} >= CAUGHT
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS)


def test_most_of_captum_is_right_in_both_dtypes():
    for dtype in ("float32", "float64"):
        checks = [check for check in shipped.report().checks if check.dtype == dtype]
        assert sum(check.status == "pass" for check in checks) > 0.8 * len(checks)
        for function in {check.function for check in checks} - {
            "hard_concrete.mean",
            "rectified_gaussian.mean",
        }:
            assert any(check.status == "pass" for check in checks if check.function == function)


def test_the_recording_covers_what_it_should():
    flags = {flag for asked in shipped.cases() for flag in asked.flags}
    assert {
        "bulk",
        "far",
        "noise-tails",
        "clip",
        "test-time-clip",
        "low",
        "high",
        "flush",
        "annealed",
    } <= flags
    reductions = {asked.arguments.get("reg_reduction") for asked in shipped.cases()}
    assert reductions == {"sum", "mean", "none", None}
    masks = {
        np.ndim(asked.arguments["mask"])
        for asked in shipped.cases()
        if asked.arguments.get("mask") is not None
    }
    assert masks == {1, 2, 3}
    assert len(shipped.text()) < 1_500_000


def test_the_recording_says_who_when_and_how_and_nothing_private():
    subject = shipped.recording().subject
    assert {"name", "version", "licence", "torch", "date", "machine", "command"} <= subject.keys()
    assert "/" not in subject["machine"] + subject["date"]
    assert not [folder for folder in ("/home/", "/root/", "/work/", "/Users/") if folder in shipped.text()]


@pytest.mark.most(4)
@pytest.mark.parametrize(
    "pattern", json.loads(shipped_text(f"{shipped.NAME}.expected.json"))["defects"].items()
)
def test_an_expected_defect_that_is_not_there_is_a_failure(pattern):
    defect, patterns = pattern
    known = expected_defects(shipped.NAME, shipped.recording())
    name = next(name for name in known if fnmatch.fnmatchcase(name, patterns[0]))
    wanted = answer(shipped.case(name))
    mended = Failure("refused") if wanted is None else shipped.right(shipped.case(name))
    check = next(c for c in validate(replaced(shipped.recording(), **{name: mended})).checks if c.id == name)
    assert check.status == "pass"
    found = compare_with_expected(check, known)
    assert (found.status, found.expected) == ("fail", False)
    assert defect in found.diagnosis


def test_an_unexpected_failure_is_a_failure():
    check = next(check for check in shipped.report().checks if check.defect == "erf-tail")
    assert check.expected
    assert not compare_with_expected(check, {}).expected
    assert not compare_with_expected(check, {check.id: "mu-as-mean"}).expected
    assert not compare_with_expected(dataclasses.replace(check, defect=None), {check.id: "erf-tail"}).expected


@pytest.mark.parametrize(
    "defects",
    [{"nonsense": ["bc.*"]}, {"erf-tail": ["nothing.*"]}, {"erf-tail": ["gauss.*.low.*", "gauss.*"]}],
)
def test_a_list_of_defects_that_does_not_fit_is_refused(defects, monkeypatch):
    monkeypatch.setattr(expected, "shipped_text", lambda _: json.dumps({"defects": defects}))
    with pytest.raises(UnusableInputError):
        expected_defects(shipped.NAME, shipped.recording())


FUNCTIONS = sorted({(asked.function, asked.dtype) for asked in shipped.cases()})


@pytest.mark.parametrize(("function", "dtype"), FUNCTIONS)
def test_one_number_off_is_found_where_it_is(function, dtype):
    """In every result of every function: 50 tolerances off is wrong and said where, half a tolerance is right."""
    asked = max(
        (c for c in shipped.cases() if (c.function, c.dtype) == (function, dtype)),
        key=lambda c: ".bulk." in c.id,
    )
    one = Recording({"name": "x"}, {asked.id: asked}, {})
    for name in shipped.right(asked):
        output, index = off(asked, name, 50)
        (check,) = validate(replaced(one, **{asked.id: output})).checks
        assert (check.status, check.expected, check.id) == ("fail", False, asked.id)
        assert check.defect is None
        assert (check.worst.result, check.worst.index) == (name, tuple(index))
        assert check.worst.tolerances == pytest.approx(50, rel=0.05)
        assert check.worst.inputs.keys() == asked.arguments.keys()
        assert validate(replaced(one, **{asked.id: off(asked, name, 0.5)[0]})).passed


def test_the_tolerance_can_be_chosen():
    asked = shipped.case("bc.prob_active.f64.bulk.default")
    one = Recording({"name": "x"}, {asked.id: asked}, {asked.id: off(asked, "value", 50)[0]})
    assert not validate(one, tolerance=4 * 49).passed
    assert validate(one, tolerance=4 * 51).passed
    with pytest.raises(ValueError, match="tolerance"):
        validate(tolerance=0)


def test_a_wrong_shape_is_a_failure():
    asked = shipped.case("bc.prob_active.f64.bulk.default")
    output = {"value": shipped.right(asked)["value"][:-1]}
    (check,) = validate(Recording({"name": "x"}, {asked.id: asked}, {asked.id: output})).checks
    assert check.status == "fail"
    assert "shape (8,), the right one is (9,)" in check.diagnosis


def test_what_a_subject_does_not_implement_is_skipped_whole():
    outputs = {asked.id: shipped.right(asked) for asked in shipped.cases("bc.prob_active.f32.")}
    report = validate(Recording({"name": "x"}, shipped.recording().cases, outputs))
    assert report.passed
    skipped = {(check.function, check.dtype) for check in report.checks if check.status == "skipped"}
    assert skipped == set(FUNCTIONS) - {("hard_concrete.prob_active", "float32")}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("side", "status"), [(0.0, "acceptable"), (0.5, "acceptable"), (1.0, "pass"), (0.7, "fail")]
)
def test_any_convention_at_a_clip_point_is_acceptable(dtype, side, status):
    asked = shipped.case(
        f"gauss.vjp.{'f32' if dtype == 'float32' else 'f64'}.eval.test-time-clip.plain.default.sum"
    )
    output = shipped.right(asked)
    on_edge = np.isin(asked.array("mu"), (0.0, 1.0))
    output["mu"] = np.where(on_edge, side * output["mu"], output["mu"]).astype(dtype)
    (check,) = validate(Recording({"name": "x"}, {asked.id: asked}, {asked.id: output})).checks
    assert check.status == status


def judged(function, arguments, output, kind="valid"):
    """The check of a case that is not among the shipped ones."""
    asked = Case("own", function, "float64", {name: own(value) for name, value in arguments.items()}, kind)
    output = {name: np.asarray(value) for name, value in output.items()}
    (check,) = validate(Recording({"name": "x"}, {"own": asked}, {"own": output})).checks
    return check


def own(value):
    return value if value is None or isinstance(value, str) else np.asarray(value)


@pytest.mark.parametrize("kind", ["valid", "acceptable"])
@pytest.mark.parametrize("quantity", ["prob_zero", "prob_one", "prob_active", "mean", "median", "variance"])
def test_a_lone_number_of_a_law_is_checked(quantity, kind):
    arguments = {"mu": 0.25, "std": 0.5}
    value = getattr(stgref.rectified_gaussian, quantity)(0.25, 0.5)
    gradient = getattr(stgref.rectified_gaussian, f"grad_{quantity}")(0.25, 0.5)._asdict()
    assert judged(f"rectified_gaussian.{quantity}", arguments, {"value": value}, kind).status == "pass"
    assert (
        judged(f"rectified_gaussian.{quantity}", arguments, {"value": value + 1e-12}, kind).status == "fail"
    )
    assert judged(f"rectified_gaussian.grad_{quantity}", arguments, gradient, kind).status == "pass"
    wrong = gradient | {"std": gradient["std"] + 1e-12}
    assert judged(f"rectified_gaussian.grad_{quantity}", arguments, wrong, kind).status == "fail"


@pytest.mark.parametrize("reduction", ["sum", "mean", "none"])
def test_options_may_differ_from_gate_to_gate(reduction):
    settings = {"std": [0.5, 1.0, 2.0], "reg_weight": [1.0, 0.5, 0.25], "reg_reduction": reduction}
    arguments = {
        "x": [[1.0, 2.0, 3.0]],
        "noise": [[0.5, -0.5, 0.25]],
        "mu": [0.5, 0.25, 0.75],
        "mask": None,
        **settings,
    }
    gates = stgref.GaussianStochasticGates.from_pretrained(
        np.asarray(arguments["mu"]), **{key: own(value) for key, value in settings.items()}
    )
    (gated, l0_reg), pullback = gates.vjp(np.asarray(arguments["x"]), np.asarray(arguments["noise"]))
    right = {"gated": gated, "l0_reg": l0_reg}
    assert judged("GaussianStochasticGates.forward", arguments, right).status == "pass"
    wrong = right | {"l0_reg": np.asarray(l0_reg) * (1 + 1e-12)}
    assert judged("GaussianStochasticGates.forward", arguments, wrong).status == "fail"
    cotangents = {"d_gated": [[1.0, -1.0, 2.0]], "d_l0_reg": np.ones_like(l0_reg)}
    back = pullback(np.asarray(cotangents["d_gated"]), cotangents["d_l0_reg"])
    gradient = {"input": back.input, "mu": back.mu}
    assert judged("GaussianStochasticGates.vjp", arguments | cotangents, gradient).status == "pass"
    wrong = gradient | {"mu": back.mu * (1 + 1e-12)}
    assert judged("GaussianStochasticGates.vjp", arguments | cotangents, wrong).status == "fail"
