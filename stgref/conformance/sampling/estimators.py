"""Estimator samples: means, variances and covariances against the exact ones, and whether rows are independent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from stgref.conformance.profile import Profile
from stgref.conformance.sampling import moments
from stgref.conformance.sampling.case import Bounds, SamplerCase, Test, numbers
from stgref.conformance.sampling.estimator_mistakes import explain
from stgref.conformance.sampling.independence import paired
from stgref.conformance.sampling.mistakes import Mistake
from stgref.conformance.sampling.moments import Exact
from stgref.conformance.statistics import Measured, catoni
from stgref.conformance.values import Array
from stgref.estimators import objectives
from stgref.estimators.estimator import Estimator
from stgref.estimators.relaxed import Relaxed
from stgref.estimators.table import ROWS

ESTIMATORS: Mapping[str, Estimator] = {estimator.__qualname__: estimator for estimator in ROWS}
LOGITS = (0.5, -0.75)
"""Exact in every dtype."""


def objective() -> Any:
    """Make the objective: two variables that interact, so that no variance and no covariance is 0.

    Returns
    -------
    Pairwise
        Its values at 00, 01, 10 and 11 are 0.4, -0.3, 0.9 and 1.8.
    """
    return objectives.Pairwise(np.array([[0.0, 0.8], [0.8, 0.0]]), np.array([0.5, -0.7]), 0.4)


@dataclass(frozen=True)
class EstimatorCase(SamplerCase):
    """An estimator with its options.

    Parameters
    ----------
    function, name
        As of `SamplerCase`.
    options : mapping
        What it is called with.
    """

    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def estimator(self) -> Estimator:
        """The reference."""
        return ESTIMATORS[self.function.split(".")[1]]

    @property
    def tests(self) -> Mapping[str, Test]:
        """The tests by name."""
        return {"mean": self.mean, "variance": self.variance, "gates": self.gates, "batch": self.batch}

    @cached_property
    def own(self) -> dict[str, Any]:
        """The options, with the control variate made."""
        made = (
            {"control_variate": Relaxed(objective(), 0.5, 0.5)} if "control_variate" in self.options else {}
        )
        return {**self.options, **made}

    @cached_property
    def exact(self) -> Exact:
        """The moments of an estimate."""
        return moments.estimates(self.estimator, objective(), np.array(LOGITS), self.own)

    def claimed(self, bounds: Bounds, profile: Profile) -> "EstimatorCase | None":
        """Leave the case out if a logit or an option is not what the subject claims."""
        given = [("logits", x) for x in LOGITS]
        given += [(name, x) for name, x in self.options.items() if isinstance(x, int | float)]
        outside = [
            name for name, x in given if name in bounds and not bounds[name][0] <= x <= bounds[name][1]
        ]
        return None if outside else self

    def ask(self, call: Callable[..., Any], rows: int, dtype: str, rng: np.random.Generator) -> Any:
        """Call the subject once."""
        return call(rows, objective(), np.array(LOGITS, dtype), rng=rng, **self.own)

    def usable(self, returned: Array, rows: int, dtype: str) -> Array:
        """See that the estimates have the right shape, dtype and kind of values."""
        return numbers(returned, (rows, len(LOGITS)), dtype)

    def explain(self, sample: Array, dtype: str, rng: np.random.Generator) -> Mistake | None:
        """Name the known mistake that gives such estimates."""
        return explain(self.estimator, objective(), np.array(LOGITS), self.own, sample, rng)

    def mean(self, sample: Array, level: float, dtype: str) -> list[Measured]:
        """Test the mean of every coordinate."""
        return _means(sample, self.exact, level, "coordinate {}")

    def variance(self, sample: Array, level: float, dtype: str) -> list[Measured]:
        """Test the variance of every coordinate: the mean of its squared deviation."""
        off = sample - self.exact.mean
        return _means(off * off, self._products(0), level, "squared deviation of coordinate {}")

    def gates(self, sample: Array, level: float, dtype: str) -> list[Measured]:
        """Test the covariance of neighbouring coordinates."""
        off, one = sample - self.exact.mean, self._products(1)
        first = Exact(one.mean[:1], one.variance[:1])
        return _means(off[:, :1] * off[:, 1:2], first, level, "covariance of coordinates {} and 1")

    def batch(self, sample: Array, level: float, dtype: str) -> list[Measured]:
        """Test whether rows are independent: products of their deviations have mean 0, and the product of the variances."""
        off, pairs = sample - self.exact.mean, len(paired(sample))
        none = Exact(np.zeros(len(LOGITS)), self.exact.variance**2)
        return [
            each
            for words, one, other in paired(off)
            for each in _means(one * other, none, level / pairs, f"coordinate {{}}, {words}")
        ]

    def _products(self, shift: int) -> Exact:
        return moments.products(self.estimator, objective(), np.array(LOGITS), self.own, shift)


@dataclass(frozen=True)
class SmoothCase(EstimatorCase):
    r"""An estimator that varies smoothly with its noise: its exact rule knows no moments above the second.

    If no estimate is larger than B, the product of two deviations :math:`(g_i - m_i)(g_j - m_j)` has a variance of at most
    :math:`(B + |m_i|)^2 \sigma_j^2`, which is all that a test of its mean needs.
    """

    @property
    def tests(self) -> Mapping[str, Test]:
        """The tests by name."""
        found = {"mean": self.mean, "variance": self.variance, "gates": self.gates, "batch": self.batch}
        return found if self.largest < np.inf else {"mean": self.mean, "batch": self.batch}

    @cached_property
    def largest(self) -> float:
        r"""B. A relaxed sample has a slope of at most :math:`1 / (4 \tau)` in its latent, and a latent of 1 in its logit."""
        name, f = self.estimator.__qualname__, objective()
        corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        value, slope = (float(np.max(np.abs(each))) for each in (f(corners), f.grad(corners)))
        relaxed, eta = slope / (4 * self._option("temperature")), self._option("eta")
        if name in {"relaxation", "gumbel_softmax_st", "gumbel_rao"}:
            return relaxed
        return value * (1 + eta) + 2 * eta * relaxed if name in {"rebar", "relax"} else np.inf

    def _option(self, name: str) -> float:
        return float(self.options.get(name, 0.5))

    def _products(self, shift: int) -> Exact:
        known = self.estimator.exact_moments(objective(), np.array(LOGITS), **self.own)
        other = (np.arange(len(LOGITS)) + shift) % len(LOGITS)
        mean, variance = known.covariance[np.arange(len(LOGITS)), other], np.diag(known.covariance)
        return Exact(mean, (self.largest + np.abs(known.mean)) ** 2 * variance[other])


@dataclass(frozen=True)
class MovingAverageCase(EstimatorCase):
    """The score function with a moving average: rows are no longer independent, but martingale differences."""

    @property
    def tests(self) -> Mapping[str, Test]:
        """The tests by name."""
        return {"mean": self.mean}

    @cached_property
    def exact(self) -> Exact:
        """The mean, and the most that the variance given the past can be.

        It is quadratic in the average, which starts at 0 and lies between the objective's values: the most is at an end.
        """
        values = objective()(np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]))
        ends = [
            moments.estimates(self.estimator, objective(), np.array(LOGITS), {"baseline": float(c)})
            for c in (min(0.0, values.min()), max(0.0, values.max()))
        ]
        return Exact(ends[0].mean, np.maximum(ends[0].variance, ends[1].variance))


def _means(values: Array, exact: Exact, level: float, words: str) -> list[Measured]:
    share = level / values.shape[1]
    return [
        catoni(values[:, i] - exact.mean[i], float(exact.variance[i]), share, words.format(i))
        for i in range(values.shape[1])
    ]
