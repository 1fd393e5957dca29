r"""The normal law: x = loc + scale n, with n standard normal.

With :math:`y = (x - \text{loc}) / \text{scale}`, the distribution function is :math:`\Phi(y)` and the density
:math:`\phi(y) / \text{scale}`. The base noise is standard normal.
"""

from __future__ import annotations

import math

from stgref.laws.location_scale import Differential, LocationScale, Times, factored, pivot
from stgref.laws.sampling import sampler
from stgref.numerics import gauss
from stgref.numerics.namespace import Array, Namespace

SOURCE = """
N. L. Johnson, S. Kotz, N. Balakrishnan, "Continuous Univariate Distributions", volume 1, 2nd edition, 1994,
chapter 13; NIST Digital Library of Mathematical Functions, 7.2 and 7.9.
"""

FORMULAS = {
    "density": r"g^2 / \sqrt{2 \pi}, \; g = e^{-y^2/4}",
    "log_density": r"-y^2/2 - \log \sqrt{2 \pi}",
    "score": "-y",
    "cdf": r"\operatorname{erfc}(-y/\sqrt2) / 2",
    "ccdf": r"\operatorname{erfc}(y/\sqrt2) / 2",
    "logcdf": r"\log \Phi(y)",
    "logccdf": r"\log \Phi(-y)",
    "grad_logcdf": r"\lambda(y) = \sqrt{2/\pi} / \operatorname{erfcx}(-y/\sqrt2)",
    "grad_logccdf": r"\lambda(-y) = \sqrt{2/\pi} / \operatorname{erfcx}(y/\sqrt2)",
    "icdf": r"\Phi^{-1}(p)",
    "iccdf": r"-\Phi^{-1}(p)",
    "mean": "0",
    "median": "0",
    "variance": "",
    "entropy": r"\log \sqrt{2 \pi e}",
}


class _Standard:
    """The standard normal law."""

    MEAN, MEDIAN, VARIANCE, ENTROPY = 0.0, 0.0, 1.0, 0.5 * math.log(2.0 * math.pi * math.e)

    def density(self, xp: Namespace, y: Array) -> Times:
        g = gauss.half_gauss(xp, y)
        return factored(gauss.INV_SQRT_2PI * g, g)

    def log_density(self, xp: Namespace, y: Array) -> Array:
        return gauss.log_density(xp, y)

    def score(self, xp: Namespace, y: Array) -> Array:
        return -y

    def cdf(self, xp: Namespace, y: Array) -> Array:
        return gauss.ndtr(xp, y)

    def ccdf(self, xp: Namespace, y: Array) -> Array:
        return gauss.ndtr(xp, -y)

    def logcdf(self, xp: Namespace, y: Array) -> Array:
        return gauss.log_ndtr(xp, y)

    def logccdf(self, xp: Namespace, y: Array) -> Array:
        return gauss.log_ndtr(xp, -y)

    def grad_logcdf(self, xp: Namespace, y: Array) -> Times:
        return factored(*gauss.inverse_mills_factors(xp, y))

    def grad_logccdf(self, xp: Namespace, y: Array) -> Times:
        return factored(*gauss.inverse_mills_factors(xp, -y))

    def icdf(self, xp: Namespace, p: Array) -> Array:
        return gauss.ndtri(xp, p)

    def iccdf(self, xp: Namespace, p: Array) -> Array:
        return -gauss.ndtri(xp, p)

    def grad_icdf(self, xp: Namespace, p: Array) -> Array:
        return gauss.grad_ndtri(xp, p).p

    def interval(self, xp: Namespace, a: Array, b: Array, width: Array) -> Array:
        return gauss.Interval(xp, a, b, width).value

    def log_interval(self, xp: Namespace, a: Array, b: Array, width: Array) -> Array:
        return gauss.Interval(xp, a, b, width).log

    def grad_interval(self, xp: Namespace, a: Array, b: Array, width: Array, d: Differential) -> Array:
        end, shift = pivot(xp, a, b, d)
        return gauss.density(xp, end, d.width) + gauss.density_difference(xp, a, b, width, shift)

    def grad_log_interval(self, xp: Namespace, a: Array, b: Array, width: Array, d: Differential) -> Array:
        """The gradient over the probability, which is taken inside when it is large, else with the quotients g / P."""
        over, total = gauss.Interval(xp, a, b, width), a + b
        likely = over.value > 0.25
        p = xp.where(likely, over.value, 1.0)
        direct = self.grad_interval(xp, a, b, width, Differential(d.a / p, d.b / p, d.width / p))
        end, shift = pivot(xp, over.at_a, over.at_b, d)
        larger = xp.where(total >= 0.0, over.at_a, over.at_b)
        difference = larger * xp.sign(total) * xp.expm1(-0.5 * width * xp.abs(total))
        return xp.where(likely, direct, end * d.width + difference * shift)


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
sample = sampler(transform, "normal")
