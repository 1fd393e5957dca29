"""Which defects a shipped recording is known to show.

Next to ``<name>.json`` lies ``<name>.expected.json``. Under ``defects`` are the defects that the validator knows by name,
under ``findings`` those that ``validation/FINDINGS.md`` describes; for each, patterns of the ids of the cases that show it,
with ``*`` for any text. A case may be under both. All other cases are right. A check comes out as expected if it fails, with
the expected defect where there is one, or if no failure is expected and it does not fail.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from stgref.conformance.defects import DEFECTS
from stgref.conformance.errors import UnusableInputError
from stgref.conformance.files import shipped_text
from stgref.conformance.recording import Recording
from stgref.conformance.report import Check


def expected_defects(name: str, recording: Recording) -> dict[str, str]:
    """Read which defects a shipped recording should show.

    Parameters
    ----------
    name : str
        The name of the recording.
    recording : Recording
        The recording itself.

    Returns
    -------
    dict
        The name of the defect, or of the finding, by the id of the case.

    Raises
    ------
    UnusableInputError
        If a defect is unknown, a pattern fits no case, or two defects, or two findings, are expected of one case.
    """
    document = json.loads(shipped_text(f"{name}.expected.json"))
    if unknown := document["defects"].keys() - _named():
        raise UnusableInputError(f"{name}: unknown defect {min(unknown)!r} is expected")
    findings = _by_case(name, document.get("findings", {}), recording)
    return _by_case(name, document["defects"], recording) | findings


def compare_with_expected(check: Check, expected: Mapping[str, str]) -> Check:
    """Say whether a check came out as expected.

    Parameters
    ----------
    check : Check
        Of a shipped recording.
    expected : mapping
        The expected defects and findings, by case.

    Returns
    -------
    Check
        The same, with ``expected`` set; and a diagnosis that names the finding, or says that a failure was expected and
        is not there.
    """
    reason = expected.get(check.id)
    if reason is None:
        return replace(check, expected=check.status != "fail")
    if check.status != "fail":
        return replace(
            check,
            status="fail",
            expected=False,
            diagnosis=f"the defect {reason!r} was expected and not found",
        )
    if reason in _named():
        return replace(check, expected=check.defect == reason)
    return replace(check, expected=True, diagnosis=f"{check.diagnosis}; {reason} in validation/FINDINGS.md")


def _named() -> set[str]:
    """Return the names of the defects that the validator knows."""
    return {defect.name for defect in DEFECTS}


def _by_case(name: str, listed: Mapping[str, list[str]], recording: Recording) -> dict[str, str]:
    """Turn patterns by reason into the reason by case."""
    found: dict[str, str] = {}
    for reason, patterns in listed.items():
        for pattern in patterns:
            cases = _fitting(pattern, recording)
            if not cases or found.keys() & cases:
                raise UnusableInputError(
                    f"{name}: {pattern!r} fits no case, or one that has its defect already"
                )
            found |= dict.fromkeys(cases, reason)
    return found


def _fitting(pattern: str, recording: Recording) -> list[str]:
    """Find the cases that a pattern fits; most patterns are ids."""
    if pattern in recording.outputs:
        return [pattern]
    return [case for case in recording.outputs if fnmatchcase(case, pattern)]
