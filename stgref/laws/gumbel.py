r"""The Gumbel law of maxima: x = loc + scale n, with n standard Gumbel.

With :math:`y = (x - \text{loc}) / \text{scale}` and :math:`w = e^{-y}`, the distribution function is :math:`e^{-w}` and
the density :math:`w e^{-w} / \text{scale}`. The base noise is standard Gumbel: -log(-log u) of a uniform number u.
"""

from __future__ import annotations

import math

from stgref.laws.location_scale import LocationScale, Times, factored
from stgref.laws.sampling import sampler
from stgref.numerics import sigmoid
from stgref.numerics.branches import either
from stgref.numerics.namespace import Array, Namespace

SOURCE = """
N. L. Johnson, S. Kotz, N. Balakrishnan, "Continuous Univariate Distributions", volume 2, 2nd edition, 1995,
chapter 22; NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.6.16 (maximum case).
"""

EULER_GAMMA = 0.5772156649015329

FORMULAS = {
    "density": r"e^{-y - w}, \; w = e^{-y}",
    "log_density": "-y - e^{-y}",
    "score": r"\operatorname{expm1}(-y)",
    "cdf": r"\exp(-e^{-y})",
    "ccdf": r"-\operatorname{expm1}(-e^{-y})",
    "logcdf": "-e^{-y}",
    "logccdf": r"\log(-\operatorname{expm1}(-w)), \; w = e^{-y}",
    "grad_logcdf": "e^{-y}",
    "grad_logccdf": r"w e^{-w} / (1 - e^{-w}), \; w = e^{-y}",
    "icdf": r"-\log(-\log p)",
    "iccdf": r"-\log(-\operatorname{log1p}(-p))",
    "mean": r"\gamma",
    "median": r"(-\log \log 2)",
    "variance": r"\pi^2 / 6 \cdot",
    "entropy": r"1 + \gamma",
}


class _Standard:
    """The standard Gumbel law."""

    MEAN, MEDIAN, VARIANCE = EULER_GAMMA, -math.log(math.log(2.0)), math.pi**2 / 6.0
    ENTROPY = 1.0 + EULER_GAMMA

    def density(self, xp: Namespace, y: Array) -> Times:
        h = xp.exp(-0.5 * (y + _bounded_exp(xp, -y)))
        return factored(h, h)

    def log_density(self, xp: Namespace, y: Array) -> Array:
        return -y - xp.exp(-y)

    def score(self, xp: Namespace, y: Array) -> Array:
        return xp.expm1(-y)

    def cdf(self, xp: Namespace, y: Array) -> Array:
        return xp.exp(-xp.exp(-y))

    def ccdf(self, xp: Namespace, y: Array) -> Array:
        return -xp.expm1(-xp.exp(-y))

    def logcdf(self, xp: Namespace, y: Array) -> Array:
        return -xp.exp(-y)

    def logccdf(self, xp: Namespace, y: Array) -> Array:
        """log(1 - exp(-w)) loses log w = -y where w underflows; there it is -y + log((1 - exp(-w)) / w)."""
        w = _bounded_exp(xp, -y)

        def upper(w: Array, y: Array) -> Array:
            v = xp.maximum(w, sigmoid.NEGLIGIBLE)
            return xp.log(-xp.expm1(-v) / v) - y

        def lower(w: Array, y: Array) -> Array:
            return xp.log1p(-xp.exp(-w))

        return either(xp, w < 1.0, upper, lower, (w, 0.5, 1.0), (y, 0.0, 0.0))

    def grad_logcdf(self, xp: Namespace, y: Array) -> Times:
        h = xp.exp(-0.5 * y)
        return factored(h, h)

    def grad_logccdf(self, xp: Namespace, y: Array) -> Times:
        """w e^{-w} / (1 - e^{-w}); the quotient w / (1 - e^{-w}) is 1 where w underflows, and a w of 2^-100 stands for it."""
        w = _bounded_exp(xp, -y)
        v = xp.maximum(w, sigmoid.NEGLIGIBLE)
        h = xp.exp(-0.5 * w)
        return factored(v / -xp.expm1(-v) * h, h)

    def icdf(self, xp: Namespace, p: Array) -> Array:
        return -xp.log(-xp.log(p))

    def iccdf(self, xp: Namespace, p: Array) -> Array:
        return -xp.log(-xp.log1p(-p))

    def grad_icdf(self, xp: Namespace, p: Array) -> Array:
        return -1.0 / p / xp.log(p)


def _bounded_exp(xp: Namespace, x: Array) -> Array:
    """exp(x), at most 1e260: beyond, exp(-exp(x)) is 0 anyhow, and products with 0 must not be NaN."""
    return xp.exp(xp.minimum(x, 600.0))


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
sample = sampler(transform, "gumbel")
