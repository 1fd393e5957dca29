"""The random variables that are trained: how they are drawn, what is exact about them, and what they look like."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from stgref import estimators
from stgref.laws import hard_concrete, rectified_gaussian
from stgref.numerics import arguments, noise, sigmoid
from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array

_LOSS_ROWS = 4096
"""Fixed samples that estimate a loss which has no exact value."""

FAMILIES: dict[str, Any] = {
    "bernoulli": estimators,
    "categorical": estimators.categorical,
    "gates": estimators.gates,
}
LAWS = {"hard_concrete": hard_concrete, "rectified_gaussian": rectified_gaussian}


class Variables(NamedTuple):
    """One estimator of the gradient to the parameters of independent variables.

    Attributes
    ----------
    label : str
        What it is called.
    family : {"bernoulli", "categorical", "gates"}
        What kind of variables they are.
    name : str or None
        The estimator's name there; None for a function of the user's own.
    function : callable
        The estimator, ``(objective, params, noise, **options)``.
    """

    label: str
    family: str
    name: str | None
    function: Callable[..., Any]

    @property
    def home(self) -> Any:
        """Where the estimators of the family are."""
        return FAMILIES[self.family]

    @property
    def law(self) -> Any:
        """The law of gates, None for discrete variables."""
        return LAWS[str(self.name)] if self.family == "gates" else None

    def draw_noise(self, n: int, params: Array, rng: Any, options: Mapping[str, Any]) -> Any:
        """The noise of ``n`` estimates."""
        if self.name is not None:
            return self.home.draw_noise(self.name, n, params, rng=rng, **options)
        draw = getattr(self.function, "draw_noise", None)
        if draw is not None:
            return draw(n, params, rng=rng, **options)
        return (noise.logistic if params.ndim == 1 else noise.gumbel)((n, *params.shape), rng, params.dtype)

    def estimates(self, objective: Any, params: Array, drawn: Any, options: Mapping[str, Any]) -> Array:
        """Estimates of the gradient, one per row of the noise."""
        found = self.function(objective, params, drawn, **options)
        return found[0] if self.law else found

    def exact_variance(self, objective: Any, params: Array, options: Mapping[str, Any]) -> Array | None:
        """The variance of one estimate of each coordinate; None where it is too large to do, or not smooth."""
        if self.name is None:
            return None
        try:
            moments = self.home.exact_moments(self.name, objective, params, **options)
        except ValueError as error:
            if not any(words in str(error) for words in ("too large", "must be smooth")):
                raise
            return None
        moments = moments[0] if self.law else moments
        size = params.size
        return np.diagonal(moments.covariance.reshape(size, size)).reshape(params.shape)

    def exact_loss(self, objective: Any, params: Array) -> float | None:
        """The expectation of the objective; None where it is too large to do, and for gates."""
        if self.law:
            return None
        try:
            return float(self.home.exact_value(objective, params))
        except ValueError as error:
            if "too large" not in str(error):
                raise
            return None

    def sampled_loss(self, objective: Any, params: Array, seed: int, options: Mapping[str, Any]) -> float:
        """The mean of the objective over samples with noise that is always the same."""
        rng, shape = np.random.default_rng([seed, _LOSS_ROWS]), (_LOSS_ROWS, *params.shape)
        if self.law:
            known = inspect.signature(self.law.transform).parameters
            drawn = self.home.draw_noise(self.name, _LOSS_ROWS, params, rng=rng)
            b = self.law.transform(drawn, params, **{k: v for k, v in options.items() if k in known})
        elif params.ndim == 2:
            z = params + noise.gumbel(shape, rng, params.dtype)
            b = (z == z.max(axis=-1, keepdims=True)).astype(params.dtype)
        else:
            b = (params + noise.logistic(shape, rng, params.dtype) > 0).astype(params.dtype)
        return float(np.mean(objective(b), dtype=np.float64))

    def values(self, params: Array, options: Mapping[str, Any]) -> Array:
        """Means of the variables: probabilities, or expected gates."""
        if self.law:
            known = inspect.signature(self.law.mean).parameters
            return self.law.mean(params, **{k: v for k, v in options.items() if k in known})
        if self.family == "categorical":
            odds = np.exp(params - params.max(axis=-1, keepdims=True))
            return odds / odds.sum(axis=-1, keepdims=True)
        return sigmoid.expit(ns.NUMPY, params)

    def penalty(self, params: Array, weight: float, options: Mapping[str, Any]) -> tuple[float, Array]:
        """``weight`` times the expected number of open gates, and its gradient."""
        known = inspect.signature(self.law.prob_active).parameters
        given = {k: v for k, v in options.items() if k in known}
        open_, slope = self.law.prob_active(params, **given), self.law.grad_prob_active(params, **given)[0]
        return weight * float(np.sum(open_)), weight * slope


def find(where: str, estimator: Any, params: Array) -> tuple[Variables, dict[str, Any]]:
    """The variables and the options of ``estimator``: a name, a pair of name and options, or a function.

    Raises
    ------
    TypeError, ValueError
        If it is none of these, or there is no such estimator.
    """
    options: dict[str, Any] = {}
    if isinstance(estimator, (tuple, list)) and len(estimator) == 2:
        estimator, given = estimator
        if not isinstance(given, Mapping):
            raise TypeError(f"{where}: estimator takes a pair of a name and a dict of options, got {given!r}")
        options = dict(given)
    family = "bernoulli" if params.ndim == 1 else "categorical"
    if callable(estimator):
        return Variables(getattr(estimator, "__name__", repr(estimator)), family, None, estimator), options
    if not isinstance(estimator, str):
        raise TypeError(
            f"{where}: estimator takes a name, a pair of a name and options, or a function, got {estimator!r}"
        )
    prefix, _, name = estimator.rpartition(".")
    family = prefix or family
    known = tuple(row.name for row in estimators.table() if not row.name.startswith("gaussian."))
    arguments.choice(where, "estimator", name if family == "bernoulli" else f"{family}.{name}", known)
    label = estimator + (f"({', '.join(f'{k}={v!r}' for k, v in options.items())})" if options else "")
    return Variables(label, family, name, getattr(FAMILIES[family], name)), options
