r"""Kernels around the softmax of the last axis, accurate for every component.

.. math:: p_k = e^{d_k} / S, \quad d_k = a_k - a_m, \quad S = 1 + R, \quad R = \sum_{j \ne m} e^{d_j}

with m the first of the largest exponents. Three things keep the digits.

- The exponents come as numbers of two floats: a rounding of a large one would be an error of all that the weights are
  made of.
- m stands apart from the others. :math:`1 - p_m = R / S`, :math:`\log p_m = -\operatorname{log1p}(R)` and :math:`u_m -
  \sum_j p_j u_j = \sum_{j \ne m} p_j (u_m - u_j)` are small where :math:`p_m` is nearly 1, and would be lost in
  differences. All other weights are 1/2 or less, and cancel nothing.
- Where exponentials are very small, sums over the others are taken relative to the largest of them, and weights
  multiplied in by their square roots, so that only the final result underflows.
"""

from __future__ import annotations

from typing import NamedTuple

from stgref.numerics import doubled as dd
from stgref.numerics import namespace as ns
from stgref.numerics.doubled import Doubled
from stgref.numerics.namespace import Array, Namespace

LOWEST, FAR = -1e5, -32.0
"""An exponent whose exponential is 0, and below which exponentials are taken by their square roots."""


class Softmax(NamedTuple):
    """Weights, and what they are made of; arrays keep the last axis, of length 1 where one number serves all categories.

    Attributes
    ----------
    top : Array
        Whether a category is m, the first of the largest.
    d : Doubled
        Exponents less the largest.
    near, far : Array
        Two factors of their exponentials, the second 1 unless they are very small.
    others : Array
        The exponentials relative to ``lift`` squared; 0 at m.
    lift : Array
        The square root of the second largest exponential where that is very small, else 1.
    rest : Array
        R.
    p : Array
        The weights.
    """

    top: Array
    d: Doubled
    near: Array
    far: Array
    others: Array
    lift: Array
    rest: Array
    p: Array


def total(xp: Namespace, x: Array) -> Array:
    """The sum over the categories."""
    return xp.sum(x, axis=-1, keepdims=True)


def pick(xp: Namespace, mask: Array, x: Array) -> Array:
    """The entry of the one category in ``mask``."""
    return total(xp, xp.where(mask, x, 0.0))


def column(temperature: Array) -> Array:
    """A number per batch element, or one for all, as what broadcasts with vectors."""
    return temperature[..., None] if getattr(temperature, "ndim", 0) else temperature


def largest(xp: Namespace, x: Array) -> Array:
    """Whether a category is the first of the largest."""
    index = xp.argmax(x, axis=-1, keepdims=True)
    return xp.arange(x.shape[-1], dtype=index.dtype, device=ns.device_of([x])) == index


def exponential(xp: Namespace, x: Doubled) -> Array:
    """e^x."""
    return xp.exp(x.hi) * (1.0 + x.lo)


def softmax(xp: Namespace, a: Doubled, temperature: Array | None = None) -> Softmax:
    """The weights of the exponents ``a``, divided by the temperature per batch element if there is one."""
    top = largest(xp, a.hi)
    d = a - a.new((pick(xp, top, a.hi), pick(xp, top, a.lo)))
    d = d if temperature is None else d / column(temperature)
    far = d.hi < FAR
    near = exponential(xp, dd.where(xp, far, d.scaled(0.5), d))
    far = xp.where(far, near, 1.0)
    second = xp.max(xp.where(top, LOWEST, d.hi), axis=-1, keepdims=True)
    second = xp.where(second < FAR, second, 0.0)
    others = xp.where(top, 0.0, exponential(xp, d - second))
    lift = xp.exp(0.5 * second)
    rest = lift * total(xp, others) * lift
    return Softmax(top, d, near, far, others, lift, rest, near / (1.0 + rest) * far)


def softmax_of(xp: Namespace, logits: Array) -> Softmax:
    """The weights of the exponents ``logits``."""
    return softmax(xp, dd.doubled(xp, logits))


def log_softmax(xp: Namespace, w: Softmax) -> Array:
    """Logarithms of the weights: two negative terms."""
    return w.d.hi - xp.log1p(w.rest)


def weighted(xp: Namespace, w: Softmax, u: Array) -> Array:
    """The products p u."""
    return w.near * u / (1.0 + w.rest) * w.far


def over_others(xp: Namespace, w: Softmax, u: Array) -> Array:
    """The sum of p u without m."""
    return w.lift * (total(xp, w.others * u) / (1.0 + w.rest)) * w.lift


def mean(xp: Namespace, w: Softmax, u: Array) -> Array:
    """The sum of p u."""
    return pick(xp, w.top, w.p * u) + over_others(xp, w, u)


def complement(xp: Namespace, w: Softmax) -> Array:
    """1 - p."""
    return xp.where(w.top, over_others(xp, w, xp.ones_like(w.p)), 1.0 - w.p)


def centred(xp: Namespace, w: Softmax, u: Array) -> Array:
    r"""u less its mean, :math:`u_k - \sum_j p_j u_j`, that of m as :math:`\sum_{j \ne m} p_j (u_m - u_j)`."""
    at_top = over_others(xp, w, pick(xp, w.top, u) - u)
    return xp.where(w.top, at_top, u - mean(xp, w, u))


def balanced(xp: Namespace, w: Softmax, c: Array) -> Array:
    r"""The adjoint of `centred`, :math:`c_k - p_k \sum_j c_j`, that of m as :math:`c_m (1 - p_m) - p_m \sum_{j \ne m} c_j`."""
    at_top = over_others(xp, w, pick(xp, w.top, c)) - w.p * total(xp, xp.where(w.top, 0.0, c))
    return xp.where(w.top, at_top, c - weighted(xp, w, total(xp, c)))


def excess(xp: Namespace, w: Softmax) -> Array:
    r"""The function :math:`1 - K p_k`, where :math:`p_k` is near 1 / K as :math:`(\sum_j E_j - K E_k) / S`, :math:`E = \operatorname{expm1}(d)`."""
    size = w.p.shape[-1]
    raised = dd.expm1(xp, w.d)
    near = (dd.total(xp, raised)[..., None] - raised * float(size)).hi / (1.0 + w.rest)
    return xp.where(size * w.p < 0.5, 1.0 - size * w.p, near)
