"""The README and the guides keep their word: their Python prints what it shows, the commands are what CI runs."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDES = [
    "README.md",
    "docs/estimators.md",
    "docs/gpu.md",
    "docs/study.md",
    "docs/training.md",
    "docs/validation.md",
]


def blocks(language: str, text: str = README) -> list[str]:
    """The fenced blocks of one language, each with empty lines in place of all that precedes it."""
    found = re.finditer(rf"^```{language}\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    return ["\n" * text[: match.start(1)].count("\n") + match[1] for match in found]


@pytest.mark.parametrize("guide", GUIDES)
def test_python_blocks_run_and_print_what_they_show(guide, tmp_path, monkeypatch):
    """One session from the first block to the last; failures carry the line of the guide."""
    monkeypatch.chdir(tmp_path)  # Where they may write files.
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    session: dict[str, object] = {}
    sources = blocks("python", (ROOT / guide).read_text(encoding="utf-8"))
    assert sources
    for source in sources:
        test = doctest.DocTestParser().get_doctest(source, session, guide, guide, 0)
        assert test.examples, "a Python block without a `>>>`"
        report: list[str] = []
        runner.run(test, out=report.append, clear_globs=False)
        session = test.globs
        assert not runner.failures, "".join(report)


def test_two_commands_of_one_line_each():
    commands = [block.strip() for block in blocks("bash")]
    assert len(commands) == 2
    for command in commands:
        assert "\n" not in command
        assert command.startswith("python3 -m venv .venv && ")
    main_job, tests = commands
    assert main_job.endswith(".venv/bin/stgref validate")
    assert ".venv/bin/python -m pytest" in tests


def test_links_lead_somewhere():
    targets = re.findall(r"\]\(([^)]+)\)", README)
    assert targets
    missing = [target for target in targets if "://" not in target and not (ROOT / target).exists()]
    assert not missing
