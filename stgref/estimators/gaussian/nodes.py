r"""Quadrature over the noise of Gaussian estimators, for objectives that are smooth on the scale of a step.

A trapezoidal rule of step h over a function analytic in the strip :math:`|\operatorname{Im} \varepsilon| < a` is wrong by
:math:`e^{-2 \pi a / h}` of its size. The normal density alone allows any a, at the price of :math:`e^{a^2 / 2}`, which leaves
:math:`e^{-2 \pi^2 / h^2}`; an oscillation :math:`e^{i k \varepsilon}` moves that to :math:`e^{-(2 \pi / h - k)^2 / 2}`.
Rules end at 12 standard deviations, where the density is :math:`e^{-72}`. The fewer the variables, the finer the steps.

References
----------
L. N. Trefethen, J. A. C. Weideman, "The exponentially convergent trapezoidal rule", SIAM Review 56, 2014, theorem 5.1 and
equation (4.6).
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from stgref.estimators.exact import Rule
from stgref.numerics import gauss
from stgref.numerics import namespace as ns
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


def line(xp: Namespace, like: Array, step: float) -> Array:
    """Equidistant numbers from -12 to 12."""
    each = round(REACH / step)
    return xp.asarray(step * np.arange(-each, each + 1), dtype=like.dtype, device=ns.device_of([like]))


def normal(xp: Namespace, like: Array, step: float) -> Nodes:
    """Of a standard normal variable."""
    e = line(xp, like, step)
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


def samples(xp: Namespace, mu: Array, std: Array, **_: Any) -> Rule:
    """Nodes of the normal noise of each variable, (D, m)."""
    e, weights = normal(xp, mu, STEPS.get(mu.shape[0], WIDEST))
    zero = xp.zeros_like(mu)[:, None]
    return Rule([e + zero], weights + zero)
