"""How far each estimator of a study has to go, and when it may stop."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from stgref.study import intervals
from stgref.study.moments import Moments

FIRST = 16
"""Blocks before it is asked for the first time whether the precision is reached."""


class Precision(NamedTuple):
    """What is wished: half the width of the mean's confidence interval, in every coordinate.

    Attributes
    ----------
    width : float
        The half width.
    relative : bool
        Whether it is that of the largest coordinate of the mean.
    level : float
        The level of the interval.
    """

    width: float
    relative: bool
    level: float

    def is_reached(self, m: Moments) -> bool:
        """Whether the estimates are as precise."""
        half = intervals.quantile(self.level, m.n) * intervals.standard_error(m)
        allowed = self.width * (np.max(np.abs(m.mean), initial=0.0) if self.relative else 1.0)
        return bool(np.all(half <= allowed))


def stages(blocks: int, precision: Precision | None) -> list[int]:
    """Numbers of blocks at which it is asked whether to go on: 16, 24, 32, 48, 64, 96 ... and all.

    They depend on nothing that differs from one executor to another, so neither does where a study stops.
    """
    found, step = [], FIRST
    while precision is not None and step < blocks:
        found += [step, step + step // 2]
        step *= 2
    return [n for n in found if n < blocks] + [blocks]
