"""The command, from the outside: what it prints, what it writes, and how it ends."""

import json
import re

import pytest

import stgref
from stgref.cli import main
from stgref.conformance.values import encode
from tests.conformance import shipped
from tests.conformance.test_shipped import CAUGHT, off

ONE = "bc.prob_active.f64.bulk.default"


@pytest.fixture
def recording(tmp_path):
    def write(document):
        path = tmp_path / "outputs.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("code", ["", "sys.modules['rich'] = None"], ids=["rich", "plain"])
def test_without_a_file_the_shipped_recordings_are_checked(code):
    if not code:
        pytest.importorskip("rich")
    done = shipped.run("validate", code=code)
    assert (done.returncode, done.stderr) == (0, "")
    assert "captum 0.9.0" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("PASSED: ")
    for word in (*CAUGHT, *{check.subject for check in shipped.report().checks}):
        assert word in done.stdout


def test_every_expected_defect_has_its_line():
    lines = shipped.run("validate", code="sys.modules['rich'] = None").stdout.splitlines()
    for defect in CAUGHT:
        assert sum(line.startswith(f"{defect} ") for line in lines) == 1


def test_a_right_recording_passes(recording):
    document = shipped.alone(shipped.case(ONE), shipped.right(shipped.case(ONE)))
    done = shipped.run("validate", recording(document))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("PASSED: 9 numbers")


def test_one_number_off_fails_and_is_named(recording):
    output, (index,) = off(shipped.case(ONE), "value", 50)
    done = shipped.run("validate", recording(shipped.alone(shipped.case(ONE), output)))
    assert (done.returncode, done.stderr) == (1, "")
    assert f"{ONE} (hard_concrete.prob_active, float64): 1 of 9 numbers" in done.stdout
    tolerances = re.search(rf"value\[{index}\] is off by (\S+) tolerances", done.stdout)
    assert tolerances is not None
    assert float(tolerances[1]) == pytest.approx(50, rel=0.01)
    assert f"got    {encode(output['value'][index])} " in done.stdout
    assert f"log_alpha = {encode(shipped.case(ONE).array('log_alpha')[index])}\n" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("FAILED: ")


def test_the_shipped_recording_as_a_users_own_is_judged_plainly(recording):
    """Captum's defects are expected of the shipped recording, and of no other."""
    assert main(["validate", str(recording(shipped.document()))]) == 1


def test_a_shipped_recording_that_changes_fails(monkeypatch, capsys):
    output, _ = off(shipped.case(ONE), "value", 50)
    document = shipped.document()
    document["outputs"][ONE] = {name: encode(value) for name, value in output.items()}
    original = shipped.shipped_text
    texts = {f"{shipped.NAME}.json": json.dumps(document)}
    monkeypatch.setattr(
        "stgref.conformance.files.shipped_text", lambda file: texts.get(file) or original(file)
    )
    assert main(["validate"]) == 1
    assert ONE in capsys.readouterr().out


@pytest.mark.parametrize("suffix", [".json", ".md"])
def test_reports_are_written_in_the_format_of_their_suffix(suffix, tmp_path, recording, capsys):
    output, _ = off(shipped.case(ONE), "value", 50)
    path, again = tmp_path / f"report{suffix}", tmp_path / f"again{suffix}"
    file = recording(shipped.alone(shipped.case(ONE), output))
    assert main(["validate", str(file), "--report", str(path), "--report", str(again)]) == 1
    text = path.read_text(encoding="utf-8")
    assert text == again.read_text(encoding="utf-8")
    if suffix == ".json":
        report = json.loads(text)
        assert report["passed"] is False
        assert report["checks"][0]["id"] == ONE
        assert report["checks"][0]["worst"]["tolerances"] == pytest.approx(50, rel=0.01)
    else:
        assert text.startswith("# FAILED: ")
        assert f"    {ONE} (hard" in text


def test_an_infinite_error_is_still_json(tmp_path, recording, capsys):
    document = shipped.alone(
        shipped.case(ONE), {"value": shipped.right(shipped.case(ONE))["value"] * float("nan")}
    )
    assert main(["validate", str(recording(document)), "--report", str(tmp_path / "r.json")]) == 1
    report = json.loads((tmp_path / "r.json").read_text(), parse_constant=pytest.fail)
    assert report["checks"][0]["worst"]["tolerances"] == "inf"
    assert report["checks"][0]["worst"]["got"] == "nan"


def test_markup_in_a_name_stays_text(tmp_path, recording, capsys):
    document = shipped.alone(shipped.case(ONE), shipped.right(shipped.case(ONE)))
    document["subject"] = {"name": "[red]<b>|name"}
    assert main(["validate", str(recording(document)), "--report", str(tmp_path / "r.md")]) == 0
    assert "[red]<b>|name" in capsys.readouterr().out
    assert "\\[red\\]\\<b\\>\\|name" in (tmp_path / "r.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["validate", "missing.json"], "missing.json: No such file or directory"),
        (["validate", "--report", "report.pdf"], "report.pdf: a report is one of .json, .md"),
        (["validate", "--report", "no/such/folder.md"], "there is no folder no/such"),
        (["validate", "--nonsense"], "unrecognized arguments: --nonsense"),
        (["validate", "one", "two"], "unrecognized arguments: two"),
        (["nonsense"], "invalid choice: 'nonsense'"),
        ([], "the following arguments are required: COMMAND"),
    ],
)
def test_unusable_input_exits_with_2_and_one_line(arguments, message):
    done = shipped.run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_report_that_cannot_be_written_is_said(tmp_path, recording, capsys):
    (tmp_path / "r.md").mkdir()
    document = shipped.alone(shipped.case(ONE), shipped.right(shipped.case(ONE)))
    assert main(["validate", str(recording(document)), "--report", str(tmp_path / "r.md")]) == 2
    assert capsys.readouterr().err == f"stgref validate: {tmp_path / 'r.md'}: Is a directory\n"


def test_version_and_help():
    assert shipped.run("--version").stdout == f"stgref {stgref.__version__}\n"
    assert "validate" in shipped.run("--help").stdout
    text = " ".join(shipped.run("validate", "--help").stdout.split())
    for word in ("FILE", "--report PATH", ".json, .md, .html or .xml", "4 eps", "exit status: 0"):
        assert word in text


def test_help_does_not_wait_for_what_it_does_not_need():
    code = "import stgref.cli as c; c._parser(); assert not {'rich', 'stgref.conformance.validation'} & set(sys.modules)"
    assert shipped.run("--version", code=code).returncode == 0


# Live subjects and selections -----------------------------------------------------------------------------------------


def test_a_live_framework_is_called():
    done = shipped.run(
        "validate", "--live", "stgref", "--function", "hard_concrete.*mean", "--dtype", "float32"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "hard_concrete.grad_mean" in done.stdout
    assert "variance" not in done.stdout


def test_a_profile_and_a_selection_of_a_recording(recording, tmp_path):
    """One right case in float64: nothing is left of it in float32."""
    path = recording(shipped.alone(shipped.case(ONE), shipped.right(shipped.case(ONE))))
    profile = tmp_path / "mine.json"
    profile.write_text('{"clamps": {"probability": 0.4}}', encoding="utf-8")
    for options, status, words in (
        (("--profile", "captum"), 0, "PASSED: 9 numbers"),
        (("--profile", profile), 0, "PASSED: 9 numbers"),
        (("--dtype", "float64"), 0, "PASSED: 9 numbers"),
        (("--function", "hard_concrete.*"), 0, "PASSED: 9 numbers"),
    ):
        done = shipped.run("validate", path, *options)
        assert (done.returncode, done.stderr) == (status, "")
        assert done.stdout.splitlines()[-1].startswith(words)
    nothing = shipped.run("validate", path, "--dtype", "float32")
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert "there is nothing to check" in nothing.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--live", "nonsense"), "nonsense: there is no module 'nonsense'"),
        (("--live", "math"), "math: subject: has none of the functions"),
        (("--function", "hard_concrete.maen"), "function: there is none called 'hard_concrete.maen'"),
        (("--profile", "nonsense"), "profile: takes one of captum"),
        (("--profile", "no/such.json"), "profile no/such.json: No such file"),
        (("--live", "stgref", "x.json"), "not allowed with argument --live"),
        (("--dtype", "float16"), "argument --dtype: invalid choice"),
    ],
)
def test_what_cannot_be_selected_is_unusable(options, words):
    done = shipped.run("validate", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
