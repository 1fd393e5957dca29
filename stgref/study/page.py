"""A study as one page of HTML, with tables, and plots where matplotlib is installed; it needs no network and no script."""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from html import escape
from typing import Any

from stgref.conformance.errors import said
from stgref.conformance.page import document, table_of
from stgref.conformance.text import printable
from stgref.study.shown import named, tables
from stgref.study.studied import Study
from stgref.study.sweeping import Sweep

WORDS = {
    "bias_variance": "Bias and variance.",
    "fingerprints": "Fingerprints.",
    "variance_against_logit": "Variance against logit.",
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
    yield "<h2>Plots</h2>"
    if isinstance(found, Sweep):
        yield from _swept(found, plots)
        return
    for name, words in WORDS.items():
        yield _figure(partial(getattr(plots, name), found.to_records()), words)


def _swept(found: Sweep, plots: Any) -> Iterator[str]:
    """The variance against each coordinate of the grid that is a number, a series for all else that differs."""
    records = found.summaries()
    for key in found.coordinates[0]:
        known = [r for r in records if isinstance(r[key], (int, float))]
        if len({r[key] for r in known}) > 1:
            others = [other for other in found.coordinates[0] if other != key]
            draw = partial(plots.variance_against, named(known, others), key)
            yield _figure(draw, f"Variance, summed over the coordinates, against {key}.")


def _figure(draw: Callable[[], Any], words: str) -> str:
    """A plot as SVG, or what kept it from being drawn: a page without one is better than none."""
    file = io.StringIO()
    try:
        draw().savefig(file, format="svg", metadata={"Date": None})
    except Exception as error:  # noqa: BLE001
        return f"<p>{_safe(words)} It could not be drawn: {_safe(said(error))}</p>"
    drawn = file.getvalue()
    return f"<figure><figcaption>{_safe(words)}</figcaption>{drawn[drawn.index('<svg') :]}</figure>"


def _safe(text: str) -> str:
    return escape(printable(text))
