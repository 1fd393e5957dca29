"""Plots of a report: errors over the domain, their sizes in ulp, and samples against their law."""

from collections.abc import Mapping, Sequence

import numpy as np

from stgref.conformance import svg
from stgref.conformance.report import Check, Statistics
from stgref.conformance.spread import ULP, histogram
from stgref.conformance.values import Array

SMALLEST, LARGEST = 1e-4, 1e4
"""Errors in tolerances that lie beyond are drawn at the edge."""


def over_domain(checks: Sequence[Check]) -> str:
    """Draw the errors of a function against its main argument.

    Parameters
    ----------
    checks : sequence of Check
        Of one function, in any dtypes.

    Returns
    -------
    str
        An ``svg`` element; empty if there is nothing to draw.
    """
    series = {dtype: np.array([p for c in own for p in _points(c)]) for dtype, own in _by_dtype(checks)}
    series = {dtype: points for dtype, points in series.items() if points.size}
    if not series:
        return ""
    every = np.concatenate(list(series.values()))
    x = svg.Axis.over(every[:, 0], svg.LEFT + 4, svg.RIGHT - 4)
    highest = float(np.clip(np.max(every[:, 1]), 10.0, LARGEST))
    y = svg.Axis(SMALLEST, highest, svg.BOTTOM - 3, svg.TOP + 3, "log")
    content = svg.level(float(y.place(1.0)), "limit")
    for dtype, points in series.items():
        wrong = points[:, 1] > 1
        content += _drawn(points[~wrong], x, y, dtype) + _drawn(points[wrong], x, y, "wrong")
    return svg.frame(_argument(checks), x, y, "Error in tolerances over the domain", content)


def in_ulp(checks: Sequence[Check]) -> str:
    """Draw how many numbers of a function are off by how many ulp.

    Parameters
    ----------
    checks : sequence of Check
        Of one function, in any dtypes.

    Returns
    -------
    str
        An ``svg`` element; empty if there is nothing to draw.
    """
    counts = {dtype: sum((_ulp(c) for c in own), start=histogram([])) for dtype, own in _by_dtype(checks)}
    if not any(each.any() for each in counts.values()):
        return ""
    labels = [*map(svg.short, ULP), "more"]
    # Both dtypes have a place, so that the colours mean the same in every plot.
    series = [counts.get(dtype, histogram([])).tolist() for dtype in ("float64", "float32")]
    return svg.bars(labels, series, "error in ulp, up to", "How many numbers are off by how many ulp")


def distributions(statistics: Statistics) -> tuple[str, str]:
    """Draw the distribution function of a sample, and how far it is from the law's.

    Parameters
    ----------
    statistics : Statistics
        With a curve.

    Returns
    -------
    tuple of str
        Two ``svg`` elements.
    """
    points, empirical, exact = np.array(statistics.curve).T
    x = svg.Axis.over(points, svg.LEFT + 4, svg.RIGHT - 4)
    y = svg.Axis(0.0, 1.0, svg.BOTTOM - 3, svg.TOP + 3)
    content = svg.line(x.place(points), y.place(exact), "s1") + svg.dots(
        x.place(points), y.place(empirical), "s0"
    )
    both = svg.frame("line: exact, dots: sample", x, y, "Empirical and exact distribution functions", content)
    band, off = statistics.threshold, empirical - exact
    reach = 1.1 * max(band, float(np.max(np.abs(off))))
    y = svg.Axis(-reach, reach, svg.BOTTOM - 3, svg.TOP + 3)
    content = "".join(svg.level(float(y.place(each)), "limit") for each in (-band, band))
    content += svg.dots(x.place(points), y.place(off), "s0")
    return both, svg.frame("sample minus exact", x, y, "Difference of the distribution functions", content)


def _drawn(points: Array, x: svg.Axis, y: svg.Axis, name: str) -> str:
    kinds = {"float64": "s0", "float32": "s1"}
    return svg.dots(x.place(points[:, 0]), y.place(points[:, 1]), kinds.get(name, name))


def _by_dtype(checks: Sequence[Check]) -> list[tuple[str, list[Check]]]:
    found: Mapping[str, list[Check]] = {
        dtype: [check for check in checks if check.dtype == dtype] for dtype in ("float64", "float32")
    }
    return [(dtype, own) for dtype, own in found.items() if own]


def _points(check: Check) -> Sequence[tuple[float, float]]:
    """Return the main argument and the error of numbers of a case: at least of the worst."""
    if check.spread and check.spread.points:
        return check.spread.points
    try:
        return (
            [(float.fromhex(check.worst.inputs[_name(check)]), check.worst.tolerances)] if check.worst else []
        )
    except ValueError:  # Several numbers, as the worst of a layer's penalty has.
        return []


def _ulp(check: Check) -> Array:
    if check.spread:
        return np.array(check.spread.ulp)
    return histogram([check.worst.ulp] if check.worst else [])


def _name(check: Check) -> str:
    if check.spread:
        return check.spread.argument
    return next(iter(check.worst.inputs), "") if check.worst else ""


def _argument(checks: Sequence[Check]) -> str:
    return next((name for check in checks if (name := _name(check))), "")
