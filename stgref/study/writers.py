"""Write a study to files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from stgref.conformance.errors import UnusableInputError
from stgref.conformance.writers import table_of
from stgref.study.page import html
from stgref.study.shown import tables
from stgref.study.studied import Study
from stgref.study.sweeping import Sweep

SUFFIXES = (".csv", ".json", ".html", ".md")


def check_path(path: Path, config: Path) -> None:
    """See, before the work is done, that a file can be written under this name.

    Raises
    ------
    UnusableInputError
        If there is no such format, or no such folder, or something else is there.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UnusableInputError(f"{path}: a file is one of {', '.join(SUFFIXES)}, by the suffix of its name")
    if not path.parent.is_dir():
        raise UnusableInputError(f"{path}: there is no folder {path.parent}")
    if path.exists() and not path.is_file():
        raise UnusableInputError(f"{path}: not a regular file")
    if path.exists() and config.exists() and path.samefile(config):
        raise UnusableInputError(f"{path}: is the study that is run; a result would replace it")


def write(found: Study | Sweep, path: Path, title: str, facts: Mapping[str, str]) -> None:
    """Write a study to a file, records as CSV or JSON, a report as HTML or Markdown, by its suffix.

    Raises
    ------
    UnusableInputError
        If the file cannot be written.
    """
    suffix = path.suffix.lower()
    try:
        if suffix == ".csv":
            found.to_csv(path)
        elif suffix == ".json":
            found.to_json(path)
        else:
            text = html(found, title, facts) if suffix == ".html" else markdown(found, title, facts)
            path.write_bytes(text.encode("utf-8", "replace"))
    except OSError as error:
        raise UnusableInputError(f"{path}: {error.strerror or 'cannot be written'}") from None


def markdown(found: Study | Sweep, title: str, facts: Mapping[str, str]) -> str:
    """A study in Markdown."""
    lines = "\n".join(f"- {key}: {value}" for key, value in facts.items())
    return "\n\n".join([f"# {title}", lines, *map(table_of, tables(found))]) + "\n"
