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
    fill: Array | float = 0.0
    rows: int | None = None
    """How many examples the parameters are for, if there is one whose examples have numbers of their own."""

    @property
    def parameter(self) -> Array:
        """The first trained parameter."""
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
        return int(self.parameter.shape[-1])

    @property
    def filled(self) -> bool:
        """Whether closed gates put something in the place of their input: anything but the number 0."""
        return not isinstance(self.fill, float) or self.fill != 0.0

    @property
    def plain(self) -> bool:
        """Whether one row of parameters serves all examples, and closed gates give 0: what has kernels of its own."""
        return self.rows is None and not self.filled

    def twin_law(self, dtype: Any) -> Any:
        """The law's part of a tuned twin of the pass in ``dtype``, or ``None``: of a pass that is not plain, or far out."""
        if self.family.twin is None or self.grouping.mask is not None or not self.plain:
            return None
        return self.family.twin(tuple(self.own.values()), dtype)

    def real_array(self, name: str, value: Any, *, booleans: bool = False) -> Array:
        """``value`` as an array of the parameter's library and device."""
        return arguments.real_array(
            self.where, name, value, self.parameter, self.family.parameter, booleans=booleans
        )

    def input(self, x: Any) -> Array:
        """``x`` as an array whose shape fits the gates."""
        x = self.real_array("x", x, booleans=True)
        shape = tuple(x.shape)
        self.grouping.check(self.where, shape)
        if self.rows not in (None, shape[0]):
            raise ValueError(
                f"{self.where}: parameters of {self.rows} examples do not fit x of shape {shape}, which has {shape[0]}"
            )
        own = tuple(getattr(self.fill, "shape", ()))
        if len(own) >= len(shape) or any(
            a not in (1, b) for a, b in zip(own[::-1], shape[::-1], strict=False)
        ):
            raise ValueError(
                f"{self.where}: fill of shape {own} does not broadcast to one example of x, of shape {shape[1:]}"
            )
        return x


def rows_of(where: str, own: dict[str, Array | float]) -> int | None:
    """How many examples the parameters ``own`` are for; a `ValueError` if they differ about it."""
    rows = {name: int(v.shape[0]) for name, v in own.items() if not isinstance(v, float) and v.ndim == 2}
    if len(set(rows.values())) > 1:
        words = ", ".join(f"{name} {count}" for name, count in rows.items())
        raise ValueError(f"{where}: parameters must have one number of examples, got {words}")
    return next(iter(rows.values()), None)
