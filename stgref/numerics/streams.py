"""Many random numbers by several threads: runs of them, each a slice of the result and what fills it.

No bit depends on the number of threads, nor, for `uniforms`, on how long the runs are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from stgref.numerics.namespace import Array

Run: TypeAlias = tuple[slice, Callable[[Array], Any]]
"""Where in the result, and what fills an array that is so long."""

BLOCK = 2**16
"""Normal numbers in a block, which has a stream of its own; part of what `normals` draws."""

_BY_POSITION = (np.random.PCG64, np.random.PCG64DXSM)
"""Bit generators that go to any position of their stream at once, and take one word for each double."""

_spare: list[np.random.Generator] = []


def uniforms(generator: np.random.Generator, n: int, size: int) -> Iterator[Run]:
    r"""The next ``n`` numbers of ``generator.random()``, in runs of ``size``.

    Where the bit generator can, each thread goes to the position of its run in the stream; otherwise the numbers are
    drawn when a run is handed out, one run after the other. The numbers are the same.
    """
    return _drawn(generator, n, size, _random, np.float64, 1)


def words(generator: np.random.Generator, n: int, size: int) -> Iterator[Run]:
    r"""``n`` words of 32 bits, in runs of ``size``, both even: the halves, the low one first, of the next words of 64 bits.

    Those are ``generator.integers(0, 2**64 - 1, n // 2, dtype=np.uint64, endpoint=True)``.
    """
    return _drawn(generator, n, size, _halves, np.uint32, 2)


def _drawn(
    generator: np.random.Generator,
    n: int,
    size: int,
    draw: Callable[[np.random.Generator, Array], None],
    dtype: Any,
    each: int,
) -> Iterator[Run]:
    """Runs of what ``draw`` puts into arrays of ``dtype``, of which ``each`` take one word of 64 bits."""
    runs = [slice(start, min(start + size, n)) for start in range(0, n, size)]
    if type(generator.bit_generator) in _BY_POSITION and len(runs) > 1:
        state = _reserved(generator.bit_generator, n // each)
        yield from ((run, partial(_from, state, run.start // each, draw)) for run in runs)
    elif len(runs) == 1:
        yield runs[0], partial(draw, generator)
    else:
        for run in runs:
            values = np.empty(run.stop - run.start, dtype)
            draw(generator, values)
            yield run, partial(_put, values)


def _halves(generator: np.random.Generator, out: Array) -> None:
    drawn = generator.integers(0, 2**64 - 1, out.size // 2, dtype=np.uint64, endpoint=True)
    out[...] = drawn.astype("<u8", copy=False).view("<u4")


def _random(generator: np.random.Generator, out: Array) -> None:
    generator.random(out=out)


def _put(values: Array, out: Array) -> None:
    out[...] = values


def _reserved(bits: Any, n: int) -> dict[str, Any]:
    """The state of ``bits`` before it moves on by ``n`` words, as drawing them would move it."""
    with bits.lock:
        state = bits.state
        bits.advance(n)
        if state["has_uint32"]:  # half a word is left from before, which `advance` drops
            bits.state = {**bits.state, "has_uint32": 1, "uinteger": state["uinteger"]}
    return state  # type: ignore[no-any-return]


def _from(
    state: dict[str, Any], start: int, draw: Callable[[np.random.Generator, Array], None], out: Array
) -> None:
    """What ``draw`` draws from the position ``start`` after ``state`` on."""
    kind = getattr(np.random, state["bit_generator"])
    try:
        generator = _spare.pop()  # a new one takes as long as ten thousand numbers
    except IndexError:
        generator = np.random.Generator(kind(0))
    if type(generator.bit_generator) is not kind:
        generator = np.random.Generator(kind(0))
    bits: Any = generator.bit_generator
    bits.state = state
    bits.advance(start)
    draw(generator, out)
    _spare.append(generator)


def normals(generator: np.random.Generator, n: int) -> Iterator[Run]:
    r"""``n`` standard normal numbers by NumPy's ziggurat method.

    Up to `BLOCK` of them are ``generator.standard_normal(n)``. That method takes no fixed count of words for a number;
    so more of them come in blocks, the last one shorter, the block number b from the stream of ``SFC64(SeedSequence(words,
    spawn_key=(b,)))`` with four words of ``generator.bit_generator.random_raw(4)``.

    References
    ----------
    G. Marsaglia, W. W. Tsang, "The Ziggurat Method for Generating Random Variables", Journal of Statistical Software 5
    (8), 2000.
    """
    runs = [slice(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]
    if len(runs) == 1:
        yield runs[0], partial(_standard_normal, generator)
    elif runs:
        words = generator.bit_generator.random_raw(4).tolist()
        yield from ((run, partial(_block, words, b)) for b, run in enumerate(runs))


def _standard_normal(generator: np.random.Generator, out: Array) -> None:
    generator.standard_normal(out=out)


def _block(words: list[int], b: int, out: Array) -> None:
    seed = np.random.SeedSequence(words, spawn_key=(b,))
    np.random.Generator(np.random.SFC64(seed)).standard_normal(out=out)
