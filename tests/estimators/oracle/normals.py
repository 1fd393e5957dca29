"""One estimate of the gradients of E f(x), x of independent normal variables or gates, from explicit noise.

Plain loops over any numbers: ``f`` and ``df`` take D of them, and every estimate is a list of D numbers for each parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .problem import Number

Vector = Sequence[Number]
Function = Callable[..., Number]
Slopes = Callable[..., Vector]


def point(mu: Vector, std: Vector, noise: Vector) -> list[Number]:
    return [m + s * e for m, s, e in zip(mu, std, noise, strict=True)]


def pathwise(f: Function, df: Slopes, mu: Vector, std: Vector, noise: Vector) -> dict[str, list[Number]]:
    """f'(x), and f'(x) e."""
    slopes = df(*point(mu, std, noise))
    return {"mu": list(slopes), "std": [g * e for g, e in zip(slopes, noise, strict=True)]}


def score_function(
    f: Function, df: Slopes, mu: Vector, std: Vector, noise: Vector, *, baseline: Any = 0
) -> dict[str, list[Number]]:
    """(f(x) - c) e / std, and (f(x) - c)(e^2 - 1) / std."""
    rest = f(*point(mu, std, noise)) - baseline
    return {
        "mu": [rest * e / s for s, e in zip(std, noise, strict=True)],
        "std": [rest * (e - 1) * (e + 1) / s for s, e in zip(std, noise, strict=True)],
    }


def moving_average(
    f: Function, df: Slopes, mu: Vector, std: Vector, noises: Sequence[Vector], *, decay: Number
) -> list[dict[str, list[Number]]]:
    """Row by row with c_0 = 0; a row is centred by what was known before it."""
    c: Any = 0
    found = []
    for noise in noises:
        found.append(score_function(f, df, mu, std, noise, baseline=c))
        c = decay * c + (1 - decay) * f(*point(mu, std, noise))
    return found


def measure_valued(
    f: Function,
    df: Slopes,
    mu: Vector,
    std: Vector,
    *fields: Vector,
    root: Number,
    coupling: str = "coupled",
) -> dict[str, list[Number]]:
    """[f(mu + s W) - f(mu - s W')] / (s sqrt(2 pi)), and [f(mu + s M) - f(mu + s N)] / s, one coordinate at a time.

    ``fields`` are the sample's noise, W, M, U, and W' and N if they are independent; coupled, W' = W and N = M U. ``root``
    is sqrt(2 pi).
    """
    sample, weibull, maxwell, uniform, other_weibull, other_normal = fields
    x, found = point(mu, std, sample), {"mu": [], "std": []}

    def moved(i: int, noise: Number) -> Number:
        return f(*x[:i], mu[i] + std[i] * noise, *x[i + 1 :])

    for i, s in enumerate(std):
        w = weibull[i] if coupling == "coupled" else other_weibull[i]
        n = maxwell[i] * uniform[i] if coupling == "coupled" else other_normal[i]
        found["mu"].append((moved(i, weibull[i]) - moved(i, -w)) / (s * root))
        found["std"].append((moved(i, maxwell[i]) - moved(i, n)) / s)
    return found


def hard_concrete(
    df: Slopes,
    log_alpha: Vector,
    noise: Vector,
    *,
    sigmoid: Callable[[Number], Number],
    temperature: Number,
    lower: Number,
    upper: Number,
) -> dict[str, list[Number]]:
    """f'(z) dz, z = clip(lower + (upper - lower) sigma(v)), v = (noise + log_alpha) / temperature."""
    v = [(a + n) / temperature for a, n in zip(log_alpha, noise, strict=True)]
    p = [sigmoid(x) for x in v]
    raw = [upper * x + lower * (1 - x) for x in p]
    slopes = df(*map(clipped, raw))
    found: dict[str, list[Number]] = {name: [] for name in ("log_alpha", "temperature", "lower", "upper")}
    for x, s, z, g in zip(v, p, raw, slopes, strict=True):
        inside = int(0 <= z <= 1)
        rate = (upper - lower) * s * (1 - s) / temperature
        found["log_alpha"].append(inside * g * rate)
        found["temperature"].append(-inside * g * rate * x)
        found["lower"].append(inside * g * (1 - s))
        found["upper"].append(inside * g * s)
    return found


def rectified_gaussian(df: Slopes, mu: Vector, noise: Vector, *, std: Number) -> dict[str, list[Number]]:
    """f'(z) dz, z = clip(mu + std e)."""
    raw = [m + std * e for m, e in zip(mu, noise, strict=True)]
    slopes = [int(0 <= z <= 1) * g for z, g in zip(raw, df(*map(clipped, raw)), strict=True)]
    return {"mu": slopes, "std": [g * e for g, e in zip(slopes, noise, strict=True)]}


def clipped(raw: Number) -> Number:
    if raw < 0:
        return 0
    return min(raw, 1)
