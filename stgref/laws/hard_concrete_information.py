r"""Entropy of the hard concrete law.

With respect to Lebesgue measure on (0, 1) plus unit atoms at 0 and 1, with :math:`n_x = w(x)` the noise at which
:math:`\bar z = x`, :math:`v = (n + a)/t`, and :math:`f(z) = \sigma'(n)\, t / ((u - l)\, \sigma'(v))` the density inside,

.. math:: H = -p_0 \log p_0 - p_1 \log p_1 - \int_{n_0}^{n_1} \sigma'(n) \log f\, dn, \qquad
          \log f = \log\frac{t}{u - l} + |v| - |n| + 2 \log\frac{1 + e^{-|v|}}{1 + e^{-|n|}}.

The textbook form, an integral over z of :math:`f \log f`, meets densities that underflow or reach 1e6, and terms of both signs
that cancel where H passes through 0. Here all logarithms are finite, and all is computed in doubled precision and scaled by
:math:`e^m`, m the distance of :math:`[n_0, n_1]` from 0: a law far in a tail has the entropy of its few last digits,

.. math:: e^m H = p\, e^m \operatorname{log1p}(e^{-m}) + \ldots,

to which the atom of probability :math:`p = 1/(1 + e^{-m})` contributes as much as the rest. The integrand has its
singularities on the lines through n = 0 and v = 0, where `stgref.laws.logistic_integral` cuts.
"""

from __future__ import annotations

from stgref.laws import logistic_integral as li
from stgref.laws.hard_concrete_moments import ends_of
from stgref.numerics import doubled as dd
from stgref.numerics.arithmetic import Number, Twofold
from stgref.numerics.doubled import Doubled
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quadrature import in_tiles

SMALL = 2.0**-6
"""Where series take over; beyond, differences lose at most 13 bits of the doubled precision."""


def log1p(xp: Namespace, x: Doubled) -> Doubled:
    r"""log(1 + x) to 20 digits of itself, near 0 from :math:`2 \operatorname{artanh} s`, :math:`s = x / (2 + x)`."""
    s = x / (x + 2.0)
    y = s.hi * s.hi
    series = (s + s * (y * (1 / 3 + y * (1 / 5 + y * (1 / 7 + y * (1 / 9 + y / 11)))))).scaled(2.0)
    small = xp.abs(x.hi) < SMALL
    return dd.where(xp, small, series, dd.log(xp, 1.0 + dd.where(xp, small, 0.0 * x, x)))


def entropy(xp: Namespace, a: Array, t: Array, l: Array, u: Array) -> Array:
    """H, for log alpha a, temperature t and bounds l and u."""
    num = Twofold(xp)

    def tile(*params: Array) -> tuple[Array]:
        like, (a, t, l, u) = params[0], (num.lift(x) for x in params)
        ends = ends_of(num, a, t, l, u)
        m = ends.distance(num)
        atoms = _surprise(num, ends.n0, m) + _surprise(num, -ends.n1, m)
        at = li.nodes(num, xp, a, t, ends, like)
        log_density = num.log(t / (u - l))[..., None, None] + _log_slope(num, at)
        inside = num.sum(at.weight * li.scaled_density(num, at.n, m[..., None, None]) * log_density)
        half = num.lower(num.exp(-0.5 * m))
        return (num.lower(atoms - inside) * half * half,)

    return in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(a, t, l, u))[0]


def _surprise(num: Twofold, x: Number, m: Number) -> Number:
    """-p log p for an atom of probability p = sigma(x), scaled by e^m; where x > 0, m = x."""
    e = num.exp(-num.abs(x))
    log = log1p(num.xp, e)
    below = num.exp(m - num.abs(x)) * (log + num.abs(x))
    return num.where(num.negative(x), below, _relative_log1p(num, m)) / (1.0 + e)


def _relative_log1p(num: Twofold, m: Number) -> Number:
    """e^m log(1 + e^-m), which is 1 to all digits long before e^-m underflows."""
    m = num.where(m.hi > 60.0, 0.0 * m + 60.0, m)
    e = num.exp(-m)
    return log1p(num.xp, e) / e


def _log_slope(num: Twofold, at: li.Nodes) -> Number:
    """log sigma'(n) - log sigma'(v)."""
    n, v = num.abs(at.n), num.abs(at.v)
    return v - n + 2.0 * num.log((1.0 + num.exp(-v)) / (1.0 + num.exp(-n)))
