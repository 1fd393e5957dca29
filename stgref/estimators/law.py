"""What the machinery that serves several families has to know of a law of discrete variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from stgref.estimators.draws import Noise
from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array, Namespace


class Law(NamedTuple):
    r"""Independent discrete variables b, each one of m points, sampled from latents :math:`z = \phi + \text{noise}`.

    All functions are kernels, that take the array namespace first; z given b is :math:`\tilde z`.

    Attributes
    ----------
    noise : Noise
        The noise of one sample.
    outcomes : callable
        ``(phi)``: the points (m, ...) of a variable, and the chances (D, m) that each of them is that point.
    sample : callable
        ``(phi, noise)``: the sample b.
    score : callable
        ``(phi, b)``: the derivative of :math:`\log P(b)` to the logits.
    grad_mean : callable
        ``(phi, given)``: the derivative to the logits of the mean of ``given`` (D, m), a number for each outcome.
    conditional_latent : callable
        ``(noise, b, phi)``: the latent given b, in terms of noise like that of the sample.
    remainder : callable
        ``(phi, b, score, given, c)``: a cotangent c of the latent, less c of the latent given b carried back to the logits with
        its noise fixed; in terms of the score of b and of the latent itself.
    """

    noise: Noise
    outcomes: Callable[..., Any]
    sample: Callable[..., Any]
    score: Callable[..., Any]
    grad_mean: Callable[..., Any]
    conditional_latent: Callable[..., Any]
    remainder: Callable[..., Any]


def columns(xp: Namespace, values: Array, count: int) -> Array:
    """Numbers with ``count`` more axes of length 1: what broadcasts with points that have so many axes."""
    return xp.reshape(values, (*values.shape, *(1,) * count))


def rows(xp: Namespace, points: Array) -> Array:
    """Points (n, ...) as a matrix (n, P)."""
    return xp.reshape(points, (points.shape[0], -1))


def own(xp: Namespace, phi: Array) -> Array:
    """For each variable, the bools that say which it is, and broadcast with the logits: (D, D, ...)."""
    eye = xp.eye(phi.shape[0], dtype=xp.bool, device=ns.device_of([phi]))
    return columns(xp, eye, phi.ndim - 1)
