"""The objectives of the comparisons, for NumPy with a gradient derived by hand, and for torch without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


class Squares:
    r"""Squares and a product, :math:`f(b) = \sum_i w_i (b_i - t_i)^2 + c \prod_d b_d`.

    For points (D, K) the sum is over all entries, and the product is of each variable's last one.

    Parameters
    ----------
    t : array_like of shape (D,) or (D, K)
        Targets.
    weight : array_like of that shape, default 1
        Weights.
    product : float, default 0
        Weight c of the product.
    """

    def __init__(self, t: Any, weight: Any = 1.0, product: float = 0.0) -> None:
        self.t = np.asarray(t, dtype=np.float64)
        self.weight = np.asarray(weight, dtype=np.float64) + 0.0 * self.t
        self.product = product

    @property
    def _axes(self) -> tuple[int, ...]:
        return tuple(range(-self.t.ndim, 0))

    def _last(self, b: Any) -> Any:
        return b if self.t.ndim == 1 else b[..., -1]

    def __call__(self, b: Any) -> Any:
        """Values f(b)."""
        return (self.weight * (b - self.t) ** 2).sum(self._axes) + self.product * self._last(b).prod(-1)

    def grad(self, b: Any) -> Any:
        """Gradient of f."""
        found = 2.0 * self.weight * (b - self.t)
        last, into = self._last(b), self._last(found)
        for d in range(self.t.shape[0]):
            into[..., d] += self.product * np.delete(last, d, axis=-1).prod(-1)
        return found

    def in_torch(self, dtype: Any) -> Callable[[Any], Any]:
        """The function of torch tensors."""
        import torch  # noqa: PLC0415 (the objectives serve without it)

        t, weight = (torch.tensor(x, dtype=dtype) for x in (self.t, self.weight))

        def value(b: Any) -> Any:
            total = (weight * (b - t) ** 2).sum(-1)
            if t.ndim == 2:
                total = total.sum(-1)
            return total + self.product * self._last(b).prod(-1) if self.product else total

        return value


TOY = Squares([0.45])
"""The toy of REBAR, (b - 0.45)^2."""

PAIR = Squares([0.45, 0.3], [1.0, 2.0], 0.7)
"""Two variables that interact."""

PAIR_LOGITS = np.array([0.3, -1.1])

CATEGORIES = Squares([[0.45, 0.3, 0.1], [0.2, 0.6, 0.45]], [[1.0, 2.0, 0.5], [1.5, 1.0, 3.0]], 0.7)
"""Two variables of three categories that interact."""

CATEGORIES_LOGITS = np.array([[0.3, -1.1, 0.5], [1.0, 0.2, -0.4]])

ONE = Squares(CATEGORIES.t[:1], CATEGORIES.weight[:1])
"""The first of them, alone."""

ONE_LOGITS = CATEGORIES_LOGITS[:1]
