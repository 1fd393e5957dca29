"""The recordings of frameworks that ship with stgref: they show what is expected, and the pages say what they show."""

import functools
import importlib.metadata
import json
import re
import subprocess
import sys

import numpy as np
import pytest

from stgref.conformance import files, validate
from stgref.conformance.expected import compare_with_expected, expected_defects
from stgref.conformance.files import CASES_OF, shipped_names, shipped_text
from stgref.conformance.recording import Recording
from stgref.conformance.validation import SHIPPED
from stgref.conformance.vector_sets import find
from tests.conformance import shipped
from validation import expect, finding, recording, results, write_findings

read = functools.cache(files.shipped)
FRAMEWORKS = [name for name in shipped_names() if name != CASES_OF]


def checks_of(name):
    subject = read(name).name
    return [check for check in shipped.report_of_all().checks if check.subject == subject]


@functools.cache
def report_of(subject):
    """What `validate` says about a recording without its list: once for all tests that need it."""
    (name,) = (name for name in SHIPPED if read(name).name == subject)
    return validate(read(name))


def of_shipped(recording):
    return report_of(recording.name)


def judged(name, **outputs):
    """The checks of a recording with other outputs, as they are judged when it ships."""
    was = read(name)
    functions = {was.cases[case].function for case in outputs}
    same = {case: output for case, output in was.outputs.items() if was.cases[case].function in functions}
    changed = Recording(was.subject, was.cases, same | outputs)
    expected = expected_defects(name, was)
    return {
        check.id: compare_with_expected(check, expected)
        for check in validate(changed).checks
        if check.id in outputs
    }


def test_every_recording_in_the_folder_is_checked():
    assert shipped_names() == SHIPPED
    assert {subject["name"] for subject in shipped.report_of_all().subjects} == {
        name.rpartition("-")[0] for name in SHIPPED
    }
    assert len(FRAMEWORKS) >= 9


@pytest.mark.parametrize("name", SHIPPED)
def test_a_recording_shows_exactly_what_is_expected(name):
    checks = checks_of(name)
    assert len(checks) == len(read(name).outputs)
    assert [check.id for check in checks if not check.expected] == []
    failing = {check.id for check in checks if check.status == "fail"}
    assert failing == expected_defects(name, read(name)).keys()


@pytest.mark.most(6)
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_the_list_of_what_is_expected_is_the_generated_one(name, monkeypatch):
    """Of the defects, what is listed; the validator may have learnt others."""
    monkeypatch.setattr(expect, "validate", of_shipped)
    listed, made = json.loads(shipped_text(f"{name}.expected.json")), expect.wrong(read(name))
    assert listed["findings"] == made["findings"]
    # In a case at the margin, the last digits of the processor decide whether a wrong formula fits.
    assert listed["defects"].keys() <= made["defects"].keys()


@pytest.mark.most(5)
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_an_output_that_gets_worse_or_better_is_noticed(name):
    was, expected = read(name), expected_defects(name, read(name))
    numbers = [case for case in was.outputs if was.cases[case].kind == "valid"]
    right = next(case for case in numbers if case not in expected)
    spoilt = {key: np.asarray(x * 1.01 + 1e-3) for key, x in was.outputs[right].items()}
    check = judged(name, **{right: spoilt})[right]
    assert (check.status, check.expected) == ("fail", False)
    wrong = next((case for case in numbers if case in expected), None)
    if wrong is None:  # Only arguments outside the domain are answered otherwise.
        return
    wanted = was.cases[wrong].wanted()
    mended = {key: each.value.astype(was.cases[wrong].dtype) for key, each in wanted.items()}
    check = judged(name, **{wrong: mended})[wrong]
    assert (check.status, check.expected) == ("fail", False)
    assert f"{expected[wrong]!r} was expected and not found" in check.diagnosis


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_recording_answers_todays_questions(name):
    """If this fails, a set has changed: record anew."""
    was = read(name)
    asked = ({"id": case, "arguments": find(case)["arguments"]} for case in was.outputs)
    assert recording.digest(asked) == was.subject["questions"]


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_recording_says_who_when_and_how_and_its_folder_is_there(name):
    subject = read(name).subject
    assert {"name", "version", "licence", "source", "date", "machine", "command"} <= subject.keys()
    recorder = shipped.ROOT / subject["command"].removeprefix("python ")
    assert recorder.is_file()
    pinned = (recorder.parent / "requirements.txt").read_text()
    assert f"=={subject['version']}" in pinned
    assert not re.search("/(tmp|home|root|work|opt|Users)/", shipped_text(f"{name}.json"))


def test_the_recordings_are_small():
    assert sum(len(shipped_text(f"{name}.json")) for name in SHIPPED) < 2_000_000


@pytest.mark.parametrize(
    ("page", "made"), [("RESULTS.md", results.page), ("FINDINGS.md", write_findings.page)]
)
def test_the_pages_are_the_generated_ones(page, made, monkeypatch):
    """If this fails: `python -m validation.expect`, `.write_findings` and `.results`."""
    monkeypatch.setattr(results, "validate", of_shipped)
    there = (shipped.ROOT / "validation" / page).read_text(encoding="utf-8")
    assert any_processor(there) == any_processor(made())


def any_processor(page):
    """Captum's cases are answered by stgref as it runs here: the last digits of their errors are the processor's."""
    parts = re.split(r"^(?=### )", page, flags=re.MULTILINE)
    return [
        re.sub(r"\d[\d.e+]*", "#", line) if part.startswith("### captum") or "[captum" in line else line
        for part in parts
        for line in part.splitlines()
    ]


def test_every_folder_and_link_of_the_pages_is_there():
    folder = shipped.ROOT / "validation"
    for page in ("RESULTS.md", "FINDINGS.md"):
        text = (folder / page).read_text(encoding="utf-8")
        prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", prose):
            assert (folder / target).is_file(), target
        for script in re.findall(r"`python (validation/\S+\.py)`", text):
            assert (shipped.ROOT / script).is_file(), script


def test_every_finding_is_shown_and_was_run():
    shown = {each.name for name in SHIPPED for each in finding.listed(name).values()}
    for each in finding.findings():
        assert each.name in shown
        assert each.printed
        assert each.code
        assert each.kind == "convention" or "Right: " in each.text or "the price" in each.text


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_recorder_writes_numbers_exactly(dtype):
    limits, rng = np.finfo(dtype), np.random.default_rng(0)
    bits = rng.integers(0, 2 ** (limits.bits - 1), 2000, "u8").astype(f"u{limits.bits // 8}").view(dtype)
    for number in [*bits[np.isfinite(bits)], limits.max, limits.tiny, limits.smallest_subnormal, -0.0]:
        written = json.loads(json.dumps(recording.number(number, dtype)))
        assert np.array(written, dtype).tobytes() == np.array(number, dtype).tobytes()
    assert recording.number(np.inf, dtype) == "inf"
    assert recording.number(np.nan, dtype) == "nan"


def test_a_recorder_records_what_ships(tmp_path):
    name = "scipy-1.17.1"
    if (found := importlib.metadata.version("scipy")) != name.partition("-")[2]:
        pytest.skip(f"the recording is {name}, installed is {found}")
    script, path = shipped.ROOT / "validation" / "scipy" / "record.py", tmp_path / "again.json"
    subprocess.run([sys.executable, script, "--path", path], check=True, cwd=tmp_path, timeout=300)
    again = {check.id: check.status for check in validate(path).checks if check.status != "skipped"}
    assert again == {check.id: check.status for check in checks_of(name)}
