"""A study as tables of text, for terminals and documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from stgref.conformance.summary import Table

if TYPE_CHECKING:
    from stgref.study.studied import Study
    from stgref.study.sweeping import Sweep

Record = dict[str, Any]
MOST = 200
"""Rows of a table, beyond which the rest is only counted."""


def tables(study: Study | Sweep) -> list[Table]:
    """The estimators as a whole, and coordinate by coordinate."""
    grid = [*study.coordinates[0]] if hasattr(study, "coordinates") else []
    summaries = named(study.summaries(), grid)
    return [whole(summaries), work(summaries), each(named(study.to_records(), grid))]


def named(records: Sequence[Record], grid: Sequence[str]) -> list[Record]:
    """With coordinates of a sweep in the estimators' names."""
    places = [", ".join(f"{key}={r[key]}" for key in grid if r[key] is not None) for r in records]
    return [
        {**r, "estimator": f"{r['estimator']}; {place}" if place else r["estimator"]}
        for r, place in zip(records, places, strict=True)
    ]


def whole(records: Sequence[Record]) -> Table:
    """A row for each estimator: what it is worth."""
    columns = ("estimator", "#estimates", "#variance", "#mean-squared error", "#cosine", "#sign agreement")
    rows = [
        (
            str(r["estimator"]),
            str(r["n_samples"]),
            *(_number(r, name) for name in ("variance", "mse", "cosine", "sign_agreement")),
        )
        for r in records
    ]
    return _table(f"Estimators; {_level(records)}", columns, rows)


def work(records: Sequence[Record]) -> Table:
    """A row for each estimator: what it costs."""
    columns = ("estimator", "#evaluations each", "#variance x evaluations", "#µs each", "#variance x µs")
    rows = [
        (
            str(r["estimator"]),
            f"{r['evaluations_each']:.4g}",
            _number(r, "variance_times_evaluations"),
            _number(r, "seconds_each", 1e6),
            _number(r, "variance_times_seconds", 1e6),
        )
        for r in records
    ]
    return _table("Work: evaluations of f and grad f, and time, of one estimate", columns, rows)


def each(records: Sequence[Record]) -> Table:
    """A row for each estimator and coordinate."""
    columns = (
        "estimator",
        "#at",
        "#logit",
        "#bias",
        "#exact",
        "#variance",
        "#exact",
        "#mean-squared error",
    )
    rows = [
        (
            str(r["estimator"]),
            str(r["coordinate"]),
            f"{r['logit']:.4g}",
            _number(r, "bias"),
            _exact_bias(r),
            _number(r, "variance"),
            _one(r["exact_variance"]),
            _number(r, "mse"),
        )
        for r in records
    ]
    return _table(f"Coordinates; {_level(records)}", columns, rows)


def rich_table(study: Study | Sweep) -> Any:
    """A table of rich, which must be installed."""
    from rich.table import Table as RichTable  # noqa: PLC0415  optional
    from rich.text import Text  # noqa: PLC0415

    table = tables(study)[0]
    shown = RichTable(title=Text(table.title))
    for column in table.columns:
        shown.add_column(column.removeprefix("#"), justify="right" if column.startswith("#") else "left")
    for row in table.rows:
        shown.add_row(*(Text(cell) for cell in row))
    return shown


def _table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    left = len(rows) - MOST
    more = f"; {left} more rows are in the records" if left > 0 else ""
    return Table(title + more, columns, tuple(rows[:MOST]))


def _level(records: Sequence[Record]) -> str:
    return f"with intervals of {100 * records[0]['confidence']:g} % confidence"


def _number(record: Record, name: str, unit: float = 1.0) -> str:
    """A number, and how far its interval reaches."""
    value, low, high = (record[name + end] for end in ("", "_low", "_high"))
    if value is None:
        return "unknown"
    return f"{value * unit:.4g} ±{max(high - value, value - low) * unit:.1g}"


def _exact_bias(record: Record) -> str:
    if record["exact_mean"] is None or record["exact_gradient"] is None:
        return "unknown"
    return _one(record["exact_mean"] - record["exact_gradient"])


def _one(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3g}"
