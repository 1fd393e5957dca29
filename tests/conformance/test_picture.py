"""The picture in README.md shows what the command prints today."""

import html
import importlib.util
import re

import pytest

from stgref.conformance import summary
from tests.conformance import shipped

pytest.importorskip("rich")

DOCS = shipped.ROOT / "docs"


def lines(svg):
    """The lines of text in the picture, each as its words."""
    found = re.findall(r'<text[^>]* y="([\d.]+)"[^>]*clip-path[^>]*>(.*?)</text>', svg)
    rows = {y: "" for y, _ in found}
    for y, text in found:
        rows[y] += html.unescape(text).replace("\xa0", " ")
    return [row.split() for row in rows.values() if row.strip()]


def test_the_picture_has_todays_table_and_verdict():
    """If this fails: `python docs/terminal.py`."""
    shown = lines((DOCS / "terminal.svg").read_text(encoding="utf-8"))
    report = shipped.report_of_all()
    assert shown[0] == ["$", "stgref", "validate"]
    for row in summary.subjects(report).rows:
        # How many wrong cases a known formula explains depends on the last digits of the processor.
        name, numbers, cases, right, known, wrong, expected = " ".join(row).rsplit(maxsplit=6)
        (drawn,) = (line for line in shown if " ".join(line).startswith(f"{name} "))
        *same, known_drawn, wrong_drawn, expected_drawn = drawn
        assert (same, expected_drawn) == ([*name.split(), numbers, cases, right], expected)
        assert int(known_drawn) + int(wrong_drawn) == int(known) + int(wrong)
    assert " ".join(word for line in shown for word in line).endswith(summary.verdict(report))


def test_the_picture_needs_nothing_from_elsewhere():
    svg = (DOCS / "terminal.svg").read_text(encoding="utf-8")
    assert "url(http" not in svg
    assert "font-face" not in svg
    assert "<script" not in svg


def test_the_picture_is_of_the_table_and_the_last_line():
    spec = importlib.util.spec_from_file_location("terminal", DOCS / "terminal.py")
    terminal = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(terminal)
    svg = terminal.picture("Subjects\n\n a 1.0   12\n\nCaught\n x\nPASSED: 12 numbers\n")
    shown = [" ".join(line) for line in lines(svg)]
    assert shown == ["$ stgref validate", "Subjects", "a 1.0 12", "PASSED: 12 numbers"]
