"""Write ``validation/FINDINGS.md``: every finding, with its lines and what they print.

    python -m validation.write_findings

from the root of the repository, after ``validation/findings/run.py`` in the environments of the frameworks.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from stgref.conformance.files import shipped, shipped_names
from validation.finding import KINDS, Finding, findings, listed

PATH = Path(__file__).parent / "FINDINGS.md"
HEAD = """\
# Findings

What `stgref validate` found in other people's packages, each with the fewest lines that show it, what these lines print, and the
right formula. Written by `python -m validation.write_findings`; the texts are the docstrings of `validation/findings/*.py`, and
what they print was printed in the environment of the framework. Every claim that a number is wrong rests on two computations that share nothing with
stgref: the vector sets, in ball arithmetic, and mpmath in the lines themselves.

The numbers of cases are those of the [recordings](RESULTS.md). A case is a function at one set of arguments, in one dtype.

What is wrong with gradient estimators of storchastic, torch, Pyro, pydrobert and relaxit is in [validation/estimators](estimators/README.md).
"""


def page() -> str:
    """Make the text.

    Returns
    -------
    str
        Markdown.
    """
    counts = _counts()
    parts = [HEAD, _contents(counts)]
    for kind, meaning in KINDS.items():
        parts.append(f"## {kind.capitalize()}: {meaning}\n")
        parts += [_section(each, counts) for each in findings() if each.kind == kind]
    return "\n".join(parts)


def _counts() -> Counter[tuple[str, str]]:
    """Count the cases of each finding in each recording."""
    counts: Counter[tuple[str, str]] = Counter()
    for name in shipped_names():
        subject = shipped(name).name
        counts.update((each.name, subject) for each in listed(name).values())
    return counts


def _contents(counts: Counter[tuple[str, str]]) -> str:
    rows = ["| finding | kind | shown by |", "|---|---|---|"]
    for kind in KINDS:
        rows += [
            f"| [{each.title}](#{each.name}) | {each.kind} | {_shown_by(each, counts)} |"
            for each in findings()
            if each.kind == kind
        ]
    return "\n".join(rows) + "\n"


def _shown_by(finding: Finding, counts: Counter[tuple[str, str]]) -> str:
    return ", ".join(
        f"{subject} ({count} {'case' if count == 1 else 'cases'})"
        for (name, subject), count in counts.items()
        if name == finding.name
    )


def _section(finding: Finding, counts: Counter[tuple[str, str]]) -> str:
    return "\n".join(
        (
            f"### {finding.name}\n",
            f"**{finding.title}.** {_shown_by(finding, counts)}\n",
            f"{finding.text}\n",
            *_block("python", finding.code),
            "prints\n",
            *_block("text", finding.printed),
        )
    )


def _block(language: str, text: str) -> Iterable[str]:
    return f"```{language}", text, "```\n"


if __name__ == "__main__":
    PATH.write_text(page(), encoding="utf-8")
