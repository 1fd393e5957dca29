"""Captum's recording, the one that ships with cases of its own, as the tests take it apart."""

import dataclasses
import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

import stgref
from stgref.conformance.files import CASES_OF, parse, shipped_text
from stgref.conformance.recording import Case, Recording
from stgref.conformance.reference import answer
from stgref.conformance.report import Report
from stgref.conformance.validation import validate
from stgref.conformance.values import encode

ROOT = Path(stgref.__file__).parents[1]
NAME = CASES_OF


@functools.cache
def text() -> str:
    return shipped_text(f"{NAME}.json")


def document() -> dict[str, Any]:
    """The JSON, fresh each time: to be spoilt."""
    return json.loads(text())


@functools.cache
def recording() -> Recording:
    return parse(document())


@functools.cache
def report_of_all() -> Report:
    return validate()


@functools.cache
def report() -> Report:
    """What `validate()` says about Captum."""
    checks = tuple(check for check in report_of_all().checks if check.subject == recording().name)
    return dataclasses.replace(report_of_all(), subjects=(recording().subject,), checks=checks)


def cases(pattern: str = "") -> list[Case]:
    return [case for case in recording().cases.values() if pattern in case.id]


def case(name: str) -> Case:
    return recording().cases[name]


def right(asked: Case) -> dict[str, np.ndarray]:
    """The right output, rounded to the dtype of the case."""
    wanted = answer(asked)
    assert wanted is not None
    return {name: each.value.astype(asked.dtype) for name, each in wanted.items()}


def alone(asked: Case, output: dict[str, Any]) -> dict[str, Any]:
    """The JSON of a recording of one case."""
    source = document()
    cases = [entry for entry in source["cases"] if entry["id"] == asked.id]
    encoded = {name: value if name == "error" else encode(value) for name, value in output.items()}
    return {"subject": "somebody", "cases": cases, "outputs": {asked.id: encoded}}


def run(*arguments: object, code: str = "") -> subprocess.CompletedProcess[str]:
    """`stgref` in a process of its own; `code` runs there first."""
    start = f"import sys; {code}; from stgref.cli import main; sys.exit(main())"
    command = (
        [sys.executable, "-c", start, *map(str, arguments)]
        if code
        else [sys.executable, "-m", "stgref", *map(str, arguments)]
    )
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=300)
