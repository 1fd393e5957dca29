r"""The hard Kumaraswamy law (HardKuma): a Kumaraswamy variable stretched to (lower, upper) and clipped to [0, 1].

.. math:: v = (1 - (1 - n)^{1/b})^{1/a}, \quad
          \bar z = \text{upper}\, v + \text{lower}\, (1 - v), \quad z = \min(1, \max(0, \bar z))

with n uniform noise. With :math:`v(x) = (x - \text{lower}) / (\text{upper} - \text{lower})`,
:math:`P(\bar z \le x) = 1 - (1 - v(x)^a)^b`. Everything is computed on the axis of the cumulative hazard
:math:`E(x) = -b \log(1 - v(x)^a)`, see `stgref.laws.hazard`.

What layers in the wild give as the mean is that of v, before stretching and clipping: 5/6 for a = 5, b = 1, where that of
the gate is 0.8813.
"""

from __future__ import annotations

import inspect
from typing import Any, NamedTuple

from stgref.laws import hard_kumaraswamy_moments as moments
from stgref.laws import hazard
from stgref.laws import kumaraswamy_map as to
from stgref.laws.clipped import Clipped
from stgref.laws.clipping import clip, grad_clip
from stgref.laws.hazard import Hazard
from stgref.laws.sampling import sampler
from stgref.numerics.exponential import (
    damped,
    exp_remainder,
    gamma_two,
    relative_remainder,
    undamped_excess,
)
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quantity import integral, quantity

SOURCE = """
J. Bastings, W. Aziz, I. Titov, "Interpretable Neural Predictions with Differentiable Binary Variables", ACL 2019,
section 3 (the HardKuma distribution).
"""


class Partials(NamedTuple):
    """Partial derivatives with respect to the parameters."""

    a: Array
    b: Array
    lower: Array
    upper: Array


class PartialsAtX(NamedTuple):
    """Partial derivatives with respect to the point and the parameters."""

    x: Array
    a: Array
    b: Array
    lower: Array
    upper: Array


class PartialsAtP(NamedTuple):
    """Partial derivatives with respect to the probability and the parameters."""

    p: Array
    a: Array
    b: Array
    lower: Array
    upper: Array


class Pathwise(NamedTuple):
    """A sample and its partial derivatives with respect to the noise and the parameters."""

    value: Array
    noise: Array
    a: Array
    b: Array
    lower: Array
    upper: Array


class Second(NamedTuple):
    """Second partial derivatives with respect to the shapes, each twice."""

    a: Array
    b: Array


class _At(NamedTuple):
    """A point: distances from both ends, 1 - v, s = -log v, t = a s, and the width of the stretched interval."""

    left: Array
    q: Array
    s: Array
    t: Array
    whole: Array


class _Stretched:
    """The Kumaraswamy law stretched to (lower, upper): l = lower, u = upper."""

    base = hazard.uniform
    partials, partials_at_x, partials_at_p, pathwise = Partials, PartialsAtX, PartialsAtP, Pathwise

    def transform(self, xp: Namespace, noise: Array, a: Array, b: Array, l: Array, u: Array) -> Array:
        return self.at_hazard(xp, -xp.log1p(-noise), a, b, l, u)

    def at_hazard(self, xp: Namespace, e: Array, a: Array, b: Array, l: Array, u: Array) -> Array:
        """u v + l (1 - v): 1 - v by itself, as v may be rounded to 1 and the bounds be wide."""
        log_v = to.log_sample(xp, e, a, b)
        return u * xp.exp(log_v) - l * xp.expm1(log_v)

    def grad_transform(
        self, xp: Namespace, noise: Array, a: Array, b: Array, l: Array, u: Array
    ) -> tuple[Array, ...]:
        path = to.path(xp, noise, a, b)
        v, rest, whole = xp.exp(path.log_z), -xp.expm1(path.log_z), u - l
        return u * v + l * rest, whole * path.by_u, whole * path.by_a, whole * path.by_b, rest, v

    def at(self, xp: Namespace, x: Array, a: Array, l: Array, u: Array) -> _At:
        """The log of v by that of 1 - v where v is near 1: rounding v would lose the digits of its logarithm."""
        left, whole = x - l, u - l
        q = (u - x) / whole
        near = q < 0.5
        s = -xp.where(near, xp.log1p(-xp.where(near, q, 0.0)), xp.log(left / whole))
        return _At(left, q, s, a * s, whole)

    def point(self, xp: Namespace, x: Array, a: Array, b: Array, l: Array, u: Array) -> Hazard:
        return to.hazard(xp, self.at(xp, x, a, l, u).t, b)

    def grad_point(self, xp: Namespace, x: Array, a: Array, b: Array, l: Array, u: Array) -> tuple[Any, ...]:
        """The point, and partials of its log E, whose derivative to t is -`decline`."""
        at = self.at(xp, x, a, l, u)
        d, w = to.decline(xp, at.t), to.hazard(xp, at.t, b)
        return w, d * a / at.left, -d * at.s, 1.0 / b, -d * a * at.q / at.left, -d * a / at.whole

    def log_slope(self, xp: Namespace, x: Array, a: Array, b: Array, l: Array, u: Array) -> Array:
        r"""log dE/dx, with :math:`dE/dx = a b / ((x - l) (e^t - 1))`."""
        at = self.at(xp, x, a, l, u)
        return xp.log(a * b / at.left) + to.rise(xp, at.t)

    def grad_log_slope(
        self, xp: Namespace, x: Array, a: Array, b: Array, l: Array, u: Array
    ) -> tuple[Array, ...]:
        at = self.at(xp, x, a, l, u)
        gap = -xp.expm1(-at.t)
        return (
            (a / gap - 1.0) / at.left,
            -undamped_excess(xp, at.t) / a,
            1.0 / b,
            self._lag(xp, at, a, gap) / at.left,
            -a / (gap * at.whole),
        )

    def _lag(self, xp: Namespace, at: _At, a: Array, gap: Array) -> Array:
        """1 - a q / (1 - v^a), by what remains of both after s and t where v is near 1 and they cancel."""
        near = at.s < 1.0
        s, t = xp.where(near, at.s, 0.0), xp.where(near, at.t, 0.0)
        numerator = a * exp_remainder(xp, -s) - exp_remainder(xp, -t)
        return xp.where(near, numerator / gap, 1.0 - a * at.q / gap)

    def width(self, xp: Namespace, a: Array, b: Array, l: Array, u: Array) -> Hazard:
        r"""E(1) - E(0), with t = t_0 and t_1 there and d = t_0 - t_1 = a log(1 - 1/l).

        It is :math:`b \operatorname{log1p}\frac{1 - e^{-d}}{e^{t_1} - 1}`, of which only :math:`b e^{-t_1} (1 - e^{-d})`
        remains where t_1 is large.
        """
        t_1, far = self.at(xp, 1.0 + 0.0 * a, a, l, u).t, self._far(xp, a, l, u)
        gap = -xp.expm1(-self._between(xp, a, l))
        share = xp.log1p(gap / xp.expm1(xp.where(far, 1.0, t_1)))
        log_width = xp.log(b) + xp.where(far, xp.log(gap) - t_1, xp.log(share))
        return Hazard(xp.where(far, xp.exp(log_width), b * share), log_width)

    def grad_width(self, xp: Namespace, a: Array, b: Array, l: Array, u: Array) -> tuple[Array, ...]:
        r"""Partials of the logarithm of the width.

        All have the factor :math:`r = b e^{-t_1} / \text{width}`, and that of a is a difference of
        :math:`\phi(t) = t / (e^t - 1)`, with :math:`\psi(t) = t / (1 - e^{-t}) - 1`,

        .. math:: \phi(t_1) - \phi(t_0) = e^{-t_1} \frac{\psi(t_1)\, (1 - e^{-d}) + \gamma(2, d)}{1 - e^{-t_0}}.
        """
        zero, one = (self.at(xp, x + 0.0 * a, a, l, u) for x in (0.0, 1.0))
        d, far = self._between(xp, a, l), self._far(xp, a, l, u)
        gap, gap_0, gap_1 = (-xp.expm1(-t) for t in (d, zero.t, one.t))
        near = xp.where(far, 1.0, one.t)
        r = xp.where(far, 1.0 / gap, xp.exp(-near) / xp.log1p(gap / xp.expm1(near)))
        return (
            -r * (undamped_excess(xp, one.t) * gap + gamma_two(xp, d)) / (a * gap_0),
            1.0 / b,
            r * (a / one.whole) * self._skew(xp, zero, one, a, l, u),
            -r * (a / one.whole) * gap / (gap_0 * gap_1),
        )

    def _skew(self, xp: Namespace, zero: _At, one: _At, a: Array, l: Array, u: Array) -> Array:
        r"""How differently both ends move with l: :math:`e^{t_1} (G(s_0) - G(s_1))`, :math:`G(s) = (e^s - 1) / (e^{a s} - 1)`.

        G is constant for a = 1 and nearly so where s_0 and d are small; there, with :math:`\delta = s_0 - s_1` and
        :math:`\xi(s) = (e^s - 1)/s - 1`, it is
        :math:`e^{s_1 - d}\, \delta\, t_1\, [\xi(\delta) - \xi(d) + \xi(-t_1) - \xi(-s_1) + \ldots]` over both gaps, the dots
        being :math:`\xi(\delta)\, \xi(-t_1) - \xi(d)\, \xi(-s_1)`.
        """
        d, gap_0, gap_1 = self._between(xp, a, l), -xp.expm1(-zero.t), -xp.expm1(-one.t)
        far = u / -l * xp.exp(-d) / gap_0 - (u - 1.0) / (1.0 - l) / gap_1
        small = (zero.s < 2.0) & (d < 2.0)
        delta, s, t = xp.log1p(-1.0 / l), one.s, one.t
        xi = [relative_remainder(xp, x) for x in (delta, xp.where(small, d, delta), -t, -s)]
        terms = (xi[0] - xi[1]) + (xi[2] - xi[3]) + (xi[0] * xi[2] - xi[1] * xi[3])
        near = xp.exp(s - xp.where(small, d, 0.0)) * delta * t * terms / (gap_0 * gap_1)
        return xp.where(small, near, far)

    def _between(self, xp: Namespace, a: Array, l: Array) -> Array:
        return a * xp.log1p(-1.0 / l)

    def _far(self, xp: Namespace, a: Array, l: Array, u: Array) -> Array:
        return self.at(xp, 1.0 + 0.0 * a, a, l, u).t > to.FAR


_stretched = _Stretched()
_law = Clipped(
    __name__,
    _stretched,
    {"a": inspect.Parameter.empty, "b": inspect.Parameter.empty, "lower": -0.1, "upper": 1.1},
    SOURCE,
    {
        "least": "0.0",
        "most": "1.0",
        "off": "2.0, 0.5",
        "stretched": r"\text{upper}\, v + \text{lower}\, (1 - v), \; v = (1 - (1 - n)^{1/b})^{1/a}",
        "base": "uniform",
        "point": r"1 - (1 - v^a)^b, \; v = \frac{x - \text{lower}}{\text{upper} - \text{lower}}",
        "slope": r"\frac{a b\, v^{a-1} (1 - v^a)^{b-1}}{\text{upper} - \text{lower}}",
        "zero": r"1 - \left(1 - \left(\frac{-\text{lower}}{\text{upper} - \text{lower}}\right)^a\right)^b",
        "one": r"1 - \left(1 - \left(\frac{1 - \text{lower}}{\text{upper} - \text{lower}}\right)^a\right)^b",
        "interior": r"It is :math:`e^{-E_0} (1 - e^{-(E_1 - E_0)})` with the hazards :math:`E = -\log(1 - w)`.",
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


@quantity
def iccdf(xp: Namespace, p: Array, a: Array, b: Array, lower: Array = -0.1, upper: Array = 1.1) -> Array:
    r"""Inverse of `ccdf`, `transform` of 1 - p: by the cumulative hazard :math:`-\log p`, as 1 - p would lose digits.

    Examples
    --------
    >>> from stgref import hard_kumaraswamy
    >>> hard_kumaraswamy.iccdf([0.0, 1.0], 0.5, 0.5)
    array([1., 0.])
    """
    return clip(xp, _stretched.at_hazard(xp, -xp.log(p), a, b, lower, upper))


@integral
def mean(xp: Namespace, a: Array, b: Array, lower: Array = -0.1, upper: Array = 1.1) -> Array:
    r"""Mean of the gate.

    Clipping included, it is :math:`E z = \int_0^1 (1 - v(x)^a)^b\, dx` with
    :math:`v(x) = (x - \text{lower}) / (\text{upper} - \text{lower})`, a difference of two incomplete beta functions.
    Layers in the wild give :math:`E v` instead, 5/6 in the first example. Graded quadrature; see
    `stgref.laws.hard_kumaraswamy_moments`.

    Examples
    --------
    >>> from stgref import hard_kumaraswamy
    >>> hard_kumaraswamy.mean([5.0, 1.0], [1.0, 3.0])
    array([0.88134163, 0.21180556])
    """
    return moments.mean(xp, a, b, lower, upper)


@integral
def grad_mean(xp: Namespace, a: Array, b: Array, lower: Array = -0.1, upper: Array = 1.1) -> Partials:
    r"""Partial derivatives of `mean`, the average of those of the sample where it is not clipped.

    Examples
    --------
    >>> from stgref import hard_kumaraswamy
    >>> hard_kumaraswamy.grad_mean(1.0, 1.0).a
    np.float64(0.28351445819148835)
    """
    return Partials(*moments.grad_mean(xp, a, b, lower, upper))


@integral
def variance(xp: Namespace, a: Array, b: Array, lower: Array = -0.1, upper: Array = 1.1) -> Array:
    r"""Variance of the gate, clipping included, :math:`E z^2 - (E z)^2` in doubled precision.

    Examples
    --------
    >>> from stgref import hard_kumaraswamy
    >>> hard_kumaraswamy.variance(1.0, 1.0)
    np.float64(0.1111111111111111)
    """
    return moments.variance(xp, a, b, lower, upper)


@integral
def grad_variance(xp: Namespace, a: Array, b: Array, lower: Array = -0.1, upper: Array = 1.1) -> Partials:
    r"""Partial derivatives of `variance`, the average of :math:`2 (z - E z)` times those of the sample.

    Examples
    --------
    >>> from stgref import hard_kumaraswamy
    >>> abs(hard_kumaraswamy.grad_variance(1.0, 1.0).a) < 0.1
    np.True_
    """
    return Partials(*moments.grad_variance(xp, a, b, lower, upper))


@integral
def entropy(xp: Namespace, a: Array, b: Array, lower: Array = -0.1, upper: Array = 1.1) -> Array:
    r"""Entropy in nats, with respect to Lebesgue measure on (0, 1) plus unit atoms at 0 and 1.

    .. math:: H = -p_0 \log p_0 - p_1 \log p_1 - \int_0^1 f \log f\, dz

    with the atoms' probabilities and the density f; it may be negative, and is at most log 3. Graded quadrature in doubled
    precision; see `stgref.laws.hard_kumaraswamy_moments`.

    Examples
    --------
    A uniform variable on (-1, 2), clipped: the greatest entropy there is.

    >>> from stgref import hard_kumaraswamy
    >>> hard_kumaraswamy.entropy(1.0, 1.0, -1.0, 2.0)
    np.float64(1.09861228866811)
    """
    return moments.entropy(xp, a, b, lower, upper)


@quantity
def grad2_transform(
    xp: Namespace,
    noise: Array,
    a: Array,
    b: Array,
    lower: Array = -0.1,
    upper: Array = 1.1,
    *,
    clip_gradient: str = "closed",
) -> Second:
    r"""Second derivatives of `transform`, to each shape twice.

    Where the sample is not clipped, :math:`\text{upper} - \text{lower}` times those of `stgref.kumaraswamy`; at a clip point
    as ``clip_gradient`` says.

    Examples
    --------
    >>> from stgref import hard_kumaraswamy
    >>> hard_kumaraswamy.grad2_transform([0.0, 1.0], 0.5, 0.5).a
    array([0., 0.])
    """
    stretched = _stretched.transform(xp, noise, a, b, lower, upper)
    second = ((upper - lower) * d for d in to.bend(xp, noise, a, b))
    return Second(*grad_clip(xp, stretched, clip_gradient, *second))


@integral
def grad2_mean(xp: Namespace, a: Array, b: Array, lower: Array = -0.1, upper: Array = 1.1) -> Second:
    r"""Second derivatives of `mean`, to each shape twice, see `stgref.laws.hard_kumaraswamy_moments`.

    Examples
    --------
    >>> from stgref import hard_kumaraswamy
    >>> hard_kumaraswamy.grad2_mean(1.0, 1.0).b > 0.0
    np.True_
    """
    return Second(*moments.grad2_mean(xp, a, b, lower, upper))


@quantity
def grad2_prob_active(xp: Namespace, a: Array, b: Array, lower: Array = -0.1, upper: Array = 1.1) -> Second:
    r"""Second derivatives of `prob_active`, to each shape twice.

    :math:`e^{-b y}\, b\, \phi\, (b\, \phi - t / (1 - e^{-t})) / a^2` to a and :math:`e^{-b y}\, y^2` to b, with
    :math:`t = -a \log v(0)`, :math:`y = -\log(1 - v(0)^a)` and :math:`\phi = t / (e^t - 1)`.

    Examples
    --------
    >>> from stgref import hard_kumaraswamy
    >>> hard_kumaraswamy.grad2_prob_active(1.0, 1.0, -1.0, 1.0 + 1e-15).b
    np.float64(0.240226506959101)
    """
    at, w = _end(xp, a, b, lower, upper)
    h = xp.exp(-0.5 * w.e)
    bracket = damped(xp, at.t, b) - 1.0 - undamped_excess(xp, at.t)
    by_a = h * damped(xp, at.t, b * bracket / a / a) * h
    return Second(by_a, h * (w.e / b) * (w.e / b) * h)


@quantity
def grad2_log_prob_active(
    xp: Namespace, a: Array, b: Array, lower: Array = -0.1, upper: Array = 1.1
) -> Second:
    r"""Second derivatives of `log_prob_active`, to each shape twice.

    :math:`-b\, t^2 / (4 a^2 \sinh^2(t/2))` to a, with :math:`t = -a \log v(0)`, and 0 to b, in which it is linear.

    Examples
    --------
    >>> from stgref import hard_kumaraswamy
    >>> hard_kumaraswamy.grad2_log_prob_active(1.0, 1.0).b
    np.float64(0.0)
    """
    at, _ = _end(xp, a, b, lower, upper)
    return Second(-damped(xp, at.t, b * (1.0 + undamped_excess(xp, at.t)) / a / a), 0.0 * b)


def _end(xp: Namespace, a: Array, b: Array, lower: Array, upper: Array) -> tuple[_At, Hazard]:
    """The clip point z = 0."""
    at = _stretched.at(xp, 0.0 * a, a, lower, upper)
    return at, to.hazard(xp, at.t, b)


sample = sampler(transform, "uniform")
