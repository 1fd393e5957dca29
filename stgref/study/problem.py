"""An objective that counts at how many points it is evaluated."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from stgref.numerics.namespace import Array

COUNTED = ("grad", "hessian_product")


class Counted:
    """The objective with a count of its evaluations, of those of its gradient and of its Hessian's products.

    Closed forms such as ``exact_value`` are handed on, and not counted.
    """

    def __init__(self, objective: Any, event: int) -> None:
        self._objective, self._event, self.evaluations = objective, event, 0

    def __call__(self, b: Array) -> Array:
        """Values at the points ``b``."""
        return self._counting(self._objective, b)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._objective, name)
        return functools.partial(self._counting, found) if name in COUNTED else found

    def _counting(self, function: Callable[..., Array], b: Array, *others: Array) -> Array:
        self.evaluations += math.prod(b.shape[: b.ndim - self._event])
        return function(b, *others)
