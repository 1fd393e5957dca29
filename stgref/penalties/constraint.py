"""A wished size, made a penalty: by multipliers, or by a barrier."""

from __future__ import annotations

import math
from typing import NamedTuple

from stgref.numerics.namespace import Array, Namespace

SOURCE = """
Z. Wang, J. Wohlwend, T. Lei, "Structured Pruning of Large Language Models", EMNLP 2020, section 3 (linear and quadratic
multipliers); C. Lemaire, A. Achkar, P.-M. Jodoin, "Structured Pruning of Neural Networks with Budget-Aware
Regularization", CVPR 2019, equation (5) (the barrier).
"""


class PartialsOfLagrangian(NamedTuple):
    """Partial derivatives with respect to each argument; those of the multipliers are what gradient ascent follows."""

    size: Array
    target: Array
    linear: Array
    quadratic: Array


class PartialsOfBarrier(NamedTuple):
    """Partial derivatives with respect to each argument."""

    size: Array
    budget: Array
    margin: Array


def lagrangian(xp: Namespace, size: Array, target: Array, linear: Array, quadratic: Array) -> Array:
    r"""Penalty of an expected size that is not the wished one, :math:`\lambda_1 (s - t) + \lambda_2 (s - t)^2`.

    The size goes down and the multipliers up their gradients: a saddle point has s = t. A target that moves from the size
    at the start to the wished one (`stgref.study.schedules`) is the usual warm-up.

    Examples
    --------
    >>> from stgref import penalties
    >>> penalties.lagrangian(0.75, 0.5, 2.0, 4.0)
    np.float64(0.75)
    """
    excess = size - target
    return excess * (linear + quadratic * excess)


def grad_lagrangian(
    xp: Namespace, size: Array, target: Array, linear: Array, quadratic: Array
) -> PartialsOfLagrangian:
    r"""Partial derivatives of `lagrangian`: :math:`\pm(\lambda_1 + 2 \lambda_2 (s - t))`, and the powers of s - t.

    Examples
    --------
    >>> from stgref import penalties
    >>> penalties.grad_lagrangian(0.75, 0.5, 2.0, 4.0).size
    np.float64(4.0)
    """
    excess = size - target
    slope = linear + 2.0 * quadratic * excess
    return PartialsOfLagrangian(slope, -slope, excess, excess * excess)


def barrier(xp: Namespace, size: Array, budget: Array, margin: Array) -> Array:
    r"""Barrier that rises from 0 at a margin below the budget to infinity at it.

    .. math:: \frac{y^2}{1 - y} = \frac{(m - r)^2}{m r}, \quad r = \text{budget} - \text{size}, \; y = 1 - r / m

    with m the margin; 0 where r is at least m, infinity where r is 0 or less.

    Examples
    --------
    >>> from stgref import penalties
    >>> penalties.barrier([0.25, 0.75, 1.0], 1.0, 0.5)
    array([0. , 0.5, inf])
    """
    room, short = _room(xp, size, budget, margin)
    return xp.where(budget - size > 0.0, short / margin * (short / room), math.inf + 0.0 * short)


def grad_barrier(xp: Namespace, size: Array, budget: Array, margin: Array) -> PartialsOfBarrier:
    r"""Partial derivatives of `barrier`, infinite or 0 where it is so itself.

    :math:`\pm (m - r)(m + r) / (m r^2)` to the size and the budget, :math:`(m - r)(m + r) / (m^2 r)` to the margin.

    Examples
    --------
    >>> from stgref import penalties
    >>> penalties.grad_barrier(0.75, 1.0, 0.5).size
    np.float64(6.0)
    """
    room, short = _room(xp, size, budget, margin)
    by_margin = short / margin * ((margin + room) / (margin * room))
    by_size = short / room * ((margin + room) / (margin * room))
    beyond = ~(budget - size > 0.0) & ~xp.isnan(short)
    infinite = (xp.where(beyond, math.inf, slope) for slope in (by_size, by_margin))
    by_size, by_margin = infinite
    return PartialsOfBarrier(by_size, -by_size, by_margin)


def _room(xp: Namespace, size: Array, budget: Array, margin: Array) -> tuple[Array, Array]:
    """What is left of the budget, at most the margin, and what the margin lacks; 1 and so on where nothing is left."""
    room = budget - size
    room = xp.minimum(xp.where(room <= 0.0, margin, room), margin)
    return room, margin - room
