r"""Objectives that are sums over the entries of b, :math:`f(b) = \sum_i h_i(b_i)` (plus a constant), or means.

Each entry has its own mean, :math:`E h(b_i) = P(b_i = 0)\, h(0) + P(b_i = 1)\, h(1)`, whatever the law of the others, and
:math:`d E h(b_i) = (h(1) - h(0))\, d P(b_i = 1)`.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any

from stgref.estimators.objectives.base import ClosedForm, GaussianForm, GaussianGradient
from stgref.estimators.objectives.chances import chances, pullback
from stgref.estimators.objectives.parameters import event_of
from stgref.numerics.namespace import Array, Namespace


class Separable(ClosedForm):
    """A sum over the entries, of which a class gives the term h, its slope h' and its curvature h''."""

    _mean = False
    """Whether the sum is divided by the number of entries of a point."""

    _constant = 0.0
    """What is added to the sum."""

    @property
    def rowwise(self) -> bool:
        """True: a value is the sum over its own point."""
        return True

    @property
    def event_shape(self) -> tuple[int | None, ...]:
        """The shape of one point: that of the parameters, any (D,) where all are numbers."""
        return event_of([getattr(self, name) for name in self._parameters])

    @abstractmethod
    def _term(self, *args: Any, **kwargs: Any) -> Array:
        """h(x)."""

    @abstractmethod
    def _slope(self, *args: Any, **kwargs: Any) -> Array:
        """h'(x)."""

    @abstractmethod
    def _curvature(self, *args: Any, **kwargs: Any) -> Array:
        """h''(x)."""

    @abstractmethod
    def _step(self, *args: Any, **kwargs: Any) -> Array:
        """h(1) - h(0)."""

    def _share(self, each: Array, points: Array) -> Array:
        """Entries of a sum, or of a mean."""
        return each / math.prod(points.shape[points.ndim - self.event_ndim :]) if self._mean else each

    def _total(self, xp: Namespace, each: Array) -> Array:
        total = xp.sum(each, axis=tuple(range(-self.event_ndim, 0)))
        return self._share(total, each) + self._constant

    def _value(self, xp: Namespace, b: Array, *parameters: Any) -> Array:
        return self._total(xp, self._term(xp, b, *parameters))

    def _grad(self, xp: Namespace, b: Array, *parameters: Any) -> Array:
        return self._share(self._slope(xp, b, *parameters), b)

    def _hessian_product(self, xp: Namespace, b: Array, v: Array, *parameters: Any) -> Array:
        return self._share(self._curvature(xp, b, *parameters) * v, b)

    def _exact_value(self, xp: Namespace, logits: Array, *parameters: Any) -> Array:
        p = chances(xp, logits, self.event_ndim)
        h0, h1 = (self._term(xp, x + 0.0 * logits, *parameters) for x in (0.0, 1.0))
        return self._total(xp, p.zero * h0 + p.one * h1)

    def _exact_gradient(self, xp: Namespace, logits: Array, *parameters: Any) -> Array:
        step = self._step(xp, *(q + 0.0 * logits for q in parameters))
        return self._share(pullback(xp, logits, step, self.event_ndim), logits)


class GaussianSeparable(Separable, GaussianForm):
    """A sum over the entries whose term has a mean over a Gaussian variable."""

    @abstractmethod
    def _smoothed(self, *args: Any, **kwargs: Any) -> Array:
        """E h(x) of x with mean mu and standard deviation s."""

    @abstractmethod
    def _grad_smoothed(self, *args: Any, **kwargs: Any) -> tuple[Array, Array]:
        """Its derivatives with respect to mu and s."""

    def _gaussian_value(self, xp: Namespace, mu: Array, std: Array, *parameters: Any) -> Array:
        return self._total(xp, self._smoothed(xp, mu, std, *parameters))

    def _gaussian_gradient(self, xp: Namespace, mu: Array, std: Array, *parameters: Any) -> GaussianGradient:
        d_mu, d_std = self._grad_smoothed(xp, mu, std, *parameters)
        return GaussianGradient(self._share(d_mu, mu), self._share(d_std, mu))
