"""Known wrong samplers of laws: each made from the reference, by other noise or other parameters."""

from collections.abc import Callable
from types import ModuleType

import numpy as np
from scipy import special

from stgref.conformance.sampling.mistakes import (
    GUMBEL_REVERSED,
    SHARED_BY_GATES,
    TEMPERATURE_MISSING,
    UNIFORM_FOR_LOGIT,
    Imitation,
    Mistake,
    nearest,
    repetition,
)
from stgref.conformance.values import Array
from stgref.laws import (
    bernoulli,
    binary_concrete,
    gumbel,
    hard_concrete,
    hard_kumaraswamy,
    kumaraswamy,
    logistic,
    normal,
    rectified_gaussian,
)

LIMIT = 0.02
"""Samples whose distribution functions differ by less have the same mistake."""

Params = list[Array]
Draw = Callable[[ModuleType, Array, Params], Array | None]
"""Takes the law, uniforms (n, G) and the parameters."""

CONCRETE = (binary_concrete, hard_concrete)
SCALED = (logistic, normal, gumbel)
GAUSSIAN = (normal, rectified_gaussian)
KUMARASWAMY = (kumaraswamy, hard_kumaraswamy)
STRETCHED = (hard_concrete, hard_kumaraswamy)
OPEN = Mistake("atoms-missing", "atoms missing: no sample is exactly 0 or 1, as if clamped to [eps, 1 - eps]")


def base_of(law: ModuleType) -> ModuleType | None:
    """Return the law of a law's base noise.

    Parameters
    ----------
    law : module
        The law.

    Returns
    -------
    module or None
        `normal`, `gumbel` or `logistic`; None where the base noise is uniform.
    """
    if law in KUMARASWAMY:
        return None
    return normal if law in GAUSSIAN else gumbel if law is gumbel else logistic


def _made(law: ModuleType, u: Array, p: Params) -> Array:
    base = base_of(law)
    made: Array = law.transform(u if base is None else base.icdf(u), *p)
    return made


def _only(laws: tuple[ModuleType, ...], draw: Draw) -> Draw:
    return lambda law, u, p: draw(law, u, p) if law in laws else None


def _other(index: int, change: Callable[[Array], Array]) -> Draw:
    """Change one parameter."""
    return lambda law, u, p: _made(law, u, [*p[:index], change(p[index]), *p[index + 1 :]])


def _unclipped(law: ModuleType, u: Array, p: Params) -> Array:
    if law is rectified_gaussian:
        return _made(normal, u, p)
    made: Array = p[2] + (p[3] - p[2]) * _inside(law, u, p)
    return made


def _inside(law: ModuleType, u: Array, p: Params) -> Array:
    """What is stretched and clipped."""
    return _made(kumaraswamy if law in KUMARASWAMY else binary_concrete, u, p[:2])


def _from_beta(law: ModuleType, u: Array, p: Params) -> Array:
    made: Array = special.betaincinv(*p[:2], u)
    return made if law is kumaraswamy else np.clip(p[2] + (p[3] - p[2]) * made, 0.0, 1.0)


def _imitation(name: str, description: str, draw: Draw) -> Imitation:
    return Imitation(Mistake(name, description), draw)


IMITATIONS = (
    Imitation(SHARED_BY_GATES, lambda law, u, p: _made(law, np.broadcast_to(u[:, :1], u.shape), p)),
    Imitation(UNIFORM_FOR_LOGIT, lambda law, u, p: law.transform(u, *p) if base_of(law) else None),
    _imitation(
        "normal-for-logistic",
        "matches standard normal noise where standard logistic belongs",
        lambda law, u, p: law.transform(normal.icdf(u), *p) if base_of(law) is logistic else None,
    ),
    _imitation(
        "logistic-for-normal",
        "matches standard logistic noise where standard normal belongs",
        lambda law, u, p: law.transform(logistic.icdf(u), *p) if base_of(law) is normal else None,
    ),
    Imitation(GUMBEL_REVERSED, _only((gumbel,), lambda law, u, p: law.transform(-gumbel.icdf(u), *p))),
    Imitation(TEMPERATURE_MISSING, _only(CONCRETE, _other(1, np.ones_like))),
    _imitation(
        "temperature-multiplied",
        "multiplied by the temperature instead of divided",
        _only(CONCRETE, _other(1, np.reciprocal)),
    ),
    _imitation(
        "temperature-on-noise",
        "only the noise is divided by the temperature, log_alpha is not",
        _only(CONCRETE, lambda law, u, p: _made(law, u, [p[0] * p[1], *p[1:]])),
    ),
    _imitation(
        "bounds-swapped",
        "bounds swapped: stretched from upper to lower",
        _only(STRETCHED, lambda law, u, p: np.clip(p[3] + (p[2] - p[3]) * _inside(law, u, p), 0.0, 1.0)),
    ),
    _imitation(
        "bounds-mirrored",
        "bounds swapped: stretched to [1 - upper, 1 - lower]",
        _only(STRETCHED, lambda law, u, p: _made(law, u, [*p[:2], 1 - p[3], 1 - p[2]])),
    ),
    _imitation("not-clipped", "not clipped to [0, 1]", _only((*STRETCHED, rectified_gaussian), _unclipped)),
    _imitation(
        "rounded",
        "rounded to 0 and 1: the hard sample of a straight-through gate",
        _only(
            (*CONCRETE, *KUMARASWAMY, rectified_gaussian),
            lambda law, u, p: (_made(law, u, p) > 0.5).astype(float),
        ),
    ),
    _imitation(
        "shapes-swapped",
        "shapes swapped: a where b belongs, and b where a does",
        _only(KUMARASWAMY, lambda law, u, p: _made(law, u, [p[1], p[0], *p[2:]])),
    ),
    _imitation(
        "shapes-for-inverses",
        "raised to the shapes, not to their inverses: (1 - (1 - u)^b)^a",
        _only(KUMARASWAMY, lambda law, u, p: _made(law, u, [1 / p[0], 1 / p[1], *p[2:]])),
    ),
    _imitation(
        "beta-for-kumaraswamy", "matches a beta law of the same shapes", _only(KUMARASWAMY, _from_beta)
    ),
    _imitation(
        "variance-for-scale",
        "the scale is squared: the variance where the standard deviation belongs",
        _only((*SCALED, rectified_gaussian), _other(1, np.square)),
    ),
    _imitation(
        "rate-for-scale",
        "divided by the scale: a rate where a scale belongs",
        _only(SCALED, _other(1, np.reciprocal)),
    ),
    _imitation(
        "gate-from-half",
        "mu is counted from 1/2, as in the stg package",
        _only((rectified_gaussian,), _other(0, lambda mu: mu + 0.5)),
    ),
    _imitation(
        "logits-as-probabilities",
        "logits are taken for probabilities: the sigmoid is missing",
        _only((bernoulli,), lambda _, u, p: (u < p[0]).astype(float)),
    ),
)


def explain(law: ModuleType, parameters: Params, sample: Array, rng: np.random.Generator) -> Mistake | None:
    """Name the known mistake that gives a sample.

    Parameters
    ----------
    law : module
        The law that it should have.
    parameters : list of numpy.ndarray
        Its parameters, each (G,).
    sample : numpy.ndarray
        The sample, (n, G).
    rng : numpy.random.Generator
        For samples that have the mistakes.

    Returns
    -------
    Mistake or None
        None if none does.
    """
    if found := repetition(sample):
        return found
    u = rng.uniform(size=sample.shape)
    if law in (*STRETCHED, rectified_gaussian) and np.all((sample > 0) & (sample < 1)):
        # Like the right sample but for its ends.
        return OPEN if _apart(_made(law, u, parameters), sample) < LIMIT else None
    return nearest(IMITATIONS, lambda made: distance(made, sample), LIMIT, law, u, parameters)


def distance(one: Array, other: Array) -> float:
    """Measure how far apart two samples are, column by column and pair by pair.

    Parameters
    ----------
    one, other : numpy.ndarray
        Samples (n, G).

    Returns
    -------
    float
        The largest distance of empirical distribution functions, or of the rates at which two columns lie on one side of
        their medians.
    """
    level = np.median(other, axis=0)
    far = [_two_samples(one[:, i], other[:, i]) for i in range(one.shape[1])]
    return max(*far, float(np.max(np.abs(_rates(one, level) - _rates(other, level)))))


def _two_samples(a: Array, b: Array) -> float:
    a, b = np.sort(a), np.sort(b)
    points = np.concatenate([a, b])
    gap = np.searchsorted(a, points, "right") / a.size - np.searchsorted(b, points, "right") / b.size
    return float(np.max(np.abs(gap)))


def _rates(sample: Array, level: Array) -> Array:
    high = (sample > level).astype(float)
    rates: Array = (high.T @ high) / len(sample)
    return rates


def _apart(one: Array, other: Array) -> float:
    """Compare what does not depend on how the ends are clamped."""
    off = [np.mean(one > x, axis=0) - np.mean(other > x, axis=0) for x in (0.1, 0.5, 0.9)]
    return float(np.max(np.abs(off)))
