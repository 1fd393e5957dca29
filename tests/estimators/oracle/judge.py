"""The comparisons: every test of the package and every negative control goes through these."""

from __future__ import annotations

import math

import numpy as np

from . import moments
from .objectives import Linear
from .problem import mp
from .statistics import Moments

EXACT = 1e-12


def sizes(exact: Moments) -> np.ndarray:
    """Root mean square of every coordinate of the estimate: what its errors are measured by."""
    mean, covariance = exact.arrays()
    return np.hypot(np.sqrt(np.diag(covariance)), mean)


def assert_moments(got, exact: Moments, tolerance: float = EXACT, floor: float = 0.0) -> None:
    """Mean and covariance within ``tolerance`` times root mean squares, or ``floor``; ``got`` has both as arrays."""
    mean, covariance = exact.arrays()
    size = np.maximum(sizes(exact), floor)
    assert np.shape(got.mean) == mean.shape
    assert np.shape(got.covariance) == covariance.shape
    off = np.abs(got.mean - mean)
    assert np.all(off <= tolerance * size), f"mean {got.mean}, not {mean}"
    off = np.abs(got.covariance - covariance)
    assert np.all(off <= tolerance * np.outer(size, size)), f"covariance {got.covariance}, not {covariance}"


def assert_estimates(got, exact, tolerance: float = EXACT, floor: float = 0.0) -> None:
    """Row by row within ``tolerance`` of the largest entry of the row, or of ``floor``."""
    want = np.array([[float(x) for x in row] for row in exact]).reshape(np.shape(got))
    size = np.maximum(np.max(np.abs(want), axis=-1, keepdims=True), floor)
    off = np.abs(got - want)
    assert np.all(off <= tolerance * size), (
        f"row {int(np.argmax(np.max(off - tolerance * size, axis=-1)))} of {got}, not {want}"
    )


def assert_number(got: float, exact: float, tolerance: float = EXACT, scale: float = 0.0) -> None:
    """Relative, or of ``scale`` where that is larger."""
    assert abs(float(got) - float(exact)) <= tolerance * max(abs(float(exact)), scale), (
        f"{float(got)!r}, not {float(exact)!r}"
    )


def grid(phi: float, step: float = 1 / 24) -> tuple[np.ndarray, np.ndarray]:
    """Standard logistic noise and weights: a double exponential rule on either side of the threshold -phi."""
    p = Linear((1.0,)).problem([phi], mp)
    noise, weights = [], []
    for bit, probability in ((0, p.q[0]), (1, p.theta[0])):
        for z, weight in moments.half_line(p, 0, bit, step):
            noise.append(float(z - p.phi[0]))
            weights.append(float(weight * probability))
    return np.array(noise), np.array(weights)


def tensor(*rules: tuple[np.ndarray, np.ndarray]) -> tuple[list[np.ndarray], np.ndarray]:
    """All combinations: a flat array of noise for each rule, and the weights."""
    noise = np.meshgrid(*[rule[0] for rule in rules], indexing="ij")
    weights = math.prod(np.meshgrid(*[rule[1] for rule in rules], indexing="ij"))
    return [x.ravel() for x in noise], weights.ravel()


def moments_of(estimates: np.ndarray, weights: np.ndarray) -> Moments:
    """Moments of rows of estimates that stand for a noise grid."""
    mean = weights @ estimates
    centred = estimates - mean
    return Moments(list(mean), (centred.T * weights @ centred).tolist())
