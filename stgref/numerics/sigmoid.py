"""Kernels around the logistic sigmoid sigma(x) = 1 / (1 + exp(-x)), accurate in both tails.

Exponentials are of halves of the argument, or of minus its size: they do not overflow before a result underflows.
"""

from __future__ import annotations

from typing import NamedTuple

from stgref.numerics.branches import either
from stgref.numerics.namespace import Array, Namespace, by_bits

SOURCE = """
NIST Digital Library of Mathematical Functions, sections 4.2 (logarithm and exponential) and 4.37 (inverse hyperbolic
functions).
"""


SATURATED = 80.0
"""Where sigma(x) is 1 to 34 digits, and exp(x/2) small enough to be multiplied in single precision."""

_FURTHEST = {32: 170.0, 64: 1400.0}
"""By width of the dtype: exp(x/2) and its inverse are finite up to here, where sigma(-x) has been 0 for long."""


class Derivative(NamedTuple):
    """The derivative of a function of one argument, with respect to it."""

    x: Array


def expit(xp: Namespace, x: Array) -> Array:
    r"""Logistic sigmoid, the cumulative distribution function of the standard logistic law.

    .. math:: \sigma(x) = g / (g + 1/g), \quad g = \exp(x/2)

    The form 1 / (1 + exp(-x)) overflows below -709, where the sigmoid is still a subnormal number; here the quotient is
    the last to underflow. Above 80, where it is 1 to 34 digits, x is kept at that.

    Parameters
    ----------
    x : array_like
        Real numbers, of any shape.

    Returns
    -------
    array
        In (0, 1), of the shape, floating dtype, library and device of ``x``.

    Raises
    ------
    TypeError
        If ``x`` is not real.

    Examples
    --------
    >>> from stgref import special
    >>> special.expit([-1000.0, -1.0, 0.0])
    array([0.        , 0.26894142, 0.5       ])
    """
    g = xp.exp(0.5 * xp.minimum(x, SATURATED))
    return g / (g + 1.0 / g)


def grad_expit(xp: Namespace, x: Array) -> Derivative:
    r"""Derivative of `expit`: the density of the standard logistic law.

    .. math:: \sigma'(x) = q^2, \quad q = h / (1 + h^2), \quad h = \exp(-|x| / 2)

    The form sigma (1 - sigma) loses its digits where sigma is near 1.

    Examples
    --------
    >>> from stgref import special
    >>> special.grad_expit(40.0).x
    np.float64(4.248354255291589e-18)
    """
    q = half_sech(xp, x)
    return Derivative(q * q)


def half_sech(xp: Namespace, x: Array) -> Array:
    r"""Square root of the standard logistic density, :math:`q = h / (1 + h^2)` with :math:`h = \exp(-|x|/2)`.

    Products c q q, with any c to be multiplied in before the last q, underflow only when the product does.
    """
    h = xp.exp(-0.5 * xp.abs(x))
    return h / (1.0 + h * h)


class Both(NamedTuple):
    r"""Sigmoids :math:`\sigma(-x)` and :math:`\sigma(x)`, `half_sech`, and means between two ends, from one exponential.

    .. math:: \sigma(x) = g q, \quad \sigma(-x) = q / g, \quad q = 1 / (g + 1/g), \quad g = \exp(x/2)
    """

    g: Array
    inverse: Array
    root: Array

    @property
    def left(self) -> Array:
        """The sigmoid of -x."""
        return self.inverse * self.root

    @property
    def right(self) -> Array:
        """The sigmoid of x."""
        return self.g * self.root

    def between(self, low: Array, high: Array) -> Array:
        """The mean of ``low`` and ``high`` with the weights ``left`` and ``right``."""
        return (high * self.g + low * self.inverse) * self.root


def both(xp: Namespace, x: Array) -> Both:
    """The sigmoids on either side of an argument, which is kept where the exponential and its inverse are finite."""
    furthest = by_bits(xp, x, _FURTHEST)
    g = xp.exp(0.5 * xp.minimum(xp.maximum(x, -furthest), furthest))
    inverse = 1.0 / g
    return Both(g, inverse, 1.0 / (g + inverse))


def scaled_expit(xp: Namespace, x: Array, factor: Array | float, root: Array | float = 1.0) -> Array:
    r"""Logistic sigmoid times ``factor`` times ``root`` squared: the product may stay normal when the parts do not."""
    u, v = factors(xp, x)
    return factor * (u * root) * (v * root)


def factors(xp: Namespace, x: Array) -> tuple[Array, Array]:
    r"""Two numbers whose product is `expit`, :math:`g = e^{x/2}` and :math:`g / (1 + g^2)`, normal where it underflows."""
    g = xp.exp(0.5 * xp.minimum(x, SATURATED))
    return g, g / (1.0 + g * g)


def log_expit(xp: Namespace, x: Array) -> Array:
    r"""Logarithm of the logistic sigmoid.

    .. math:: \log \sigma(x) = \min(x, 0) - \operatorname{log1p}(\exp(-|x|))

    Examples
    --------
    >>> from stgref import special
    >>> special.log_expit([-1e4, 0.0, 100.0])
    array([-1.00000000e+04, -6.93147181e-01, -3.72007598e-44])
    """
    return xp.minimum(x, 0.0) - xp.log1p(xp.exp(-xp.abs(x)))


def grad_log_expit(xp: Namespace, x: Array) -> Derivative:
    r"""Derivative of `log_expit`, :math:`\sigma(-x)`.

    Examples
    --------
    >>> from stgref import special
    >>> special.grad_log_expit(0.0).x
    np.float64(0.5)
    """
    return Derivative(expit(xp, -x))


def softplus(xp: Namespace, x: Array) -> Array:
    r"""Softplus, the integral of the logistic sigmoid.

    .. math:: \log(1 + e^x) = \max(x, 0) + \operatorname{log1p}(\exp(-|x|))

    Examples
    --------
    >>> from stgref import special
    >>> special.softplus([-1e4, 0.0, 1e4])
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+04])
    """
    return xp.maximum(x, 0.0) + xp.log1p(xp.exp(-xp.abs(x)))


def grad_softplus(xp: Namespace, x: Array) -> Derivative:
    r"""Derivative of `softplus`, :math:`\sigma(x)`.

    Examples
    --------
    >>> from stgref import special
    >>> special.grad_softplus(0.0).x
    np.float64(0.5)
    """
    return Derivative(expit(xp, x))


def log_density(xp: Namespace, x: Array) -> Array:
    r"""Logarithm of the standard logistic density, :math:`-|x| - 2 \operatorname{log1p}(\exp(-|x|))`."""
    x = xp.abs(x)
    return -x - 2.0 * xp.log1p(xp.exp(-x))


def tanh_half(xp: Namespace, x: Array) -> Array:
    r"""Minus the derivative of `log_density`, :math:`\tanh(x/2) = \sigma(x) - \sigma(-x)`."""
    return xp.tanh(0.5 * x)


def logit(xp: Namespace, p: Array) -> Array:
    r"""Logit, the quantile function of the standard logistic law; infinite at 0 and 1.

    .. math:: \operatorname{logit}(p) = \operatorname{log1p}(|2p - 1| / m)
              \text{ with the sign of } 2p - 1, \quad m = \min(p, 1 - p)

    and -log m where the quotient would overflow. The form log(p / (1 - p)) loses its digits near 1/2.

    Parameters
    ----------
    p : array_like
        Probabilities, of any shape.

    Returns
    -------
    array
        Of the shape, floating dtype, library and device of ``p``.

    Raises
    ------
    ValueError
        If a probability is outside [0, 1].

    Examples
    --------
    >>> from stgref import special
    >>> special.logit([0.0, 1e-300, 0.5, 0.75])
    array([         -inf, -690.7755279 ,    0.        ,    1.09861229])
    """
    m, d = xp.minimum(p, 1.0 - p), 2.0 * p - 1.0
    size = either(
        xp,
        m < NEGLIGIBLE,
        lambda m, _: -xp.log(m),
        lambda m, d: xp.log1p(xp.abs(d) / m),
        (m, NEGLIGIBLE, 0.5),
        (d, 0.0, 0.0),
    )
    return xp.copysign(size, d)


NEGLIGIBLE = 2.0**-100
"""Against 1, in any precision."""


class ProbabilityDerivative(NamedTuple):
    """The derivative of a function of a probability, with respect to it."""

    p: Array


def grad_logit(xp: Namespace, p: Array) -> ProbabilityDerivative:
    r"""Derivative of `logit`, :math:`1 / (p (1 - p))`.

    Examples
    --------
    >>> from stgref import special
    >>> special.grad_logit(0.5).p
    np.float64(4.0)
    """
    return ProbabilityDerivative(1.0 / p / (1.0 - p))


LOG_2 = 0.6931471805599453


def log1mexp(xp: Namespace, x: Array) -> Array:
    r"""Logarithm of one minus an exponential, for either sign of ``x``; -inf at 0.

    .. math:: \log(1 - e^{-|x|}) = [\,|x| < \log 2 : \log(-\operatorname{expm1}(-|x|)),
              \text{ else } \operatorname{log1p}(-e^{-|x|})\,]

    References
    ----------
    M. Maechler, "Accurately computing ``log(1 - exp(-abs(a)))``", R package Rmpfr, 2012, equation (7).

    Examples
    --------
    >>> from stgref import special
    >>> special.log1mexp([-1e-20, -50.0])
    array([-4.60517019e+01, -1.92874985e-22])
    """
    x = xp.abs(x)
    near = x < LOG_2
    return xp.where(
        near, xp.log(-xp.expm1(-xp.where(near, x, 1.0))), xp.log1p(-xp.exp(-xp.where(near, 1.0, x)))
    )


def grad_log1mexp(xp: Namespace, x: Array) -> Derivative:
    r"""Derivative of `log1mexp`, :math:`\operatorname{sign}(x) / \operatorname{expm1}(|x|)`.

    Examples
    --------
    >>> from stgref import special
    >>> special.grad_log1mexp(-50.0).x
    np.float64(-1.9287498479639178e-22)
    """
    x_abs = xp.abs(x)
    e = xp.exp(-x_abs)
    return Derivative(xp.where(x < 0.0, -e, e) / -xp.expm1(-x_abs))


def interval(xp: Namespace, a: Array, b: Array, width: Array, factor: Array | float = 1.0) -> Array:
    r"""Difference :math:`\sigma(b) - \sigma(a)` for a <= b, times ``factor``; ``width`` = b - a to full relative accuracy.

    .. math:: \sigma(b) - \sigma(a) = \sigma(b)\, \sigma(-a)\, (1 - e^{-\text{width}})

    The difference itself loses its digits where both sigmoids are near 1, or near each other.
    """
    ha, hb = xp.exp(-0.5 * xp.abs(a)), xp.exp(-0.5 * xp.abs(b))
    root = xp.where(b >= 0.0, 1.0, hb) * xp.where(a <= 0.0, 1.0, ha)
    return root * (factor * -xp.expm1(-width)) / ((1.0 + ha * ha) * (1.0 + hb * hb)) * root


def log_interval(xp: Namespace, a: Array, b: Array, width: Array) -> Array:
    r"""Logarithm of `interval`, the sum of three logarithms that are all negative."""
    return log_expit(xp, b) + log_expit(xp, -a) + log1mexp(xp, width)


def signed_interval(xp: Namespace, a: Array, b: Array, width: Array, factor: Array) -> Array:
    r"""Difference :math:`\sigma(b) - \sigma(a)` times ``factor`` for any order of a and b, given ``width`` = b - a."""
    rising = width >= 0.0
    low, high = xp.where(rising, a, b), xp.where(rising, b, a)
    return interval(xp, low, high, xp.abs(width), factor * xp.sign(width))


def grad_interval(
    xp: Namespace, a: Array, b: Array, width: Array, at_b: Array, d_width: Array, shift: Array
) -> Array:
    r"""Sum :math:`\sigma'(e)\, d_\text{width} + (\sigma'(b) - \sigma'(a))\, \text{shift}`, e being b where ``at_b``, else a.

    .. math:: \sigma'(b) - \sigma'(a) = -\frac{\sinh(s) \sinh(d)}{4 \cosh^2(a/2) \cosh^2(b/2)},
              \quad s = (a + b)/2, \; d = \text{width}/2

    Both terms share the factor :math:`h^2 = e^{-\min(|a|, |b|)}`, which is taken out: they may nearly cancel, and two
    exponentials of large numbers would each have roundings of their own.
    """
    ea, eb, total = xp.exp(-xp.abs(a)), xp.exp(-xp.abs(b)), a + b
    h = xp.exp(-0.5 * xp.minimum(xp.abs(a), xp.abs(b)))
    beyond_a = xp.where(b <= 0.0, width, xp.where(a >= 0.0, 0.0, xp.maximum(-total, 0.0)))
    beyond_b = xp.where(a >= 0.0, width, xp.where(b <= 0.0, 0.0, xp.maximum(total, 0.0)))
    at_end = xp.exp(-xp.where(at_b, beyond_b, beyond_a)) / (1.0 + xp.where(at_b, eb, ea)) ** 2
    difference = xp.expm1(-xp.abs(total)) * xp.expm1(-width) / ((1.0 + ea) * (1.0 + eb)) ** 2
    return h * (at_end * d_width - xp.sign(total) * difference * shift) * h


def log_ratio(xp: Namespace, left: Array, right: Array) -> Array:
    r"""Logarithm of the ratio of two positive numbers.

    It is :math:`\operatorname{log1p}(|l - r| / \min(l, r))` with the sign of l - r, or the difference of two logarithms where
    one number is negligible: rounding the ratio to a number near 1 would lose the digits of its logarithm.
    """
    smaller, d = xp.minimum(left, right), left - right
    distance = xp.abs(d)
    size = either(
        xp,
        NEGLIGIBLE * distance > smaller,
        lambda smaller, distance: xp.log(distance) - xp.log(smaller),
        lambda smaller, distance: xp.log1p(distance / smaller),
        (smaller, 1.0, 1.0),
        (distance, 1.0, 1.0),
    )
    return xp.copysign(size, d)
