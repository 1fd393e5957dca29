"""A pass of gates on a GPU: one kernel forward, and one back that also sums over the batch.

The gate is its law's own kernel, written down in C++ by `stgref.numerics.symbols`; what is done with it to each element
stands in ``gates.cu``. Forward, an element of the input and its noise are read, and what is gated is written; back, the
input, its cotangent and the noise are read, and the input's cotangent is written: three and four of the batch's arrays,
and no others. Sums go by a fixed rule of shapes, in double precision, compensated where the terms are of double
precision: the same bits on every GPU.

Single precision is computed in single precision here, beside arguments of at most single precision: every GPU does that
fast, and the kernels keep within four roundings of what they are made of.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stgref.numerics import device_sum, raw, symbols
from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array

THREADS = (2**18, 2**20)
"""Threads of a kernel, at least and at most, where there are so many elements: some rounds of the largest GPU's."""

EACH = 64
"""Elements that a thread has, between those numbers of threads."""

_SOURCE = Path(__file__).with_name("gates.cu")
_C = {"float32": "float", "float64": "double"}


def takes(call: Any) -> bool:
    """Whether the pass is one of CuPy's arrays, with one row of parameters for all examples, and no fill."""
    return ns.is_cupy(call.xp) and is_plain(call)


def is_plain(call: Any) -> bool:
    """Whether it is a pass that the kernels can do."""
    return bool(call.setup.plain)


def gated(call: Any) -> Array:
    """Input times gates."""
    own = call.for_kernels if call.by_example else arrays(call, call.gates())
    out = call.xp.empty(own.x.shape, dtype=own.x.dtype, device=call.setup.device)
    if out.size:
        source = source_of(own.kind, own.types(own.x.dtype))
        raw.launch(source, "forward", own.threads, own.x, own.noise, own.theta, own.index, out, *own.sizes)
    return call.xp.astype(call.xp.reshape(out, call.x.shape), call.dtype, copy=False)


def pulled(call: Any, d_gated: Array, gates: Array | None) -> tuple[Array, list[Array]]:
    """The input's cotangent, and what is summed over the batch.

    That is, by gate, what each parameter has; or, when all examples share ``gates``, input times cotangent by element.
    """
    xp = call.xp
    own, d = call.for_kernels if gates is None else arrays(call, gates), _flat(xp, _floating(xp, d_gated))
    out = xp.empty(own.x.shape, dtype=own.x.dtype, device=call.setup.device)
    slopes = own.kind.slopes
    sums = xp.zeros((own.chunks, slopes, own.elements), dtype=xp.float64, device=call.setup.device)
    if out.size:
        source = source_of(own.kind, own.types(d.dtype))
        given = (own.x, d, own.noise, own.theta, own.index, out, sums)
        raw.launch(source, "pullback", own.threads, *given, *own.sizes)
    summed = xp.reshape(device_sum.summed(xp, sums), (slopes, *call.x.shape[1:]))
    d_input = xp.astype(xp.reshape(out, call.x.shape), call.dtype, copy=False)
    if gates is not None:
        return d_input, [summed[0, ...]]
    by_gate = call.setup.grouping.collect(xp, summed)
    return d_input, [by_gate[k, ...] for k in range(slopes)]


@dataclass(frozen=True)
class Kind:
    """A gate: a law's own, or for ``law=None`` a number that is given; ``indexed`` where elements share gates."""

    law: Any
    indexed: bool
    parameters: int

    @property
    def slopes(self) -> int:
        """How many derivatives it has."""
        return self.parameters


@dataclass(frozen=True)
class Arrays:
    """What kernels take: contiguous arrays, with placeholders where there is none."""

    kind: Kind
    x: Array
    noise: Array
    theta: Array
    index: Array
    gates: int

    @property
    def elements(self) -> int:
        """Elements of an example."""
        return int(self.x.shape[1])

    @property
    def chunks(self) -> int:
        """Chunks of the batch, each with its own threads."""
        return chunks(int(self.x.shape[0]), self.elements)

    @property
    def threads(self) -> int:
        """Threads of a kernel: those of each chunk have an element each."""
        return self.chunks * self.elements

    @property
    def sizes(self) -> tuple[Any, ...]:
        """The last arguments of kernels."""
        return np.int64(self.x.shape[0]), np.int64(self.elements), np.int32(self.gates), np.int64(self.chunks)

    def types(self, d: Any) -> tuple[str, ...]:
        """The C++ types X, D, N and W, by their names in NumPy."""
        return tuple(str(dtype) for dtype in (self.x.dtype, d, self.noise.dtype, self.theta.dtype))


def chunks(batch: int, elements: int) -> int:
    """How many chunks a batch of examples is summed in: of the shape alone, so that sums are the same on every GPU."""
    fewest, most = THREADS
    threads = min(max(batch * elements // EACH, fewest), most)
    return max(1, min(batch, -(-threads // max(1, elements))))


def arrays(call: Any, gates: Array | None) -> Arrays:
    """What kernels take of a pass, whose ``gates`` are given if all examples share them."""
    xp, setup = call.xp, call.setup
    x = _flat(xp, xp.astype(call.x, _wide(xp, call.dtype), copy=False))
    index = setup.grouping.index(xp, tuple(call.x.shape))
    given = call.theta if gates is None else (gates[0, ...],)
    working = working_dtype(xp, (call.x, call.noise, *setup.own.values()))
    theta = xp.empty((len(given), setup.n_gates), dtype=working, device=setup.device)
    for k, value in enumerate(given):
        theta[k, ...] = value
    noise = x if gates is not None else xp.ascontiguousarray(_floating(xp, call.noise))
    law = setup.family.law if gates is None else None
    kind = Kind(law, index is not None, len(given))
    return Arrays(kind, x, noise, theta, theta if index is None else index, setup.n_gates)


def _flat(xp: Any, elements: Array) -> Array:
    """An array of shape (batch, ...) as (batch, elements), contiguous."""
    batch, *example = elements.shape
    return xp.reshape(xp.ascontiguousarray(elements), (batch, int(np.prod(example, dtype=int))))


def _wide(xp: Any, dtype: Any) -> Any:
    """The dtype that kernels read and write for ``dtype``: single for half precision."""
    return xp.float64 if ns.bits(xp, dtype) == 64 else xp.float32


def _floating(xp: Any, value: Array) -> Array:
    """An array as kernels read it; integers in double precision."""
    floating = xp.isdtype(value.dtype, "real floating")
    return xp.astype(value, _wide(xp, value.dtype) if floating else xp.float64, copy=False)


def working_dtype(xp: Any, values: Sequence[Any]) -> Any:
    """The dtype to compute in: single precision if nothing of what goes in has more."""
    dtypes = [v.dtype for v in values if hasattr(v, "dtype") and xp.isdtype(v.dtype, "real floating")]
    return xp.float64 if any(ns.bits(xp, dtype) == 64 for dtype in dtypes) else xp.float32


@functools.cache
def source_of(kind: Kind, types: tuple[str, ...]) -> str:
    """The CUDA C++ of a kind of gates, for the types X, D, N and W."""
    x, d, n, w = (_C[name] for name in types)
    defined = {
        "PARAMETERS": kind.parameters,
        "SLOPES": kind.slopes,
        "NOISE": int(kind.law is not None),
        "INDEXED": int(kind.indexed),
        "COMPENSATED": int(w == "double"),
    }
    parts = [f"#define {name} {value}" for name, value in defined.items()]
    parts += [f"typedef {c} {name};" for name, c in {"X": x, "D": d, "N": n, "W": w}.items()]
    return "\n".join(
        [*parts, raw.read(raw.HELPERS), raw.read(device_sum.SOURCE), *_gate(kind), raw.read(_SOURCE)]
    )


def _gate(kind: Kind) -> tuple[str, str]:
    """The gate as functions of C++, without its slopes and with them."""
    if kind.law is None:
        value, both = _given_value, _given_value_and_slope
        return _written("gate(W n, const W* theta)", value, 1), _written(_WITH_SLOPES, both, 1)
    value, both = (_of_law(getattr(kind.law, name)) for name in ("transform", "grad_transform"))
    return (
        _written("gate(W n, const W* theta)", value, kind.parameters),
        _written(_WITH_SLOPES, both, kind.parameters),
    )


_WITH_SLOPES = "gate_and_slopes(W n, const W* theta, W* slope)"


def _of_law(quantity: Any) -> Callable[..., Any]:
    return functools.partial(quantity.kernel, **quantity.options)


def _given_value(xp: Any, noise: Any, gate: Any) -> Any:
    return gate


def _given_value_and_slope(xp: Any, noise: Any, gate: Any) -> tuple[Any, ...]:
    """Its "slope" is 1, so that what is summed is input times cotangent."""
    return gate, 0.0, 1.0


def _written(head: str, kernel: Callable[..., Any], parameters: int) -> str:
    """A C++ function of noise and parameters: it returns the first result of ``kernel``; the third and on are slopes."""
    names = ["n", *(f"theta[{k}]" for k in range(parameters))]
    lines, results = symbols.traced(kernel, names, {})
    return _function(head, lines, results[0], results[2:])


def _function(head: str, lines: Sequence[str], value: str, slopes: Sequence[str]) -> str:
    stores = [f"slope[{k}] = {name};" for k, name in enumerate(slopes)]
    body = "\n  ".join([*lines, *stores, f"return {value};"])
    return f"__device__ __forceinline__ W {head} {{\n  {body}\n}}\n"
