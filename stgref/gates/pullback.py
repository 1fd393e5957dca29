r"""From cotangents of what a gate layer returned to those of all that went in.

Let example b have the gates :math:`z_{bg} = z(n_{bg}, \theta_{bg})`, of which element e has the one with the index
:math:`g(e)`, and the penalty be

.. math:: \ell = \frac{1}{B} \sum_{b} \frac{1}{R} \sum_g w_g\, p(\theta_{bg}), \quad
          R = 1 \text{ for a sum}, \; n_\text{gates} \text{ for a mean}.

Every :math:`\theta_{bg}` enters the gates of its own example and one term of the penalty, so that its cotangent has no sum
over the batch,

.. math:: \bar\theta_{bg} = \frac{\partial z}{\partial \theta}(n_{bg}, \theta_{bg}) \sum_{e:\, g(e) = g} (x_{be} - f_e)\, \bar y_{be}
          + \frac{\bar\ell\, w_g}{B R} \frac{\partial p}{\partial \theta}(\theta_{bg}).

Parameters that all examples share, :math:`\theta_{bg} = \theta_g`, are a broadcast of :math:`\theta_g`, and its transpose
is the sum over b. The terms of the penalty are then all the same, and their mean over the batch is one of them:

.. math:: \bar\theta_g = \sum_b \bar\theta_{bg}
          = \sum_b \frac{\partial z}{\partial \theta}(n_{bg}, \theta_g) \sum_{e:\, g(e) = g} (x_{be} - f_e)\, \bar y_{be}
          + \frac{\bar\ell\, w_g}{R} \frac{\partial p}{\partial \theta}(\theta_g),

which is what is computed where no parameter has a batch axis. A number that all gates share is a broadcast once more. For
``reg_reduction="none"`` each term has a cotangent :math:`\bar\ell_{bg}` of its own, in the place of
:math:`\bar\ell / (B R)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from stgref.gates import fill, on_cupy, penalty
from stgref.gates.call import Call, returned
from stgref.gates.summation import SumsOfTiles, pairwise_sum
from stgref.gates.twin import Point, summed
from stgref.numerics import arguments
from stgref.numerics.namespace import Array
from stgref.numerics.tiles import Tile, for_each


@dataclass(frozen=True, repr=False)
class Pullback:
    """The transposed derivative of a gate layer at one input, parameter and noise: a function of cotangents.

    Made by ``vjp``. It refers to the input as it was given, which must not be changed in place in between; all else
    it keeps to itself, so that it can be called any number of times, by any number of threads. It keeps the noise, and
    computes the gates' derivatives from it when it is called, tile by tile where the input is large; or what the tuned twin
    of the pass made of the noise (`stgref.gates.twin`), as its ``point``, with the derivatives of
    the probabilities that gates are open.
    """

    call: Call
    point: Point | None = None
    of_penalty: list[Array] | None = None

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
                  \bar \theta = \sum_\text{batch} \frac{\partial z}{\partial \theta} \sum_\text{elements} (x - f)\, \bar y
                  + \bar\ell\, w\, \frac{\partial p}{\partial \theta}, \quad
                  \bar f = \sum (1 - z)\, \bar y

        where f is ``fill``, :math:`\bar y` is ``d_gated``, :math:`\bar\ell` is ``d_l0_reg`` and w is ``reg_weight``, by
        ``n_gates`` when the penalty is a mean. The cotangent of a parameter that has a batch axis is without the sum over the
        batch, and w is then divided by the number of examples too.

        Parameters
        ----------
        d_gated : array
            Cotangent of the gated input, of its shape.
        d_l0_reg : array or float, default 1.0
            Cotangent of the penalty: a number, or for ``reg_reduction="none"`` also an array of the penalty's shape.

        Returns
        -------
        NamedTuple of arrays
            The cotangents ``input``, of the input's dtype, and of each parameter of the law by the layer's name of it,
            of the parameter's own shape and dtype; of a parameter that is a Python number, that is a scalar. The last field
            is ``fill`` unless that is the number 0.

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
            return self._named(d_input, by_gate, d_l0_reg)
        shared = None if call.by_example else call.gates_and_slopes()
        pull = self._in_tiles if call.in_tiles else self._at_once
        pull = self._on_cupy if on_cupy.takes(call) else pull
        d_input, by_gate = pull(d_gated, shared)
        if not call.setup.filled:
            return self._named(d_input, by_gate, d_l0_reg)
        d_fill = self._returned(fill.cotangent(call, d_gated), call.setup.fill)
        return call.setup.family.filled(d_input, *self._parameters(by_gate, d_l0_reg), d_fill)

    def _named(self, d_input: Array, by_gate: list[Array], d_l0_reg: Array | float) -> Any:
        return self.call.setup.family.gradients(d_input, *self._parameters(by_gate, d_l0_reg))

    def _on_cupy(self, d_gated: Array, shared: list[Array] | None) -> tuple[Array, list[Array]]:
        d_input, summed = on_cupy.pulled(self.call, d_gated, shared[0] if shared else None)
        return d_input, self._by_gate(summed, shared)

    def _at_once(self, d_gated: Array, shared: list[Array] | None) -> tuple[Array, list[Array]]:
        call = self.call
        gates, *slopes = shared or call.gates_and_slopes()
        terms = self._terms(call, call.x, d_gated, slopes if shared is None else None)
        each = call.each if shared is None else (False,)
        summed = [t if own else pairwise_sum(call.xp, t, 0) for t, own in zip(terms, each, strict=True)]
        return call.times(gates, d_gated), self._by_gate(summed, shared)

    def _in_tiles(self, d_gated: Array, shared: list[Array] | None) -> tuple[Array, list[Array]]:
        call = self.call
        d_input = np.empty(call.x.shape, call.dtype)
        x, d, out = call.flat(call.x), call.flat(d_gated), call.flat(d_input)
        each = call.each if shared is None else (False,)
        sums = [
            np.empty((len(x), call.setup.n_gates), call.working) if own else SumsOfTiles(call.cuts())
            for own in each
        ]

        def pull(tile: Tile) -> None:
            at = call.at(tile)
            gates, *slopes = at.gates_and_slopes() if shared is None else shared
            out[tile] = call.times(gates if shared is None else gates[:, tile[1]], d[tile])
            terms = self._terms(at, x[tile], d[tile], slopes if shared is None else None)
            for total, term in zip(sums, terms, strict=True):
                if isinstance(total, SumsOfTiles):
                    total.add(tile, pairwise_sum(call.xp, term, 0))
                else:
                    total[tile] = term

        for_each(pull, call.cuts())
        return d_input, self._by_gate([s.total() if isinstance(s, SumsOfTiles) else s for s in sums], shared)

    def _terms(self, at: Call, x: Array, d_gated: Array, slopes: list[Array] | None) -> list[Array]:
        """What is summed over the batch: for each parameter by gate, or, when all examples share the gates, by element."""
        x = at.in_working(x)
        d_elements = (x if at.fill is None else x - at.fill) * at.in_working(d_gated)
        if slopes is None:
            return [d_elements]
        d_gates = at.setup.grouping.collect(at.xp, d_elements)
        return [d_gates * d for d in slopes]

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
        share = penalty.share(setup.rows, setup.n_gates, setup.reg_reduction)
        of_penalty = self.of_penalty or call.law("grad_prob_active", *call.theta)
        through = [
            self._over_batch(d_l0_reg * (call.weight * d / share), i) for i, d in enumerate(of_penalty)
        ]
        per_gate = [total + t for total, t in zip(by_gate, through, strict=True)]
        totals = summed(np.stack(per_gate, axis=1)) if self.point else None
        for i, given in enumerate(setup.own.values()):
            one = per_gate[i]
            if not getattr(given, "shape", ()):
                one = pairwise_sum(call.xp, one, 0) if totals is None else totals[i]
            yield self._returned(one, given)

    def _over_batch(self, term: Array, i: int) -> Array:
        """A term of the penalty's part, summed over the examples if they have terms of their own, but share a number."""
        call, rows = self.call, self.call.setup.rows
        if rows is None or call.each[i]:
            return term
        return pairwise_sum(call.xp, call.xp.broadcast_to(term, (rows, call.setup.n_gates)), 0)

    def _returned(self, value: Array, given: Array | float) -> Array:
        """A cotangent in the dtype of what it belongs to."""
        return returned(self.call.xp, value, getattr(given, "dtype", self.call.setup.parameter.dtype))
