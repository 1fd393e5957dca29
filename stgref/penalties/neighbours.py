"""Penalties on neighbours that differ, for gates in a row: runs of open gates cost less than scattered ones."""

from __future__ import annotations

from typing import NamedTuple

from stgref.numerics.namespace import Array, Namespace, device_of
from stgref.numerics.vector import Vector

SOURCE = """
J. Bastings, W. Aziz, I. Titov, "Interpretable Neural Predictions with Differentiable Binary Variables", ACL 2019,
section 4 (the expected number of transitions, a fused lasso); R. Tibshirani, M. Saunders, S. Rosset, J. Zhu, K. Knight,
"Sparsity and smoothness via the fused lasso", Journal of the Royal Statistical Society B 67, 2005.
"""


class Partials(NamedTuple):
    """The derivatives with respect to the probabilities."""

    prob: Vector


class PartialsOfValues(NamedTuple):
    """The derivatives with respect to the gates."""

    x: Vector


def transitions(xp: Namespace, prob: Vector) -> Array:
    r"""Expected number of neighbours of which one is open and one is not.

    .. math:: \sum_g p_g (1 - p_{g+1}) + (1 - p_g)\, p_{g+1}

    Examples
    --------
    >>> from stgref import penalties
    >>> penalties.transitions([1.0, 1.0, 0.0, 0.5])
    np.float64(1.5)
    """
    left, right = prob[..., :-1], prob[..., 1:]
    return xp.sum(left * (1.0 - right) + (1.0 - left) * right, axis=-1)


def grad_transitions(xp: Namespace, prob: Vector) -> Partials:
    r"""Derivatives of `transitions`, :math:`1 - 2 p` of each neighbour.

    Examples
    --------
    >>> from stgref import penalties
    >>> penalties.grad_transitions([1.0, 1.0, 0.0, 0.5]).prob
    array([-1.,  0., -1.,  1.])
    """
    return Partials(_to_neighbours(xp, 1.0 - 2.0 * prob[..., 1:], 1.0 - 2.0 * prob[..., :-1]))


def total_variation(xp: Namespace, x: Vector) -> Array:
    r"""Total variation of gate values, :math:`\sum_g |x_{g+1} - x_g|`.

    Examples
    --------
    >>> from stgref import penalties
    >>> penalties.total_variation([0.0, 1.0, 0.25])
    np.float64(1.75)
    """
    return xp.sum(xp.abs(x[..., 1:] - x[..., :-1]), axis=-1)


def grad_total_variation(xp: Namespace, x: Vector) -> PartialsOfValues:
    r"""Derivatives of `total_variation`, the sign of the difference to each neighbour: 0 where they are equal.

    Examples
    --------
    >>> from stgref import penalties
    >>> penalties.grad_total_variation([0.0, 1.0, 0.25]).x
    array([-1.,  2., -1.])
    """
    sign = xp.sign(x[..., 1:] - x[..., :-1])
    return PartialsOfValues(_to_neighbours(xp, -sign, sign))


def _to_neighbours(xp: Namespace, to_left: Array, to_right: Array) -> Vector:
    """The sum of what each pair of neighbours gives to its left and to its right."""
    end = xp.zeros((*to_left.shape[:-1], 1), dtype=to_left.dtype, device=device_of([to_left]))
    return xp.concat([to_left, end], axis=-1) + xp.concat([end, to_right], axis=-1)
