r"""The rectified Gaussian law: a normal variable clipped to [0, 1].

.. math:: \bar z = \mu + \text{std}\, n, \quad z = \min(1, \max(0, \bar z))

with n standard normal noise. On the base axis, :math:`w(x) = (x - \mu) / \text{std}`, so that
:math:`P(\bar z \le x) = \Phi(w(x))`.
"""

from __future__ import annotations

import inspect
from typing import NamedTuple

from stgref.laws import normal
from stgref.laws import rectified_moments as moments
from stgref.laws.clipped import Clipped
from stgref.laws.sampling import sampler
from stgref.numerics import gauss
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quantity import integral, quantity

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


class Second(NamedTuple):
    """Second partial derivatives with respect to the main parameter."""

    mu: Array


class _Stretched:
    """The normal law before clipping."""

    base = normal.standard
    partials, partials_at_x, partials_at_p, pathwise = Partials, PartialsAtX, PartialsAtP, Pathwise

    def transform(self, xp: Namespace, noise: Array, mu: Array, std: Array) -> Array:
        return mu + std * noise

    def grad_transform(self, xp: Namespace, noise: Array, mu: Array, std: Array) -> tuple[Array, ...]:
        return mu + std * noise, std, 1.0 + 0.0 * mu, noise

    def point(self, xp: Namespace, x: Array, mu: Array, std: Array) -> Array:
        return (x - mu) / std

    def grad_point(self, xp: Namespace, x: Array, mu: Array, std: Array) -> tuple[Array, ...]:
        over = 1.0 / std
        return (x - mu) / std, over, -over, (mu - x) * (over / std)

    def log_slope(self, xp: Namespace, x: Array, mu: Array, std: Array) -> Array:
        return -xp.log(std)

    def grad_log_slope(self, xp: Namespace, x: Array, mu: Array, std: Array) -> tuple[Array, ...]:
        return 0.0, 0.0, -1.0 / std

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
        "interior": "See `stgref.numerics.gauss.Interval` for the three forms it takes.",
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
prob_active, grad_prob_active = (
    _law.public(_law.prob_active),
    _law.public(_law.grad_prob_active, "", Partials),
)
prob_interior = _law.public(_law.prob_interior)
grad_prob_interior = _law.public(_law.grad_prob_interior, "", Partials)
log_prob_zero, grad_log_prob_zero = (
    _law.public(_law.log_prob_zero),
    _law.public(_law.grad_log_prob_zero, "", Partials),
)
log_prob_one, grad_log_prob_one = (
    _law.public(_law.log_prob_one),
    _law.public(_law.grad_log_prob_one, "", Partials),
)
log_prob_active = _law.public(_law.log_prob_active)
grad_log_prob_active = _law.public(_law.grad_log_prob_active, "", Partials)
log_prob_interior = _law.public(_law.log_prob_interior)
grad_log_prob_interior = _law.public(_law.grad_log_prob_interior, "", Partials)


@integral
def mean(xp: Namespace, mu: Array, std: Array = 0.5) -> Array:
    r"""Mean of the gate, clipping included.

    :math:`E z = P(z = 1) + \int_a^b (\mu + \text{std}\, n)\, \phi(n)\, dn` with :math:`a = -\mu / \text{std}` and
    :math:`b = (1 - \mu) / \text{std}`. The closed form cancels in the tails; `stgref.laws.rectified_moments` derives
    what is done instead.

    Examples
    --------
    >>> from stgref import rectified_gaussian
    >>> rectified_gaussian.mean([-2.0, 0.0, 0.5])
    array([3.57255104e-06, 1.95225789e-01, 5.00000000e-01])
    """
    return moments.mean(xp, mu, std)


@quantity
def grad_mean(xp: Namespace, mu: Array, std: Array = 0.5) -> Partials:
    r"""Partial derivatives of `mean`.

    :math:`\Phi(b) - \Phi(a)` to mu and :math:`\phi(a) - \phi(b)` to std, with :math:`a = -\mu / \text{std}` and
    :math:`b = (1 - \mu) / \text{std}`, both without cancellation.

    Examples
    --------
    >>> from stgref import rectified_gaussian
    >>> rectified_gaussian.grad_mean(0.25).std
    np.float64(0.22254773109...)
    """
    return Partials(*moments.grad_mean(xp, mu, std))


@integral
def variance(xp: Namespace, mu: Array, std: Array = 0.5) -> Array:
    r"""Variance of the gate, clipping included, :math:`E (z - E z)^2`.

    The textbook form :math:`E z^2 - (E z)^2` turns negative in the tails; `stgref.laws.rectified_moments` derives the
    sum of positive terms that is used instead.

    Examples
    --------
    >>> from stgref import rectified_gaussian
    >>> rectified_gaussian.variance([-2.0, 0.0, 0.5])
    array([7.72370794e-07, 7.69540071e-02, 1.29014638e-01])
    """
    return moments.variance(xp, mu, std)


@integral
def grad_variance(xp: Namespace, mu: Array, std: Array = 0.5) -> Partials:
    r"""Partial derivatives of `variance`.

    :math:`2 \int_a^b (z - E z)\, \phi(n)\, dn` to mu and :math:`2 \int_a^b (z - E z)\, n\, \phi(n)\, dn` to std, with
    :math:`z = \mu + \text{std}\, n`, :math:`a = -\mu / \text{std}` and :math:`b = (1 - \mu) / \text{std}`; see
    `stgref.laws.rectified_moments` for how the digits are kept.

    Examples
    --------
    >>> from stgref import rectified_gaussian
    >>> rectified_gaussian.grad_variance(0.5).mu
    np.float64(0.0)
    """
    return Partials(*moments.grad_variance(xp, mu, std))


@integral
def entropy(xp: Namespace, mu: Array, std: Array = 0.5) -> Array:
    r"""Entropy in nats, :math:`-p_0 \log p_0 - p_1 \log p_1 - \int_0^1 f \log f\, dx`.

    With respect to Lebesgue measure plus unit atoms at 0 and 1; it may be negative.

    Examples
    --------
    >>> from stgref import rectified_gaussian
    >>> rectified_gaussian.entropy(0.25) == rectified_gaussian.entropy(0.75)
    np.True_
    """
    return moments.entropy(xp, mu, std)


@integral
def kl_divergence(xp: Namespace, mu_p: Array, std_p: Array, mu_q: Array, std_q: Array) -> Array:
    r"""Kullback-Leibler divergence in nats, :math:`D = E_p \log (dp / dq)` over both atoms and the interior.

    It is 0 at p = q, and keeps its digits around there: see `stgref.laws.rectified_moments`.

    Examples
    --------
    >>> from stgref import rectified_gaussian
    >>> rectified_gaussian.kl_divergence(0.5, 0.5, [0.5, 0.25], 0.5)
    array([0.        , 0.11703755])
    """
    return moments.kl_divergence(xp, mu_p, std_p, mu_q, std_q)


@quantity
def grad2_transform(
    xp: Namespace, noise: Array, mu: Array, std: Array = 0.5, *, clip_gradient: str = "closed"
) -> Second:
    r"""Second derivative of `transform` to mu, which is 0: the sample is linear in mu.

    Examples
    --------
    >>> from stgref import rectified_gaussian
    >>> rectified_gaussian.grad2_transform([0.5, 5.0], 0.5).mu
    array([0., 0.])
    """
    return Second(0.0 * xp.minimum(xp.abs(noise), 1.0))


@quantity
def grad2_mean(xp: Namespace, mu: Array, std: Array = 0.5) -> Second:
    r"""Second derivative of `mean` to mu, :math:`(\phi(a) - \phi(b)) / \text{std}`.

    With :math:`a = -\mu / \text{std}` and :math:`b = (1 - \mu) / \text{std}`, without cancellation.

    Examples
    --------
    >>> from stgref import rectified_gaussian
    >>> rectified_gaussian.grad2_mean([0.25, 0.5]).mu
    array([0.44509546, 0.        ])
    """
    a, b, width = -mu / std, (1.0 - mu) / std, 1.0 / std
    return Second(gauss.density_difference(xp, a, b, width, -width))


@quantity
def grad2_prob_active(xp: Namespace, mu: Array, std: Array = 0.5) -> Second:
    r"""Second derivative of `prob_active` to mu, :math:`-x\, \phi(x) / \text{std}^2` with :math:`x = \mu / \text{std}`.

    Examples
    --------
    >>> from stgref import rectified_gaussian
    >>> rectified_gaussian.grad2_prob_active([0.0, 1.0], 1.0).mu
    array([-0.        , -0.24197072])
    """
    return Second(gauss.density(xp, mu / std, -mu / std / std / std))


@quantity
def grad2_log_prob_active(xp: Namespace, mu: Array, std: Array = 0.5) -> Second:
    r"""Second derivative of `log_prob_active` to mu, :math:`-\lambda (\lambda + x) / \text{std}^2`.

    With :math:`x = \mu / \text{std}` and the inverse Mills ratio :math:`\lambda = \phi(x) / \Phi(x)`.

    Examples
    --------
    >>> from stgref import rectified_gaussian
    >>> rectified_gaussian.grad2_log_prob_active(0.0, 1.0).mu
    np.float64(-0.63661977236758)
    """
    x = mu / std
    excess = gauss.mills_excess(xp, x, gauss.inverse_mills(xp, x))
    return Second(-gauss.scaled_inverse_mills(xp, x, excess / std / std))


sample = sampler(transform, "normal")
