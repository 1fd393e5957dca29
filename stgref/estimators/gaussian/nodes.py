r"""Quadrature over the noise of Gaussian estimators, for objectives that are smooth on the scale of a step.

A trapezoidal rule of step h over a function analytic in the strip :math:`|\operatorname{Im} \varepsilon| < a` is wrong by
:math:`e^{-2 \pi a / h}` of its size. The normal density alone allows any a, at the price of :math:`e^{a^2 / 2}`, which leaves
:math:`e^{-2 \pi^2 / h^2}`; an oscillation :math:`e^{i k \varepsilon}` moves that to :math:`e^{-(2 \pi / h - k)^2 / 2}`.
Rules end at 12 standard deviations, where the density is :math:`e^{-72}`. The fewer the variables, the finer the steps.
All is integrated twice, the second time half a step apart; an objective for which that makes a difference is refused.

References
----------
L. N. Trefethen, J. A. C. Weideman, "The exponentially convergent trapezoidal rule", SIAM Review 56, 2014, theorem 5.1 and
equation (4.6).
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from stgref.estimators.estimator import Bound
from stgref.estimators.exact import Rule, agreed, check_cost, quadrature, summed
from stgref.numerics import gauss
from stgref.numerics import namespace as ns
from stgref.numerics.comoments import Comoments
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quadrature import gauss_legendre

REACH = 12.0

STEPS = {1: 1 / 64, 2: 1 / 32, 3: 1 / 8}
"""Step for one, two and three variables: :math:`2^{11}` to :math:`2^{23}` combinations of nodes."""

WIDEST = 2 / 5
"""Step for more variables: exp(-2 pi^2 / 0.4^2) = 3e-54, and 1e-35 for the square of a cosine of unit frequency."""


class Nodes(NamedTuple):
    """Values of a noise and their probabilities, (m,)."""

    values: Array
    weights: Array


def normal(xp: Namespace, like: Array, step: float, shift: float = 0.0) -> Nodes:
    """Of a standard normal variable, equidistant from -12 to 12, moved by the part ``shift`` of a step."""
    each = round(REACH / step)
    table = step * (np.arange(-each, each + 1) + shift)
    e = xp.asarray(table, dtype=like.dtype, device=ns.device_of([like]))
    return Nodes(e, step * gauss.density(xp, e))


class HalfLine(NamedTuple):
    """Nodes (n,) from 0 to 12, weights (n,), and a matrix (n, n) of the integrals from 0 to each node."""

    values: Array
    weights: Array
    integrals: Array


def half_line(xp: Namespace, like: Array, n: int) -> HalfLine:
    """The n nodes of Gauss and Legendre, for densities that are not even."""
    device = ns.device_of([like])
    return HalfLine(*(xp.asarray(part, dtype=like.dtype, device=device) for part in _half_line(n)))


@functools.cache
def _half_line(n: int) -> HalfLine:
    r"""The nodes on the host.

    With the Legendre polynomials :math:`P_p` on [0, 1], whose integrals from 0 are
    :math:`(P_{p+1} - P_{p-1}) / (4 p + 2)`, an integral is that of the polynomial through the values at the nodes,
    :math:`\sum_k f(u_k) w_k \sum_p (2 p + 1) P_p(u_k) \int_0^u P_p` (DLMF 18.9(iii)).
    """
    rule = gauss_legendre(n)
    u, weights = np.asarray(rule.nodes.hi), np.asarray(rule.weights.hi)
    polynomials = np.polynomial.legendre.legvander(2.0 * u - 1.0, n)
    rising = np.concatenate([2.0 * u[:, None], polynomials[:, 2:] - polynomials[:, :-2]], axis=1)
    return HalfLine(*(REACH * part for part in (u, weights, 0.5 * rising @ polynomials[:, :-1].T * weights)))


def samples(xp: Namespace, mu: Array, shift: float = 0.0) -> Rule:
    """Nodes of the normal noise of each variable, (D, m)."""
    e, weights = normal(xp, mu, STEPS.get(mu.shape[0], WIDEST), shift)
    zero = xp.zeros_like(mu)[:, None]
    return Rule([e + zero], weights + zero)


@quadrature
def moments(bound: Bound, least: Array | float = 0.0) -> Comoments:
    """Moments of an estimate of normal noise, whose size is taken to be ``least`` (2 D,) or more."""
    _check_cost(bound)

    def shifted(shift: float) -> Comoments:
        rule = samples(bound.xp, bound.parameters[0], shift)
        return summed(bound, rule, bound.estimator.noise, bound.flat)

    return agreed(bound, shifted, least)


@quadrature
def moments_of_differences(bound: Bound) -> Comoments:
    """Moments of an estimate that may cancel."""
    _check_cost(bound)
    return moments(bound, rounding(bound))


def _check_cost(bound: Bound) -> None:
    count = bound.parameters[0].shape[0]
    each = round(2 * REACH / STEPS.get(count, WIDEST)) + 1
    check_cost(bound.estimator.name, "combinations of noise", each, count, "mu")


def rounding(bound: Bound) -> Array:
    """A size of estimates (2 D,) of which 1e-9 is some rounding errors of f over std, however small the estimates are."""
    xp, f, (mu, std) = bound.xp, bound.f, bound.parameters
    own = xp.eye(mu.shape[0], dtype=mu.dtype, device=bound.device)
    near = xp.stack([mu + k * std * own for k in (-2.0, 0.0, 2.0)])
    size = 1e-5 * xp.max(xp.abs(f(near))) / std
    return xp.concat([size, size])
