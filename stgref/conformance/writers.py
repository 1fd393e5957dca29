"""Write a report to a file."""

from collections.abc import Callable
from pathlib import Path

from stgref.conformance.errors import UnusableInputError
from stgref.conformance.junit import junit
from stgref.conformance.page import html
from stgref.conformance.report import Report
from stgref.conformance.summary import Table, problems, tables, verdict


def check_path(path: Path, judged: Path | None = None) -> None:
    """See, before the work is done, that a report can be written under this name.

    Parameters
    ----------
    path : pathlib.Path
        The file; its suffix picks the format.
    judged : pathlib.Path, optional
        The file that is judged, over which no report is written.

    Raises
    ------
    UnusableInputError
        If there is no such format, or no such folder, or something else is there.
    """
    if path.suffix.lower() not in WRITERS:
        raise UnusableInputError(
            f"{path}: a report is one of {', '.join(WRITERS)}, by the suffix of its name"
        )
    if not path.parent.is_dir():
        raise UnusableInputError(f"{path}: there is no folder {path.parent}")
    if path.exists() and not path.is_file():
        raise UnusableInputError(f"{path}: not a regular file")
    if judged and path.exists() and judged.exists() and path.samefile(judged):
        raise UnusableInputError(f"{path}: is the file that is checked; a report would replace it")


def write(report: Report, path: Path) -> None:
    """Write a report to a file.

    Parameters
    ----------
    report : Report
        The report.
    path : pathlib.Path
        The file; its suffix picks the format.

    Raises
    ------
    UnusableInputError
        If the file cannot be written.
    """
    check_path(path)
    try:
        path.write_bytes(WRITERS[path.suffix.lower()](report).encode("utf-8", "replace"))
    except OSError as error:
        raise UnusableInputError(f"{path}: {error.strerror or 'cannot be written'}") from None


def markdown(report: Report) -> str:
    """Write a report in Markdown.

    Parameters
    ----------
    report : Report
        The report.

    Returns
    -------
    str
        The document.
    """
    parts = [f"# {verdict(report)}", f"Tolerance: {report.tolerance:g} eps (|f| + sum_i |x_i df/dx_i|)."]
    parts += [
        "\n".join(f"- {_cell(key)}: {_cell(value)}" for key, value in s.items()) for s in report.subjects
    ]
    parts += [table_of(table) for table in tables(report) if table.rows]
    if found := problems(report):
        parts.append("## Problems\n\n" + "\n\n".join(map(_block, found)))
    return "\n\n".join(parts) + "\n"


def table_of(table: Table) -> str:
    """Write a table in Markdown.

    Parameters
    ----------
    table : Table
        The table.

    Returns
    -------
    str
        Under a heading.
    """
    heads = [column.removeprefix("#") for column in table.columns]
    rules = ["---:" if column.startswith("#") else "---" for column in table.columns]
    rows = [heads, rules, *table.rows]
    return f"## {_cell(table.title)}\n\n" + "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in rows)


def _block(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _cell(text: str) -> str:
    """Escape what Markdown would take for markup: a subject's name is a stranger's text."""
    for character in "\\|`*_<>[]":
        text = text.replace(character, f"\\{character}")
    return " ".join(text.split())


WRITERS: dict[str, Callable[[Report], str]] = {
    ".json": Report.to_json,
    ".md": markdown,
    ".html": html,
    ".xml": junit,
}
