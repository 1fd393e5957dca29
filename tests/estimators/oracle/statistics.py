"""Mean and covariance of weighted outcomes, and of mixtures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Moments:
    """The mean of D numbers and their (D, D) covariance, as lists."""

    mean: list[Any]
    covariance: list[list[Any]]

    @property
    def variance(self) -> list[Any]:
        return [row[i] for i, row in enumerate(self.covariance)]

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        return np.array([float(x) for x in self.mean]), np.array(
            [[float(x) for x in row] for row in self.covariance]
        )


def of(outcomes: Iterable[tuple[Any, Sequence[Any]]]) -> Moments:
    """Moments of estimates that occur with the given weights, centred before they are squared."""
    outcomes = list(outcomes)
    size = range(len(outcomes[0][1]))
    mean = [sum(weight * g[i] for weight, g in outcomes) for i in size]
    covariance = [
        [sum(weight * (g[i] - mean[i]) * (g[j] - mean[j]) for weight, g in outcomes) for j in size]
        for i in size
    ]
    return Moments(mean, covariance)


def mixture(parts: Iterable[tuple[Any, Moments]]) -> Moments:
    """Law of total covariance: the mean of the covariances and the covariance of the means."""
    parts = list(parts)
    between = of((weight, part.mean) for weight, part in parts)
    size = range(len(between.mean))
    within = [[sum(weight * part.covariance[i][j] for weight, part in parts) for j in size] for i in size]
    return Moments(between.mean, [[between.covariance[i][j] + within[i][j] for j in size] for i in size])


def independent_sum(*terms: Moments) -> Moments:
    size = range(len(terms[0].mean))
    return Moments(
        [sum(term.mean[i] for term in terms) for i in size],
        [[sum(term.covariance[i][j] for term in terms) for j in size] for i in size],
    )


def scaled(moments: Moments, factor: Sequence[Any]) -> Moments:
    """Moments of ``factor * g``, factor by factor."""
    size = range(len(moments.mean))
    return Moments(
        [factor[i] * moments.mean[i] for i in size],
        [[factor[i] * factor[j] * moments.covariance[i][j] for j in size] for i in size],
    )


def shifted(moments: Moments, by: Sequence[Any]) -> Moments:
    return Moments([a + b for a, b in zip(moments.mean, by, strict=True)], moments.covariance)
