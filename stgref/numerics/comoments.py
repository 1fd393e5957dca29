"""Weighted means and covariances, gathered block by block."""

from __future__ import annotations

from typing import NamedTuple

from stgref.numerics.namespace import Array, Namespace, device_of


class Comoments(NamedTuple):
    """Of weighted rows: their total weight, mean (P,) and scatter (P, P), the weighted sum of products of deviations."""

    weight: Array
    mean: Array
    scatter: Array


def of_rows(xp: Namespace, weights: Array, rows: Array) -> Comoments:
    """Comoments of ``rows`` (n, P) with ``weights`` (n,), about their own mean: nothing cancels."""
    weight = xp.sum(weights)
    share = weights / xp.where(weight > 0.0, weight, 1.0)
    mean = share @ rows
    deviation = rows - mean
    return Comoments(weight, mean, xp.matrix_transpose(deviation * weights[:, None]) @ deviation)


def merge(xp: Namespace, a: Comoments, b: Comoments) -> Comoments:
    """Comoments of the rows of both.

    References
    ----------
    T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances",
    1979, equation (2.1).
    """
    weight = a.weight + b.weight
    whole = xp.where(weight > 0.0, weight, 1.0)
    step = b.mean - a.mean
    scatter = a.scatter + b.scatter + a.weight / whole * b.weight * step[:, None] * step
    # Not a.mean plus a share of the step: where a is rare and b small, that would be the rounding error of a.
    return Comoments(weight, a.weight / whole * a.mean + b.weight / whole * b.mean, scatter)


def variances(xp: Namespace, c: Comoments) -> Array:
    """The diagonal of `covariance`; not by the standard's optional functions of linear algebra."""
    own = xp.arange(c.mean.shape[0], device=device_of([c.mean]))
    return xp.sum(xp.where(own[:, None] == own, covariance(xp, c), 0.0), axis=0)


def covariance(xp: Namespace, c: Comoments) -> Array:
    """The covariance (P, P) of a law whose weights were given."""
    return c.scatter / c.weight
