"""From cotangents of what a gate layer returned to those of all that went in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from stgref.gates import on_cupy, penalty
from stgref.gates.call import Call, returned
from stgref.gates.summation import SumOfRuns, pairwise_sum
from stgref.gates.twin import Point
from stgref.numerics import arguments
from stgref.numerics.namespace import Array
from stgref.numerics.tiles import Tile, for_each


@dataclass(frozen=True, repr=False)
class Pullback:
    """The transposed derivative of a gate layer at one input, parameter and noise: a function of cotangents.

    Made by ``vjp``. It refers to the input as it was given, which must not be changed in place in between; all else
    it keeps to itself, so that it can be called any number of times, by any number of threads. It keeps the noise, and
    computes the gates' derivatives from it when it is called, tile by tile where the input is large; or what the tuned twin
    of the pass made of the noise (`stgref.gates.twin`), as its ``point``.
    """

    call: Call
    point: Point | None = None

    @property
    def stream(self) -> str | None:
        """The stream that the noise came from, as ``numpy-PCG64`` or `stgref.numerics.on_device.STREAM`.

        ``None`` where the noise was given, or there is none.
        """
        return self.call.stream

    def __call__(self, d_gated: Array, d_l0_reg: Array | float = 1.0) -> Any:
        r"""Pull cotangents back: multiply by the transposed derivative.

        With x the elements that share the gate z, and p the gate's probability of being open,

        .. math:: \bar x = z\, \bar y, \quad
                  \bar \theta = \sum_\text{batch} \frac{\partial z}{\partial \theta} \sum_\text{elements} x\, \bar y
                  + \bar\ell\, w\, \frac{\partial p}{\partial \theta}

        where :math:`\bar y` is ``d_gated``, :math:`\bar\ell` is ``d_l0_reg`` and w is ``reg_weight``, by ``n_gates`` when
        the penalty is a mean.

        Parameters
        ----------
        d_gated : array
            Cotangent of the gated input, of its shape.
        d_l0_reg : array or float, default 1.0
            Cotangent of the penalty: a number, or for ``reg_reduction="none"`` also an array of shape (n_gates,).

        Returns
        -------
        NamedTuple of arrays
            The cotangents ``input``, of the input's dtype, and of each parameter of the law by the layer's name of it,
            of the parameter's own shape and dtype; of a parameter that is a Python number, that is a scalar.

        Raises
        ------
        TypeError
            If a cotangent is no array of real numbers of the input's library and device.
        ValueError
            If a cotangent has another shape.
        """
        setup = self.call.setup
        d_gated = setup.real_array("d_gated", d_gated)
        arguments.shape(setup.where, "d_gated", d_gated, tuple(self.call.x.shape), "that of x")
        d_l0_reg = penalty.checked_cotangent(setup, d_l0_reg)
        with np.errstate(all="ignore"):
            return self._pull(d_gated, self.call.in_working(d_l0_reg))

    def _pull(self, d_gated: Array, d_l0_reg: Array | float) -> Any:
        call = self.call
        if self.point is not None:
            d_input, by_gate = self.point.pull(call.flat(d_gated))
            d_input = d_input.reshape(call.x.shape)
            return call.setup.family.gradients(d_input, *self._parameters(by_gate, d_l0_reg))
        shared = None if call.by_example else call.gates_and_slopes()
        pull = self._in_tiles if call.in_tiles else self._at_once
        pull = self._on_cupy if on_cupy.takes(call) else pull
        d_input, by_gate = pull(d_gated, shared)
        return call.setup.family.gradients(d_input, *self._parameters(by_gate, d_l0_reg))

    def _on_cupy(self, d_gated: Array, shared: list[Array] | None) -> tuple[Array, list[Array]]:
        d_input, summed = on_cupy.pulled(self.call, d_gated, shared[0] if shared else None)
        return d_input, self._by_gate(summed, shared)

    def _at_once(self, d_gated: Array, shared: list[Array] | None) -> tuple[Array, list[Array]]:
        call = self.call
        gates, *slopes = shared or call.gates_and_slopes()
        summed = self._summed(call.x, d_gated, slopes if shared is None else None)
        return call.times(gates, d_gated), self._by_gate(summed, shared)

    def _in_tiles(self, d_gated: Array, shared: list[Array] | None) -> tuple[Array, list[Array]]:
        call = self.call
        d_input = np.empty(call.x.shape, call.dtype)
        x, d, out = call.flat(call.x), call.flat(d_gated), call.flat(d_input)
        # Made before any thread asks for one.
        sums = {columns.start or 0: SumOfRuns() for _, columns in call.cuts()}

        def pull(tile: Tile) -> None:
            rows, columns = tile
            gates, *slopes = call.at(tile).gates_and_slopes() if shared is None else shared
            out[tile] = call.times(gates if shared is None else gates[:, columns], d[tile])
            summed = self._summed(x[tile], d[tile], slopes if shared is None else None)
            sums[columns.start or 0].add(rows.start // (rows.stop - rows.start), np.stack(summed))

        for_each(pull, call.cuts())
        summed = np.concatenate([sums[start].total() for start in sorted(sums)], axis=-1)
        return d_input, self._by_gate(list(summed), shared)

    def _summed(self, x: Array, d_gated: Array, slopes: list[Array] | None) -> list[Array]:
        """What is summed over the batch: for each parameter by gate, or, when all examples share the gates, by element."""
        xp, call = self.call.xp, self.call
        d_elements = call.in_working(x) * call.in_working(d_gated)
        if slopes is None:
            return [pairwise_sum(xp, d_elements, 0)]
        d_gates = call.setup.grouping.collect(xp, d_elements)
        return [pairwise_sum(xp, d_gates * d, 0) for d in slopes]

    def _by_gate(self, summed: list[Array], shared: list[Array] | None) -> list[Array]:
        """The cotangent of each parameter, by gate."""
        if shared is None:
            return summed
        xp, (d_elements,), (_, *slopes) = self.call.xp, summed, shared
        d_gates = self.call.setup.grouping.collect(xp, xp.expand_dims(d_elements, axis=0))
        return [(d_gates * d)[0, ...] for d in slopes]

    def _parameters(self, by_gate: list[Array], d_l0_reg: Array | float) -> Iterator[Array]:
        """The cotangents of the parameters, with what comes through the penalty."""
        call, setup = self.call, self.call.setup
        share = penalty.share(setup.n_gates, setup.reg_reduction)
        of_penalty = call.law("grad_prob_active", *call.theta)
        for total, d, given in zip(by_gate, of_penalty, setup.own.values(), strict=True):
            per_gate = total + d_l0_reg * (call.weight * d / share)
            one = per_gate if getattr(given, "shape", ()) else pairwise_sum(call.xp, per_gate, 0)
            yield returned(call.xp, one, getattr(given, "dtype", setup.parameter.dtype))
