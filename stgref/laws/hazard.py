r"""Uniform noise u on the axis of its cumulative hazard :math:`E = -\log(1 - u)`, a standard exponential variable.

What the Kumaraswamy laws need of it: their distribution functions are :math:`P(z \le x) = 1 - e^{-E(x)}`. The number E keeps
the digits of the upper tail, where 1 - u has none, and :math:`\log E` those of the lower one, down to where E itself
underflows. A point of the axis is therefore the pair of both, and derivatives along it are those of :math:`\log E`.
"""

from __future__ import annotations

from typing import NamedTuple

from stgref.laws.location_scale import Differential, Times
from stgref.numerics import sigmoid
from stgref.numerics.exponential import damped
from stgref.numerics.namespace import Array, Namespace

SMALL = -60.0
"""Where log E is below it, terms of the order of E, 1e-26, are beyond the last digit, and E itself may underflow."""


class Hazard(NamedTuple):
    """A cumulative hazard E, with its logarithm."""

    e: Array
    log_e: Array


def scaled(xp: Namespace, w: Hazard, c: Array) -> Array:
    """c E, which may be normal where E is not."""
    h = xp.exp(0.5 * w.log_e)
    return xp.where(w.log_e < SMALL, h * c * h, c * w.e)


class _Uniform:
    """The uniform law of u; ``density`` and ``score`` are those of log E and of E, and what multiplies is a derivative of log E."""

    MEAN, MEDIAN, VARIANCE, ENTROPY = 0.5, 0.5, 1.0 / 12.0, 0.0

    def density(self, xp: Namespace, w: Hazard) -> Times:
        """The density E e^-E of log E."""
        h = xp.exp(-0.5 * w.e)
        return lambda c: h * scaled(xp, w, c) * h

    def log_density(self, xp: Namespace, w: Hazard) -> Array:
        """Logarithm of the density of E, to which the logarithm of dE/dx belongs."""
        return -w.e

    def score(self, xp: Namespace, w: Hazard) -> Array:
        """Derivative of `log_density` along log E."""
        return -w.e

    def cdf(self, xp: Namespace, w: Hazard) -> Array:
        return -xp.expm1(-w.e)

    def ccdf(self, xp: Namespace, w: Hazard) -> Array:
        return xp.exp(-w.e)

    def logcdf(self, xp: Namespace, w: Hazard) -> Array:
        small = w.log_e < SMALL
        return xp.where(small, w.log_e, sigmoid.log1mexp(xp, xp.where(small, 1.0, w.e)))

    def logccdf(self, xp: Namespace, w: Hazard) -> Array:
        return -w.e

    def grad_logcdf(self, xp: Namespace, w: Hazard) -> Times:
        return lambda c: damped(xp, w.e, c)

    def grad_logccdf(self, xp: Namespace, w: Hazard) -> Times:
        return lambda c: scaled(xp, w, c)

    def icdf(self, xp: Namespace, p: Array) -> Array:
        return p

    def iccdf(self, xp: Namespace, p: Array) -> Array:
        return 1.0 - p

    def grad_icdf(self, xp: Namespace, p: Array) -> Array:
        return 1.0 + 0.0 * p

    def interval(self, xp: Namespace, a: Hazard, b: Hazard, width: Hazard) -> Array:
        h = xp.exp(-0.5 * a.e)
        return h * self.cdf(xp, width) * h

    def log_interval(self, xp: Namespace, a: Hazard, b: Hazard, width: Hazard) -> Array:
        return self.logcdf(xp, width) - a.e

    def grad_interval(self, xp: Namespace, a: Hazard, b: Hazard, width: Hazard, d: Differential) -> Array:
        """Derivative of e^-a (1 - e^-width), the common factor e^-a taken out."""
        h = xp.exp(-0.5 * a.e)
        return h * (self.density(xp, width)(d.width) - self.cdf(xp, width) * scaled(xp, a, d.a)) * h

    def grad_log_interval(self, xp: Namespace, a: Hazard, b: Hazard, width: Hazard, d: Differential) -> Array:
        return damped(xp, width.e, d.width) - scaled(xp, a, d.a)


uniform = _Uniform()
