r"""The logistic law: x = loc + scale n, with n standard logistic.

With :math:`y = (x - \text{loc}) / \text{scale}` and :math:`\sigma` the logistic sigmoid, the distribution function is
:math:`\sigma(y)` and the density :math:`\sigma'(y) / \text{scale}`. The base noise is standard logistic: the logit of a
uniform number.
"""

from __future__ import annotations

import math

from stgref.laws.location_scale import Differential, LocationScale, Times, factored, pivot
from stgref.laws.sampling import sampler
from stgref.numerics import sigmoid
from stgref.numerics.namespace import Array, Namespace

SOURCE = """
N. L. Johnson, S. Kotz, N. Balakrishnan, "Continuous Univariate Distributions", volume 2, 2nd edition, 1995,
chapter 23.
"""

FORMULAS = {
    "density": r"q^2, \; q = \operatorname{sech}(y/2) / 2",
    "log_density": r"-|y| - 2 \operatorname{log1p}(e^{-|y|})",
    "score": r"-\tanh(y/2)",
    "cdf": r"\sigma(y)",
    "ccdf": r"\sigma(-y)",
    "logcdf": r"\log \sigma(y)",
    "logccdf": r"\log \sigma(-y)",
    "grad_logcdf": r"\sigma(-y)",
    "grad_logccdf": r"\sigma(y)",
    "icdf": r"\operatorname{logit}(p)",
    "iccdf": r"-\operatorname{logit}(p)",
    "mean": "0",
    "median": "0",
    "variance": r"\pi^2 / 3 \cdot",
    "entropy": "2",
}


class _Standard:
    """The standard logistic law."""

    MEAN, MEDIAN, VARIANCE, ENTROPY = 0.0, 0.0, math.pi**2 / 3.0, 2.0

    def density(self, xp: Namespace, y: Array) -> Times:
        q = sigmoid.half_sech(xp, y)
        return factored(q, q)

    def log_density(self, xp: Namespace, y: Array) -> Array:
        return sigmoid.log_density(xp, y)

    def score(self, xp: Namespace, y: Array) -> Array:
        return -sigmoid.tanh_half(xp, y)

    def cdf(self, xp: Namespace, y: Array) -> Array:
        return sigmoid.expit(xp, y)

    def ccdf(self, xp: Namespace, y: Array) -> Array:
        return sigmoid.expit(xp, -y)

    def logcdf(self, xp: Namespace, y: Array) -> Array:
        return sigmoid.log_expit(xp, y)

    def logccdf(self, xp: Namespace, y: Array) -> Array:
        return sigmoid.log_expit(xp, -y)

    def grad_logcdf(self, xp: Namespace, y: Array) -> Times:
        return factored(*sigmoid.factors(xp, -y))

    def grad_logccdf(self, xp: Namespace, y: Array) -> Times:
        return factored(*sigmoid.factors(xp, y))

    def icdf(self, xp: Namespace, p: Array) -> Array:
        return sigmoid.logit(xp, p)

    def iccdf(self, xp: Namespace, p: Array) -> Array:
        return -sigmoid.logit(xp, p)

    def grad_icdf(self, xp: Namespace, p: Array) -> Array:
        return sigmoid.grad_logit(xp, p).p

    def interval(self, xp: Namespace, a: Array, b: Array, width: Array) -> Array:
        return sigmoid.interval(xp, a, b, width)

    def log_interval(self, xp: Namespace, a: Array, b: Array, width: Array) -> Array:
        return sigmoid.log_interval(xp, a, b, width)

    def grad_interval(self, xp: Namespace, a: Array, b: Array, width: Array, d: Differential) -> Array:
        """Derivative of sigma(b) - sigma(a), pivoted as in `pivot`."""
        at_b = xp.abs(d.a) <= xp.abs(d.b)
        return sigmoid.grad_interval(xp, a, b, width, at_b, d.width, xp.where(at_b, d.a, d.b))

    def grad_log_interval(self, xp: Namespace, a: Array, b: Array, width: Array, d: Differential) -> Array:
        """Of log sigma(b) + log sigma(-a) + log(1 - e^-width): sigma(-b) db - sigma(a) da + dwidth / (e^width - 1)."""
        end, shift = pivot(xp, a, -b, d)
        h = xp.exp(-0.5 * width)
        by_width = sigmoid.scaled_expit(xp, end, d.width) + d.width * h / -xp.expm1(-width) * h
        return by_width - sigmoid.signed_interval(xp, -b, a, a + b, shift)


standard = _Standard()
_law = LocationScale(__name__, standard, SOURCE, FORMULAS)

transform, grad_transform = _law.public(_law.transform), _law.public(_law.grad_transform)
pdf, logpdf, grad_logpdf = _law.public(_law.pdf), _law.public(_law.logpdf), _law.public(_law.grad_logpdf)
cdf, grad_cdf = _law.public(_law.cdf), _law.public(_law.grad_cdf)
ccdf = _law.public(_law.ccdf)
logcdf, grad_logcdf = _law.public(_law.logcdf), _law.public(_law.grad_logcdf)
logccdf, grad_logccdf = _law.public(_law.logccdf), _law.public(_law.grad_logccdf)
icdf, grad_icdf = _law.public(_law.icdf), _law.public(_law.grad_icdf)
iccdf = _law.public(_law.iccdf)
mean, grad_mean = _law.public(_law.mean), _law.public(_law.grad_mean)
variance, grad_variance = _law.public(_law.variance), _law.public(_law.grad_variance)
median, grad_median = _law.public(_law.median), _law.public(_law.grad_median)
entropy = _law.public(_law.entropy)
sample = sampler(transform, "logistic")
