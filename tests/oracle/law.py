"""What a law is to the oracle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .jets import Number

Function = Callable[..., Number]

#: Quantities that have a ``grad_`` sibling.
DIFFERENTIABLE = frozenset(
    [
        *("transform", "logpdf", "cdf", "logcdf", "logccdf", "icdf", "mean", "variance", "median"),
        *("prob_zero", "prob_one", "prob_active", "prob_interior", "transform_logit", "logpdf_logit"),
        *("log_prob_zero", "log_prob_one", "log_prob_active", "log_prob_interior"),
        *("conditional_latent", "gate"),
    ]
)

#: Quantities that have a ``grad2_`` sibling, in the law's main parameters.
TWICE = frozenset(["transform", "mean", "prob_active", "log_prob_active"])

#: The first argument of the quantities that have one besides the parameters.
FIRST = {
    "transform": "noise",
    "transform_logit": "noise",
    "conditional_latent": "noise",
    "icdf": "p",
    "iccdf": "p",
} | dict.fromkeys(("pdf", "logpdf", "cdf", "ccdf", "logcdf", "logccdf", "left_cdf", "logpdf_logit"), "x")

#: What follows it, and takes whole values only: nothing is differentiated by it.
FIXED = {"conditional_latent": ("sample",)}

#: Where the sampled gate may jump: ``(unclipped value, levels at which the derivative jumps)``.
Kinks = Callable[..., tuple[Number, tuple[float, ...]]]


@dataclass(frozen=True)
class Law:
    """A law: its parameters with defaults (None: required), its quantities, and where they jump.

    Attributes
    ----------
    main : tuple of str
        The parameters to which there are second derivatives.
    numeric : frozenset
        Quantities that take plain numbers only; their conditions are taken by differences.
    """

    name: str
    parameters: Mapping[str, float | None]
    quantities: Mapping[str, Function]
    kinks: Mapping[str, Kinks] = field(default_factory=dict)
    atoms: bool = False
    main: tuple[str, ...] = ()
    numeric: frozenset[str] = frozenset()

    def arguments(self, quantity: str) -> tuple[str, ...]:
        """Return the names of the arguments of a quantity, in order."""
        names = tuple(self.parameters)
        if quantity == "kl_divergence":
            return tuple(f"{n}_p" for n in names) + tuple(f"{n}_q" for n in names)
        return ((FIRST[quantity],) if quantity in FIRST else ()) + FIXED.get(quantity, ()) + names

    def functions(self) -> list[str]:
        """Return the names of all functions of the law, values and derivatives."""
        return [f for q in self.quantities for f in self._siblings(q)]

    def _siblings(self, quantity: str) -> list[str]:
        once = [f"grad_{quantity}"] if quantity in DIFFERENTIABLE else []
        return [quantity, *once, *([f"grad2_{quantity}"] if self.main and quantity in TWICE else [])]
