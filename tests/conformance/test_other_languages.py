"""Implementations in JavaScript and C, written from the published formulas: from the exported files to the verdict."""

import json
import shutil
import subprocess

import pytest

from stgref.cli import main
from stgref.conformance import validate
from stgref.conformance.vector_sets import all_cases
from tests.conformance import shipped

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


def javascript(root, sets, path):
    run(tool("node"), root / "validation/javascript/run.mjs", sets, path)


def c(root, sets, path):
    program = path.with_suffix(".exe")
    strict = ["-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-pedantic"]
    sources = sorted((root / "validation/c").glob("*.c"))
    run(tool(*COMPILERS), *strict, "-o", program, *sources, "-lm")
    run(program, path, *sorted(sets.glob("*.json")))


SUBJECTS = {
    # name: (how to record it, the folders it is in, the number of its functions)
    "javascript": (javascript, ("validation/javascript", "docs/explorer"), 160),
    "c": (c, ("validation/c",), 109),
}


@pytest.mark.parametrize("name", SUBJECTS)
def test_it_passes_from_the_exported_files_alone(name, sets, tmp_path, capsys):
    record, _, count = SUBJECTS[name]
    path = tmp_path / "outputs.json"
    record(shipped.ROOT, sets, path)
    assert main(["validate", str(path)]) == 0
    assert capsys.readouterr().err == ""
    answered = json.loads(path.read_text())["outputs"].keys()
    cases = all_cases()
    assert len({cases[each].function for each in answered}) == count
    assert f"{count} functions" in (shipped.ROOT / "validation" / name / "README.md").read_text()


SLIPS = {
    # name: (subject, file, what stands there, what is put there, the functions that this spoils)
    "a sign": (
        "javascript",
        "validation/javascript/formulas.mjs",
        "score: (y) => -y,",
        "score: (y) => y,",
        {"normal.grad_logpdf"},
    ),
    "a tail": (
        "javascript",
        "docs/explorer/formulas.js",
        "ccdf: (y) => Phi(-y),",
        "ccdf: (y) => 1 - Phi(y),",
        {
            "normal.ccdf",
            *(f"rectified_gaussian.{name}" for name in ("ccdf", "prob_active", "prob_one")),
        },
    ),
    "a factor": (
        "c",
        "validation/c/formulas.h",
        "bell(z, 1 / t), bell(z, 1 / t), bell(z, -z / t)",
        "bell(z, 1), bell(z, 1), bell(z, -z / t)",
        {"binary_concrete.grad_transform"},
    ),
    "a cancellation": (
        "c",
        "validation/c/formulas.h",
        "gumbel_above(real y) { return -expm1(-exp(-y)); }",
        "gumbel_above(real y) { return 1 - exp(-exp(-y)); }",
        {"gumbel.ccdf"},
    ),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_caught_where_it_is(slip, sets, tmp_path):
    name, file, right, wrong, spoilt = SLIPS[slip]
    record, folders, _ = SUBJECTS[name]
    for folder in folders:
        shutil.copytree(shipped.ROOT / folder, tmp_path / folder)
    text = (tmp_path / file).read_text()
    assert right in text
    (tmp_path / file).write_text(text.replace(right, wrong))
    path = tmp_path / "outputs.json"
    record(tmp_path, sets, path)
    report = validate(path)
    assert {check.function for check in report.checks if check.status == "fail"} == spoilt
