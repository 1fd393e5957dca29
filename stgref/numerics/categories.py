r"""Kernels around the softmax of the last axis, accurate for every component.

.. math:: p_k = e_k / S, \quad e_k = e^{a_k - a_m}, \quad S = 1 + R, \quad R = \sum_{j \ne m} e_j

with m the first of the largest exponents. The exponents come as numbers of two floats, because a rounding of a large
one would be an error of all that the weights are made of. The term of m is never added to R, nor is a sum over all
categories taken from one of its terms: :math:`1 - p_m = R / S` and :math:`\log p_m = -\operatorname{log1p}(R)` keep
their digits when :math:`p_m` is 1 to the last one. All other :math:`p_k` are 1/2 or less, and cancel nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from stgref.numerics import doubled as dd
from stgref.numerics import namespace as ns
from stgref.numerics.doubled import Doubled
from stgref.numerics.namespace import Array, Namespace


class Softmax(NamedTuple):
    """Weights, and what they are made of.

    Attributes
    ----------
    d : Doubled
        Exponents less the largest.
    e : Array
        Their exponentials.
    top : Array
        Whether a category is m, the first of the largest.
    rest : Array
        R, with a last axis of length 1.
    p : Array
        The weights.
    """

    d: Doubled
    e: Array
    top: Array
    rest: Array
    p: Array


def total(xp: Namespace, x: Array) -> Array:
    """The sum over the categories, which keeps its axis."""
    return xp.sum(x, axis=-1, keepdims=True)


def pick(xp: Namespace, mask: Array, x: Array) -> Array:
    """The entry of the one category in ``mask``, which keeps its axis."""
    return total(xp, xp.where(mask, x, 0.0))


def column(temperature: Array) -> Array:
    """A number per batch element, or one for all, as what broadcasts with vectors."""
    return temperature[..., None] if getattr(temperature, "ndim", 0) else temperature


def largest(xp: Namespace, x: Array) -> Array:
    """Whether a category is the first of the largest."""
    index = xp.argmax(x, axis=-1, keepdims=True)
    return xp.arange(x.shape[-1], dtype=index.dtype, device=ns.device_of([x])) == index


def softmax(xp: Namespace, a: Doubled, temperature: Array | None = None) -> Softmax:
    """The weights of the exponents ``a``, divided by the temperature per batch element if there is one."""
    top = largest(xp, a.hi)
    d = a - a.new((pick(xp, top, a.hi), pick(xp, top, a.lo)))
    d = d if temperature is None else d / column(temperature)
    e = xp.exp(d.hi)
    e = e + e * d.lo
    rest = total(xp, xp.where(top, 0.0, e))
    return Softmax(d, e, top, rest, e / (1.0 + rest))


def softmax_of(xp: Namespace, logits: Array) -> Softmax:
    """The weights of the exponents ``logits``."""
    return softmax(xp, dd.doubled(xp, logits))


def log_softmax(xp: Namespace, w: Softmax) -> Array:
    """Logarithms of the weights: two negative terms."""
    return w.d.hi - xp.log1p(w.rest)


def complement(xp: Namespace, w: Softmax) -> Array:
    """1 - p."""
    return xp.where(w.top, w.rest / (1.0 + w.rest), 1.0 - w.p)


def centred(xp: Namespace, w: Softmax, u: Array) -> Array:
    r"""u less its mean, :math:`u_k - \sum_j p_j u_j`, that of m as :math:`\sum_j p_j (u_m - u_j)`."""
    at_top = total(xp, w.p * (pick(xp, w.top, u) - u))
    return xp.where(w.top, at_top, u - total(xp, w.p * u))


def balanced(xp: Namespace, w: Softmax, c: Array) -> Array:
    r"""The adjoint of `centred`, :math:`c_k - p_k \sum_j c_j`, that of m as :math:`c_m (1 - p_m) - p_m \sum_{j \ne m} c_j`."""
    others = total(xp, xp.where(w.top, 0.0, c))
    at_top = c * w.rest / (1.0 + w.rest) - w.p * others
    return xp.where(w.top, at_top, c - w.p * total(xp, c))


def excess(xp: Namespace, w: Softmax) -> Array:
    r"""The function :math:`1 - K p_k = (\sum_j E_j - K E_k) / S`, :math:`E = \operatorname{expm1}(d)`, small where all weights are alike."""
    raised = xp.expm1(w.d.hi) + w.e * w.d.lo
    return (total(xp, raised) - raised.shape[-1] * raised) / (1.0 + w.rest)
