r"""The Gumbel law of maxima: x = loc + scale n, with n standard Gumbel.

With :math:`y = (x - \text{loc}) / \text{scale}` and :math:`w = e^{-y}`, the distribution function is :math:`e^{-w}` and
the density :math:`w e^{-w} / \text{scale}`. The base noise is standard Gumbel: -log(-log u) of a uniform number u.
"""

from __future__ import annotations

import math

from stgref.laws.location_scale import LocationScale
from stgref.laws.sampling import sampler
from stgref.numerics import sigmoid
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

    def density(self, xp: Namespace, y: Array, c: Array) -> Array:
        h = xp.exp(-0.5 * (y + _bounded_exp(xp, -y)))
        return c * h * h

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
        small = w < 1.0
        v = xp.where(small & (w > 0.0), w, 1.0)
        upper = xp.where(w > 0.0, xp.log(-xp.expm1(-v) / v), 0.0) - y
        return xp.where(small, upper, sigmoid.log1mexp(xp, xp.where(small, 1.0, w)))

    def grad_logcdf(self, xp: Namespace, y: Array, c: Array) -> Array:
        h = xp.exp(-0.5 * y)
        return c * h * h

    def grad_logccdf(self, xp: Namespace, y: Array, c: Array) -> Array:
        """w e^{-w} / (1 - e^{-w}); the quotient w / (1 - e^{-w}) is 1 where w underflows."""
        w = _bounded_exp(xp, -y)
        v = xp.where(w > 0.0, w, 1.0)
        h = xp.exp(-0.5 * w)
        return c * xp.where(w > 0.0, v / -xp.expm1(-v), 1.0) * h * h

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
