r"""Exact expectations of an objective of Gaussian variables, and their gradients: closed forms, or quadrature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, cast

from stgref.estimators import values
from stgref.estimators.estimator import prepare_arrays
from stgref.estimators.exact import check_cost
from stgref.estimators.gaussian import nodes
from stgref.estimators.gaussian.family import Gradients, sample, score
from stgref.estimators.problem import Problem
from stgref.numerics import namespace as ns
from stgref.numerics.libraries import BY_VALUES, declare
from stgref.numerics.namespace import Array, Namespace


class Table(NamedTuple):
    """Values of f at all combinations of nodes, an axis for each variable, and the nodes' noise and chances (D, m)."""

    values: Array
    noise: Array
    chance: Array


def tabulated(
    xp: Namespace, f: Callable[[Array], Array], mu: Array, std: Array, where: str, shift: float = 0.0
) -> Table:
    """Evaluate f at the nodes."""
    (noise,), chance = nodes.samples(xp, mu, shift)
    check_cost(where, "points", chance.shape[1], mu.shape[0], "mu")

    def at(e: Array) -> Array:
        return f(sample(xp, mu, std, e))

    found = values.tabulated(xp, cast("Problem", at), noise[0, :], chance)
    return Table(found, noise, chance)


@declare(BY_VALUES)
def exact_value(objective: Any, mu: Array, std: Array) -> Array:
    r"""Expectation :math:`E f(x)` over independent :math:`x_i \sim N(\mu_i, \text{std}_i^2)`.

    Parameters
    ----------
    objective : callable
        ``f(b)`` of points (..., D) gives values (...). Its own method ``gaussian_value(mu, std)`` is used where it has one;
        otherwise f must be smooth, and is integrated by quadrature (see `stgref.estimators.gaussian.nodes`).
    mu, std : array of shape (D,)
        Means and standard deviations.

    Returns
    -------
    array of shape ()
        The expectation, in the library, device and dtype of ``mu``.

    Raises
    ------
    TypeError
        If an argument is of a wrong type, or a quadrature has no values to check, as under `jax.jit` and for Dask arrays.
    ValueError
        If a shape or value is wrong, there are too many variables, or the objective is not smooth, or returns a wrong shape
        or values that are not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> estimators.gaussian.exact_value(lambda x: x[..., 0] ** 2, np.array([1.0]), np.array([0.5]))
    np.float64(1.25)
    """
    xp, f, mu, std, result = _prepared("estimators.gaussian.exact_value", objective, mu, std)
    if f.has("gaussian_value"):
        return result(f.closed("gaussian_value", (mu, std), ()))
    BY_VALUES.check(f.where, (mu, std))
    (found,) = _agreed(xp, f, lambda shift: _by_points(xp, f, mu, std, shift))
    return result(found)


@declare(BY_VALUES)
def exact_gradient(objective: Any, mu: Array, std: Array) -> Gradients:
    r"""Gradients of `exact_value` to the means and the standard deviations.

    .. math:: \frac{\partial}{\partial \mu_i} E f(x) = E f_i'(x), \quad
              \frac{\partial}{\partial \text{std}_i} E f(x) = E f_i'(x)\, \varepsilon_i

    Parameters
    ----------
    objective : callable
        As in `exact_value`; its own method ``gaussian_gradient(mu, std)`` is used where it has one, its ``grad`` where it
        has that. Without either the mean of the score-function estimator is integrated, in which digits of small
        changes of f are lost.
    mu, std : array of shape (D,)
        Means and standard deviations.

    Returns
    -------
    Gradients
        Fields ``mu`` and ``std``, arrays (D,) in the library, device and dtype of ``mu``.

    Raises
    ------
    TypeError, ValueError
        As `exact_value`.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> estimators.gaussian.exact_gradient(
    ...     estimators.objectives.Quadratic(0.25), np.array([1.0]), np.array([0.5])
    ... )
    Gradients(mu=array([1.5]), std=array([1.]))
    """
    xp, f, mu, std, result = _prepared("estimators.gaussian.exact_gradient", objective, mu, std)
    if f.has("gaussian_gradient"):
        found = f.closed("gaussian_gradient", (mu, std), tuple(mu.shape))
    else:
        BY_VALUES.check(f.where, (mu, std))
        integrate = _by_slopes if f.has("grad") else _by_values
        found = _agreed(xp, f, lambda shift: integrate(xp, f, mu, std, shift))
    return Gradients(*map(result, found))


class Integral(NamedTuple):
    """Integrals, and the root mean squares of what is integrated."""

    value: Array
    size: Array


def _agreed(
    xp: Namespace, f: Problem, integrate: Callable[[float], tuple[Integral, ...]]
) -> tuple[Array, ...]:
    """The means of integrals by two rules, half a step apart."""
    tolerance = max(1e-9, 1e3 * float(xp.finfo(f.dtype).eps))
    pairs = list(zip(integrate(0.0), integrate(0.5), strict=True))
    for a, b in pairs:
        off = xp.max(xp.abs(a.value - b.value) - tolerance * a.size)
        if off > 0.0:
            raise ValueError(
                f"{f.where}: objective must be smooth on the scale of the quadrature, whose error is about "
                f"{float(xp.max(xp.abs(a.value - b.value))):.1e}"
            )
    return tuple(0.5 * (a.value + b.value) for a, b in pairs)


def _by_points(xp: Namespace, f: Problem, mu: Array, std: Array, shift: float) -> tuple[Integral]:
    table = tabulated(xp, f, mu, std, f.where, shift)
    value, square = (values.contracted(xp, v, table.chance) for v in (table.values, table.values**2))
    return (Integral(value, xp.sqrt(square)),)


def _by_slopes(xp: Namespace, f: Problem, mu: Array, std: Array, shift: float) -> tuple[Integral, Integral]:
    columns = []
    for i in range(mu.shape[0]):

        def slope(x: Array, i: int = i) -> Array:
            return f.grad(x)[..., i]

        table = tabulated(xp, slope, mu, std, f.where, shift)
        given = values.contracted(xp, table.values, table.chance, i) * table.chance[i, :]
        size = xp.sqrt(values.contracted(xp, table.values**2, table.chance))
        columns.append((xp.sum(given), xp.sum(given * table.noise[i, :]), size))
    by_mu, by_std, size = (xp.stack(column) for column in zip(*columns, strict=True))
    return Integral(by_mu, size), Integral(by_std, size)


def _by_values(xp: Namespace, f: Problem, mu: Array, std: Array, shift: float) -> tuple[Integral, Integral]:
    table = tabulated(xp, f, mu, std, f.where, shift)
    change = table.values - values.contracted(xp, table.values, table.chance)
    given = values.conditional(xp, change, table.chance) * table.chance
    by = score(std[:, None], table.noise)
    size = xp.sqrt(values.contracted(xp, change**2 + 1e-8 * table.values**2, table.chance)) / std
    by_mu, by_std = (Integral(xp.sum(given * part, axis=-1), size) for part in by)
    return by_mu, by_std


def _prepared(
    where: str, objective: Any, mu: Array, std: Array
) -> tuple[Namespace, Problem, Array, Array, Callable[[Array], Array]]:
    call = prepare_arrays(where, {"mu": mu, "std": std})
    for name, value in zip(("mu", "std"), call.arrays, strict=True):
        if value.ndim != 1 or value.shape != call.arrays[0].shape:
            raise ValueError(f"{where}: {name} must have shape (D,) as mu, got {tuple(value.shape)}")
        if not value.shape[0]:
            raise ValueError(f"{where}: {name} must have one variable or more, got none")
        if not ns.is_lazy(value) and not call.xp.all(call.xp.isfinite(value)):
            raise ValueError(f"{where}: {name} must be finite, got {value}")

    def result(found: Array) -> Array:
        found = call.xp.astype(found, call.dtype)
        return found[()] if ns.is_numpy(call.xp) and not found.shape else found

    f = Problem(where, objective, call.xp, call.dtype, call.working)
    return call.xp, f, *call.arrays, result
