"""Chances of single ones, and what a change of them does: for Bernoulli variables (D,), and for one-hot ones (D, K)."""

from __future__ import annotations

from typing import NamedTuple

from stgref.numerics import categories, sigmoid
from stgref.numerics.namespace import Array, Namespace


class Chances(NamedTuple):
    """The probabilities that an entry is 1 and 0, each to all of its digits."""

    one: Array
    zero: Array


def chances(xp: Namespace, logits: Array, event_ndim: int) -> Chances:
    r"""The sigmoids :math:`\sigma(\pm\text{logits})`, or the softmax p over the last axis and 1 - p."""
    if event_ndim == 1:
        return Chances(sigmoid.expit(xp, logits), sigmoid.expit(xp, -logits))
    w = categories.softmax_of(xp, logits)
    return Chances(w.p, categories.complement(xp, w))


def pullback(xp: Namespace, logits: Array, cotangent: Array, event_ndim: int) -> Array:
    r"""Cotangent c of the chances of 1, carried back: :math:`c\, \sigma'(\text{logits})`, or :math:`p_k (c_k - \sum_j p_j c_j)`."""
    if event_ndim == 1:
        return cotangent * sigmoid.grad_expit(xp, logits).x
    w = categories.softmax_of(xp, logits)
    return w.p * categories.centred(xp, w, cotangent)
