r"""The tuned twin of a layer's pass: forward and pullback in place, block by block over threads, in the arrays' own dtype.

It does what `stgref.gates.call` and `stgref.gates.pullback` do with the law's kernels, for the plain case: NumPy's arrays
in single or double precision, each example with a gate of its own for each element. A law's part is an `InPlace`.

Single precision is computed in single precision, from noise that is rounded once. The products that are summed over the
batch could leave its range where their sum does not; the processor says so (`numpy.errstate`), and such a block's are
formed again in the next wider one.

Each sum is made of runs of eight terms, of such sums again, and so on up to a block, whose sums are added in pairs. The
blocks depend on the number of gates alone, so that no bit depends on the threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from stgref.gates.family import Theta
from stgref.gates.summation import SumOfRuns
from stgref.numerics import tiles
from stgref.numerics.namespace import Array
from stgref.numerics.tiles import Tile

BLOCK, WIDEST = 2**16, 2**13
"""The most elements of a block, and the most columns: less, and Python's lock is what threads wait for."""

_EIGHT = 8
_DTYPES = (np.dtype(np.float32), np.dtype(np.float64))
_WIDER = {np.dtype(np.float32): np.float64, np.dtype(np.float64): np.longdouble}


class InPlace(Protocol):
    """A law's part: what is done with the elements of a block, whose gates are ``columns``, in arrays given for it."""

    kept: int
    """How many arrays, made of the noise, lead to the gates and to their derivatives."""

    sums: int
    """How many sums over the batch the derivatives are made of."""

    def start(self, noise: Array, kept: tuple[Array, ...], columns: slice) -> None:
        """Make ``kept`` of the noise, which may be the first of them."""

    def stretch(self, kept: tuple[Array, ...], extra: Array, z: Array, columns: slice) -> None:
        """Make the gates before clipping, ``z``, and ``extra``, for `terms`."""

    def terms(
        self, a: Array, kept: tuple[Array, ...], extra: Array, scratch: Array, p: Array
    ) -> Iterator[Array]:
        """The terms of the sums, one array after the other: ``a``, which is 0 where a gate is clipped, times slopes."""

    def active(self) -> tuple[Array, list[Array]]:
        """The probabilities that the gates are open, and their partials, in double precision."""

    def partials(self, sums: Array) -> list[Array]:
        """The cotangents of the parameters, by gate, of the sums."""


Maker = Callable[[Theta, Any], InPlace | None]
"""From the parameters and the dtype to compute in to the law's part, if it is right to the standard's tolerance there."""


@dataclass(frozen=True)
class Twin:
    """A pass: ``x`` of shape (batch, gates), of the dtype of what is returned; ``noise`` may be changed if it is ``own``."""

    law: InPlace
    dtype: Any
    x: Array
    noise: Array
    own: bool

    def gated(self) -> Array:
        """Input times gates."""
        return self._forward(None)

    def vjp(self) -> tuple[Array, Point]:
        """Input times gates, and what pulls cotangents back."""
        first = self.noise if self.own else np.empty(self.x.shape, self.dtype)
        kept = (first, *(np.empty(self.x.shape, self.dtype) for _ in range(self.law.kept - 1)))
        return self._forward(kept), Point(self.law, self.dtype, self.x, kept)

    def _forward(self, kept: tuple[Array, ...] | None) -> Array:
        law, x, gated = self.law, self.x, np.empty_like(self.x, order="C")
        spare = Spare((2 if kept else 2 + law.kept), x.shape, self.dtype)

        def forward(tile: Tile) -> None:
            with spare.arrays(tile) as (extra, z, *own):
                here = tuple(own) if kept is None else tuple(k[tile] for k in kept)
                noise = here[0] if kept is not None and self.own else self.noise[tile]
                law.start(noise, here, tile[1])
                law.stretch(here, extra, z, tile[1])
                z.clip(0.0, 1.0, out=z)
                np.multiply(z, x[tile], out=gated[tile], casting="same_kind")

        each(forward, x.shape, shared=True)
        return gated


@dataclass(frozen=True)
class Point:
    """Where cotangents are pulled back: nobody changes it."""

    law: InPlace
    dtype: Any
    x: Array
    kept: tuple[Array, ...]

    def pull(self, d_gated: Array) -> tuple[Array, list[Array]]:
        """The cotangents of the input, and of the parameters by gate."""
        law, x, d_input = self.law, self.x, np.empty_like(self.x, order="C")
        wide = np.result_type(d_gated.dtype, self.dtype) != self.dtype
        spare = Spare(4, x.shape, self.dtype)
        # Made before any thread asks for one.
        runs = {tile[1].start: SumOfRuns() for tile in _blocks(x.shape)}
        rows = _rows(x.shape)

        def pull(tile: Tile) -> None:
            kept, d = tuple(k[tile] for k in self.kept), d_gated[tile]
            with spare.arrays(tile) as (extra, z, a, p):
                law.stretch(kept, extra, p, tile[1])
                p.clip(0.0, 1.0, out=z)
                np.equal(p, z, out=a)  # whether a gate is not clipped: the closed interval's derivative
                np.multiply(z, d, out=d_input[tile], casting="same_kind")
                try:
                    sums = wider(kept, extra, tile, a) if wide else narrow(kept, extra, tile, a, z, p)
                except FloatingPointError:
                    law.stretch(kept, extra, p, tile[1])
                    p.clip(0.0, 1.0, out=z)
                    np.equal(p, z, out=a)
                    sums = wider(kept, extra, tile, a)
            runs[tile[1].start].add(tile[0].start // rows, sums)

        def narrow(kept: Any, extra: Array, tile: Tile, a: Array, z: Array, p: Array) -> Array:
            with np.errstate(over="raise", under="raise"):
                np.multiply(x[tile], d_gated[tile], out=z, dtype=self.dtype)
                a *= z
                return np.stack([summed(term) for term in law.terms(a, kept, extra, z, p)])

        def wider(kept: Any, extra: Array, tile: Tile, a: Array) -> Array:
            own, *kept = (v.astype(_WIDER[self.dtype]) for v in (extra, *kept))
            a = x[tile] * d_gated[tile].astype(own.dtype) * a
            terms = law.terms(a, tuple(kept), own, np.empty_like(a), np.empty_like(a))
            return np.stack([summed(term) for term in terms])

        each(pull, x.shape, shared=False)  # its many short steps take two threads longer than one
        if not len(x):
            return d_input, law.partials(np.zeros((law.sums, x.shape[1])))
        return d_input, law.partials(np.concatenate([runs[c].total() for c in sorted(runs)], axis=1))


def dtype_of(*arrays: Any) -> Any:
    """The dtype to compute in: single precision if all arrays have it, else double; ``None`` if there is another."""
    given = {a.dtype for a in arrays if hasattr(a, "dtype")}
    if not given.issubset(_DTYPES):
        return None
    return _DTYPES[len(given) > 1 or _DTYPES[1] in given]


def summed(terms: Array) -> Array:
    """The sum over the first axis, in double precision: eight terms one after the other, and so on with their sums."""
    dtype = terms.dtype
    while (n := len(terms)) > 1:
        groups, rest = divmod(n, _EIGHT)
        if groups:
            head = terms[: n - rest].reshape(_EIGHT, groups, -1)
            total = np.add.reduce(head, axis=0, dtype=dtype)
            terms = np.concatenate([total, terms[n - rest :]]) if rest else total
        else:
            terms = np.add.reduce(terms, axis=0, keepdims=True, dtype=dtype)
        dtype = np.float64 if dtype == np.float32 else dtype
    return terms[0].astype(np.float64)


def each(work: Callable[[Tile], None], shape: tuple[int, int], *, shared: bool) -> None:
    """Do ``work`` with each block of an array of ``shape``, over the threads if it is ``shared`` and there are many."""
    blocks = list(_blocks(shape))
    if shared and len(blocks) > tiles.FEW:
        tiles.for_each(work, blocks)
    else:
        for block in blocks:
            work(block)


def _rows(shape: tuple[int, int]) -> int:
    """Rows of a block: a power of two."""
    return 1 << max(1, BLOCK // min(shape[1], WIDEST)).bit_length() - 1


def _blocks(shape: tuple[int, int]) -> Iterator[Tile]:
    rows, (batch, gates) = _rows(shape), shape
    for column in range(0, gates, WIDEST):
        for row in range(0, batch, rows):
            yield slice(row, min(row + rows, batch)), slice(column, min(column + WIDEST, gates))


class Spare:
    """Arrays for a block, ``count`` of them together, which the threads hand on to their next block."""

    def __init__(self, count: int, shape: tuple[int, int], dtype: Any) -> None:
        self._make = (count, min(shape[0], _rows(shape)) * min(shape[1], WIDEST)), dtype
        self._free: list[Array] = []

    def arrays(self, tile: Tile) -> _Borrowed:
        """Arrays of the shape of ``tile``."""
        rows, columns = (cut.stop - cut.start for cut in tile)
        try:
            memory = self._free.pop()
        except IndexError:
            memory = np.empty(*self._make)
        return _Borrowed(self._free, memory, (rows, columns))


class _Borrowed:
    def __init__(self, free: list[Array], memory: Array, shape: tuple[int, int]) -> None:
        self._free, self._memory, self._shape = free, memory, shape

    def __enter__(self) -> list[Array]:
        n = self._shape[0] * self._shape[1]
        return [row[:n].reshape(self._shape) for row in self._memory]

    def __exit__(self, *_: object) -> None:
        self._free.append(self._memory)
