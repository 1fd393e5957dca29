r"""Smaller layers out of gated ones: which gates stay open, and the weights of the layers around them without the rest.

At test time a gate is a number z. One that is 0 takes its elements out of everything that follows, and others can be
multiplied into weights. For a dense or convolutional layer with weights W and bias b, in the usual order (outputs, inputs,
...),

.. math:: \sum_i W_{oi}\, (z_i x_i) + b_o = \sum_{i:\, z_i \ne 0} (W_{oi} z_i)\, x_i + b_o, \qquad
          z_o \Big( \sum_i W_{oi} x_i + b_o \Big) = \sum_i (z_o W_{oi})\, x_i + z_o b_o,

the first where its inputs are gated, the second where its outputs are. What comes after gated outputs, past a function
that takes 0 to 0 as relu does, loses the inputs that are 0 always.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from stgref.numerics import arguments
from stgref.numerics import namespace as ns
from stgref.numerics.domains import Domain
from stgref.numerics.libraries import TRACED, Support
from stgref.numerics.namespace import Array
from stgref.numerics.transport import to_host

SHAPES = Support(
    (*TRACED, "dask", "mparray"),
    "the shapes of its results depend on values",
    "Call it outside of the transformation, with computed arrays of floats",
)
THRESHOLD = Domain("at least 0 and less than 1", lambda v: (v >= 0) & (v < 1))


@dataclass(frozen=True)
class Pruned:
    """What is left of a layer of gates, and of the layers before and behind it.

    A network made of the results computes what the gated one does at test time, up to rounding: the values of the
    gates are rounded to the dtype of their parameter, products with them elsewhere, and sums have fewer terms. That is so
    for gates whose values are what evaluation uses (the rule ``"louizos"``), where all that are not 0 are kept. With
    another rule it is so for gates with those values, and with gates left out that are not 0, for gates that are 0 there.

    Attributes
    ----------
    kept : array of int of shape (n_kept,)
        Numbers of the gates that are kept, in order.
    values : array of shape (n_kept,)
        Their test-time values, of the library, device and dtype of the gates' parameter.
    n_gates : int
        How many gates there were.
    mask : array of int or None
        Which gate each element of an example goes through, as the layer has it.

    Examples
    --------
    Gates on the three inputs of a dense layer, of which one is closed:

    >>> import numpy as np
    >>> from stgref import BinaryConcreteStochasticGates
    >>> gates = BinaryConcreteStochasticGates.from_pretrained(np.array([5.0, -3.0, 0.0])).eval()
    >>> pruned = gates.prune()
    >>> pruned.kept
    array([0, 2])
    >>> weight, x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([[0.5, 1.5, -1.0]])
    >>> pruned.inputs(weight)
    array([[1. , 1.5],
           [4. , 3. ]])
    >>> pruned.take(x) @ pruned.inputs(weight).T
    array([[-1., -1.]])
    >>> gates(x)[0] @ weight.T
    array([[-1., -1.]])
    """

    kept: Array
    values: Array
    n_gates: int
    mask: Array | None = None

    def elements(self, shape: tuple[int, ...] | None = None) -> Array:
        """Which elements of an example are kept.

        Parameters
        ----------
        shape : tuple of int, optional
            Shape of an example, to which the mask broadcasts. By default it is that of the mask, so that a mask of shape
            (channels, 1, 1) tells the channels that are kept; without a mask there is one element for each gate.

        Returns
        -------
        array of int of shape (n_elements,)
            Numbers of the elements that are kept, in the order of an example that is made flat.

        Raises
        ------
        TypeError
            If ``shape`` is no tuple of integers.
        ValueError
            If the mask does not broadcast to it.
        """
        return _beside(self.values, self._elements("elements", shape)[0])

    def take(self, x: Array, shape: tuple[int, ...] | None = None, axis: int = 1) -> Array:
        """What is kept of something that has an axis for elements or channels, unchanged.

        It is for the input of a layer with gated inputs, and for the weights behind gated outputs: the first layer after
        a dense or convolutional one whose outputs are gated, with or without a function between that takes 0 to 0.

        Parameters
        ----------
        x : array
            Data of shape (batch, elements, ...), or weights of shape (outputs, elements, ...).
        shape : tuple of int, optional
            Shape of an example, as for `elements`. Where channels of (channels, height, width) are gated and made flat
            before a dense layer, it is that.
        axis : int, default 1
            The axis of the elements.

        Returns
        -------
        array
            As ``x``, with fewer elements on that axis; none if no gate is kept.

        Raises
        ------
        TypeError
            If an argument has a wrong type, or ``x`` is of another library or device than the gates.
        ValueError
            If ``x`` does not have as many elements on that axis.
        """
        (chosen, _), x, axis = self._along("take", "x", x, shape, axis)
        return ns.namespace_of("take", {"x": x}).take(x, _beside(self.values, chosen), axis=axis)

    def inputs(self, weight: Array, shape: tuple[int, ...] | None = None, axis: int = 1) -> Array:
        """Weights of a layer whose inputs are gated: those of what is kept, times its gates.

        Parameters
        ----------
        weight : array of shape (outputs, inputs, ...)
            Weights of a dense layer, or a convolution with kernels on the axes that follow. Its bias stays as it is.
        shape, axis
            As for `take`.

        Returns
        -------
        array
            The weights, of the dtype of ``weight``, each product rounded once; without inputs if no gate is kept.

        Raises
        ------
        TypeError, ValueError
            As `take`.
        """
        return self._scaled("inputs", "weight", weight, shape, axis)

    def outputs(
        self,
        weight: Array,
        bias: Array | None = None,
        shape: tuple[int, ...] | None = None,
        axis: int = 0,
    ) -> tuple[Array, Array | None]:
        """Weights and bias of a layer whose outputs are gated: those of what is kept, times its gates.

        Parameters
        ----------
        weight : array of shape (outputs, inputs, ...)
            Weights of a dense or convolutional layer.
        bias : array of shape (outputs,), optional
            Its bias.
        shape : tuple of int, optional
            Shape of an example of the outputs, as for `elements`.
        axis : int, default 0
            The axis of the outputs.

        Returns
        -------
        weight, bias : arrays
            As `inputs` returns them; the bias is ``None`` if there was none.

        Raises
        ------
        TypeError, ValueError
            As `take`.
        """
        small = self._scaled("outputs", "weight", weight, shape, axis)
        return small, None if bias is None else self._scaled("outputs", "bias", bias, shape, 0)

    def _scaled(self, method: str, name: str, weight: Any, shape: Any, axis: int) -> Array:
        (chosen, gate_of), weight, axis = self._along(method, name, weight, shape, axis)
        xp = ns.namespace_of(method, {name: weight})
        if not xp.isdtype(weight.dtype, "real floating"):
            raise TypeError(f"{self._where(method)}: {name} takes a floating dtype, got {weight.dtype}")
        factors = xp.take(self.values, _beside(self.values, gate_of), axis=0)
        factors = xp.reshape(factors, (-1, *(1,) * (weight.ndim - 1 - axis)))
        working = ns.working_dtype(xp, xp.result_type(weight.dtype, factors.dtype), ns.device_of([weight]))
        small = xp.take(weight, _beside(self.values, chosen), axis=axis)
        product = xp.astype(small, working, copy=False) * xp.astype(factors, working, copy=False)
        return xp.astype(product, weight.dtype, copy=False)

    def _along(
        self, method: str, name: str, x: Any, shape: Any, axis: int
    ) -> tuple[tuple[Array, Array], Array, int]:
        """`_elements`, and the checked arguments."""
        where = self._where(method)
        x = arguments.real_array(where, name, x, self.values, "the gates")
        chosen, gate_of, n = self._elements(method, shape)
        if isinstance(axis, bool) or not isinstance(axis, int):
            raise TypeError(f"{where}: axis takes an integer, got {axis!r}")
        if not -x.ndim <= axis < x.ndim:
            raise ValueError(f"{where}: axis must be one of the {x.ndim} of {name}, got {axis}")
        if x.shape[axis] != n:
            raise ValueError(
                f"{where}: {name} must have {n} elements on axis {axis}, as {self._words(shape)}, "
                f"got shape {tuple(x.shape)}"
            )
        return (chosen, gate_of), x, axis % x.ndim

    def _words(self, shape: Any) -> str:
        if shape is not None:
            return f"an example of shape {tuple(shape)} has"
        return (
            "there are gates without a mask"
            if self.mask is None
            else f"the mask of shape {tuple(self.mask.shape)} has"
        )

    def _elements(self, method: str, shape: Any) -> tuple[Array, Array, int]:
        """The elements of an example that are kept, which of the kept gates each has, and how many there were; on the host."""
        gates, kept = self._gates(method, shape), to_host(method, "kept", self.kept)
        chosen = np.flatnonzero(np.isin(gates, kept))
        return chosen, np.searchsorted(kept, gates[chosen]), gates.size

    def _gates(self, method: str, shape: Any) -> Array:
        """The gate of each element of an example, on the host."""
        where = self._where(method)
        mask = np.arange(self.n_gates) if self.mask is None else to_host(where, "mask", self.mask)
        if shape is None:
            return mask.reshape(-1)
        if not isinstance(shape, tuple) or any(isinstance(n, bool) or not isinstance(n, int) for n in shape):
            raise TypeError(f"{where}: shape takes a tuple of integers, got {shape!r}")
        if self.mask is None and math.prod(shape) == self.n_gates:
            return mask
        try:
            return np.broadcast_to(mask, shape).reshape(-1)
        except ValueError:
            raise ValueError(
                f"{where}: shape must be one that the mask, of shape {mask.shape}, broadcasts to, got {shape}"
            ) from None

    def _where(self, method: str) -> str:
        return f"Pruned.{method}"


def prune(self: Any, threshold: float = 0.0, *, n: int | None = None, rule: str = "louizos") -> Pruned:
    """Leave out the gates that are closed at test time, or all but a number of them.

    Parameters
    ----------
    threshold : float, default 0
        Gates whose test-time value is greater are kept.
    n : int, optional
        How many gates to keep instead, those of the greatest values; of equal ones the first.
    rule : str, default "louizos"
        Which test-time values those are, as in `get_gate_values`.

    Returns
    -------
    stgref.gates.prune.Pruned
        The gates that are kept, and how to make weights smaller that are before or behind them.

    Raises
    ------
    TypeError
        If an argument has a wrong type, or values are not known, as under `jax.jit` and of Dask's arrays.
    ValueError
        If ``threshold`` is not in [0, 1), ``n`` greater than the number of gates, both are given, there is no such rule, or
        closed gates put something in the place of their input.
    """
    where = f"{type(self).__name__}.prune"
    threshold = arguments.number(where, "threshold", threshold, THRESHOLD)
    SHAPES.check(where, (getattr(self, self.family.parameter),))
    values = self.get_gate_values(rule=rule)
    if self._setup("prune", {}).filled:
        raise ValueError(
            f"{where}: fill must be the number 0, so that closed gates leave nothing, got {self.fill}"
        )
    chosen = _chosen(where, to_host(where, "values", values), threshold, n)
    xp, index = ns.namespace_of(where, {"values": values}), _beside(values, chosen)
    return Pruned(index, xp.take(values, index, axis=0), self.n_gates, self.mask)


def _beside(values: Array, index: Array) -> Array:
    """Indices in the library and on the device of ``values``."""
    return ns.namespace_of("prune", {"values": values}).asarray(index, device=ns.device_of([values]))


def _chosen(where: str, values: Array, threshold: float, n: Any) -> Array:
    """The gates to keep, in order."""
    if n is None:
        return np.flatnonzero(values > threshold)
    if threshold:
        raise ValueError(
            f"{where}: either threshold or n can be given, got threshold={threshold} and n={n!r}"
        )
    n = arguments.count(where, "n", n, minimum=0)
    if n > values.size:
        raise ValueError(f"{where}: n must be at most the number of gates, {values.size}, got {n}")
    return np.sort(np.argsort(-values, kind="stable")[:n])
