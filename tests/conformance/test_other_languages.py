"""Implementations in JavaScript and C, written from the published formulas: from the exported files to the verdict."""

import json
import shutil
import subprocess

import pytest

from stgref.cli import main
from stgref.conformance import validate
from stgref.conformance.vector_sets import all_cases
from tests.conformance import shipped

VALIDATION = shipped.ROOT / "validation"
COMPILERS = ("cc", "gcc", "clang")


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vectors") / "sets"
    assert main(["vectors", "export", str(folder)]) == 0
    return folder


def tool(*names):
    """The path of the first of some programs that there is."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip(f"needs one of {', '.join(names)}")
    return found


def run(*command):
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


def javascript(source, sets, path):
    run(tool("node"), source / "run.mjs", sets, path)


def c(source, sets, path):
    program = path.with_suffix(".exe")
    strict = ["-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-pedantic"]
    run(tool(*COMPILERS), *strict, "-o", program, *sorted(source.glob("*.c")), "-lm")
    run(program, path, *sorted(sets.glob("*.json")))


SUBJECTS = {"javascript": (javascript, 146), "c": (c, 109)}


@pytest.mark.parametrize("name", SUBJECTS)
def test_it_passes_from_the_exported_files_alone(name, sets, tmp_path, capsys):
    record, count = SUBJECTS[name]
    path = tmp_path / "outputs.json"
    record(VALIDATION / name, sets, path)
    assert main(["validate", str(path)]) == 0
    assert capsys.readouterr().err == ""
    answered = json.loads(path.read_text())["outputs"].keys()
    cases = all_cases()
    assert len({cases[each].function for each in answered}) == count
    assert f"{count} functions" in (VALIDATION / name / "README.md").read_text()


SLIPS = {
    # name: (subject, file, what stands there, what is put there, the functions that this spoils)
    "a sign": (
        "javascript",
        "formulas.mjs",
        "score: (y) => -y,",
        "score: (y) => y,",
        {"normal.grad_logpdf"},
    ),
    "a tail": (
        "javascript",
        "formulas.mjs",
        "ccdf: (y) => Phi(-y),",
        "ccdf: (y) => 1 - Phi(y),",
        {"normal.ccdf"},
    ),
    "a factor": (
        "c",
        "formulas.h",
        "bell(z, 1 / t), bell(z, 1 / t), bell(z, -z / t)",
        "bell(z, 1), bell(z, 1), bell(z, -z / t)",
        {"binary_concrete.grad_transform"},
    ),
    "a cancellation": (
        "c",
        "formulas.h",
        "gumbel_above(real y) { return -expm1(-exp(-y)); }",
        "gumbel_above(real y) { return 1 - exp(-exp(-y)); }",
        {"gumbel.ccdf"},
    ),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_caught_where_it_is(slip, sets, tmp_path):
    name, file, right, wrong, spoilt = SLIPS[slip]
    source = tmp_path / name
    shutil.copytree(VALIDATION / name, source)
    text = (source / file).read_text()
    assert right in text
    (source / file).write_text(text.replace(right, wrong))
    path = tmp_path / "outputs.json"
    SUBJECTS[name][0](source, sets, path)
    report = validate(path)
    assert {check.function for check in report.checks if check.status == "fail"} == spoilt
