r"""The rectified Gaussian law: a normal variable clipped to [0, 1].

.. math:: \bar z = \mu + \text{std}\, n, \quad z = \min(1, \max(0, \bar z))

with n standard normal noise. On the base axis, :math:`w(x) = (x - \mu) / \text{std}`, so that
:math:`P(\bar z \le x) = \Phi(w(x))`.
"""

from __future__ import annotations

import inspect
from typing import NamedTuple

from stgref.laws import normal
from stgref.laws.clipping import Clipped
from stgref.laws.sampling import sampler
from stgref.numerics.namespace import Array, Namespace

SOURCE = """
Y. Yamada, O. Lindenbaum, S. Negahban, Y. Kluger, "Feature Selection using Stochastic Gates", ICML 2020, section 4,
with mu for their mu + 0.5 as in Captum.
"""


class Partials(NamedTuple):
    """Partial derivatives with respect to the parameters."""

    mu: Array
    std: Array


class PartialsAtX(NamedTuple):
    """Partial derivatives with respect to the point and the parameters."""

    x: Array
    mu: Array
    std: Array


class PartialsAtP(NamedTuple):
    """Partial derivatives with respect to the probability and the parameters."""

    p: Array
    mu: Array
    std: Array


class Pathwise(NamedTuple):
    """A sample and its partial derivatives with respect to the noise and the parameters."""

    value: Array
    noise: Array
    mu: Array
    std: Array


class _Stretched:
    """The normal law before clipping."""

    base = normal.Standard()
    partials, partials_at_x, partials_at_p, pathwise = Partials, PartialsAtX, PartialsAtP, Pathwise

    def transform(self, xp: Namespace, noise: Array, mu: Array, std: Array) -> Array:
        return mu + std * noise

    def grad_transform(self, xp: Namespace, noise: Array, mu: Array, std: Array) -> tuple[Array, ...]:
        return std, 1.0, noise

    def point(self, xp: Namespace, x: Array, mu: Array, std: Array) -> Array:
        return (x - mu) / std

    def grad_point(self, xp: Namespace, x: Array, mu: Array, std: Array) -> tuple[Array, ...]:
        return 1.0 / std, -1.0 / std, (mu - x) * (1.0 / std / std)

    def log_slope(self, xp: Namespace, x: Array, mu: Array, std: Array) -> Array:
        return -xp.log(std)

    def grad_log_slope(self, xp: Namespace, x: Array, mu: Array, std: Array) -> tuple[Array, ...]:
        return 0.0 * x, 0.0 * mu, -1.0 / std

    def width(self, xp: Namespace, mu: Array, std: Array) -> Array:
        return 1.0 / std

    def grad_width(self, xp: Namespace, mu: Array, std: Array) -> tuple[Array, ...]:
        return 0.0 * mu, -1.0 / std / std


_law = Clipped(
    __name__,
    _Stretched(),
    {"mu": inspect.Parameter.empty, "std": 0.5},
    SOURCE,
    {
        "stretched": r"\mu + \text{std}\, n",
        "base": "standard normal",
        "point": r"(x - \mu) / \text{std}",
        "slope": r"1 / \text{std}",
        "zero": r"-\mu / \text{std}",
        "one": r"(1 - \mu) / \text{std}",
        "interior": "See `stgref.numerics.gauss.interval` for the three forms it takes.",
    },
)
_open = {"clip_gradient": "closed"}

transform = _law.public(_law.transform, "noise")
grad_transform = _law.public(_law.grad_transform, "noise", Pathwise, **_open)
pdf, logpdf = _law.public(_law.pdf, "x"), _law.public(_law.logpdf, "x")
grad_logpdf = _law.public(_law.grad_logpdf, "x", PartialsAtX)
cdf, grad_cdf = _law.public(_law.cdf, "x"), _law.public(_law.grad_cdf, "x", PartialsAtX)
ccdf, left_cdf = _law.public(_law.ccdf, "x"), _law.public(_law.left_cdf, "x")
logcdf, grad_logcdf = _law.public(_law.logcdf, "x"), _law.public(_law.grad_logcdf, "x", PartialsAtX)
logccdf, grad_logccdf = _law.public(_law.logccdf, "x"), _law.public(_law.grad_logccdf, "x", PartialsAtX)
icdf, grad_icdf = _law.public(_law.icdf, "p"), _law.public(_law.grad_icdf, "p", PartialsAtP, **_open)
iccdf = _law.public(_law.iccdf, "p")
median, grad_median = _law.public(_law.median), _law.public(_law.grad_median, "", Partials, **_open)
prob_zero, grad_prob_zero = _law.public(_law.prob_zero), _law.public(_law.grad_prob_zero, "", Partials)
prob_one, grad_prob_one = _law.public(_law.prob_one), _law.public(_law.grad_prob_one, "", Partials)
prob_active, grad_prob_active = _law.public(_law.prob_active), _law.public(_law.grad_prob_active, "", Partials)
prob_interior = _law.public(_law.prob_interior)
grad_prob_interior = _law.public(_law.grad_prob_interior, "", Partials)
log_prob_zero, grad_log_prob_zero = _law.public(_law.log_prob_zero), _law.public(_law.grad_log_prob_zero, "", Partials)
log_prob_one, grad_log_prob_one = _law.public(_law.log_prob_one), _law.public(_law.grad_log_prob_one, "", Partials)
log_prob_active = _law.public(_law.log_prob_active)
grad_log_prob_active = _law.public(_law.grad_log_prob_active, "", Partials)
log_prob_interior = _law.public(_law.log_prob_interior)
grad_log_prob_interior = _law.public(_law.grad_log_prob_interior, "", Partials)
sample = sampler(transform, "normal")
