"""Write down which checks of the recordings fail, and why.

    python -m validation.expect

from the root of the repository, after a recorder or the validator has changed. Captum's list is kept by hand. A check that
fails and has no finding under ``validation/findings`` is an error.
"""

import json

from stgref.conformance import validate
from stgref.conformance.files import CASES_OF, shipped, shipped_names
from stgref.conformance.recording import Recording
from validation.finding import cause
from validation.recording import RECORDINGS

NOTES = "Which cases are wrong: 'findings' are those of validation/FINDINGS.md, 'defects' what stgref validate names."


def main() -> None:
    """Write a list for every recording."""
    for name in shipped_names():
        if name != CASES_OF:
            text = json.dumps({"recording": name, "notes": NOTES} | wrong(shipped(name)), indent=1)
            (RECORDINGS / f"{name}.expected.json").write_text(text + "\n", encoding="utf-8")


def wrong(recording: Recording) -> dict[str, dict[str, list[str]]]:
    """Find the cases that are wrong, by what explains them.

    Parameters
    ----------
    recording : Recording
        A framework's.

    Returns
    -------
    dict
        ``defects`` and ``findings``: the ids by the name of each.

    Raises
    ------
    ValueError
        If something has no finding.
    """
    found: dict[str, dict[str, list[str]]] = {"defects": {}, "findings": {}}
    unexplained = []
    for check in validate(recording).checks:
        if check.status != "fail":
            continue
        case = check.id
        if check.defect:
            found["defects"].setdefault(check.defect, []).append(case)
        if finding := cause(recording.subject["name"], case, recording.outputs[case]):
            found["findings"].setdefault(finding.name, []).append(case)
        else:
            unexplained.append(case)
    if unexplained:
        raise ValueError(f"{recording.name}: no finding explains {', '.join(unexplained)}")
    return found


if __name__ == "__main__":
    main()
