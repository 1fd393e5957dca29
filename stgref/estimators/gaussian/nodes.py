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


def maxwell(xp: Namespace, like: Array, step: float) -> Nodes:
    r"""Of a double-sided Maxwell variable, with density :math:`m^2 \phi(m)`."""
    m = line(xp, like, step)
    return Nodes(m, step * gauss.density(xp, m, m * m))


def uniform(xp: Namespace, like: Array, n: int) -> Nodes:
    """Of a uniform variable, the n nodes of Gauss and Legendre."""
    rule = gauss_legendre(n).rounded()
    u, weights = (xp.asarray(x, dtype=like.dtype, device=ns.device_of([like])) for x in rule)
    return Nodes(u, weights)


def rayleigh(xp: Namespace, like: Array, n: int) -> Nodes:
    r"""Of a Rayleigh variable, Weibull(2, :math:`\sqrt 2`), with density :math:`w e^{-w^2 / 2}`, w > 0: by Gauss and Legendre."""
    u, weights = uniform(xp, like, n)
    w = REACH * u
    return Nodes(w, REACH * weights * w * xp.exp(-0.5 * w * w))


def samples(xp: Namespace, mu: Array, std: Array, **_: Any) -> Rule:
    """Nodes of the normal noise of each variable, (D, m)."""
    e, weights = normal(xp, mu, STEPS.get(mu.shape[0], WIDEST))
    zero = xp.zeros_like(mu)[:, None]
    return Rule([e + zero], weights + zero)
