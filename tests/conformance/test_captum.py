"""The shipped recording is what Captum returns: recorded anew, where Captum is installed, it comes out the same."""

import importlib.metadata
import os
import subprocess
import sys

import numpy as np
import pytest

from stgref.conformance import load, validate
from stgref.conformance.compare import distance
from stgref.conformance.condition import Wanted
from stgref.conformance.recording import Failure
from stgref.conformance.reference import answer
from tests.conformance import shipped

VERSION = "0.9.0"


@pytest.fixture(scope="module")
def anew(tmp_path_factory):
    for package in ("torch", "captum"):
        pytest.importorskip(package)
    if (found := importlib.metadata.version("captum")) != VERSION:
        pytest.skip(f"the recording is of captum {VERSION}, installed is {found}")
    path = tmp_path_factory.mktemp("captum") / "captum.json"
    script = shipped.ROOT / "validation" / "captum" / "record.py"
    environment = os.environ | {"PYTHONPATH": str(shipped.ROOT)}
    subprocess.run([sys.executable, script, path], check=True, env=environment, timeout=300)
    return load(path)


def test_the_cases_are_the_same(anew):
    assert list(anew.cases) == list(shipped.recording().cases)
    for name, case in shipped.recording().cases.items():
        assert case.arguments.keys() == anew.cases[name].arguments.keys()
        for key, value in case.arguments.items():
            np.testing.assert_array_equal(anew.cases[name].arguments[key], value)


def test_the_outputs_are_the_same(anew):
    """To 2 eps of the condition: another processor rounds otherwise. Where 1 + erf or 1 - s cancels, to 2 eps of 1."""
    caught = {check.id for check in shipped.report().checks if check.status == "fail"}
    for name, output in shipped.recording().outputs.items():
        again, wanted = anew.outputs[name], answer(shipped.case(name))
        if isinstance(output, Failure):
            assert again.text.split(":")[0] == output.text.split(":")[0]
            continue
        for result, value in output.items():
            condition = np.abs(value) if wanted is None else wanted[result].condition
            near = Wanted(np.asarray(value, "float64"), np.maximum(condition, name in caught))
            assert distance(again[result], near, shipped.case(name).dtype, 2).right, (name, result)


def test_the_verdicts_are_the_same(anew):
    def verdicts(report):
        return {check.id: (check.status, check.defect) for check in report.checks}

    assert verdicts(validate(anew)) == verdicts(shipped.report())
