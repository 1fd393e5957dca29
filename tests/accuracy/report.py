"""What a comparison found, and how it is told."""

from __future__ import annotations

import heapq
import sys
from dataclasses import dataclass, field
from typing import NamedTuple

from flint import arb

from tests.oracle import Exact, split

from .compare import Error

KEPT = 20  # bad points kept for the report


class Worst(NamedTuple):
    """One point: the error there, the arguments, what was computed and what is right."""

    error: Error
    point: tuple[float, ...]
    got: float
    wanted: Exact


@dataclass
class Row:
    """The comparison of one result of one function in one dtype.

    Attributes
    ----------
    worst : Worst
        The largest error in tolerances.
    hardest : Worst
        The largest error in eps (|f| + condition), which looks past the subnormal numbers.
    """

    function: str
    field: str
    dtype: str
    points: int
    bad: int = 0
    worst: Worst | None = None
    hardest: Worst | None = None
    note: str = ""
    examples: list[Worst] = field(default_factory=list)

    def add(self, at: Worst) -> None:
        """Count one point."""
        self.points += 1
        if self.worst is None or at.error.tolerances > self.worst.error.tolerances:
            self.worst = at
        if self.hardest is None or at.error.eps > self.hardest.error.eps:
            self.hardest = at
        if at.error.tolerances > 1:
            self.bad += 1
            self.examples = heapq.nlargest(KEPT, [*self.examples, at], key=lambda w: w.error.tolerances)

    @property
    def passed(self) -> bool:
        """Whether the function exists, gave no warning, and kept the bound everywhere."""
        return not self.note and self.bad == 0

    def line(self) -> str:
        """Return the row in one line."""
        name = f"{self.function}{f' .{self.field}' if self.field not in ('', 'value') else ''}"
        if self.worst is None or self.hardest is None:
            return f"FAIL {name:52} {self.dtype}  {self.note}"
        worst, e = self.worst.error, self.hardest.error
        text = f"{'ok' if self.passed else 'FAIL':5}{name:52} {self.dtype}  {self.points:6} points  {self.bad:5} bad"
        return (
            f"{text}  worst {worst.tolerances:9.3g} bounds, {e.eps:9.3g} eps, {e.ulp:9.3g} ulp  {self.note}"
        )

    def details(self, count: int) -> str:
        """Describe the worst points: arguments in decimal and in hex, got, wanted."""
        return "\n".join(describe(self, at) for at in self.examples[:count])


def describe(row: Row, at: Worst) -> str:
    """Return the lines about one point."""
    law, quantity, _ = split(row.function)
    names = law.arguments(quantity)
    decimal = ", ".join(f"{n}={v!r}" for n, v in zip(names, at.point, strict=True))
    exact = ", ".join(v.hex() for v in at.point)
    e = at.error
    return (
        f"       {e.tolerances:.4g} bounds, {e.ulp:.4g} ulp at {decimal}\n"
        f"         hex {exact}\n"
        f"         got {at.got!r} ({at.got.hex()}), wanted {decimal_of(at.wanted.value)}"
        f", condition {decimal_of(at.wanted.condition, 5)}"
    )


def decimal_of(x: arb | float, digits: int = 20) -> str:
    """Return a ball's midpoint in decimal."""
    return x.mid().str(digits, radius=False) if isinstance(x, arb) else repr(x)


def print_rows(rows: list[Row], show: int, *, only_bad: bool = False) -> None:
    """Print rows and their worst points to the terminal."""
    for row in rows:
        if only_bad and row.passed:
            continue
        print_line(row.line())
        if row.bad and show:
            print_line(row.details(show))


def print_line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
