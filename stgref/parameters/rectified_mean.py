r"""The mu of a rectified Gaussian law of a given mean, and its derivatives.

As in `stgref.parameters.hard_concrete_mean`, Newton's method solves :math:`\log m(\mu) = \log m^*`; as 1 - z is the law of
:math:`1 - \mu`, with :math:`m^* \le 1/2`. Then the root is between :math:`s\, \Phi^{-1}(m^*)`, where the gate is open with
probability :math:`m^*`, and :math:`m^*`, beyond which clipping at 0 adds more than clipping at 1 takes away. With the axis of
`stgref.laws.rectified_moments`,

.. math:: m_\mu = \int_a^b \phi, \qquad
          m_s = \phi(a) - \phi(b) = \phi(c)\, e^{-(c^2 - a^2)/2} (1 - e^{-|\mu - 1/2| / s^2}),

and m share the factor :math:`\phi(c)`, which drops out of their quotients.
"""

from __future__ import annotations

from typing import NamedTuple

from stgref.laws import rectified_moments as moments
from stgref.numerics import gauss
from stgref.numerics.namespace import Array, Namespace
from stgref.parameters import newton

MOST = 10
"""Steps at the most: 7 is the most that random laws of the domain took, of a hundred thousand."""
HIGH = 0.2
"""Where the mean is more than this many standard deviations, mu is nearer to it than to where P(z > 0) is the mean."""


class Scaled(NamedTuple):
    """The mean of y, the one of z and 1 - z that has mu <= 1/2, and its partial derivatives, over phi(c)."""

    mean: Array
    by_mu: Array
    by_std: Array
    axis: moments.Axis


def scaled(xp: Namespace, mu: Array, std: Array) -> Scaled:
    """The mean and its derivatives; those have terms of one sign."""
    x = moments.axis(xp, mu, std)
    on = moments.folded(xp, x)
    at_ends = gauss.ndtr(xp, -x.a) * (gauss.SQRT_2PI * x.to_a) + moments.scaled_upper(xp, x) * x.to_b
    of_y = std * (moments.integral(xp, on, lambda d: d) + at_ends)
    by_std = xp.exp(-0.5 * x.to_a * x.to_a) * -xp.expm1(-x.m / std)
    return Scaled(of_y, moments.integral(xp, on, xp.ones_like), by_std, x)


@moments.tiled
def mu(xp: Namespace, mean: Array, std: Array) -> Array:
    """The root of m(mu) = ``mean``."""
    mirrored = mean > 0.5
    small = xp.where(mirrored, 1.0 - mean, mean)
    wanted = xp.log(small) + moments.LOG_SQRT_2PI[0]

    def step(at: Array) -> tuple[Array, Array]:
        x = scaled(xp, at, std)
        lacking = wanted - (xp.log(x.mean) - 0.5 * x.axis.c * x.axis.c)
        return lacking, lacking * x.mean / x.by_mu

    start = xp.where(small > HIGH * std, small, std * gauss.ndtri(xp, small))
    root = newton.solve(xp, step, start, MOST)
    return xp.where(mirrored, 1.0 - root, xp.where(small == 0.5, 0.5, root))


@moments.tiled
def grad_mu(xp: Namespace, mean: Array, std: Array) -> tuple[Array, Array]:
    """1/m_mu = (m / m_mu) / m and -m_s/m_mu at the root."""
    x = scaled(xp, mu(xp, mean, std), std)
    y = xp.where(x.axis.mirrored, 1.0 - mean, mean)
    by_std = x.by_std / x.by_mu
    return x.mean / x.by_mu / y, xp.where(x.axis.mirrored, by_std, -by_std)
