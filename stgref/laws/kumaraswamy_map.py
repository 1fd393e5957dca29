r"""The map of the Kumaraswamy law, :math:`z = (1 - (1 - u)^{1/b})^{1/a}`, and its inverse, to the last digits of both tails.

With :math:`s = -\log z`, :math:`t = a s`, :math:`E = -\log(1 - u)` and :math:`y = E / b`, it says
:math:`e^{-t} + e^{-y} = 1`: each of t and y is minus :math:`\operatorname{log1mexp}` of the other. The powers of the textbook
form round to 0 or 1, 1 - u and 1 - z^a lose the digits of u near 0 and of z near 1, and :math:`z^a` underflows where
its logarithm is far from the least one; t and y keep them all.
"""

from __future__ import annotations

from typing import NamedTuple

from stgref.laws.hazard import Hazard
from stgref.numerics import sigmoid
from stgref.numerics.exponential import damped, undamped_excess
from stgref.numerics.namespace import Array, Namespace

FAR = 40.0
"""Where t is larger, :math:`y = e^{-t}` to 4e-18 of itself."""
TINY = 1e-30
"""Where y is smaller, :math:`t = -\\log y`, y being perhaps subnormal."""


def hazard(xp: Namespace, t: Array, b: Array) -> Hazard:
    r"""Cumulative hazard :math:`E = b y` with :math:`y = -\operatorname{log1mexp}(t)`, and its logarithm."""
    far = t > FAR
    y = -sigmoid.log1mexp(xp, xp.where(far, FAR, t))
    log_e = xp.log(b) + xp.where(far, -t, xp.log(y))
    return Hazard(xp.where(far, xp.exp(log_e), b * y), log_e)


def decline(xp: Namespace, t: Array) -> Array:
    r"""Minus the derivative of log y to t, :math:`1 / (y\, (e^t - 1))`."""
    far = t > FAR
    near = xp.where(far, 1.0, t)
    return xp.where(far, 1.0, -1.0 / (sigmoid.log1mexp(xp, near) * xp.expm1(near)))


def rise(xp: Namespace, t: Array) -> Array:
    r"""Logarithm of minus the derivative of y to t, :math:`-\log(e^t - 1)`."""
    return -t - sigmoid.log1mexp(xp, t)


class Path(NamedTuple):
    """log z, and the partial derivatives of z with respect to u and the parameters."""

    log_z: Array
    by_u: Array
    by_a: Array
    by_b: Array


def log_sample(xp: Namespace, e: Array, a: Array, b: Array) -> Array:
    r"""Logarithm of z, :math:`\operatorname{log1mexp}(y) / a`."""
    return _log_power(xp, e, b) / a


def _log_power(xp: Namespace, e: Array, b: Array) -> Array:
    """-t, the logarithm of z^a."""
    y = e / b
    tiny = y < TINY
    return xp.where(tiny, xp.log(e) - xp.log(b), sigmoid.log1mexp(xp, xp.where(tiny, 1.0, y)))


def _by_u(xp: Namespace, u: Array, e: Array, power: Array, a: Array, b: Array) -> Array:
    r"""dz/du = dz/dE / (1 - u). For a > 1 and small y, where (1 - 1/a) t is much larger than t/a, it is :math:`z / (a b\, (e^y - 1))`."""
    y = e / b
    near = (a > 1.0) & (y < 1.0)
    small = xp.where(near, e, 1.0)
    gap = xp.where(y < TINY, 1.0, b * xp.expm1(xp.where(near, y, 1.0)) / small)
    divided = xp.exp(0.5 * power / a) / xp.sqrt(small)
    whole = xp.exp(0.5 * ((1.0 / a - 1.0) * power - y))
    return xp.where(
        near, divided * (1.0 / (a * gap) / (1.0 - u)) * divided, whole * (1.0 / (a * b) / (1.0 - u)) * whole
    )


def path(xp: Namespace, u: Array, a: Array, b: Array) -> Path:
    r"""The sample and its derivatives.

    .. math:: \partial_u z = \frac{e^{(1 - 1/a) t - y}}{a b\, (1 - u)}, \quad \partial_a z = \frac{z s}{a}, \quad
              \partial_b z = -\frac{z}{a b} \frac{y}{e^y - 1}
    """
    e = -xp.log1p(-u)
    y, power = e / b, _log_power(xp, e, b)
    log_z = power / a
    h = xp.exp(0.5 * log_z)
    return Path(
        log_z,
        _by_u(xp, u, e, power, a, b),
        h * (-log_z / a) * h,
        -h * damped(xp, y, 1.0 / (a * b)) * h,
    )


def bend(xp: Namespace, u: Array, a: Array, b: Array) -> tuple[Array, Array]:
    r"""Second derivatives of the sample to a and to b.

    .. math:: \partial_a^2 z = \frac{z s (s - 2)}{a^2}, \quad \partial_b^2 z = \frac{z D}{a b^2}
              \left(\frac{D}{a} + 1 - \left(\frac{y}{1 - e^{-y}} - 1\right)\right), \quad D = \frac{y}{e^y - 1}
    """
    e = -xp.log1p(-u)
    log_z, y = log_sample(xp, e, a, b), e / b
    h = xp.exp(0.5 * log_z)
    rest = damped(xp, y) / a + (1.0 - undamped_excess(xp, y))
    return h * (log_z * (log_z + 2.0) / a / a) * h, h * damped(xp, y, rest / (a * b * b)) * h
