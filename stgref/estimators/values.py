r"""Exact expectations of an objective of discrete variables, and their gradients, by enumeration.

With the other variables summed out, :math:`F_{ik} = E[f(b) \mid b_i = k]`, and the gradient of :math:`E f(b)` is
:math:`\theta_i (1 - \theta_i) (F_{i1} - F_{i0})` for Bernoulli variables and
:math:`p_{ik} (F_{ik} - \sum_j p_{ij} F_{ij})` for categorical ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from stgref.estimators.estimator import BERNOULLI, Family, check_parameter, prepare_arrays
from stgref.estimators.exact import check_cost
from stgref.estimators.law import Law, own
from stgref.estimators.problem import Problem
from stgref.estimators.sample import LAW
from stgref.numerics import namespace as ns
from stgref.numerics.libraries import EVERYWHERE, declare
from stgref.numerics.namespace import Array, Namespace

SURE = 2e3
"""Logits of a variable that is sure: sigma(2000) is 1 and sigma(-2000) is 0 in every precision."""

_BLOCK = 2**14


@declare(EVERYWHERE)
def exact_value(objective: Any, logits: Array) -> Array:
    r"""Expectation :math:`E f(b) = \sum_b P(b)\, f(b)` over independent Bernoulli variables.

    Parameters
    ----------
    objective : callable
        ``f(b)`` of points (..., D) gives values (...). Its own method ``exact_value(logits)`` is used where it has one;
        otherwise all :math:`2^D` points are summed over.
    logits : array of shape (D,)
        Log odds of a 1.

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
    >>> from stgref import estimators
    >>> estimators.exact_value(lambda b: b[..., 0] * b[..., 1], np.array([0.0, 1.0]))
    np.float64(0.365529289315)
    """
    xp, f, phi, result = prepared("estimators.exact_value", objective, logits)
    return result(value(xp, f, phi))


@declare(EVERYWHERE)
def exact_gradient(objective: Any, logits: Array) -> Array:
    r"""Gradient of `exact_value` to the logits.

    .. math:: \frac{\partial}{\partial \phi_i} E f(b) = \theta_i (1 - \theta_i)\, E[f(b_{-i}, 1) - f(b_{-i}, 0)]

    Parameters
    ----------
    objective : callable
        As in `exact_value`; its own method ``exact_gradient(logits)`` is used where it has one.
    logits : array of shape (D,)
        Log odds of a 1.

    Returns
    -------
    array of shape (D,)
        The gradient, in the library, device and dtype of ``logits``.

    Raises
    ------
    TypeError, ValueError
        As `exact_value`.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> estimators.exact_gradient(lambda b: b[..., 0] * b[..., 1], np.array([0.0, 1.0]))
    array([0.18276464, 0.09830597])
    """
    xp, f, phi, result = prepared("estimators.exact_gradient", objective, logits)
    return result(gradient(xp, f, phi))


def value(xp: Namespace, f: Problem, phi: Array, law: Law = LAW) -> Array:
    """E f(b), in working precision."""
    if f.has("exact_value"):
        return f.closed("exact_value", phi, ())
    return contracted(xp, *outcomes(xp, f, phi, law))


def gradient(xp: Namespace, f: Problem, phi: Array, law: Law = LAW) -> Array:
    """The gradient of E f(b), in working precision."""
    if f.has("exact_gradient"):
        return f.closed("exact_gradient", phi, tuple(phi.shape))
    values, chance = outcomes(xp, f, phi, law)
    # Differences to one value: an offset of f, however large, does not cost digits.
    return law.grad_mean(xp, phi, conditional(xp, values - xp.reshape(values, (-1,))[0], chance))


def given_each(xp: Namespace, f: Problem, phi: Array, law: Law = LAW) -> Array:
    """E[f(b) | b_i = k] for each variable and outcome: (D, m)."""
    if not f.has("exact_value"):
        return conditional(xp, *outcomes(xp, f, phi, law))
    points, chance = law.outcomes(xp, phi)
    at = [SURE * (2.0 * points[k, ...] - 1.0) for k in range(chance.shape[1])]
    sure = [f.closed("exact_value", xp.where(own(xp, phi), x, phi), tuple(phi.shape[:1])) for x in at]
    return xp.stack(sure, axis=-1)


def outcomes(xp: Namespace, f: Problem, phi: Array, law: Law = LAW) -> tuple[Array, Array]:
    """Values of f at all points, one axis for each variable, and the chances (D, m) of each variable."""
    points, chance = law.outcomes(xp, phi)
    check_cost(f.where, "points", points.shape[0], phi.shape[0])
    return tabulated(xp, f, points, chance), chance


def tabulated(xp: Namespace, f: Problem, points: Array, chance: Array) -> Array:
    """Values of f where each variable is one of ``points`` (m, ...): (m, ..., m), an axis for each variable."""
    variables, m = chance.shape
    blocks = []
    for start in range(0, m**variables, _BLOCK):
        flat = np.arange(start, min(start + _BLOCK, m**variables))
        index = xp.asarray(
            np.stack(np.unravel_index(flat, (m,) * variables), axis=-1), device=ns.device_of([chance])
        )
        at = xp.take(points, xp.reshape(index, (-1,)), axis=0)
        blocks.append(f(xp.reshape(at, (flat.size, variables, *points.shape[1:]))))
    return xp.reshape(xp.concat(blocks), (m,) * variables)


def contracted(xp: Namespace, values: Array, chance: Array, keep: int | None = None) -> Array:
    """The mean of ``values`` (m, ..., m) over all variables but ``keep``."""
    for axis in reversed(range(chance.shape[0])):
        if axis != keep:
            values = xp.tensordot(values, chance[axis, :], axes=((axis,), (0,)))
    return values


def conditional(xp: Namespace, values: Array, chance: Array) -> Array:
    """The mean of ``values`` given the outcome of each variable, (D, m)."""
    return xp.stack([contracted(xp, values, chance, i) for i in range(chance.shape[0])])


def prepared(
    where: str, objective: Any, logits: Array, family: Family = BERNOULLI
) -> tuple[Namespace, Problem, Array, Callable[[Array], Array]]:
    """The library, the objective, the logits in working precision, and what gives results the caller's dtype."""
    call = prepare_arrays(where, {"logits": logits})
    (phi,) = call.arrays
    check_parameter(where, "logits", phi, family.parameters["logits"], call.xp)

    def result(found: Array) -> Array:
        found = call.xp.astype(found, call.dtype)
        return found[()] if ns.is_numpy(call.xp) and not found.shape else found

    return call.xp, Problem(where, objective, call.xp, call.dtype, call.working, phi.ndim), phi, result
