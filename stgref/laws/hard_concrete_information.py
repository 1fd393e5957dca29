r"""Entropy of the hard concrete law.

With respect to Lebesgue measure on (0, 1) plus unit atoms at 0 and 1, with :math:`n_x = w(x)` the noise at which
:math:`\bar z = x`, :math:`v = (n + a)/t`, and :math:`f(z) = \sigma'(n)\, t / ((u - l)\, \sigma'(v))` the density inside,

.. math:: H = -p_0 \log p_0 - p_1 \log p_1 - \int_{n_0}^{n_1} \sigma'(n) \log f\, dn, \qquad
          \log f = \log\frac{t}{u - l} + |v| - |n| + 2 \log\frac{1 + e^{-|v|}}{1 + e^{-|n|}}.

The textbook form, the integral of :math:`f \log f` over z, takes the logarithm of densities that underflow, and its terms of
both signs cancel where H passes through 0. Here all logarithms are finite, and doubled precision bears the cancellation.

A law far in a tail has the entropy of its few last digits: with m the distance of :math:`[n_0, n_1]` from 0, H is of the order
:math:`m e^{-m}`. Everything is therefore scaled by :math:`e^m`; of the atom that holds nearly all,
:math:`p = 1/(1 + e^{-m})`, there remains :math:`-e^m p \log p = p\, e^m \operatorname{log1p}(e^{-m})`, where
:math:`-p \log p` from p itself would be 0 for m > 37. The integrand has its singularities on the lines through n = 0 and
v = 0, where `stgref.laws.logistic_integral` cuts.
"""

from __future__ import annotations

from stgref.laws import logistic_integral as li
from stgref.laws.hard_concrete_moments import ends_of
from stgref.numerics import doubled as dd
from stgref.numerics.arithmetic import Number, Twofold
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quadrature import in_tiles

NEGLIGIBLE = 60.0
"""exp(-60) is below the last digit of the working precision, and its doubled product still normal in float32."""


def entropy(xp: Namespace, a: Array, t: Array, l: Array, u: Array) -> Array:
    """H, for log alpha a, temperature t and bounds l and u."""
    num = Twofold(xp)

    def tile(*params: Array) -> tuple[Array]:
        like, (a, t, l, u) = params[0], (num.lift(x) for x in params)
        ends = ends_of(num, a, t, l, u)
        m = ends.distance(num)
        atoms = dd.total(xp, _surprise(num, num.stack([ends.n0, -ends.n1]), m[..., None]))
        at = li.nodes(num, xp, a, t, ends, like)
        log_density = num.log(t / (u - l))[..., None, None] + _log_slope(num, at)
        inside = num.sum(at.weight * li.scaled_density(num, at.n, m[..., None, None]) * log_density)
        return (unscaled(num, atoms - inside, m),)

    return in_tiles(xp, num.TILE, tile, *xp.broadcast_arrays(a, t, l, u))[0]


def unscaled(num: Twofold, value: Number, m: Number) -> Array:
    """The value times e^-m, in two steps so that it underflows gradually."""
    h = num.exp(-0.5 * m)
    return num.lower(value * h) * num.lower(h)


def _surprise(num: Twofold, x: Number, m: Number) -> Number:
    """-p log p for an atom of probability p = sigma(x), scaled by e^m; if x > 0, then m = x."""
    size, top = num.abs(x), 0.0 * x + NEGLIGIBLE
    e = num.exp(-num.where(num.negative(size - top), size, top))
    log = dd.log_ratio(num.xp, 1.0 + e, 1.0 + 0.0 * e, e)
    return num.where(num.negative(x), num.exp(m - size) * (size + log), log / e) / (1.0 + e)


def _log_slope(num: Twofold, at: li.Nodes) -> Number:
    """log sigma'(n) - log sigma'(v)."""
    n, v = num.abs(at.n), num.abs(at.v)
    return v - n + 2.0 * num.log((1.0 + num.exp(-v)) / (1.0 + num.exp(-n)))
