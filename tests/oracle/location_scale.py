"""Laws of loc + scale * noise."""

from __future__ import annotations

import math

from .functions import log
from .generic import piecewise, pushforward
from .jets import Number
from .law import Law


def forward(noise: Number, loc: Number, scale: Number) -> Number:
    return loc + scale * noise


def inverse(x: Number, loc: Number, scale: Number) -> Number:
    return (x - loc) / scale


def rate(_: Number, __: Number, scale: Number) -> Number:
    return 1 / scale


def location_scale(name: str, base: type) -> Law:
    """Return the law of loc + scale * noise with the noise of ``base``."""
    moments = {
        "mean": lambda loc, scale: loc + scale * base.mean(loc),
        "variance": lambda _, scale: scale * scale * base.variance(scale),
        "entropy": lambda _, scale: log(scale) + base.entropy(scale),
    }
    quantities = pushforward(base, forward, inverse, rate)
    ends = {
        "icdf": piecewise(quantities["icdf"], -math.inf, math.inf),
        "iccdf": piecewise(quantities["iccdf"], math.inf, -math.inf),
    }
    return Law(name, {"loc": 0.0, "scale": 1.0}, quantities | ends | moments)
