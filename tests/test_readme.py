"""The README and the guides keep their word: their Python prints what it shows, the commands are what CI runs."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README_PATH = ROOT / "README.md"
README = README_PATH.read_text(encoding="utf-8")
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


def test_every_block_of_the_readme_is_run_or_read_by_no_machine():
    """Python runs above, bash in continuous integration; another spelling of either would escape."""
    opened = re.findall(r"^```(.*)$", README, flags=re.MULTILINE)[::2]
    assert set(opened) <= {"python", "bash", "text", "bibtex"}
    assert not re.search(r"^ +```|^~~~", README, flags=re.MULTILINE)


def pages():
    """README.md, and the pages of docs and validation."""
    written = (path for folder in ("docs", "validation") for path in (ROOT / folder).rglob("*.md"))
    return [README_PATH, *sorted(path for path in written if not made_by_the_build(path))]


def made_by_the_build(path):
    """Whether a build of the documentation writes it."""
    return not {"_build", "generated"}.isdisjoint(path.parts)


def without_code(path):
    """A page without its blocks of code, and without directives."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r"^(`{3,}|:{3,}).*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)


def links(path):
    """Where the links of a page point to."""
    return re.findall(r"\]\(([^()\s]+)\)", re.sub(r"`[^`\n]*`", "", without_code(path)))


def anchors(path):
    """Those of a page's headings, as GitHub and MyST make them, and its labels."""
    text = without_code(path)
    titles = [title.lower() for title in re.findall(r"^#+ (.+?) *$", text, flags=re.MULTILINE)]
    names = {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}
    return names | set(re.findall(r"^\(([\w-]+)\)=$", text, flags=re.MULTILINE))


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    assert not [target for target in links(path) if not leads_somewhere(path, target)]


def leads_somewhere(path, target):
    """Whether a link on a page points to a file that is there, and to one of its headings."""
    if re.match(r"[a-z]+:", target):
        return True
    name, _, anchor = target.partition("#")
    there = (path.parent / name).resolve() if name else path
    if made_by_the_build(there):
        return True
    if not (there.exists() and there.is_relative_to(ROOT)):
        return False
    return not anchor or there.suffix != ".md" or anchor in anchors(there)


def test_links_that_lead_nowhere_are_seen(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path / "root")
    page = tmp_path / "root" / "page.md"
    page.parent.mkdir()
    page.write_text("# One `two`, three\n\n(label)=\n[a](page.md#x) `[b](c)`\n```text\n# Four\n[d](e)\n```\n")
    assert links(page) == ["page.md#x"]
    (tmp_path / "elsewhere.md").touch()
    for good in ("page.md", "#one-two-three", "page.md#label", "https://example.org/#x"):
        assert leads_somewhere(page, good)
    for bad in ("other.md", "#four", "page.md#two", "../elsewhere.md"):
        assert not leads_somewhere(page, bad)
