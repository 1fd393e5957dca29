r"""The hard concrete law: a binary concrete variable stretched to (lower, upper) and clipped to [0, 1].

.. math:: v = (n + \log\alpha) / \text{temperature}, \quad
          \bar z = \text{upper}\, \sigma(v) + \text{lower}\, \sigma(-v), \quad z = \min(1, \max(0, \bar z))

with n standard logistic noise. On the base axis,
:math:`w(x) = \text{temperature} \log\frac{x - \text{lower}}{\text{upper} - x} - \log\alpha`, so that
:math:`P(\bar z \le x) = \sigma(w(x))`.
"""

from __future__ import annotations

import inspect
from typing import NamedTuple

from stgref.laws import hard_concrete_divergence as divergence
from stgref.laws import hard_concrete_information as information
from stgref.laws import hard_concrete_moments as moments
from stgref.laws import logistic
from stgref.laws.clipped import Clipped
from stgref.laws.clipping import grad_clip
from stgref.laws.sampling import sampler
from stgref.numerics import sigmoid
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quantity import integral, quantity

SOURCE = """
C. Louizos, M. Welling, D. P. Kingma, "Learning Sparse Neural Networks through L0 Regularization", ICLR 2018,
equations (10) to (13).
"""


class Partials(NamedTuple):
    """Partial derivatives with respect to the parameters."""

    log_alpha: Array
    temperature: Array
    lower: Array
    upper: Array


class PartialsAtX(NamedTuple):
    """Partial derivatives with respect to the point and the parameters."""

    x: Array
    log_alpha: Array
    temperature: Array
    lower: Array
    upper: Array


class PartialsAtP(NamedTuple):
    """Partial derivatives with respect to the probability and the parameters."""

    p: Array
    log_alpha: Array
    temperature: Array
    lower: Array
    upper: Array


class Pathwise(NamedTuple):
    """A sample and its partial derivatives with respect to the noise and the parameters."""

    value: Array
    noise: Array
    log_alpha: Array
    temperature: Array
    lower: Array
    upper: Array


class Second(NamedTuple):
    """Second partial derivatives with respect to the main parameter."""

    log_alpha: Array


class _Stretched:
    """The binary concrete law stretched to (lower, upper): a = log_alpha, t = temperature, l = lower, u = upper."""

    base = logistic.standard
    partials, partials_at_x, partials_at_p, pathwise = Partials, PartialsAtX, PartialsAtP, Pathwise

    def transform(self, xp: Namespace, noise: Array, a: Array, t: Array, l: Array, u: Array) -> Array:
        """u s + l (1 - s): the form (u - l) s + l loses digits near z = 0 and 1 when the bounds are wide."""
        return sigmoid.both(xp, (noise + a) / t).between(l, u)

    def grad_transform(
        self, xp: Namespace, noise: Array, a: Array, t: Array, l: Array, u: Array
    ) -> tuple[Array, ...]:
        v = (noise + a) / t
        s = sigmoid.both(xp, v)
        by_v = s.root * ((u - l) / t) * s.root
        return s.between(l, u), by_v, by_v, -v * by_v, s.left, s.right

    def point(self, xp: Namespace, x: Array, a: Array, t: Array, l: Array, u: Array) -> Array:
        return t * sigmoid.log_ratio(xp, x - l, u - x) - a

    def grad_point(
        self, xp: Namespace, x: Array, a: Array, t: Array, l: Array, u: Array
    ) -> tuple[Array, ...]:
        left, right = x - l, u - x
        ratio = sigmoid.log_ratio(xp, left, right)
        return t * ratio - a, t * (u - l) / (left * right), -1.0, ratio, -t / left, -t / right

    def log_slope(self, xp: Namespace, x: Array, a: Array, t: Array, l: Array, u: Array) -> Array:
        return xp.log(t * (u - l) / ((x - l) * (u - x)))

    def grad_log_slope(
        self, xp: Namespace, x: Array, a: Array, t: Array, l: Array, u: Array
    ) -> tuple[Array, ...]:
        left, right, whole = x - l, u - x, u - l
        return (
            (left - right) / (left * right),
            0.0,
            1.0 / t,
            right / (whole * left),
            -left / (whole * right),
        )

    def width(self, xp: Namespace, a: Array, t: Array, l: Array, u: Array) -> Array:
        """t log((1 - l) u / ((u - 1) (-l))), whose logarithm is near 0 when the bounds are wide."""
        return t * self._log_ratio(xp, l, u)

    def grad_width(self, xp: Namespace, a: Array, t: Array, l: Array, u: Array) -> tuple[Array, ...]:
        return 0.0 * a, self._log_ratio(xp, l, u), t / (l * (l - 1.0)), -t / (u * (u - 1.0))

    def _log_ratio(self, xp: Namespace, l: Array, u: Array) -> Array:
        return xp.log1p(1.0 / (u - 1.0)) + xp.log1p(-1.0 / l)


_law = Clipped(
    __name__,
    _Stretched(),
    {"log_alpha": inspect.Parameter.empty, "temperature": 2 / 3, "lower": -0.1, "upper": 1.1},
    SOURCE,
    {
        "stretched": r"\text{upper}\, \sigma(v) + \text{lower}\, \sigma(-v), \; v = (n + \log\alpha) / \text{temperature}",
        "base": "logistic",
        "point": r"\text{temperature} \log\frac{x - \text{lower}}{\text{upper} - x} - \log\alpha",
        "slope": r"\text{temperature} \frac{\text{upper} - \text{lower}}{(x - \text{lower})(\text{upper} - x)}",
        "zero": r"\text{temperature} \log\frac{-\text{lower}}{\text{upper}} - \log\alpha",
        "one": r"\text{temperature} \log\frac{1 - \text{lower}}{\text{upper} - 1} - \log\alpha",
        "interior": r"It is :math:`\sigma(w_1)\, \sigma(-w_0)\, (1 - e^{-(w_1 - w_0)})`.",
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
def mean(
    xp: Namespace, log_alpha: Array, temperature: Array = 2 / 3, lower: Array = -0.1, upper: Array = 1.1
) -> Array:
    r"""Mean of the gate.

    Clipping included, it is :math:`E z = P(z = 1) + \int_{n_0}^{n_1} \bar z\, \sigma'(n)\, dn`.

    It has no closed form, and no value that layers in the wild call the mean is it. Graded quadrature; see
    `stgref.laws.hard_concrete_moments`.

    Examples
    --------
    >>> from stgref import hard_concrete
    >>> hard_concrete.mean([-2.5, 0.0])
    array([0.09411873, 0.5       ])
    """
    return moments.mean(xp, log_alpha, temperature, lower, upper)


@integral
def grad_mean(
    xp: Namespace, log_alpha: Array, temperature: Array = 2 / 3, lower: Array = -0.1, upper: Array = 1.1
) -> Partials:
    r"""Partial derivatives of `mean`, :math:`\int_{n_0}^{n_1} \partial \bar z\, \sigma'(n)\, dn`.

    Examples
    --------
    >>> from stgref import hard_concrete
    >>> hard_concrete.grad_mean(-2.5).temperature
    np.float64(0.05482841685864)
    """
    return Partials(*moments.grad_mean(xp, log_alpha, temperature, lower, upper))


@integral
def variance(
    xp: Namespace, log_alpha: Array, temperature: Array = 2 / 3, lower: Array = -0.1, upper: Array = 1.1
) -> Array:
    r"""Variance of the gate, clipping included, :math:`E z^2 - (E z)^2` in doubled precision.

    Examples
    --------
    >>> from stgref import hard_concrete
    >>> hard_concrete.variance(-2.5)
    np.float64(0.05032834161388)
    """
    return moments.variance(xp, log_alpha, temperature, lower, upper)


@integral
def grad_variance(
    xp: Namespace, log_alpha: Array, temperature: Array = 2 / 3, lower: Array = -0.1, upper: Array = 1.1
) -> Partials:
    r"""Partial derivatives of `variance`, :math:`2 \int_{n_0}^{n_1} (\bar z - E z)\, \partial \bar z\, \sigma'(n)\, dn`.

    Examples
    --------
    >>> from stgref import hard_concrete
    >>> abs(hard_concrete.grad_variance(0.0).log_alpha) < 1e-15
    np.True_
    """
    return Partials(*moments.grad_variance(xp, log_alpha, temperature, lower, upper))


@integral
def entropy(
    xp: Namespace, log_alpha: Array, temperature: Array = 2 / 3, lower: Array = -0.1, upper: Array = 1.1
) -> Array:
    r"""Entropy in nats, with respect to Lebesgue measure on (0, 1) plus unit atoms at 0 and 1.

    .. math:: H = -p_0 \log p_0 - p_1 \log p_1 - \int_0^1 f \log f\, dz

    with the atoms' probabilities and the density f; it may be negative, and is at most log 3. Graded quadrature in doubled
    precision; see `stgref.laws.hard_concrete_information`.

    Examples
    --------
    A uniform variable on (-1, 2), clipped: the greatest entropy there is.

    >>> from stgref import hard_concrete
    >>> hard_concrete.entropy(0.0, 1.0, -1.0, 2.0)
    np.float64(1.09861228866811)
    """
    return information.entropy(xp, log_alpha, temperature, lower, upper)


@integral
def kl_divergence(
    xp: Namespace,
    log_alpha_p: Array,
    temperature_p: Array,
    lower_p: Array,
    upper_p: Array,
    log_alpha_q: Array,
    temperature_q: Array,
    lower_q: Array,
    upper_q: Array,
) -> Array:
    r"""Kullback-Leibler divergence of a law q from a law p in nats, atoms included; exactly 0 where they are equal.

    .. math:: D = \sum_{z = 0, 1} g(z) + \int_0^1 g\, dz, \qquad g = p \log\frac pq + q - p \ge 0

    with the probabilities of the atoms and the densities inside. The textbook sum of :math:`p \log(p/q)` alone cancels
    where p is near q. See `stgref.laws.hard_concrete_divergence` for how g keeps all its digits there.

    Examples
    --------
    >>> from stgref import hard_concrete
    >>> hard_concrete.kl_divergence(0.0, 2 / 3, -0.1, 1.1, [0.0, 1e-8, 1.0], 2 / 3, -0.1, 1.1)
    array([0.00000000e+00, 1.65081099e-17, 1.61795131e-01])
    """
    p, q = (log_alpha_p, temperature_p, lower_p, upper_p), (log_alpha_q, temperature_q, lower_q, upper_q)
    return divergence.kl_divergence(xp, *p, *q)


@quantity
def grad2_transform(
    xp: Namespace,
    noise: Array,
    log_alpha: Array,
    temperature: Array = 2 / 3,
    lower: Array = -0.1,
    upper: Array = 1.1,
    *,
    clip_gradient: str = "closed",
) -> Second:
    r"""Second derivative of `transform` to log_alpha.

    It is :math:`-(\text{upper} - \text{lower})\, \sigma'(v) \tanh(v/2) / \text{temperature}^2` where the sample is not
    clipped, and at a clip point as ``clip_gradient`` says.

    Examples
    --------
    >>> from stgref import hard_concrete
    >>> hard_concrete.grad2_transform([1.0, 50.0], -1.0).log_alpha
    array([-0.,  0.])
    """
    v = (noise + log_alpha) / temperature
    q = sigmoid.half_sech(xp, v) / temperature
    stretched = _law.law.transform(xp, noise, log_alpha, temperature, lower, upper)
    inside = -(upper - lower) * q * sigmoid.tanh_half(xp, v) * q
    return Second(*grad_clip(xp, stretched, clip_gradient, inside))


@integral
def grad2_mean(
    xp: Namespace, log_alpha: Array, temperature: Array = 2 / 3, lower: Array = -0.1, upper: Array = 1.1
) -> Second:
    r"""Second derivative of `mean` to log_alpha, see `stgref.laws.hard_concrete_moments`.

    Examples
    --------
    >>> from stgref import hard_concrete
    >>> hard_concrete.grad2_mean([-1.0, 1.0]).log_alpha
    array([ 0.06149053, -0.06149053])
    """
    return Second(moments.grad2_mean(xp, log_alpha, temperature, lower, upper))


@quantity
def grad2_prob_active(
    xp: Namespace, log_alpha: Array, temperature: Array = 2 / 3, lower: Array = -0.1, upper: Array = 1.1
) -> Second:
    r"""Second derivative of `prob_active` to log_alpha, :math:`\sigma'(w_0) \tanh(w_0 / 2)`.

    Here :math:`w_0 = \text{temperature} \log\frac{-\text{lower}}{\text{upper}} - \log\alpha`.

    Examples
    --------
    >>> from stgref import hard_concrete
    >>> hard_concrete.grad2_prob_active(0.0, 1.0, -1.0, 2.0).log_alpha
    np.float64(-0.07407407407407)
    """
    w = _law.law.point(xp, 0.0 * log_alpha, log_alpha, temperature, lower, upper)
    q = sigmoid.half_sech(xp, w)
    return Second(q * sigmoid.tanh_half(xp, w) * q)


@quantity
def grad2_log_prob_active(
    xp: Namespace, log_alpha: Array, temperature: Array = 2 / 3, lower: Array = -0.1, upper: Array = 1.1
) -> Second:
    r"""Second derivative of `log_prob_active` to log_alpha, :math:`-\sigma'(w_0)`.

    Here :math:`w_0 = \text{temperature} \log\frac{-\text{lower}}{\text{upper}} - \log\alpha`.

    Examples
    --------
    >>> from stgref import hard_concrete
    >>> hard_concrete.grad2_log_prob_active(0.0, 1.0, -1.0, 2.0).log_alpha
    np.float64(-0.22222222222222)
    """
    q = sigmoid.half_sech(xp, _law.law.point(xp, 0.0 * log_alpha, log_alpha, temperature, lower, upper))
    return Second(-q * q)


sample = sampler(transform, "logistic")
