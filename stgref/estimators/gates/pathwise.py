"""What the pathwise estimators of all gates share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from stgref.estimators.estimator import Bound, Family, MomentsRule
from stgref.estimators.exact import Rule, agreed, quadrature, summed
from stgref.estimators.options import choice
from stgref.estimators.problem import Problem
from stgref.numerics import documents
from stgref.numerics.comoments import Comoments
from stgref.numerics.domains import OPTIONS, domain_of
from stgref.numerics.namespace import Array, Namespace

ClipGradient = Annotated[
    str,
    choice(
        "Derivative at a clip point, 1, 0 or 1/2; see `stgref.estimators.gates`.", *OPTIONS["clip_gradient"]
    ),
]


def gates(parameters: tuple[str, ...], partials: Any, defaults: Mapping[str, float]) -> Family:
    """The family of gates whose law has these parameters."""
    domains = {name: domain_of(name) for name in parameters}
    words = {
        name: documents.describe(name) + (f" Must be {domain.words}." if domain else "")
        for name, domain in domains.items()
    }
    return Family("estimators.gates", dict.fromkeys(parameters, "D"), "D", words, partials, defaults)


def pathwise(
    xp: Namespace, law: Any, f: Problem, noise: Array, parameters: tuple[Array, ...], clip_gradient: str
) -> Any:
    r"""Partial derivatives of f(z), :math:`f'(z)\, \partial z`, with those of the law's `grad_transform`."""
    z = law.grad_transform.kernel(xp, noise, *parameters, clip_gradient=clip_gradient)
    slope = f.grad(z.value)
    return law.Partials(*(slope * getattr(z, name) for name in law.Partials._fields))


FEWER = 6
"""How many fewer nodes the second of two rules has, which must agree."""


def moments(cells: Callable[..., Rule]) -> MomentsRule:
    """Moments by the rule ``cells(xp, *parameters, fewer)``."""

    @quadrature
    def found(bound: Bound) -> Comoments:
        def shifted(shift: float) -> Comoments:
            rule = cells(bound.xp, *bound.parameters, FEWER if shift else 0)
            return summed(bound, rule, bound.estimator.noise, bound.flat)

        return agreed(bound, shifted)

    return found


def with_atoms(xp: Namespace, ends: tuple[Array, Array], chances: tuple[Array, Array], inside: Rule) -> Rule:
    """One value of the noise for each atom, beyond the ``ends`` of the interior, and the nodes ``inside``."""
    values = [
        (ends[0] - _beyond(xp, ends[0]))[:, None],
        *inside.noise,
        (ends[1] + _beyond(xp, ends[1]))[:, None],
    ]
    weights = [chances[0][:, None], inside.weights, chances[1][:, None]]
    return Rule([xp.concat(values, axis=-1)], xp.concat(weights, axis=-1))


def _beyond(xp: Namespace, end: Array) -> Array:
    """A step that no rounding of the gate undoes."""
    return 1.0 + xp.abs(end)
