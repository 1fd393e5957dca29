"""What a forward pass takes from the gates, and the checks against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import array_api_compat

from stgref.gates.family import Family
from stgref.gates.masks import Grouping
from stgref.numerics import arguments
from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array, Namespace


@dataclass(frozen=True)
class Setup:
    """What a pass takes from the gates: nothing that happens to them later reaches it."""

    where: str
    family: Family
    grouping: Grouping
    own: dict[str, Array | float]
    reg_weight: Array | float
    reg_reduction: str

    @property
    def parameter(self) -> Array:
        """The trained parameter."""
        return self.own[self.family.parameter]

    @property
    def xp(self) -> Namespace:
        """The library of all arrays."""
        return array_api_compat.array_namespace(self.parameter)

    @property
    def device(self) -> Any:
        """The device of all arrays."""
        return ns.device_of([self.parameter])

    @property
    def n_gates(self) -> int:
        """How many gates there are."""
        return int(self.parameter.shape[0])

    def twin_law(self, dtype: Any) -> Any:
        """The law's part of a tuned twin of the pass in ``dtype``, or ``None``: with a mask, or far-out parameters."""
        return self.family.twin(tuple(self.own.values()), dtype) if self.grouping.mask is None else None

    def real_array(self, name: str, value: Any, *, booleans: bool = False) -> Array:
        """``value`` as an array of the parameter's library and device."""
        return arguments.real_array(
            self.where, name, value, self.parameter, self.family.parameter, booleans=booleans
        )

    def input(self, x: Any) -> Array:
        """``x`` as an array whose shape fits the gates."""
        x = self.real_array("x", x, booleans=True)
        self.grouping.check(self.where, tuple(x.shape))
        return x
