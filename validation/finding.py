"""A finding: what is wrong with a framework, and the few lines that show it.

Each is a script under ``findings``, named after the framework in whose environment it runs. Its docstring has a title, a
header, and text; the header says what kind of finding it is, and which cases of which recordings show it.
"""

import ast
import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import numpy as np

from stgref.conformance.expected import expected_defects
from stgref.conformance.files import CASES_OF, shipped, shipped_text
from stgref.conformance.recording import Failure, Output

FOLDER = Path(__file__).parent / "findings"
KINDS = {
    "defect": "the number is wrong, or there is none",
    "precision": "digits are lost at the end of a range, or by the way that derivatives are made",
    "convention": "done on purpose, and otherwise than the vector sets ask",
}
OUTPUTS = ("any", "error", "nan", "number")


@dataclass(frozen=True)
class Finding:
    """A finding.

    Parameters
    ----------
    name : str
        That of its file.
    title : str
        One line.
    kind : str
        One of `KINDS`.
    output : str
        What such an output is: one of `OUTPUTS`.
    shown_by : dict
        Patterns of ids of cases, by the name of the framework.
    text, code, printed : str
        The explanation; the lines that show it; what they print.
    """

    name: str
    title: str
    kind: str
    output: str
    shown_by: dict[str, tuple[str, ...]]
    text: str
    code: str
    printed: str

    def fit(self, framework: str, case: str, output: Output) -> int:
        """Say how well this explains an output that is wrong.

        Parameters
        ----------
        framework : str
            The name of the framework.
        case : str
            The id of the case.
        output : mapping or Failure
            What the framework returned.

        Returns
        -------
        int
            The length of the longest pattern that the case fits; 0 if this is not the cause.
        """
        if self.output not in {"any", _kind(output)}:
            return 0
        patterns = self.shown_by.get(framework, ())
        if ".outside." in case:  # Never meant by `*`.
            patterns = tuple(each for each in patterns if "outside" in each)
        return max((len(each) for each in patterns if fnmatchcase(case, each)), default=0)


@cache
def findings() -> tuple[Finding, ...]:
    """Read every finding.

    Returns
    -------
    tuple of Finding
        By their names.
    """
    return tuple(_read(path) for path in sorted(FOLDER.glob("*-*.py")))


def cause(framework: str, case: str, output: Output) -> Finding | None:
    """Find what explains an output that is wrong.

    Parameters
    ----------
    framework : str
        The name of the framework.
    case : str
        The id of the case.
    output : mapping or Failure
        What the framework returned.

    Returns
    -------
    Finding or None
        The one with the most specific pattern; None if there is none.

    Raises
    ------
    ValueError
        If two fit equally well.
    """
    fits = sorted(((each.fit(framework, case, output), each.name, each) for each in findings()), reverse=True)
    best = [each for each in fits if each[0] == fits[0][0]]
    if not fits[0][0]:
        return None
    if len(best) > 1:
        raise ValueError(f"{framework}, {case}: explained by {best[0][1]} and {best[1][1]} alike")
    return best[0][2]


def listed(name: str) -> dict[str, Finding]:
    """Read what explains each wrong case of a recording.

    Parameters
    ----------
    name : str
        The name of the recording. The findings about Captum are its defects, as ``expected.json`` lists them by hand.

    Returns
    -------
    dict
        The finding by the id of the case.
    """
    by_name = {each.name: each for each in findings()}
    if name == CASES_OF:
        return {
            case: by_name[f"captum-{defect}"]
            for case, defect in expected_defects(name, shipped(name)).items()
        }
    expected = json.loads(shipped_text(f"{name}.expected.json"))["findings"]
    return {case: by_name[finding] for finding, cases in expected.items() for case in cases}


def _read(path: Path) -> Finding:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    title, header, text = (ast.get_docstring(tree) or "").split("\n\n", 2)
    fields = dict(line.split(": ", 1) for line in header.splitlines())
    kind, output = fields.pop("Kind"), fields.pop("Output", "any")
    if kind not in KINDS or output not in OUTPUTS:
        raise ValueError(f"{path.name}: unknown kind {kind!r} or output {output!r}")
    code = "\n".join(source.splitlines()[tree.body[0].end_lineno :]).strip()
    printed = path.with_suffix(".txt")
    return Finding(
        path.stem,
        title.removesuffix("."),
        kind,
        output,
        {framework: tuple(patterns.split()) for framework, patterns in fields.items()},
        text,
        code,
        printed.read_text(encoding="utf-8").strip() if printed.exists() else "",
    )


def _kind(output: Output) -> str:
    if isinstance(output, Failure):
        return "error"
    return "nan" if any(np.isnan(value).any() for value in output.values()) else "number"
