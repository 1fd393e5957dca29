r"""Exact moments without Monte Carlo: the estimator's own kernel, summed over all its noise.

`product` serves every estimator whose noise is independent from variable to variable. It is given a rule for one
variable, m values of its noise with their probabilities, and sums over the :math:`m^D` combinations of D variables. A rule
has one value for each cell of noise in which the estimate is constant (`rules.cells`), for each pattern of k samples
(`rules.patterns`), or the nodes of a quadrature where the estimate varies smoothly (`rules.latents`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, cast

import numpy as np

from stgref.estimators.draws import Noise
from stgref.estimators.estimator import Bound
from stgref.numerics import comoments
from stgref.numerics.comoments import Comoments
from stgref.numerics.libraries import BY_VALUES, declare
from stgref.numerics.namespace import Array

LIMIT = 2**24
"""Most combinations of noise that are summed over: about a minute."""

_BLOCK = 2**14

quadrature = declare(BY_VALUES)
"""Marks moments that are a quadrature, as `agreed` makes it."""

_TINY = 1e-290
"""Moments that are nearly subnormal numbers have few digits to agree in."""


class Rule(NamedTuple):
    """Values of the noise of each variable, with their probabilities.

    Attributes
    ----------
    noise : list of arrays
        For each field of the noise, (D, m, ...): m values, with the other axes of one row less that of the variables.
    weights : array (D, m)
        Their probabilities.
    """

    noise: list[Array]
    weights: Array


def product(
    rule: Callable[..., Rule], each: Callable[..., int] | None = None
) -> Callable[[Bound], Comoments]:
    """Moments of the estimate by the product of ``rule(xp, *parameters, **options)`` over the variables.

    A rule that may be too large to make has a size of ``each(**options)``, which is looked at first.
    """

    def moments(bound: Bound) -> Comoments:
        if each is not None:
            size = each(**bound.options)
            check_cost(bound.estimator.name, "combinations of noise", size, bound.parameters[0].shape[0])
        values = rule(bound.xp, *bound.parameters, **bound.options)
        return summed(bound, values, bound.estimator.noise, bound.flat)

    return moments


def summed(bound: Bound, rule: Rule, noise: Noise, rows: Callable[[Any], Array]) -> Comoments:
    """Comoments of ``rows(noise)`` (n, P) over all combinations of a rule's values."""
    total = None
    for weights, values in combinations(bound, rule, noise):
        found = comoments.of_rows(bound.xp, weights, rows(values))
        total = found if total is None else comoments.merge(bound.xp, total, found)
    return cast("Comoments", total)


def agreed(bound: Bound, moments: Callable[[float], Comoments], least: Array | float = 0.0) -> Comoments:
    """Moments by two rules of one step, half a step apart, which must agree; both together are the rule of half the step.

    The error of either is half their difference, so that an objective that is not smooth is found out. Where an estimate is
    a difference that may cancel, its size is taken to be ``least`` (P,) or more.

    Raises
    ------
    ValueError
        If they differ by more than 1e-9 of the root mean square of an estimate, or what single precision allows.
    """
    xp, (a, b) = bound.xp, (moments(shift) for shift in (0.0, 0.5))
    variances = comoments.variances(xp, a)
    size = xp.sqrt(a.mean**2 + variances + least * least)
    tolerance = max(1e-9, 1e3 * float(xp.finfo(bound.dtype).eps))
    off = xp.max(xp.abs(a.mean - b.mean) - tolerance * size)
    spread = (
        xp.abs(comoments.covariance(xp, a) - comoments.covariance(xp, b)) - tolerance * size[:, None] * size
    )
    if off > _TINY or xp.max(spread) > _TINY:
        raise ValueError(
            f"{bound.estimator.name}: objective must be smooth on the scale of the quadrature, whose error is about "
            f"{float(xp.max(xp.abs(a.mean - b.mean))):.1e} in the mean"
        )
    return comoments.merge(xp, a, b)


def check_cost(where: str, what: str, each: int, variables: int, parameter: str = "logits") -> None:
    """Raise a `ValueError` that says the cost, unless there are few enough combinations of ``each`` per variable."""
    if variables < 1:
        raise ValueError(f"{where}: {parameter} must have one variable or more, got none")
    check_power(where, each, variables, f"{what} for {variables} variables")


def check_power(where: str, base: int, exponent: int, what: str) -> None:
    """Raise a `ValueError` that says the cost, unless base^exponent is small enough."""
    if exponent * math.log2(base) > math.log2(LIMIT):
        digits = exponent * math.log10(base)
        cost = f"{base}^{exponent} = " if base <= LIMIT else ""
        size = math.floor(digits + math.log10(10.0 / 9.95))  # 9.95 is printed as 10.0.
        raise ValueError(
            f"{where}: too large to do exactly: {cost}{10 ** (digits - size):.1f}e{size} {what}, more than {LIMIT}"
        )


def combinations(bound: Bound, rule: Rule, noise: Noise) -> Iterator[tuple[Array, Any]]:
    """The probabilities and the noise of all combinations of a rule's values, block by block."""
    xp, (variables, m) = bound.xp, rule.weights.shape
    first = next(iter(bound.estimator.family.parameters))
    check_cost(bound.estimator.name, "combinations of noise", m, variables, first)
    axes = [field.axes.index("D") - len(field.axes) for field in noise.fields]
    for start in range(0, m**variables, _BLOCK):
        flat = np.arange(start, min(start + _BLOCK, m**variables))
        index = [xp.asarray(i, device=bound.device) for i in np.unravel_index(flat, (m,) * variables)]

        def pick(values: Array, axis: int, index: list[Array] = index) -> Array:
            return xp.stack([xp.take(values[i, ...], at, axis=0) for i, at in enumerate(index)], axis=axis)

        weights = xp.prod(pick(rule.weights, -1), axis=-1)
        fields = [pick(values, axis) for values, axis in zip(rule.noise, axes, strict=True)]
        yield weights, noise.pack(fields)
