"""What the concrete law and that of its logarithm have in common."""

from __future__ import annotations

import math
from typing import NamedTuple

from stgref.numerics import categories
from stgref.numerics import doubled as dd
from stgref.numerics.categories import Softmax
from stgref.numerics.doubled import Doubled
from stgref.numerics.namespace import Array, Namespace


class Slopes(NamedTuple):
    """Partial derivatives with respect to the logarithm of the point and the parameters."""

    x: Array
    logits: Array
    temperature: Array


def weights(xp: Namespace, noise: Array, logits: Array, temperature: Array) -> Softmax:
    """The concrete sample, as weights of the exponents v."""
    return categories.softmax(xp, dd.doubled(xp, logits) + noise, temperature)


def change(
    xp: Namespace,
    w: Softmax,
    d_noise: Array | None,
    d_logits: Array | None,
    d_temperature: Array | None,
) -> Array:
    """The change of temperature times v along tangents, up to what is the same for all categories."""
    tangents = [t for t in (d_noise, d_logits) if t is not None]
    if d_temperature is not None:
        tangents.append(-w.d.hi * categories.column(d_temperature))
    return sum(tangents, start=0.0 * w.p)


def exponents(xp: Namespace, x: Doubled, logits: Array, temperature: Array) -> Softmax:
    """The weights w of the exponents logits - temperature x."""
    return categories.softmax(xp, x * -categories.column(temperature) + logits)


def log_density(xp: Namespace, x: Doubled, logits: Array, temperature: Array) -> Doubled:
    """The logarithm of the density at x; the sum of large terms of both signs is in doubled precision."""
    w = exponents(xp, x, logits, temperature)
    size = w.p.shape[-1]
    log_temperature = dd.log(xp, dd.doubled(xp, temperature))
    result: Doubled = dd.total(xp, w.d) - size * xp.log1p(w.rest[..., 0])
    result += log_temperature * (size - 1.0) + math.lgamma(size)
    return result


def log_density_slopes(xp: Namespace, x: Doubled, logits: Array, temperature: Array) -> Slopes:
    """The partial derivatives of `log_density`; x counts relative to that of the largest weight."""
    w = exponents(xp, x, logits, temperature)
    g, size = categories.excess(xp, w), w.p.shape[-1]
    x = x - x.new((categories.pick(xp, w.top, x.hi), categories.pick(xp, w.top, x.lo)))
    spread = dd.total(xp, x) - size * categories.over_others(xp, w, x.hi)[..., 0]
    by_temperature = (-spread + (size - 1.0) / temperature).hi
    return Slopes(-categories.column(temperature) * g, g, by_temperature)
