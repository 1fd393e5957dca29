"""Which gate each element of an example goes through: a gather forward, a sum by gate backward."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from stgref.gates.summation import pairwise_sum, rounds_of, sum_by_index
from stgref.numerics import arguments, tiles
from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.transport import to_host


class OneEach:
    """No mask: each element of an example has its own gate."""

    mask = None

    def __init__(self, n_gates: int) -> None:
        self.n_gates = n_gates

    def check(self, where: str, shape: tuple[int, ...]) -> None:
        """Raise a `ValueError` unless an input of ``shape`` has one element per gate in each example."""
        if len(shape) < 2 or math.prod(shape[1:]) != self.n_gates:
            raise ValueError(
                f"{where}: x must have shape (batch, ...) with n_gates = {self.n_gates} elements in each example, "
                f"as there is no mask, got {shape}"
            )

    def flat(self, elements: Array) -> Array:
        """NumPy's elements of shape (rows, ...), as what `cuts` cuts."""
        return elements.reshape(len(elements), self.n_gates)

    def cuts(self, shape: tuple[int, ...]) -> Iterator[tiles.Tile]:
        """Tiles of the first two axes of an input of ``shape``, made `flat`; those of the second are of the gates too."""
        return tiles.over((shape[0], self.n_gates))

    def spread(self, xp: Namespace, gates: Array, shape: tuple[int, ...]) -> Array:
        """Gates of shape (rows, n_gates) as what broadcasts against an input of ``shape``."""
        return xp.reshape(gates, (gates.shape[0], *shape[1:]))

    def index(self, xp: Namespace, shape: tuple[int, ...]) -> Array | None:
        """The gate of each element of an example of an input of ``shape``, in order; ``None`` where it is its number."""
        return None

    def collect(self, xp: Namespace, elements: Array) -> Array:
        """The transpose of `spread`: elements of shape (rows, ...) summed by gate, of shape (rows, n_gates)."""
        return xp.reshape(elements, (elements.shape[0], math.prod(elements.shape[1:])))


class Shared:
    """A mask: elements with the same index share a gate. It broadcasts to an example from the right.

    Raises
    ------
    TypeError
        If ``mask`` is no array of integers whose values are known, or of another library than ``like`` and NumPy.
    ValueError
        If one of 0 ... n_gates-1 is missing in it, or there is another number.
    """

    def __init__(self, where: str, mask: Any, n_gates: int, like: Array, like_name: str) -> None:
        xp, device = ns.namespace_of(where, {like_name: like}), ns.device_of([like])
        index = _indices(where, mask, n_gates, like, like_name)
        flat = index.reshape(-1).astype(np.intp)
        # Dask gathers by NumPy's indices.
        put = np.asarray if ns.library_name(xp) == "dask.array" else lambda a: xp.asarray(a, device=device)
        self.mask = xp.asarray(index.copy(), device=device)
        self.shape: tuple[int, ...] = index.shape
        self._index = put(flat)
        self._rounds = [
            (put(left), put(right), put(paired)) for left, right, paired in rounds_of(flat, n_gates)
        ]

    def check(self, where: str, shape: tuple[int, ...]) -> None:
        """Raise a `ValueError` unless the mask broadcasts to each example of an input of ``shape``."""
        if len(shape) < 2:
            raise ValueError(f"{where}: x must have shape (batch, ...), got {shape}")
        if len(self.shape) == len(shape) and self.shape[0] != 1:
            raise ValueError(
                f"{where}: mask of shape {self.shape} would share gates across the batch axis of x, of shape {shape}; "
                f"it takes the shape of one example, {shape[1:]}, or one that broadcasts to it"
            )
        lengths = zip(self.shape[::-1], shape[::-1], strict=False)
        if len(self.shape) > len(shape) or any(a not in (1, b) for a, b in lengths):
            raise ValueError(
                f"{where}: mask of shape {self.shape} does not broadcast to the shape of x, {shape}"
            )

    def _example(self, ndim: int) -> tuple[int, ...]:
        """The mask's shape with as many axes as one example of an input that has ``ndim``."""
        own = self.shape[1:] if len(self.shape) == ndim else self.shape
        return (1,) * (ndim - 1 - len(own)) + own

    def flat(self, elements: Array) -> Array:
        """As `OneEach.flat`."""
        return elements

    def cuts(self, shape: tuple[int, ...]) -> Iterator[tiles.Tile]:
        """As `OneEach.cuts`: whole examples."""
        return ((rows, slice(None)) for (rows,) in tiles.over(shape[:1], math.prod(shape[1:])))

    def spread(self, xp: Namespace, gates: Array, shape: tuple[int, ...]) -> Array:
        """As `OneEach.spread`."""
        return xp.reshape(xp.take(gates, self._index, axis=1), (gates.shape[0], *self._example(len(shape))))

    def index(self, xp: Namespace, shape: tuple[int, ...]) -> Array | None:
        """As `OneEach.index`."""
        own = xp.broadcast_to(xp.reshape(self._index, self._example(len(shape))), shape[1:])
        return xp.astype(xp.reshape(own, (-1,)), xp.int32)

    def collect(self, xp: Namespace, elements: Array) -> Array:
        """As `OneEach.collect`."""
        for axis, length in enumerate(self._example(elements.ndim), start=1):
            if length == 1 and elements.shape[axis] != 1:
                elements = xp.expand_dims(pairwise_sum(xp, elements, axis), axis=axis)
        rows = xp.reshape(elements, (elements.shape[0], math.prod(self.shape)))
        return sum_by_index(xp, rows, self._rounds)


Grouping: TypeAlias = OneEach | Shared


def _indices(where: str, mask: Any, n_gates: int, like: Array, like_name: str) -> Array:
    """The checked mask on the host."""
    if ns.check_kind(where, "mask", mask) != "array":
        mask = arguments.from_list(where, "mask", mask)
    if not isinstance(mask, np.ndarray):
        ns.namespace_of(where, {"mask": mask, like_name: like})
    index = to_host(where, "mask", mask)
    if index.dtype.kind not in "iu":
        raise TypeError(f"{where}: mask takes integers, got {index.dtype}")
    found = np.unique(index)
    if found.size != n_gates or found[0] != 0 or found[-1] != n_gates - 1:
        shown = np.array2string(found, threshold=10) if found.size else "none"
        raise ValueError(
            f"{where}: mask must hold every index from 0 to n_gates - 1 = {n_gates - 1} and no other, got {shown}"
        )
    return index
