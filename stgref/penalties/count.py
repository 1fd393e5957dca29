"""How many gates are open, each with its weight: the expected L0 norm, alone and together with an L2 norm."""

from __future__ import annotations

from typing import NamedTuple

from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.vector import Vector

SOURCE = """
C. Louizos, M. Welling, D. P. Kingma, "Learning Sparse Neural Networks through L0 Regularization", ICLR 2018: the
expected L0 norm, equation (12), and its combination with other norms.
"""


class Partials(NamedTuple):
    """Partial derivatives with respect to the probabilities and their weights."""

    prob: Vector
    weight: Vector


class PartialsWithL2(NamedTuple):
    """Partial derivatives with respect to each argument."""

    prob: Vector
    count: Vector
    squares: Vector
    l0_weight: Array
    precision: Array


def l0(xp: Namespace, prob: Vector, weight: Vector) -> Array:
    r"""Expected number of open gates, each counted by its weight, :math:`\sum_g w_g p_g`.

    A gate that stands for several elements of a masked layer has their number for its weight, or what they cost.

    Examples
    --------
    >>> from stgref import penalties
    >>> penalties.l0([0.5, 0.25], [1.0, 100.0])
    np.float64(25.5)
    """
    return xp.sum(weight * prob, axis=-1)


def grad_l0(xp: Namespace, prob: Vector, weight: Vector) -> Partials:
    r"""Partial derivatives of `l0`: w to the probabilities, p to the weights.

    Examples
    --------
    >>> from stgref import penalties
    >>> penalties.grad_l0([0.5, 0.25], [1.0, 100.0]).prob
    array([  1., 100.])
    """
    return Partials(weight, prob)


def l0_l2(
    xp: Namespace, prob: Vector, count: Vector, squares: Vector, l0_weight: Array, precision: Array
) -> Array:
    r"""Expected L0 norm and L2 norm of gated weights, :math:`\sum_g p_g (\lambda c_g + \tfrac{1}{2} \tau s_g)`.

    Gate g multiplies :math:`c_g` weights, whose squares sum to :math:`s_g`. :math:`\lambda` (``l0_weight``) is the price of
    a weight that is there, :math:`\tau` the precision of a Gaussian prior for it; a weight that is switched off costs nothing.

    Examples
    --------
    >>> from stgref import penalties
    >>> penalties.l0_l2([0.5, 1.0], [10.0, 10.0], [4.0, 2.0], 0.1, 2.0)
    np.float64(5.5)
    """
    return xp.sum(_price(prob, count, squares, l0_weight, precision) * prob, axis=-1)


def grad_l0_l2(
    xp: Namespace, prob: Vector, count: Vector, squares: Vector, l0_weight: Array, precision: Array
) -> PartialsWithL2:
    r"""Partial derivatives of `l0_l2`; those to the weights themselves are twice them times :math:`\tfrac{1}{2} \tau p_g`.

    Examples
    --------
    >>> from stgref import penalties
    >>> penalties.grad_l0_l2([0.5, 1.0], [10.0, 10.0], [4.0, 2.0], 0.1, 2.0).prob
    array([5., 3.])
    """
    each, tau = (value[..., None] for value in (l0_weight, precision))
    by_prob = _price(prob, count, squares, l0_weight, precision)
    l0_part, l2_part = xp.sum(prob * count, axis=-1), 0.5 * xp.sum(prob * squares, axis=-1)
    return PartialsWithL2(by_prob, each * prob, 0.5 * tau * prob, l0_part, l2_part)


def _price(prob: Vector, count: Vector, squares: Vector, l0_weight: Array, precision: Array) -> Vector:
    return l0_weight[..., None] * count + 0.5 * precision[..., None] * squares + 0.0 * prob
