"""Known wrong estimators: each made from the reference, by other noise, other options, or a factor."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.special import expit

from stgref.conformance.sampling.mistakes import (
    SHARED_BY_GATES,
    TEMPERATURE_MISSING,
    UNIFORM_FOR_LOGIT,
    Imitation,
    Mistake,
    nearest,
    repetition,
)
from stgref.conformance.values import Array
from stgref.estimators.estimator import Estimator

LIMIT = 5.0
"""Standard errors by which the means and second moments of samples with the same mistake differ at most."""


class Reference:
    """The right estimator at hand, to be spoiled.

    Parameters
    ----------
    estimator : Estimator
        The reference.
    objective : callable
        What it estimates the gradient of.
    logits : numpy.ndarray
        (D,).
    options : mapping
        The estimator's.
    rows : int
        How many estimates to make.
    rng : numpy.random.Generator
        The source of randomness.
    """

    def __init__(
        self,
        estimator: Estimator,
        objective: Any,
        logits: Array,
        options: Mapping[str, Any],
        rows: int,
        rng: np.random.Generator,
    ) -> None:
        self.estimator, self.objective, self.logits, self.options = estimator, objective, logits, options
        self.noise = estimator.draw_noise(rows, logits, rng=rng, **options)
        self.right = self.estimates()

    def estimates(self, noise: Any = None, **options: Any) -> Array:
        """Estimates from other noise, or with other options.

        Parameters
        ----------
        noise : array or NamedTuple, optional
            The noise.
        **options
            What is otherwise.

        Returns
        -------
        numpy.ndarray
            The estimates (n, D).
        """
        given = self.noise if noise is None else noise
        made: Array = self.estimator(self.objective, self.logits, given, **{**self.options, **options})
        return made

    def with_noise(self, change: Callable[[Array], Array]) -> Array:
        """Estimates from changed noise.

        Parameters
        ----------
        change : callable
            What to do to each of its arrays.

        Returns
        -------
        numpy.ndarray
            The estimates (n, D).
        """
        if isinstance(self.noise, tuple):
            return self.estimates(type(self.noise)(*map(change, self.noise)))
        return self.estimates(change(self.noise))

    def option(self, name: str) -> float | None:
        """A number among the options.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        float or None
            None if the estimator is not called with it.
        """
        return self.options.get(name)


def _shared(r: Reference) -> Array:
    size = len(r.logits)
    return r.with_noise(
        lambda x: np.array(np.broadcast_to(x[..., :1], x.shape)) if x.shape[-1] == size else x
    )


def _uniform(r: Reference) -> Array | None:
    return r.with_noise(expit) if r.estimator.noise.container is None else None


def _decayed(r: Reference) -> Array | None:
    decay = r.option("decay")
    return r.right * decay if decay else None


def _tempered(r: Reference) -> Array | None:
    temperature = r.option("temperature")
    return r.right * temperature if temperature else None


def _at_one(r: Reference) -> Array | None:
    return r.estimates(temperature=1.0) if r.option("temperature") else None


def _to_probabilities(r: Reference) -> Array:
    made: Array = r.right / (expit(r.logits) * expit(-r.logits))
    return made


def _imitation(name: str, description: str, sample: Callable[[Reference], Array | None]) -> Imitation:
    return Imitation(Mistake(name, description), sample)


IMITATIONS = (
    Imitation(SHARED_BY_GATES, _shared),
    _imitation(
        "average-includes-current",
        "moving average that includes the current sample (mean times decay)",
        _decayed,
    ),
    _imitation("factor-one-half", "missing factor one half: twice the estimate", lambda r: 2 * r.right),
    _imitation("halved", "a factor one half too many", lambda r: 0.5 * r.right),
    _imitation("sign", "the sign is reversed: the gradient of -f", lambda r: -r.right),
    Imitation(TEMPERATURE_MISSING, _at_one),
    _imitation("slope-without-temperature", "the derivative's factor 1/temperature is missing", _tempered),
    _imitation(
        "to-probabilities",
        "the gradient is to the probabilities, not to their logits: theta (1 - theta) is missing",
        _to_probabilities,
    ),
    Imitation(UNIFORM_FOR_LOGIT, _uniform),
)


def explain(
    estimator: Estimator,
    objective: Any,
    logits: Array,
    options: Mapping[str, Any],
    sample: Array,
    rng: np.random.Generator,
) -> Mistake | None:
    """Name the known mistake that gives a sample of estimates.

    Parameters
    ----------
    estimator : Estimator
        The reference.
    objective, logits, options
        What the subject was called with.
    sample : numpy.ndarray
        What it returned, (n, D).
    rng : numpy.random.Generator
        For samples that have the mistakes.

    Returns
    -------
    Mistake or None
        None if none does.
    """
    if found := repetition(sample):
        return found
    reference = Reference(estimator, objective, logits, options, len(sample), rng)
    return nearest(IMITATIONS, lambda made: distance(made, sample), LIMIT, reference)


def distance(one: Array, other: Array) -> float:
    """Measure how far apart the means and second moments of two samples are.

    Parameters
    ----------
    one, other : numpy.ndarray
        Samples (n, D).

    Returns
    -------
    float
        The largest difference, in standard errors.
    """
    a, b = _features(one), _features(other)
    error = np.sqrt(a.var(axis=0) / len(a) + b.var(axis=0) / len(b))
    off = np.abs(a.mean(axis=0) - b.mean(axis=0))
    # Rounding tells two constants apart, and a constant from nothing.
    return float(np.max(off / (error + 1e-9 * (1 + np.abs(a.mean(axis=0))))))


def _features(x: Array) -> Array:
    i, j = np.triu_indices(x.shape[1])
    return np.concatenate([x, x[:, i] * x[:, j]], axis=1)
