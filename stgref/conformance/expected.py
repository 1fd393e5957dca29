"""Which defects a shipped recording is known to show.

Next to ``<name>.json`` lies ``<name>.expected.json``: for each defect, patterns of the ids of the cases that show it,
with ``*`` for any text. All other cases are right. A check comes out as expected if it fails for the expected reason,
or if no failure is expected and it does not fail.
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
        The name of the defect by the id of the case.

    Raises
    ------
    UnusableInputError
        If a defect is unknown, a pattern fits no case, or two defects are expected of one case.
    """
    known = {defect.name for defect in DEFECTS}
    expected: dict[str, str] = {}
    for defect, patterns in json.loads(shipped_text(f"{name}.expected.json"))["defects"].items():
        if defect not in known:
            raise UnusableInputError(f"{name}: unknown defect {defect!r} is expected")
        for pattern in patterns:
            cases = [case for case in recording.outputs if fnmatchcase(case, pattern)]
            if not cases or expected.keys() & cases:
                raise UnusableInputError(
                    f"{name}: {pattern!r} fits no case, or one that has its defect already"
                )
            expected |= dict.fromkeys(cases, defect)
    return expected


def compare_with_expected(check: Check, expected: Mapping[str, str]) -> Check:
    """Say whether a check came out as expected.

    Parameters
    ----------
    check : Check
        Of a shipped recording.
    expected : mapping
        The expected defects, by case.

    Returns
    -------
    Check
        The same, with ``expected`` set, and a diagnosis if a defect was expected that is not there.
    """
    defect = expected.get(check.id)
    if check.status == "fail":
        return replace(check, expected=check.defect is not None and check.defect == defect)
    if defect is None:
        return check
    return replace(
        check, status="fail", expected=False, diagnosis=f"the defect {defect!r} was expected and not found"
    )
