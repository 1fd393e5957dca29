"""A study as one page of HTML, with tables, and plots where matplotlib is installed; it needs no network and no script."""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any

from stgref.conformance.page import document, table_of
from stgref.conformance.text import printable
from stgref.study.shown import tables
from stgref.study.studied import Study
from stgref.study.sweeping import Sweep

WORDS = {
    "bias_variance": "Bias and variance.",
    "fingerprints": "Fingerprints.",
    "variance_against_logit": "Variance against logit.",
    "variance_against_temperature": "Variance against temperature.",
}


def html(found: Study | Sweep, title: str, facts: Mapping[str, str]) -> str:
    """Write a study as a page.

    Parameters
    ----------
    found : Study or Sweep
        The results.
    title : str
        The heading.
    facts : mapping of str to str
        What is said of it under the heading.

    Returns
    -------
    str
        The document.
    """
    lines = "".join(f"<dt>{_safe(key)}</dt><dd>{_safe(value)}</dd>" for key, value in facts.items())
    parts = [f"<h1>{_safe(title)}</h1>", f"<dl>{lines}</dl>", *map(table_of, tables(found)), *_figures(found)]
    return document(title, "\n".join(parts))


def _figures(found: Study | Sweep) -> Iterator[str]:
    try:
        plots = importlib.import_module("stgref.study.plots")
        importlib.import_module("matplotlib")
    except ImportError:
        yield "<p>Plots need matplotlib, which is not installed.</p>"
        return
    records = found.to_records()
    yield "<h2>Plots</h2>"
    for name, words in WORDS.items():
        if "temperature" not in name or "temperature" in records[0]:
            yield from _figure(getattr(plots, name), records, words)


def _figure(draw: Callable[..., Any], records: list[dict[str, Any]], words: str) -> Iterator[str]:
    """A plot as SVG; nothing where the records are not such that it could be drawn."""
    try:
        figure = draw(records)
    except (ValueError, TypeError):
        return
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    drawn = file.getvalue()
    yield f"<figure><figcaption>{_safe(words)}</figcaption>{drawn[drawn.index('<svg') :]}</figure>"


def _safe(text: str) -> str:
    return escape(printable(text))
