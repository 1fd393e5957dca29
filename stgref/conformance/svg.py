"""Small plots as SVG: no library, no script. Colours come from the page, by the names of classes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from stgref.conformance.values import Array

WIDTH, HEIGHT = 340, 170
LEFT, RIGHT, TOP, BOTTOM = 46, 332, 8, 138
FAR = 20.0
"""An axis that reaches further is logarithmic beyond 1."""
HUGE, TINY = 1e300, 1e-290
"""Of an axis: its furthest end, and its shortest length."""
TICKS = 6


@dataclass(frozen=True)
class Axis:
    """From numbers to places.

    Parameters
    ----------
    low, high : float
        The numbers at either end.
    start, end : float
        Their places.
    kind : {"linear", "asinh", "log"}
        How numbers are spaced; ``asinh`` is linear near 0 and logarithmic on both sides.
    """

    low: float
    high: float
    start: float
    end: float
    kind: str = "linear"

    @classmethod
    def over(cls, x: Array, start: float, end: float) -> "Axis":
        """Make an axis that shows all of some numbers.

        Parameters
        ----------
        x : numpy.ndarray
            The numbers; infinite ones lie at the end.
        start, end : float
            The places of its ends.

        Returns
        -------
        Axis
            Logarithmic if the numbers reach far.
        """
        x = np.clip(np.nan_to_num(x), -HUGE, HUGE)
        low, high = (float(np.min(x)), float(np.max(x))) if x.size else (0.0, 1.0)
        if high - low < TINY:
            low, high = low - max(1.0, abs(low) / 2), high + max(1.0, abs(high) / 2)
        near, far = sorted((abs(low), abs(high)))
        wide = far > FAR * (near if low * high > 0 else 1.0)
        return cls(low, high, start, end, "asinh" if wide and far > FAR else "linear")

    def place(self, x: Array | float) -> Array:
        """Return where numbers lie.

        Parameters
        ----------
        x : array_like
            The numbers; those beyond an end are put there.

        Returns
        -------
        numpy.ndarray
            Their places.
        """
        low, high = self._warp(self.low), self._warp(self.high)
        part = (self._warp(np.clip(np.nan_to_num(x), self.low, self.high)) - low) / (high - low)
        return np.asarray(self.start + part * (self.end - self.start))

    @property
    def ticks(self) -> list[float]:
        """Round numbers along it."""
        if self.kind == "linear":
            return self._linear_ticks()
        exponents = range(math.ceil(math.log10(max(-self.low, self.high))) + 1)
        if self.kind == "log":
            exponents = range(math.ceil(math.log10(self.low)), math.floor(math.log10(self.high)) + 1)
        powers = [10.0**k for k in exponents]
        signed = powers if self.kind == "log" else [*(-p for p in powers[::-1]), 0.0, *powers]
        inside = [x for x in signed if self.low <= x <= self.high]
        step = math.ceil(len(inside) / TICKS)
        middle = next((i for i, x in enumerate(inside) if x in {0.0, 1.0}), 0)
        return inside[middle % step :: step]

    def _linear_ticks(self) -> list[float]:
        raw = (self.high - self.low) / (TICKS - 1)
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * (1 - 1e-9))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [k * step for k in range(first, last + 1)]

    def _warp(self, x: Array | float) -> Array:
        if self.kind == "linear":
            return np.asarray(x)
        return np.asarray(np.log10(x) if self.kind == "log" else np.arcsinh(x))


def frame(label: str, x: Axis, y: Axis, title: str, content: str) -> str:
    """Draw a plot around what it shows.

    Parameters
    ----------
    label : str
        Below the horizontal axis.
    x, y : Axis
        The axes.
    title : str
        For who cannot see it.
    content : str
        SVG elements.

    Returns
    -------
    str
        An ``svg`` element.
    """
    grid = "".join(_tick(y, value, vertical=True) for value in y.ticks)
    ticks = "".join(_tick(x, value, vertical=False) for value in x.ticks)
    words = _text((LEFT + RIGHT) / 2, HEIGHT - 4, label, "middle")
    return _svg(title, f"{grid}{ticks}{content}{words}")


def bars(labels: Sequence[str], series: Sequence[Sequence[int]], label: str, title: str) -> str:
    """Draw a histogram, with its parts side by side.

    Parameters
    ----------
    labels : sequence of str
        Of the bins.
    series : sequence of sequence of int
        Counts, bin by bin.
    label, title : str
        As for `frame`.

    Returns
    -------
    str
        An ``svg`` element.
    """
    y = Axis(0.0, float(max((max(counts) for counts in series), default=1) or 1), BOTTOM, TOP)
    step = (RIGHT - LEFT) / len(labels)
    width = (step - 4) / max(1, len(series))
    parts = [_tick(y, value, vertical=True) for value in y.ticks if value == round(value)]
    for i, counts in enumerate(series):
        for k, count in enumerate(counts):
            top = float(y.place(count))
            left = LEFT + k * step + 2 + i * width
            parts.append(
                f'<rect class="s{i % 4}" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{BOTTOM - top:.1f}"/>'
            )
    parts += [_text(LEFT + (k + 0.5) * step, BOTTOM + 13, each, "middle") for k, each in enumerate(labels)]
    return _svg(title, "".join(parts) + _text((LEFT + RIGHT) / 2, HEIGHT - 4, label, "middle"))


def dots(x: Array, y: Array, name: str) -> str:
    """Draw points.

    Parameters
    ----------
    x, y : numpy.ndarray
        Their places.
    name : str
        Class of the path.

    Returns
    -------
    str
        A ``path`` element of lines without length, with round ends.
    """
    places = dict.fromkeys(f"M{a:.1f} {b:.1f}h0" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    return f'<path class="dots {name}" d="{"".join(places)}"/>' if places else ""


def line(x: Array, y: Array, name: str) -> str:
    """Draw a line.

    Parameters
    ----------
    x, y : numpy.ndarray
        The places of its corners.
    name : str
        Class of the line.

    Returns
    -------
    str
        A ``polyline`` element.
    """
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    return f'<polyline class="line {name}" points="{points}"/>'


def level(y: float, name: str) -> str:
    """Draw a line from end to end.

    Parameters
    ----------
    y : float
        Its place.
    name : str
        Class of the line.

    Returns
    -------
    str
        A ``polyline`` element.
    """
    return line(np.array([LEFT, RIGHT]), np.array([y, y]), name)


def short(x: float) -> str:
    """Write a number for an axis.

    Parameters
    ----------
    x : float
        The number.

    Returns
    -------
    str
        With three digits.
    """
    return f"{x:.3g}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")


def _svg(title: str, content: str) -> str:
    name = escape(title)
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{name}">{content}</svg>'


def _tick(axis: Axis, value: float, *, vertical: bool) -> str:
    at = float(axis.place(value))
    if vertical:
        return level(at, "grid") + _text(LEFT - 5, at + 3.5, short(value), "end")
    ends = np.array([BOTTOM, BOTTOM + 3])
    return line(np.array([at, at]), ends, "grid") + _text(at, BOTTOM + 13, short(value), "middle")


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
