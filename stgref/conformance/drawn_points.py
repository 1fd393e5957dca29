"""Where the functions of the scalar laws are asked: points in every decade, bulk and tails, of both signs.

Each argument is drawn from strata of equal probability, so that no part of its range is left out by chance.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from stgref.conformance.laws import LAWS
from stgref.conformance.selection import Domain
from stgref.conformance.values import Array

Rng: TypeAlias = np.random.Generator

RANGES = {
    "temperature": (1e-3, 1e2),
    "scale": (1e-3, 1e3),
    "std": (1e-3, 1e2),
    "lower": (-10.0, -1e-3),
    "upper": (1.001, 11.0),
    "p": (0.0, 1.0),
    "sample": (0.0, 1.0),
    "a": (1e-2, 1e2),
    "b": (1e-2, 1e2),
}
UNIFORM = frozenset({"kumaraswamy", "hard_kumaraswamy"})
"""The laws of uniform noise."""
UNBOUNDED = (-1e4, 1e4)
FIRST = ("x", "p", "noise")
INTERIOR = 0.5
"""Of the points of a clipped gate: how many are not clipped for certain."""


def candidates(
    function: str, names: tuple[str, ...], count: int, rng: Rng, domain: Domain
) -> dict[str, Array]:
    """Draw arguments of a function.

    Parameters
    ----------
    function : str
        Of a scalar law.
    names : tuple of str
        Its arguments.
    count : int
        How many points.
    rng : numpy.random.Generator
        Source of randomness.
    domain : mapping
        ``(low, high)`` by the name of an argument; the points lie there, up to rounding.

    Returns
    -------
    dict
        Arrays (count,) by name, in order, in float64.
    """
    law = function.split(".", maxsplit=1)[0]
    found: dict[str, Array] = {}
    for name in [each for each in names if each not in FIRST]:
        found[name] = _within(name, _parameter(name, count, rng), rng, domain)
    parameters = [x for name, x in found.items() if name != "sample"]
    for name in [each for each in names if each in FIRST]:
        found[name] = _within(name, _first(name, function, parameters, count, rng), rng, domain)
    if law == "bernoulli" and "x" in found:
        found["x"] = np.rint(found["x"])
    return {name: found[name] for name in names}


def reach(name: str, domain: Domain) -> tuple[float, float]:
    """Return the ends between which an argument is drawn.

    Parameters
    ----------
    name : str
        The argument.
    domain : mapping
        ``(low, high)`` by the name of an argument.

    Returns
    -------
    tuple of float
        The ends; the first is greater than the second where nothing can be drawn.
    """
    own, (low, high) = RANGES.get(bare(name), UNBOUNDED), domain.get(name, UNBOUNDED)
    return max(low, own[0]), min(high, own[1])


def bare(name: str) -> str:
    """Return the name of a parameter without the law it is of, in a divergence of two.

    Parameters
    ----------
    name : str
        The argument.

    Returns
    -------
    str
        The parameter.
    """
    return name.removesuffix("_p").removesuffix("_q")


def _strata(count: int, rng: Rng) -> Array:
    """Draw one number from each of `count` equal parts of (0, 1), in random order."""
    return (rng.permutation(count) + rng.uniform(0.0, 1.0, count)) / count


def _log_uniform(low: float, high: float, count: int, rng: Rng) -> Array:
    drawn: Array = low * (high / low) ** _strata(count, rng)
    return drawn


def _mixture(count: int, rng: Rng, *parts: Array) -> Array:
    """Take each part as often as any other."""
    return np.asarray(np.choose((_strata(count, rng) * len(parts)).astype(int), parts))


def _parameter(name: str, count: int, rng: Rng) -> Array:
    kind = bare(name)
    if kind == "temperature":
        return _mixture(count, rng, _log_uniform(1e-3, 1e2, count, rng), _log_uniform(0.05, 5.0, count, rng))
    if kind in {"scale", "std", "a", "b"}:
        return _mixture(
            count, rng, _log_uniform(*RANGES[kind], count, rng), _log_uniform(0.05, 5.0, count, rng)
        )
    if kind in {"lower", "upper"}:
        beyond = _mixture(
            count, rng, _log_uniform(1e-3, 10.0, count, rng), _log_uniform(0.05, 0.5, count, rng)
        )
        return -beyond if kind == "lower" else 1 + beyond
    return np.rint(_strata(count, rng)) if kind == "sample" else _signed(count, rng)


def _signed(count: int, rng: Rng) -> Array:
    """Draw around 0, where most of what is used lies, and in the tails."""
    sign = np.where(_strata(count, rng) < 0.5, -1.0, 1.0)
    near, far = _log_uniform(1e-4, 1.0, count, rng), _log_uniform(1.0, 1e4, count, rng)
    bulk, wide = 6 * _strata(count, rng) - 3, 60 * _strata(count, rng) - 30
    return _mixture(count, rng, sign * near, bulk, bulk, wide, sign * far)


def _probabilities(count: int, rng: Rng) -> Array:
    """Draw probabilities near both ends and between."""
    small = _log_uniform(1e-12, 0.5, count, rng)
    return _mixture(count, rng, small, 1 - small, _strata(count, rng))


def _first(name: str, function: str, parameters: list[Array], count: int, rng: Rng) -> Array:
    """Draw the noise, the sample or the probability, mostly where the law has its mass."""
    law = function.split(".", maxsplit=1)[0]
    if law == "bernoulli":
        return {"x": _strata, "p": _probabilities, "noise": _signed}[name](count, rng)
    inside = 1 / (1 + np.exp(-12 * (_strata(count, rng) - 0.5)))
    if name == "p":
        p = _probabilities(count, rng)
        return _sometimes(LAWS[law].cdf(inside, *parameters), p, law, count, rng)
    if name == "noise":
        given = _probabilities(count, rng) if law in UNIFORM else _signed(count, rng)
        return _sometimes(_noise_of(law, inside, parameters), given, law, count, rng)
    if function.endswith("_logit"):
        moved = (parameters[0] + 12 * (_strata(count, rng) - 0.5)) / parameters[1]
        return _mixture(count, rng, moved, _signed(count, rng))
    x = LAWS[law].icdf(np.clip(_probabilities(count, rng), 1e-300, 1 - 2.0**-53), *parameters)
    if law in {"logistic", "normal", "gumbel"}:
        return _mixture(count, rng, x, x, x, _signed(count, rng))
    return np.where((x > 0) & (x < 1) & (_strata(count, rng) < INTERIOR), x, inside)


def _sometimes(chosen: Array, other: Array, law: str, count: int, rng: Rng) -> Array:
    """Take what is not clipped for half of the points of a law that is on (0, 1)."""
    where = (law in INVERSES) & (_strata(count, rng) < INTERIOR)
    return np.where(where, chosen, other)


def _noise_of(law: str, x: Array, parameters: list[Array]) -> Array:
    return INVERSES[law](x, *parameters) if law in INVERSES else x


def _stretched(
    x: Array, log_alpha: Array, temperature: Array, lower: Array | float = 0.0, upper: Array | float = 1.0
) -> Array:
    """Return the noise of a gate that is x."""
    noise: Array = temperature * np.log((x - lower) / (upper - x)) - log_alpha
    return noise


INVERSES: Mapping[str, Callable[..., Array]] = {
    "binary_concrete": _stretched,
    "hard_concrete": _stretched,
    "rectified_gaussian": lambda x, mu, std: (x - mu) / std,
    "kumaraswamy": LAWS["kumaraswamy"].cdf,
    "hard_kumaraswamy": LAWS["hard_kumaraswamy"].cdf,
}


def _within(name: str, drawn: Array, rng: Rng, domain: Domain) -> Array:
    """Move what is outside a subject's domain into it."""
    if name not in domain:
        return drawn
    low, high = reach(name, domain)
    u = _strata(drawn.size, rng)
    inside = low * (high / low) ** u if low > 0 else low + (high - low) * u
    return np.where((drawn >= low) & (drawn <= high), drawn, inside)
