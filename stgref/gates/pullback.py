"""From cotangents of what a gate layer returned to those of all that went in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from stgref.gates import penalty
from stgref.gates.setup import Setup
from stgref.gates.summation import pairwise_sum
from stgref.numerics import arguments
from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array, Namespace


@dataclass(frozen=True, repr=False)
class Partials:
    """One of the law's parameters: how the gates and the penalty depend on it.

    Attributes
    ----------
    gates : array
        Derivatives of the gates, of shape (rows, n_gates): one row per example, or one for all.
    penalty : array
        Derivatives of each gate's term of the penalty, of shape (n_gates,).
    shape, dtype
        Of the parameter, and so of its cotangent.
    """

    gates: Array
    penalty: Array
    shape: tuple[int, ...]
    dtype: Any


@dataclass(frozen=True, repr=False)
class Pullback:
    """The transposed derivative of a gate layer at one input, parameter and noise: a function of cotangents.

    Made by ``vjp``. It refers to the input as it was given, which must not be changed in place in between; all else
    it keeps to itself, so that it can be called any number of times, by any number of threads.
    """

    setup: Setup
    xp: Namespace
    x: Array
    dtype: Any
    gates: Array
    partials: tuple[Partials, ...]

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
        setup = self.setup
        d_gated = setup.real_array("d_gated", d_gated)
        arguments.shape(setup.where, "d_gated", d_gated, tuple(self.x.shape), "that of x")
        d_l0_reg = penalty.checked_cotangent(setup, d_l0_reg)
        with np.errstate(all="ignore"):
            return self._pull(self._working(d_gated), self._working(d_l0_reg))

    def _pull(self, d_gated: Array, d_l0_reg: Array | float) -> Any:
        d_gates = self._by_gate(self.x * d_gated)
        return self.setup.family.gradients(
            returned(self.xp, self.gates * d_gated, self.dtype),
            *(self._one(d_gates, d_l0_reg, partials) for partials in self.partials),
        )

    def _by_gate(self, d_elements: Array) -> Array:
        """The cotangent of the gates, of as many rows as they have."""
        if self.gates.shape[0] == 1:
            d_elements = self.xp.expand_dims(pairwise_sum(self.xp, d_elements, 0), axis=0)
        return self.setup.grouping.collect(self.xp, d_elements)

    def _one(self, d_gates: Array, d_l0_reg: Array | float, partials: Partials) -> Array:
        per_gate = pairwise_sum(self.xp, d_gates * partials.gates, 0) + d_l0_reg * partials.penalty
        total = per_gate if partials.shape else pairwise_sum(self.xp, per_gate, 0)
        return returned(self.xp, total, partials.dtype)

    def _working(self, value: Array | float) -> Array | float:
        return value if isinstance(value, float) else self.xp.astype(value, self.x.dtype, copy=False)


def returned(xp: Namespace, value: Array, dtype: Any) -> Array:
    """``value`` rounded once to ``dtype``; NumPy's arrays without axes as scalars, as the laws have them."""
    value = xp.astype(value, dtype, copy=False)
    return value[()] if ns.is_numpy(xp) and value.ndim == 0 else value
