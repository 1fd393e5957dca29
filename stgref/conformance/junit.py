"""A report in JUnit's XML, which continuous integration shows as tests."""

from collections.abc import Mapping
from itertools import groupby
from xml.etree import ElementTree as ET  # It writes here, and reads nothing.

from stgref.conformance.report import Check, Report
from stgref.conformance.summary import problem, verdict
from stgref.conformance.text import printable


def junit(report: Report) -> str:
    """Write a report in JUnit's XML.

    Parameters
    ----------
    report : Report
        The report.

    Returns
    -------
    str
        The document: a suite for each function of a subject, a case for each check. What came out as expected is no
        failure.
    """
    root = ET.Element("testsuites", {"name": verdict(report), **_counts(report.checks)})
    for (subject, function), checks in groupby(sorted(report.checks, key=_owner), key=_owner):
        own = tuple(checks)
        name = printable(f"{subject}: {function}" if subject else function)
        suite = ET.SubElement(root, "testsuite", {"name": name, **_counts(own)})
        for check in own:
            _add(suite, check)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _add(suite: ET.Element, check: Check) -> None:
    names = {"name": check.id, "classname": f"{check.function}.{check.dtype}"}
    case = ET.SubElement(suite, "testcase", {key: printable(value) for key, value in names.items()})
    message = printable(check.diagnosis)
    if not check.expected:
        failure = ET.SubElement(case, "failure", {"message": message, "type": check.defect or check.status})
        failure.text = printable(problem(check))
    elif check.status == "skipped":
        ET.SubElement(case, "skipped", {"message": message})
    elif check.status != "pass":
        ET.SubElement(case, "system-out").text = f"{check.status}, as expected: {message}"


def _counts(checks: tuple[Check, ...]) -> Mapping[str, str]:
    failures = sum(not check.expected for check in checks)
    skipped = sum(check.expected and check.status == "skipped" for check in checks)
    return {
        "tests": str(len(checks)),
        "failures": str(failures),
        "errors": "0",
        "skipped": str(skipped),
    }


def _owner(check: Check) -> tuple[str, str]:
    return check.subject, check.function
