"""What a study found of one estimator, coordinate by coordinate and as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from stgref.numerics.namespace import Array
from stgref.study import intervals
from stgref.study.intervals import Interval
from stgref.study.summary import SCALARS, Summary
from stgref.study.task import Task

Record = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Result:
    """What a study found of one estimator.

    Parameters
    ----------
    task : Task
        The estimator and the problem.
    summary : Summary
        Of its estimates.
    exact_mean, exact_variance : array of shape (P,) or None
        Exact values of one estimate, where they are known.
    confidence : float
        The level of the intervals.
    reached : bool or None
        Whether the wished precision was reached, if one was wished.
    """

    task: Task
    summary: Summary
    exact_mean: Array | None
    exact_variance: Array | None
    confidence: float
    reached: bool | None = None

    @property
    def n_samples(self) -> int:
        """How many estimates were drawn."""
        return self.summary.estimates.n

    @property
    def name(self) -> str:
        """What the study calls the estimator."""
        return self.task.name

    @property
    def gradient(self) -> Array | None:
        """What is estimated, flat, if it is known."""
        return self.task.gradient

    @cached_property
    def mean(self) -> Interval:
        """Of the mean of each coordinate."""
        return intervals.mean(self.summary.estimates, self.confidence, self._eps)

    @cached_property
    def bias(self) -> Interval | None:
        """Of the mean less the gradient."""
        if self.gradient is None:
            return None
        rounding = intervals.ROUNDINGS * self._eps * np.abs(self.gradient)
        value, low, high = (end - self.gradient for end in self.mean)
        return Interval(value, low - rounding, high + rounding)

    @cached_property
    def variance(self) -> Interval:
        """Of the variance of one estimate."""
        return intervals.variance(self.summary.estimates, self.confidence, self._eps)

    @cached_property
    def mse(self) -> Interval | None:
        """Of the mean-squared error of one estimate."""
        if self.gradient is None:
            return None
        return intervals.about(self.summary.estimates, self.gradient, self.confidence, self._eps)

    @cached_property
    def sign_agreement(self) -> Interval | None:
        """Of the probability that one estimate has the sign of the gradient."""
        if self.gradient is None:
            return None
        return intervals.probability(self.summary.agreeing, self.n_samples, self.confidence)

    def records(self) -> list[Record]:
        """One dict for each coordinate.

        Returns
        -------
        list of dict
            As `Study.to_records` has them.
        """
        return [self._record(i) for i in range(self.summary.estimates.mean.size)]

    def total(self) -> Record:
        """One dict for the estimator as a whole.

        Returns
        -------
        dict
            As `Study.summaries` has them.
        """
        s, n = self.summary, self.n_samples
        seconds = self._seconds_each()
        evaluations = s.evaluations / n
        variance = self._total_variance()
        return {
            "estimator": self.name,
            "n_samples": n,
            **_three("cosine", self._scalar("cosine"), known=self.gradient is not None),
            **_three("sign_agreement", self._scalar("agreement"), known=self.gradient is not None),
            **_three("variance", variance),
            **_three("mse", self._total_mse()),
            "evaluations": s.evaluations,
            "evaluations_each": evaluations,
            "seconds": self.seconds,
            **_three("seconds_each", seconds),
            **_three("variance_times_evaluations", tuple(evaluations * x for x in variance)),
            **_three("variance_times_seconds", _product(variance, seconds)),
            "exact_variance": None if self.exact_variance is None else float(np.sum(self.exact_variance)),
            "exact_mse": None if (mse := self._exact_mse()) is None else float(np.sum(mse)),
            "largest_share": float(np.max(intervals.largest_share(s.estimates), initial=0.0)),
            "confidence": self.confidence,
            "precision_reached": self.reached,
        }

    @property
    def seconds(self) -> float:
        """The time that all estimates took, on all workers together."""
        return float(self.summary.seconds.mean[0] * self.summary.seconds.n)

    @property
    def _eps(self) -> float:
        """The precision of the estimates: that of the logits."""
        dtype = str(self.task.logits.dtype).rpartition(".")[2]
        return float(np.finfo(dtype if dtype in ("float64", "float32", "float16") else "float64").eps)

    def _exact_mse(self) -> Array | None:
        if self.exact_mean is None or self.exact_variance is None or self.gradient is None:
            return None
        return self.exact_variance + (self.exact_mean - self.gradient) ** 2

    def _record(self, i: int) -> Record:
        shape, g = tuple(self.task.logits.shape), self.gradient
        where = i if len(shape) == 1 else tuple(int(k) for k in np.unravel_index(i, shape))
        mse = self._exact_mse()
        return {
            "estimator": self.name,
            "coordinate": where,
            "logit": float(self.task.flat_logits[i]),
            "n_samples": self.n_samples,
            **_three("mean", self.mean.at(i)),
            **_three("bias", self.bias and self.bias.at(i)),
            **_three("variance", self.variance.at(i)),
            **_three("mse", self.mse and self.mse.at(i)),
            **_three("sign_agreement", self.sign_agreement and self.sign_agreement.at(i)),
            "exact_gradient": None if g is None else float(g[i]),
            "exact_mean": None if self.exact_mean is None else float(self.exact_mean[i]),
            "exact_variance": None if self.exact_variance is None else float(self.exact_variance[i]),
            "exact_mse": None if mse is None else float(mse[i]),
            "largest_share": float(intervals.largest_share(self.summary.estimates)[i]),
            "evaluations": self.summary.evaluations,
            "seconds": self.seconds,
            "confidence": self.confidence,
        }

    def _scalar(self, name: str) -> tuple[float, float, float]:
        found = intervals.mean(self.summary.scalars, self.confidence, self._eps)
        value, low, high = found.at(SCALARS.index(name))
        return value, max(low, -1.0 if name == "cosine" else 0.0), min(high, 1.0)

    def _positive(self, name: str, v: Array, c: Array) -> tuple[float, float, float]:
        """Of the mean of a scalar that is a square deviation from c, whose coordinates have the mean v."""
        m = self.summary.estimates
        rounding = float(np.sum(intervals.square_rounding(m, v, c, self._eps)))
        found = intervals.positive(self.summary.scalars, self.confidence, rounding)
        return found.at(SCALARS.index(name))

    def _total_mse(self) -> tuple[float, float, float] | None:
        if self.mse is None or self.gradient is None:
            return None
        return self._positive("error", self.mse.value, self.gradient)

    def _total_variance(self) -> tuple[float, float, float]:
        """Of the sum of the coordinates' variances: as far off as the mean of |x - mean|^2 may be."""
        none = np.zeros_like(self.variance.value)
        value, (middle, low, high) = float(np.sum(self.variance.value)), self._positive("spread", none, none)
        quadratic = intervals.quantile(self.confidence, self.n_samples) ** 2 * value / self.n_samples
        return value, max(0.0, value - (middle - low)), value + (high - middle) + quadratic

    def _seconds_each(self) -> tuple[float, float, float]:
        """Per estimate, from the blocks' times."""
        s = self.summary.seconds
        found = intervals.mean(s, self.confidence, 0.0).at(0)
        value, low, high = (x * s.n / self.n_samples for x in found)
        return value, max(0.0, low), high


def _three(name: str, interval: tuple[float, ...] | None, *, known: bool = True) -> Record:
    value, low, high = interval if interval is not None and known else (None, None, None)
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def _product(a: tuple[float, float, float], b: tuple[float, float, float]) -> tuple[float, float, float]:
    """Of two independent numbers: the squares of their relative half widths add, on either side."""
    value = a[0] * b[0]
    if not value:
        return 0.0, 0.0, a[2] * b[2] if a[2] and b[2] else 0.0
    down, up = (np.hypot((a[k] - a[0]) / a[0], (b[k] - b[0]) / b[0]) for k in (1, 2))
    return value, float(max(0.0, value * (1.0 - down))), float(value * (1.0 + up))
