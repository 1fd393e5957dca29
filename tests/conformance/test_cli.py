"""The command, from the outside: what it prints, what it writes, and how it ends."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
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


@pytest.mark.most(1)
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


@pytest.mark.most(4)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["validate", "missing.json"], "missing.json: No such file or directory"),
        (["validate", "--report", "report.pdf"], "report.pdf: a report is one of .json, .md"),
        (["validate", "--report", "no/such/folder.md"], "there is no folder no/such"),
        (["validate", "--profile", "captum"], "--profile takes FILE or --live beside it"),
        (["validate", "--dtype", "float32"], "--dtype takes FILE or --live beside it"),
        (["validate", "--report", "/dev/null/x.md"], "there is no folder /dev/null"),
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
    assert capsys.readouterr().err == f"stgref validate: {tmp_path / 'r.md'}: not a regular file\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_report_is_not_written_to_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "r.md")
    done = shipped.run("validate", "--report", tmp_path / "r.md")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"stgref validate: {tmp_path / 'r.md'}: not a regular file\n"


@pytest.mark.parametrize("name", ["outputs.json", "other.json"])
def test_a_report_does_not_replace_what_is_checked(name, tmp_path, recording, capsys):
    file = recording(shipped.alone(shipped.case(ONE), shipped.right(shipped.case(ONE))))
    before = file.read_bytes()
    if name != file.name:
        (tmp_path / name).symlink_to(file)
    assert main(["validate", str(file), "--report", str(tmp_path / name)]) == 2
    assert capsys.readouterr().err.endswith(
        f"{name}: is the file that is checked; a report would replace it\n"
    )
    assert file.read_bytes() == before


def test_suffixes_in_upper_case(tmp_path, capsys):
    np.savez(tmp_path / "x.npz", **{f"{ONE}/value": shipped.right(shipped.case(ONE))["value"]})
    (tmp_path / "x.npz").rename(tmp_path / "x.NPZ")
    assert main(["validate", str(tmp_path / "x.NPZ")]) == 2  # For the others of the function have no output.
    assert "no output for case" in capsys.readouterr().err
    document = shipped.alone(shipped.case(ONE), shipped.right(shipped.case(ONE)))
    (tmp_path / "x.JSON").write_text(json.dumps(document))
    assert main(["validate", str(tmp_path / "x.JSON"), "--report", str(tmp_path / "r.HTML")]) == 0
    assert "<html" in (tmp_path / "r.HTML").read_text()


# Where it is printed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize("code", ["", "sys.modules['rich'] = None"], ids=["rich", "plain"])
def test_a_reader_that_stops_does_not_change_the_verdict(right, code, recording):
    output = shipped.right(shipped.case(ONE)) if right else off(shipped.case(ONE), "value", 50)[0]
    reader, writer = os.pipe()
    os.close(reader)
    done = into(writer, "validate", recording(shipped.alone(shipped.case(ONE), output)), code=code)
    assert (done.returncode, done.stderr) == (0 if right else 1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize("command", ["vectors list", "validate --live stgref --function bernoulli.mean"])
def test_output_that_cannot_be_written_is_said(command):
    done = into(os.open("/dev/full", os.O_WRONLY), *command.split())
    assert done.returncode == 2
    name = command.partition(" --")[0]
    assert done.stderr == f"stgref {name}: standard output: No space left on device\n"


def into(file, *arguments, code=""):
    """Run the command with an open file as its standard output."""
    with os.fdopen(file, "wb") as out:
        return subprocess.run(
            [
                sys.executable,
                "-c",
                f"import sys; {code}\nfrom stgref.cli import main; sys.exit(main())",
                *arguments,
            ],
            check=False,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
        )


def test_a_narrow_terminal_shows_every_name_and_number(monkeypatch, recording, capsys):
    console = pytest.importorskip("rich.console")
    monkeypatch.setattr(console.Console, "is_terminal", True)
    document = shipped.alone(shipped.case(ONE), shipped.right(shipped.case(ONE)))
    for columns in (79, 40, 1):
        monkeypatch.setenv("COLUMNS", str(columns))
        assert main(["validate", str(recording(document))]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert "hard_concrete.prob_active" in lines
        assert any(line.startswith("  dtype float64, cases 1, right 1, ") for line in lines)


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


@pytest.mark.most(3)
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--live", "nonsense"), "nonsense: there is no module 'nonsense'"),
        (("--live", "math"), "math: subject: has none of the functions"),
        (("--function", "hard_concrete.maen"), "function: there is none called 'hard_concrete.maen'"),
        (("--live", "stgref", "--profile", "nonsense"), "profile: takes one of captum"),
        (("--live", "stgref", "--profile", "no/such.json"), "profile no/such.json: No such file"),
        (("--live", "stgref", "x.json"), "not allowed with argument --live"),
        (("--dtype", "float16"), "argument --dtype: invalid choice"),
    ],
)
def test_what_cannot_be_selected_is_unusable(options, words):
    done = shipped.run("validate", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
