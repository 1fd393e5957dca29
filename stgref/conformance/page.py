"""A report as one page of HTML: it needs no network and no script. Whatever a file said is escaped."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib import resources
from itertools import groupby

from stgref.conformance import plots
from stgref.conformance.report import Check, Report
from stgref.conformance.summary import Table, problem, tables, verdict
from stgref.conformance.text import printable

FEW = 10
"""Problems shown of one function and dtype, the worst first."""
HEAD = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'


def html(report: Report) -> str:
    """Write a report as a page.

    Parameters
    ----------
    report : Report
        The report.

    Returns
    -------
    str
        The document.
    """
    state = "passed" if report.passed else "failed"
    names = ", ".join(_name(subject) for subject in report.subjects)
    parts = [
        f"<h1>{_safe(names)}</h1>",
        f'<p class="verdict {state}">{_safe(verdict(report))}</p>',
        _contents(report),
        _subjects(report),
        _rule(report.tolerance),
        _problems([check for check in report.checks if not check.expected]),
        *(table_of(table) for table in tables(report) if table.rows),
        _errors([check for check in report.checks if check.worst]),
        _samples([check for check in report.checks if _curved(check)]),
    ]
    return document(f"{names}: {state}", "\n".join(filter(None, parts)))


def document(title: str, body: str) -> str:
    """Put a page around what it shows.

    Parameters
    ----------
    title : str
        Its title.
    body : str
        HTML.

    Returns
    -------
    str
        The document.
    """
    style = (resources.files("stgref.conformance") / "page.css").read_text(encoding="utf-8")
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>{HEAD}\n<title>{_safe(title)}</title>\n'
        f"<style>\n{style}</style></head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _contents(report: Report) -> str:
    """Link to the parts of a page that may be long."""
    there = {
        "problems": not report.passed,
        "errors": any(check.worst for check in report.checks),
        "samples": any(_curved(check) for check in report.checks),
    }
    links = "".join(f'<a href="#{name}">{name.capitalize()}</a> ' for name, found in there.items() if found)
    return f"<nav>{links}</nav>" if links else ""


def _curved(check: Check) -> bool:
    return check.statistics is not None and bool(check.statistics.curve)


def _rule(tolerance: float) -> str:
    sum_of = "|f| + sum<sub>i</sub> |x<sub>i</sub> df/dx<sub>i</sub>|"
    return f"<p>A number is right if it is off by at most {tolerance:g} eps ({sum_of}), its tolerance.</p>"


def _subjects(report: Report) -> str:
    if len(report.subjects) == 1:
        return _described(report.subjects[0])
    return "\n".join(
        f"<details><summary>{_safe(_name(each))}</summary>{_described(each)}</details>"
        for each in report.subjects
    )


def _described(subject: Mapping[str, str]) -> str:
    rows = [(key, value) for key, value in subject.items() if key != "name"]
    lines = "".join(f"<dt>{_safe(key)}</dt><dd>{_safe(value)}</dd>" for key, value in rows)
    return f"<dl>{lines}</dl>" if rows else ""


def _problems(checks: Sequence[Check]) -> str:
    if not checks:
        return ""
    groups = groupby(sorted(checks, key=_where), key=_where)
    return '<h2 id="problems">Problems</h2>\n' + "\n".join(
        _failing(", ".join(w), list(own)) for w, own in groups
    )


def _failing(where: str, checks: Sequence[Check]) -> str:
    worst = sorted(checks, key=lambda check: check.worst.tolerances if check.worst else 0.0, reverse=True)
    rest = f"<p>{len(checks) - FEW} more; the JSON report has all.</p>" if len(checks) > FEW else ""
    blocks = "".join(f"<pre>{_safe(problem(check))}</pre>" for check in worst[:FEW])
    return f"<details open><summary>{_safe(where)}: {len(checks)}</summary>{blocks}{rest}</details>"


def table_of(table: Table) -> str:
    """Write a table.

    Parameters
    ----------
    table : Table
        The table.

    Returns
    -------
    str
        HTML, under a heading.
    """
    heads = [_head(column) for column in table.columns]
    rows = ["".join(map(_cell, row, table.columns)) for row in table.rows]
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    return (
        f'<h2>{_safe(table.title)}</h2>\n<div class="wide" tabindex="0"><table><thead><tr>{"".join(heads)}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def _head(column: str) -> str:
    number = ' class="number"' if column.startswith("#") else ""
    return f'<th scope="col"{number}>{_safe(column.removeprefix("#"))}</th>'


def _cell(text: str, column: str) -> str:
    if column.startswith("#"):
        return f'<td class="number">{_safe(text)}</td>'
    first, _, rest = text.partition("\n")
    small = f"<br><small>{_safe(rest.strip())}</small>" if rest else ""
    return f"<td>{_safe(first)}{small}</td>"


def _errors(checks: Sequence[Check]) -> str:
    groups = groupby(sorted(checks, key=_owner), key=_owner)
    cards = [_card(name, list(own)) for name, own in groups]
    if not cards:
        return ""
    legend = (
        '<p class="legend"><span class="s0">float64</span> <span class="s1">float32</span> '
        '<span class="wrong">over the tolerance, the dashed line</span></p>'
    )
    words = "<p>Left, errors in tolerances against the main argument; right, how many numbers are off by how many ulp.</p>"
    return f'<h2 id="errors">Errors</h2>\n{words}\n{legend}\n<div class="cards">\n{"".join(cards)}</div>'


def _card(name: tuple[str, str], checks: Sequence[Check]) -> str:
    drawn = filter(None, (plots.over_domain(checks), plots.in_ulp(checks)))
    return _figure(name[1], f"{name[0]}, {sum(c.count for c in checks)} numbers", drawn)


def _samples(checks: Sequence[Check]) -> str:
    if not checks:
        return ""
    return f'<h2 id="samples">Samples against their laws</h2>\n<div class="cards">\n{"".join(map(_sample, checks))}</div>'


def _sample(check: Check) -> str:
    s = check.statistics
    if s is None:
        return ""
    words = f"{s.where}: off by {s.statistic:.3g}, {s.threshold:.3g} is allowed ({s.samples} samples)"
    return _figure(check.id, words, plots.distributions(s))


def _figure(title: str, words: str, drawn: Iterable[str]) -> str:
    caption = f"<figcaption><b>{_safe(title)}</b><br><small>{_safe(words)}</small></figcaption>"
    return f'<figure>{caption}<div class="plots">{"".join(drawn)}</div></figure>\n'


def _name(subject: Mapping[str, str]) -> str:
    return f"{subject['name']} {subject.get('version', '')}".strip()


def _safe(text: str) -> str:
    return escape(printable(text))


def _where(check: Check) -> tuple[str, str, str]:
    return check.subject, check.function, check.dtype


def _owner(check: Check) -> tuple[str, str]:
    return check.subject, check.function
