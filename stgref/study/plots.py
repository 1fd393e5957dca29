"""Plots of studies and trainings, as figures of matplotlib, which is imported when the first is made.

Every function takes records (dicts, such as ``Study.to_records()`` gives) or `Training` objects, and returns a
`matplotlib.figure.Figure`: ``figure.savefig("plot.svg")``. Nothing is shown, and no global state of matplotlib changes.
Backgrounds are transparent, and all colours are as readable on white as on black; series also differ in their markers
and dashes, and bear their names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from stgref.numerics import arguments
from stgref.numerics.namespace import Array
from stgref.study.train import Training

__all__ = [
    "bias_variance",
    "fingerprints",
    "gradient_histograms",
    "training_curves",
    "variance_against",
    "variance_against_logit",
    "variance_against_temperature",
]

COLOURS = ("#1f7fc0", "#d55e00", "#009e73", "#c2699b", "#a87400", "#7f6bd0", "#7d7d7d")
"""After Okabe and Ito, darkened where they were lighter than a third of white."""
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)))
MARKERS = "osD^vPX"
GREY = "#7d7d7d"
NOTHING = 1e-24
"""Of the squared mean: a variance that is no more is the rounding of 0."""
SIZE = (6.4, 3.8)


class Style(NamedTuple):
    """How one series is drawn."""

    colour: str
    dashes: Any
    marker: str


def style(i: int) -> Style:
    """The style of series i; no two of the first 28 have both colour and dashes in common."""
    return Style(COLOURS[i % len(COLOURS)], DASHES[i % len(DASHES)], MARKERS[i % len(MARKERS)])


def new_figure(rows: int = 1, columns: int = 1, size: tuple[float, float] = SIZE, **shared: Any) -> Any:
    """A figure and its axes, an array (rows, columns).

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 (only where something is plotted)
    except ImportError as error:
        raise ImportError("stgref.study.plots needs matplotlib: pip install 'stgref[plots]'") from error
    figure = Figure(figsize=size, layout="constrained")
    figure.patch.set_alpha(0.0)
    axes = figure.subplots(rows, columns, squeeze=False, **shared)
    for ax in axes.flat:
        dress(ax)
    return figure, axes


def dress(ax: Any) -> None:
    """Only two spines, a faint grid, all in a grey that is read on white and on black."""
    ax.patch.set_alpha(0.0)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(GREY)
    ax.tick_params(which="both", colors=GREY, labelsize=9)
    ax.grid(visible=True, color=GREY, alpha=0.18, linewidth=0.7)
    ax.set_axisbelow(True)


def titles(ax: Any, x: str, y: str, title: str = "") -> None:
    """Labels of the axes, and a title at the left."""
    ax.set_xlabel(x, color=GREY, fontsize=10)
    ax.set_ylabel(y, color=GREY, fontsize=10)
    if title:
        ax.set_title(title, color=GREY, fontsize=10, loc="left")


def plain_decades(axis: Any) -> None:
    """Marks of a logarithmic axis as plain numbers, 1, 2 and 5 of each decade."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter  # noqa: PLC0415 (only where something is plotted)

    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axis.set_minor_formatter(NullFormatter())


def name_ends(ax: Any, ends: Sequence[tuple[float, float, str, str]]) -> None:
    """Names beside the ends (x, y, name, colour) of series, moved apart where they would overlap."""
    if not ends:
        return
    figure = ax.figure
    ax.autoscale_view()
    to_axes = ax.transData + ax.transAxes.inverted()
    at = sorted(
        ((*to_axes.transform((x, y)), name, colour) for x, y, name, colour in ends), key=lambda e: e[1]
    )
    gap = 0.165 / (figure.get_figheight() / ax.get_gridspec().nrows - 0.7)
    heights = spread([min(max(e[1], 0.0), 1.0) for e in at], gap)
    for (x, y, name, colour), height in zip(at, heights, strict=True):
        ax.annotate(
            name,
            xy=(min(x, 1.0), min(max(y, 0.0), 1.0)),
            xytext=(1.04, height),
            xycoords="axes fraction",
            textcoords="axes fraction",
            color=colour,
            fontsize=9,
            va="center",
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "relpos": (0.0, 0.5),
                "color": colour,
                "linewidth": 0.7,
                "alpha": 0.7,
                "shrinkA": 1,
                "shrinkB": 1,
            },
        )


def spread(heights: Sequence[float], gap: float) -> list[float]:
    """Increasing ``heights``, at least ``gap`` apart, each group that is moved about its own middle."""
    groups: list[list[float]] = []  # each: heights asked for
    for height in heights:
        groups.append([height])
        while len(groups) > 1 and _low(groups[-1], gap) - _high(groups[-2], gap) < gap:
            last = groups.pop()
            groups[-1] += last
    return [_low(group, gap) + i * gap for group in groups for i in range(len(group))]


def _low(group: Sequence[float], gap: float) -> float:
    return float(np.mean(group)) - 0.5 * gap * (len(group) - 1)


def _high(group: Sequence[float], gap: float) -> float:
    return float(np.mean(group)) + 0.5 * gap * (len(group) - 1)


def by_estimator(where: str, records: Any, *needed: str) -> dict[str, list[Mapping[str, Any]]]:
    """The records of each estimator, in the order in which they come.

    Raises
    ------
    TypeError, ValueError
        If they are no dicts, there are none, or one lacks what is needed.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    if isinstance(records, (str, Mapping)) or not hasattr(records, "__iter__"):
        raise TypeError(f"{where}: records takes a sequence of dicts, got {type(records).__name__}")
    for record in records:
        if not isinstance(record, Mapping):
            raise TypeError(f"{where}: records takes a sequence of dicts, got one of {type(record).__name__}")
        lacking = [key for key in ("estimator", *needed) if key not in record]
        if lacking:
            raise ValueError(
                f"{where}: records must have the key {lacking[0]!r}, got one with {', '.join(map(str, record))}"
            )
        found.setdefault(str(record["estimator"]), []).append(record)
    if not found:
        raise ValueError(f"{where}: records must not be empty")
    return found


def _number(record: Mapping[str, Any], key: str) -> float:
    value = record.get(key)
    return float("nan") if value is None else float(value)


def variance_against_logit(records: Sequence[Mapping[str, Any]], title: str = "") -> Any:
    """Variance of one estimate against the logit, a series for each estimator.

    Exact variances are lines. Those that were sampled are points with their intervals. A variance of 0 has no place on
    the logarithmic axis, and leaves a gap; what is 0 everywhere is named below the plot.

    Parameters
    ----------
    records : sequence of dict
        With ``estimator``, ``logit``, and ``exact_variance`` or ``variance``, ``variance_low`` and ``variance_high``, or
        all of them.
    title : str, default ""
        What stands above.

    Returns
    -------
    matplotlib.figure.Figure
        The plot.

    Raises
    ------
    TypeError, ValueError
        If records are no dicts, or lack a key.
    ImportError
        If matplotlib is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> from stgref.study import plots
    >>> from stgref.study.exact import exact_records
    >>> toy = estimators.objectives.Quadratic(0.45)
    >>> records = exact_records(toy, np.linspace(-4, 4, 17), ["score_function", "rloo", "arm"])
    >>> figure = plots.variance_against_logit(records)
    >>> len(figure.axes[0].lines)
    3
    """
    return variance_against(records, "logit", "logit φ", title)


def variance_against_temperature(records: Sequence[Mapping[str, Any]], title: str = "") -> Any:
    """Variance of one estimate against the temperature, a series for each estimator.

    Parameters
    ----------
    records : sequence of dict
        As for `variance_against_logit`, with ``temperature`` in place of the logit.
    title : str, default ""
        What stands above.

    Returns
    -------
    matplotlib.figure.Figure
        The plot.

    Raises
    ------
    TypeError, ValueError
        If records are no dicts, or lack a key.
    ImportError
        If matplotlib is not installed.

    Examples
    --------
    >>> from stgref import estimators
    >>> from stgref.study import plots
    >>> from stgref.study.exact import exact_records
    >>> toy, records = estimators.objectives.Quadratic(0.45), []
    >>> for tau in (0.25, 0.5, 1.0, 2.0):
    ...     for record in exact_records(toy, [0.0], [("reinmax", {"temperature": max(tau, 1.0)})]):
    ...         records.append({**record, "estimator": "reinmax", "temperature": tau})
    >>> plots.variance_against_temperature(records).axes[0].get_xscale()
    'log'
    """
    return variance_against(records, "temperature", "temperature τ", title, log=True)


def variance_against(
    records: Sequence[Mapping[str, Any]], key: str, words: str = "", title: str = "", *, log: bool = False
) -> Any:
    """Variance of one estimate against any number, a series for each estimator.

    Parameters
    ----------
    records : sequence of dict
        As for `variance_against_logit`, with ``key`` in place of the logit.
    key : str
        What is on the horizontal axis.
    words : str, default ""
        What is written there; ``key`` by default.
    title : str, default ""
        What stands above.
    log : bool, default False
        Whether that axis is logarithmic.

    Returns
    -------
    matplotlib.figure.Figure
        The plot.

    Raises
    ------
    TypeError, ValueError
        If records are no dicts, or lack a key.
    ImportError
        If matplotlib is not installed.

    Examples
    --------
    >>> from stgref.study import plots
    >>> records = [{"estimator": "mine", "k": k, "exact_variance": k**2} for k in (1.0, 2.0)]
    >>> plots.variance_against(records, "k").axes[0].get_xlabel()
    'k'
    """
    groups = by_estimator("variance_against", records, key)
    figure, axes = new_figure()
    ax, ends, nothing = axes[0, 0], [], []
    ax.set_yscale("log")
    if log:
        ax.set_xscale("log")
        plain_decades(ax.xaxis)
    for i, (name, unsorted) in enumerate(groups.items()):
        look, rows = style(i), sorted(unsorted, key=lambda r: _number(r, key))
        x = np.array([_number(r, key) for r in rows])
        exact = np.array([_number(r, "exact_variance") for r in rows])
        found, low, high = (
            np.array([_number(r, k) for r in rows]) for k in ("variance", "variance_low", "variance_high")
        )
        size = np.nan_to_num(np.array([_number(r, "exact_mean") for r in rows]))
        exact = np.where(exact <= NOTHING * size**2, 0.0, exact)
        shown = np.where(np.isfinite(exact), exact, found)
        if not np.any(shown > 0.0):
            nothing.append(name)
            continue
        if np.any(exact > 0.0):
            ax.plot(
                x,
                np.where(exact > 0.0, exact, np.nan),
                color=look.colour,
                linestyle=look.dashes,
                linewidth=1.8,
                label=name,
            )
        if np.any(found > 0.0):
            bars = np.nan_to_num(np.array([found - low, high - found]), nan=0.0).clip(0.0)
            ax.errorbar(
                x, np.where(found > 0.0, found, np.nan), yerr=bars, fmt=look.marker, color=look.colour, markersize=4,
                elinewidth=1.0, capsize=2, label=None if np.any(exact > 0.0) else name,
            )  # fmt: skip
        last = np.flatnonzero(shown > 0.0)[-1]
        ends.append((float(x[last]), float(shown[last]), name, look.colour))
    note = f"\n(variance 0: {', '.join(nothing)})" if nothing else ""
    titles(ax, (words or key) + note, "variance of one estimate", title)
    name_ends(ax, ends)
    return figure


def bias_variance(records: Sequence[Mapping[str, Any]], title: str = "") -> Any:
    """Each estimator as a point: bias across, standard deviation up; dotted lines join equal mean-squared errors.

    Both are root mean squares over the coordinates, exact where the records say so. Estimators whose bias is exactly 0, or
    not told from 0 by their intervals, stand in a column of their own at the left.

    Parameters
    ----------
    records : sequence of dict
        With ``estimator``, and ``exact_bias`` and ``exact_variance``, or ``bias``, ``bias_low``, ``bias_high`` and
        ``variance``.
    title : str, default ""
        What stands above.

    Returns
    -------
    matplotlib.figure.Figure
        The plot.

    Raises
    ------
    TypeError, ValueError
        If records are no dicts, or lack a key.
    ImportError
        If matplotlib is not installed.

    Examples
    --------
    >>> from stgref import estimators
    >>> from stgref.study import plots
    >>> from stgref.study.exact import exact_records
    >>> toy = estimators.objectives.Quadratic(0.45)
    >>> records = exact_records(toy, [1.0], ["rloo", "straight_through", "relaxation"])
    >>> figure = plots.bias_variance(records)
    >>> sorted(text.get_text() for text in figure.axes[0].texts)[-3:]
    ['relaxation', 'rloo', 'straight_through']
    """
    groups = by_estimator("bias_variance", records)
    points = [(name, *_bias_and_deviation(name, rows)) for name, rows in groups.items()]
    biases = [b for _, b, _, told in points if told]
    deviations = [s for _, _, s, _ in points if s > 1e-9 * max(s for _, _, s, _ in points)]
    figure, axes = new_figure(size=(6.4, 4.4))
    ax = axes[0, 0]
    ax.set_xscale("log")
    ax.set_yscale("log")
    low, high = (min(biases), max(biases)) if biases else (1e-3, 1e-1)
    left, right, column = low / 8.0, high * 6.0, low / 4.0
    bottom = min(deviations, default=1e-3) / 3.0
    top = max(deviations, default=1.0) * 3.0
    ax.axvspan(left, low / 2.0, color=GREY, alpha=0.10, linewidth=0)
    ax.text(column, 1.01, "bias 0", color=GREY, fontsize=9, ha="center", transform=ax.get_xaxis_transform())
    for error in 10.0 ** np.arange(np.floor(np.log10(bottom)), np.ceil(np.log10(top)) + 1):
        angle = np.linspace(1e-4, np.pi / 2, 400)
        ax.plot(
            error * np.cos(angle) + 1e-300,
            error * np.sin(angle),
            ":",
            color=GREY,
            linewidth=0.8,
            alpha=0.7,
            label="_rms error",
        )
    for i, (name, bias, deviation, told) in enumerate(points):
        look = style(i)
        x, y = (bias if told else column), max(deviation, bottom)
        ax.plot(
            [x],
            [y],
            look.marker,
            color=look.colour,
            markersize=7,
            markerfacecolor=look.colour if told else "none",
            markeredgewidth=1.6,
            label=name,
        )
    ax.set_xlim(left, right)
    ax.set_ylim(bottom / 1.3, top)
    titles(ax, "absolute bias", "standard deviation of one estimate", title)
    name_points(
        ax,
        [
            ((b if told else column), max(s, bottom), name, style(i).colour)
            for i, (name, b, s, told) in enumerate(points)
        ],
    )
    return figure


def name_points(ax: Any, points: Sequence[tuple[float, float, str, str]]) -> None:
    """Names at the right of points, moved apart up and down where points of a neighbourhood would share a place."""
    to_axes = ax.transData + ax.transAxes.inverted()
    at = sorted(
        ((*to_axes.transform((x, y)), name, colour) for x, y, name, colour in points), key=lambda e: e[:2]
    )
    columns: list[list[Any]] = []
    for point in at:
        if columns and point[0] - columns[-1][0][0] < 0.2:
            columns[-1].append(point)
        else:
            columns.append([point])
    for column in columns:
        column.sort(key=lambda e: e[1])
        for (x, y, name, colour), height in zip(column, spread([e[1] for e in column], 0.05), strict=True):
            ax.annotate(
                name, xy=(x, y), xytext=(x + 0.03, height), xycoords="axes fraction", textcoords="axes fraction",
                color=colour, fontsize=9, va="center",
                arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "alpha": 0.6, "relpos": (0.0, 0.5), "shrinkB": 4},
            )  # fmt: skip


def _bias_and_deviation(name: str, rows: Sequence[Mapping[str, Any]]) -> tuple[float, float, bool]:
    """Root mean squares of bias and of the standard deviation, and whether the bias is told from 0."""
    exact = all(r.get("exact_bias") is not None for r in rows)
    keys = ("exact_bias", "exact_variance") if exact else ("bias", "variance")
    bias, variance = (np.array([_number(r, key) for r in rows]) for key in keys)
    if np.any(np.isnan(bias)) or np.any(np.isnan(variance)):
        raise ValueError(f"bias_variance: records of {name} must have {keys[0]!r} and {keys[1]!r}")
    size = float(np.sqrt(np.mean(bias**2)))
    if exact:
        mean = np.nan_to_num(np.array([_number(r, "exact_mean") for r in rows]))
        told = size > NOTHING**0.5 * float(np.sqrt(np.mean(variance + bias**2 + mean**2)))
    else:
        low, high = (np.array([_number(r, k) for r in rows]) for k in ("bias_low", "bias_high"))
        told = bool(np.any((low > 0.0) | (high < 0.0)))
    return size, float(np.sqrt(np.mean(variance))), told


def training_curves(
    trainings: Sequence[Training],
    curve: str = "loss",
    *,
    level: float = 0.8,
    kind: str = "quantiles",
    reference: float | None = None,
    title: str = "",
) -> Any:
    """Curves of trainings: the median of the runs, or their mean, in a band.

    Parameters
    ----------
    trainings : sequence of Training
        What `stgref.study.train` returned.
    curve : str, default "loss"
        As for `Training.band`; variances are on a logarithmic axis.
    level : float, default 0.8
        Fraction of the runs in the band, or confidence.
    kind : {"quantiles", "mean"}, default "quantiles"
        What the band is.
    reference : float, optional
        A horizontal line, such as the least loss there is.
    title : str, default ""
        What stands above.

    Returns
    -------
    matplotlib.figure.Figure
        The plot.

    Raises
    ------
    TypeError, ValueError
        If ``trainings`` are none, or as `Training.band`.
    ImportError
        If matplotlib is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> from stgref.study import plots
    >>> from stgref.study.optim import Adam
    >>> from stgref.study.train import train
    >>> toy = estimators.objectives.Quadratic(0.45)
    >>> runs = [train(toy, np.zeros(1), name, Adam(0.1), 20, replicates=3) for name in ("arm", "disarm")]
    >>> figure = plots.training_curves(runs, reference=0.2025)
    >>> [line.get_label() for line in figure.axes[0].lines]
    ['arm', 'disarm', '_reference']
    """
    trainings = list(trainings)
    if not trainings or not all(isinstance(each, Training) for each in trainings):
        raise TypeError("training_curves: trainings takes a sequence of Training, one or more")
    figure, axes = new_figure()
    ax, ends = axes[0, 0], []
    if curve == "total_variance":
        ax.set_yscale("log")
    for i, training in enumerate(trainings):
        look, band = style(i), training.band(curve, level, kind)
        positive = curve != "total_variance"
        middle = band.middle if positive else np.where(band.middle > 0.0, band.middle, np.nan)
        ax.plot(
            band.steps, middle, color=look.colour, linestyle=look.dashes, linewidth=1.8, label=training.label
        )
        if training.loss.shape[0] > 1:
            ax.fill_between(band.steps, band.low, band.high, color=look.colour, alpha=0.16, linewidth=0)
        shown = np.flatnonzero(np.isfinite(middle))
        if shown.size:
            ends.append((float(band.steps[shown[-1]]), float(middle[shown[-1]]), training.label, look.colour))
    if reference is not None:
        ax.axhline(reference, color=GREY, linewidth=1.0, linestyle=(0, (1, 2)), label="_reference")
    words = {
        "loss": "expected objective",
        "total_variance": "variance of one estimate",
        "rate": "learning rate",
    }
    titles(ax, "steps", words.get(curve, curve), title)
    ax.margins(x=0.0)
    name_ends(ax, ends)
    return figure


def gradient_histograms(
    estimates: Mapping[str, Array], exact_mean: float, *, bins: int = 61, title: str = ""
) -> Any:
    """Histograms of single estimates, one below the other, against the exact gradient, a vertical line.

    Parameters
    ----------
    estimates : dict of str to array of shape (n,)
        Estimates of one coordinate, by name.
    exact_mean : float
        The gradient.
    bins : int, default 61
        How many bins there are over the range of all estimates.
    title : str, default ""
        What stands above.

    Returns
    -------
    matplotlib.figure.Figure
        The plot.

    Raises
    ------
    TypeError, ValueError
        If there are no estimates, or one set of them is no vector of finite numbers.
    ImportError
        If matplotlib is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> from stgref.study import plots
    >>> f, phi = estimators.objectives.Quadratic(0.45), np.array([1.0])
    >>> noise = estimators.draw_noise("arm", 1000, phi, rng=0)
    >>> found = {"arm": estimators.arm(f, phi, noise)[:, 0], "disarm": estimators.disarm(f, phi, noise)[:, 0]}
    >>> len(plots.gradient_histograms(found, float(estimators.exact_gradient(f, phi)[0])).axes)
    2
    """
    where = "gradient_histograms"
    if not hasattr(estimates, "items") or len(estimates) == 0:
        raise TypeError(f"{where}: estimates takes a dict of arrays, one or more, got {estimates!r}")
    bins = arguments.count(where, "bins", bins)
    rows = {name: np.asarray(values) for name, values in estimates.items()}
    for name, values in rows.items():
        if values.ndim != 1 or not values.size or not np.all(np.isfinite(values)):
            raise ValueError(f"{where}: estimates of {name} must be a vector of finite numbers")
    ends = [float(f(v)) for v in rows.values() for f in (np.min, np.max)]
    low, high = min(*ends, exact_mean), max(*ends, exact_mean)
    pad = 0.02 * (high - low if high > low else 1.0)
    edges = np.linspace(low - pad, high + pad, bins + 1)
    figure, axes = new_figure(len(rows), 1, (6.4, 0.5 + 0.9 * len(rows)), sharex=True)
    for i, (ax, (name, values)) in enumerate(zip(axes[:, 0], rows.items(), strict=True)):
        colour = style(i).colour
        share = np.histogram(values, edges)[0] / values.size
        ax.stairs(share, edges, fill=True, color=colour, alpha=0.75, label=name)
        ax.axvline(exact_mean, color=GREY, linewidth=1.4, linestyle=(0, (2, 1)), label="_exact")
        ax.axvline(float(values.mean()), color=colour, linewidth=1.4, label="_mean")
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.grid(visible=False, axis="y")
        ax.text(
            1.01,
            0.5,
            f"{name}\nsd {values.std():.3g}",
            color=colour,
            fontsize=9,
            va="center",
            transform=ax.transAxes,
        )
    titles(axes[0, 0], "", "", title)
    titles(axes[-1, 0], "estimate (dashed: the gradient)", "")
    return figure


def fingerprints(records: Sequence[Mapping[str, Any]], title: str = "", *, shared: bool = True) -> Any:
    """A small plot for each estimator: its mean in a band of one standard deviation, and the gradient, against the logit.

    Parameters
    ----------
    records : sequence of dict
        With ``estimator``, ``logit``, ``exact_gradient``, ``exact_mean`` and ``exact_variance``, as
        `stgref.study.exact.exact_records` makes them.
    title : str, default ""
        What stands above.
    shared : bool, default True
        Whether all have the same vertical axis.

    Returns
    -------
    matplotlib.figure.Figure
        The plot.

    Raises
    ------
    TypeError, ValueError
        If records are no dicts, or lack a key.
    ImportError
        If matplotlib is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> from stgref.study import plots
    >>> from stgref.study.exact import exact_records
    >>> toy = estimators.objectives.Quadratic(0.45)
    >>> records = exact_records(toy, np.linspace(-4, 4, 9), ["rloo", "straight_through", "disarm"])
    >>> len(plots.fingerprints(records).axes)
    3
    """
    groups = by_estimator("fingerprints", records, "logit", "exact_gradient", "exact_mean", "exact_variance")
    columns = min(4, len(groups))
    rows = -(-len(groups) // columns)
    figure, axes = new_figure(
        rows, columns, (1.9 * columns + 0.4, 1.6 * rows + 0.6), sharex=True, sharey=shared
    )
    for ax in axes.flat[len(groups) :]:
        ax.set_visible(False)
    for ax in axes.flat[max(len(groups) - columns, 0) : len(groups)]:
        ax.tick_params(labelbottom=True)
    for i, (ax, (name, unsorted)) in enumerate(zip(axes.flat, groups.items(), strict=False)):
        colour, found = style(i).colour, sorted(unsorted, key=lambda r: _number(r, "logit"))
        x, truth, mean, variance = (
            np.array([_number(r, key) for r in found])
            for key in ("logit", "exact_gradient", "exact_mean", "exact_variance")
        )
        deviation = np.sqrt(variance)
        ax.fill_between(x, mean - deviation, mean + deviation, color=colour, alpha=0.22, linewidth=0)
        ax.plot(x, truth, color=GREY, linewidth=2.6, alpha=0.6, label="_exact")
        ax.plot(x, mean, color=colour, linewidth=1.5, label=name)
        ax.set_title(name.replace("(", "\n("), color=colour, fontsize=9, loc="left")
    figure.supxlabel("logit φ", color=GREY, fontsize=10)
    figure.supylabel("gradient (grey), mean ± sd of an estimate", color=GREY, fontsize=9)
    if title:
        figure.suptitle(title, color=GREY, fontsize=10, x=0.01, ha="left")
    return figure
