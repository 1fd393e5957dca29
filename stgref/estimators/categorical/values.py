"""Exact expectations of an objective of categorical variables, and their gradients, by enumeration."""

from __future__ import annotations

from typing import Any

from stgref.estimators import values
from stgref.estimators.categorical.law import FAMILY, LAW
from stgref.numerics.libraries import EVERYWHERE, declare
from stgref.numerics.namespace import Array


@declare(EVERYWHERE)
def exact_value(objective: Any, logits: Array) -> Array:
    r"""Expectation :math:`E f(b) = \sum_b P(b)\, f(b)` over independent categorical variables.

    Parameters
    ----------
    objective : callable
        ``f(b)`` of one-hot points (..., D, K) gives values (...). Its own method ``exact_value(logits)`` is used where it
        has one; otherwise all :math:`K^D` points are summed over.
    logits : array of shape (D, K)
        Log probabilities of the K categories, each row up to a constant.

    Returns
    -------
    array of shape ()
        The expectation, in the library, device and dtype of ``logits``.

    Raises
    ------
    TypeError
        If an argument is of a wrong type.
    ValueError
        If there are too many points, or the objective returns a wrong shape or values that are not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref.estimators import categorical
    >>> categorical.exact_value(lambda b: b[..., 0, 1] * b[..., 1, 2], np.zeros((2, 3)))
    np.float64(0.1111111111111111)
    """
    xp, f, phi, result = values.prepared("estimators.categorical.exact_value", objective, logits, FAMILY)
    return result(values.value(xp, f, phi, LAW))


@declare(EVERYWHERE)
def exact_gradient(objective: Any, logits: Array) -> Array:
    r"""Gradient of `exact_value` to the logits.

    .. math:: \frac{\partial}{\partial \phi_{ik}} E f(b) = p_{ik} \left(F_{ik} - \sum_j p_{ij} F_{ij}\right), \quad
              F_{ik} = E[f(b) \mid b_i = k]

    Parameters
    ----------
    objective : callable
        As in `exact_value`; its own method ``exact_gradient(logits)`` is used where it has one.
    logits : array of shape (D, K)
        Log probabilities of the K categories, each row up to a constant.

    Returns
    -------
    array of shape (D, K)
        The gradient, in the library, device and dtype of ``logits``.

    Raises
    ------
    TypeError, ValueError
        As `exact_value`.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref.estimators import categorical
    >>> categorical.exact_gradient(lambda b: b[..., 0, 1], np.zeros((1, 3)))
    array([[-0.11111111,  0.22222222, -0.11111111]])
    """
    xp, f, phi, result = values.prepared("estimators.categorical.exact_gradient", objective, logits, FAMILY)
    return result(values.gradient(xp, f, phi, LAW))
