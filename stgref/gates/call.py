"""One forward pass: its arguments, checked, and what they make, in tiles where they are large."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from stgref.gates import on_cupy, penalty, twin
from stgref.gates.family import Theta
from stgref.gates.setup import Setup
from stgref.numerics import arguments, tiles
from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quantity import in_tiles
from stgref.numerics.tiles import Tile


@dataclass(frozen=True)
class Call:
    """A pass: ``x`` and ``noise`` as they are, the rest in the dtype to compute in; ``dtype`` is that of what it returns.

    ``fill`` is there if closed gates put something in the place of their input.
    ``stream`` is the name of the stream that the noise was drawn from, if it was not given.
    """

    setup: Setup
    xp: Namespace
    dtype: Any
    working: Any
    x: Array
    noise: Array | None
    theta: Theta
    weight: Array | float
    fill: Array | float | None = None
    twin: twin.Twin | None = None
    stream: str | None = None

    @property
    def by_example(self) -> bool:
        """Whether each example has gates of its own; otherwise one row of gates serves all."""
        return (self.noise is not None and self.noise.ndim == 2) or any(self.each)

    @property
    def each(self) -> tuple[bool, ...]:
        """Whether each example has numbers of its own, for each of ``theta``."""
        return tuple(getattr(value, "ndim", 0) == 2 for value in self.theta)

    @property
    def in_tiles(self) -> bool:
        """Whether the pass is computed in tiles."""
        return in_tiles(self.xp, tuple(self.x.shape))

    @functools.cached_property
    def for_kernels(self) -> on_cupy.Arrays:
        """What kernels of a GPU take of the pass, whose examples have gates of their own: forward and back the same."""
        return on_cupy.arrays(self, None)

    def gates(self) -> Array:
        """Gates of shape (rows, n_gates): one row per example, or one for all."""
        if self.noise is None:
            return self._rows(self.law("median", *self.setup.family.at_test(self.theta)))
        return self._rows(self.law("transform", self.in_working(self.noise), *self.theta))

    def gates_and_slopes(self) -> list[Array]:
        """As `gates`, then the derivatives of that with respect to each of ``theta``."""
        family = self.setup.family
        if self.noise is not None:
            value, _, *slopes = self.law("grad_transform", self.in_working(self.noise), *self.theta)
        else:
            at_test = family.at_test(self.theta)
            value, partials = self.law("median", *at_test), self.law("grad_median", *at_test)
            pairs = zip(family.entering, partials, strict=True)
            slopes = [d if enters else self.xp.zeros_like(d) for enters, d in pairs]
        return [self._rows(value), *map(self._rows, slopes)]

    def law(self, name: str, *values: Array | float) -> Any:
        """A quantity of the gates' law; of NumPy's arrays by its kernel, as what comes in here has been checked."""
        quantity = getattr(self.setup.family.law, name)
        if ns.is_numpy(self.xp):
            return quantity.kernel(ns.NUMPY, *values, **quantity.options)
        return quantity(*values)

    def _rows(self, value: Array) -> Array:
        return value if value.ndim == 2 else self.xp.expand_dims(value, axis=0)

    def gated(self) -> Array:
        """Input times gates."""
        if self.twin is not None:
            return self.twin.gated().reshape(self.x.shape)
        if on_cupy.takes(self):
            return on_cupy.gated(self)
        if not self.in_tiles:
            return self.blend(self.gates(), self.x)
        result = np.empty(self.x.shape, self.dtype)
        shared, x, out = None if self.by_example else self.gates(), self.flat(self.x), self.flat(result)

        def gate(tile: Tile) -> None:
            at = self.at(tile)
            out[tile] = at.blend(at.gates() if shared is None else shared[:, tile[1]], x[tile])

        tiles.for_each(gate, self.cuts())
        return result

    def times(self, gates: Array, elements: Array) -> Array:
        """Elements of examples times their gates, rounded once."""
        return self._rounded(self.in_working(elements) * self.spread(gates, elements))

    def blend(self, gates: Array, elements: Array) -> Array:
        """As `times`, with what closed gates put in the place of their input."""
        if self.fill is None:
            return self.times(gates, elements)
        z = self.spread(gates, elements)
        return self._rounded(self.in_working(elements) * z + (1.0 - z) * self.fill)

    def spread(self, gates: Array, elements: Array) -> Array:
        """Gates as what broadcasts against elements of examples."""
        return self.setup.grouping.spread(self.xp, gates, tuple(elements.shape))

    def _rounded(self, value: Array) -> Array:
        return self.xp.astype(value, self.dtype, copy=False)

    def active(self) -> tuple[Array, list[Array]]:
        """The probabilities that the gates are open, and their partials."""
        if self.twin is not None:
            return self.twin.law.active()
        return self.law("prob_active", *self.theta), list(self.law("grad_prob_active", *self.theta))

    def l0_reg(self, active: Array | None = None) -> Array:
        """The penalty, of `active` if that is there already."""
        if active is None:
            active = self.active()[0] if self.twin else self.law("prob_active", *self.theta)
        terms = self.weight * active
        return returned(self.xp, penalty.reduced(self.xp, terms, self.setup.reg_reduction), self.dtype)

    def cuts(self) -> Any:
        """Tiles of the first two axes of `flat` arrays, the second that of the gates where it is cut."""
        return self.setup.grouping.cuts(tuple(self.x.shape))

    def flat(self, elements: Array) -> Array:
        """Elements of examples as what `cuts` cuts."""
        return self.setup.grouping.flat(elements)

    def at(self, tile: Tile) -> Call:
        """The pass at a tile, without its input."""
        noise = None if self.noise is None else tiles.part(self.noise, tile)
        theta = tuple(v if isinstance(v, float) else tiles.part(v, tile) for v in self.theta)
        return dataclasses.replace(self, noise=noise, theta=theta, fill=self._fill_at(tile))

    def _fill_at(self, tile: Tile) -> Array | float | None:
        if self.fill is None or isinstance(self.fill, float) or self.fill.ndim == 0:
            return self.fill
        example = np.broadcast_to(self.fill, (1, *self.x.shape[1:]))
        return self.flat(example)[:, tile[1]]

    def in_working(self, value: Array | float) -> Array | float:
        """An array in the dtype to compute in; a Python float as it is."""
        return as_working(self.xp, value, self.working)


def prepare(
    setup: Setup, x: Array, noise: Array | None, draw: Callable[[Any], Array] | None, *, by_example: bool
) -> Call:
    """Bring the checked arguments of one pass to one dtype, the promoted one of them all or wider.

    Noise is what was given, else what ``draw`` makes, given that dtype, else there is none.
    """
    xp, own = setup.xp, {**setup.own, "reg_weight": setup.reg_weight, "fill": setup.fill}
    working = working_dtype(setup, {"x": x, "noise": noise, **own})
    fast = twin.dtype_of(x, noise, *setup.own.values()) if ns.is_numpy(xp) else None
    law = setup.twin_law(fast) if by_example and fast is not None else None
    drawn = noise is None
    if noise is None and draw is not None:
        noise = draw(fast if law else working)
    *theta, weight, fill = (as_working(xp, value, working) for value in own.values())
    dtype = x.dtype if xp.isdtype(x.dtype, "real floating") else setup.parameter.dtype
    call = Call(setup, xp, dtype, working, x, noise, tuple(theta), weight, fill if setup.filled else None)
    if law is None:
        return call
    return dataclasses.replace(call, twin=twin.Twin(law, fast, call.flat(x), noise, drawn))


def kept(call: Call, given: Array | None) -> Call:
    """The pass with parameters and noise of its own, that nobody can change; ``given`` is the caller's noise."""
    own = call.weight, call.fill, *call.theta
    weight, fill, *theta = (v if v is None or isinstance(v, float) else arguments.copied(v) for v in own)
    noise = call.noise if given is None or call.noise is None else arguments.copied(call.noise)
    if call.twin is not None:
        noise = None  # the twin has it
    return dataclasses.replace(call, theta=tuple(theta), noise=noise, weight=weight, fill=fill, twin=None)


def working_dtype(setup: Setup, values: dict[str, Any]) -> Any:
    """The dtype to compute in for ``values``."""
    return ns.working_dtype(setup.xp, promoted_dtype(setup, values), setup.device)


def promoted_dtype(setup: Setup, values: dict[str, Any]) -> Any:
    """The promoted dtype of ``values``, of which only floating arrays have a say."""
    xp = setup.xp
    arrays = {
        name: a for name, a in values.items() if hasattr(a, "dtype") and xp.isdtype(a.dtype, "real floating")
    }
    return ns.result_dtype(setup.where, xp, arrays)


def as_working(xp: Namespace, value: Array | float, dtype: Any) -> Array | float:
    """An array in ``dtype``; a Python float as it is."""
    return value if isinstance(value, float) else xp.astype(value, dtype, copy=False)


def returned(xp: Namespace, value: Array, dtype: Any) -> Array:
    """``value`` rounded once to ``dtype``; NumPy's arrays without axes as scalars, as the laws have them."""
    value = xp.astype(value, dtype, copy=False)
    return value[()] if ns.is_numpy(xp) and value.ndim == 0 else value
