"""The random variables that are trained: how they are drawn, what is exact about them, and what they look like."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from stgref import estimators
from stgref.estimators.estimator import Estimator
from stgref.laws import hard_concrete, rectified_gaussian
from stgref.numerics import namespace as ns
from stgref.numerics import noise, sigmoid
from stgref.numerics.namespace import Array
from stgref.study.task import draw, resolved

_LOSS_ROWS = 4096
"""Fixed samples that estimate a loss which has no exact value."""

_LAWS: dict[str, Any] = {"hard_concrete": hard_concrete, "rectified_gaussian": rectified_gaussian}


class Variables(NamedTuple):
    """One estimator of the gradient to the parameters of independent variables, with its options.

    Attributes
    ----------
    label : str
        What it is called.
    estimator : callable
        ``(objective, params, noise, **options)``.
    categorical : bool
        Whether they are categorical, with parameters (D, K).
    """

    label: str
    estimator: Callable[..., Any]
    categorical: bool

    @property
    def known(self) -> Estimator | None:
        """The estimator, if it is one of `stgref.estimators`."""
        return self.estimator if isinstance(self.estimator, Estimator) else None

    @property
    def law(self) -> Any:
        """The law of gates, None for discrete variables."""
        gates = self.known is not None and self.known.family.name == "estimators.gates"
        return _LAWS[self.estimator.__name__] if gates else None

    def draw_noise(self, n: int, params: Array, rng: Any, options: Mapping[str, Any]) -> Any:
        """The noise of ``n`` estimates."""
        return draw(self.estimator, n, params, rng, options)

    def estimates(self, objective: Any, params: Array, drawn: Any, options: Mapping[str, Any]) -> Array:
        """Estimates of the gradient, one per row of the noise."""
        found = self.estimator(objective, params, drawn, **options)
        return found[0] if isinstance(found, tuple) else found

    def exact_moments(
        self, objective: Any, params: Array, options: Mapping[str, Any]
    ) -> tuple[Array, Array] | None:
        """Mean and variance of one estimate of each coordinate; None where it is too large to do, or not smooth."""
        if self.known is None:
            return None
        try:
            found = self.known.exact_moments(objective, params, **options)
        except ValueError as error:
            if not any(words in str(error) for words in ("too large", "must be smooth")):
                raise
            return None
        mean, covariance = found if hasattr(found, "covariance") else found[0]
        return mean, np.diagonal(covariance.reshape(params.size, params.size)).reshape(params.shape)

    def logits(self, params: Array, options: Mapping[str, Any]) -> Array:
        """The logits of the samples: `straight_through` has a slope, which multiplies the parameters."""
        return (
            params * options["slope"]
            if self.estimator is estimators.straight_through and "slope" in options
            else params
        )

    def exact_gradient(self, objective: Any, params: Array) -> Array:
        """The gradient of the expectation of the objective."""
        return (estimators.categorical if self.categorical else estimators).exact_gradient(objective, params)

    def exact_loss(self, objective: Any, params: Array, options: Mapping[str, Any]) -> float | None:
        """The expectation of the objective; None where it is too large to do, and for gates."""
        if self.law:
            return None
        module = estimators.categorical if self.categorical else estimators
        try:
            return float(module.exact_value(objective, self.logits(params, options)))
        except ValueError as error:
            if "too large" not in str(error):
                raise
            return None

    def sampled_loss(self, objective: Any, params: Array, seed: int, options: Mapping[str, Any]) -> float:
        """The mean of the objective over samples with noise that is always the same."""
        rng, shape = np.random.default_rng([seed, _LOSS_ROWS]), (_LOSS_ROWS, *params.shape)
        if self.law:
            drawn = draw(self.estimator, _LOSS_ROWS, params, rng, {})
            b = self.law.transform(drawn, params, **_those_of(self.law.transform, options))
        elif self.categorical:
            z = params + noise.gumbel(shape, rng, params.dtype)
            b = (z == z.max(axis=-1, keepdims=True)).astype(params.dtype)
        else:
            b = (self.logits(params, options) + noise.logistic(shape, rng, params.dtype) > 0).astype(
                params.dtype
            )
        return float(np.mean(objective(b), dtype=np.float64))

    def values(self, params: Array, options: Mapping[str, Any]) -> Array:
        """Means of the variables: probabilities, or expected gates."""
        if self.law:
            return self.law.mean(params, **_those_of(self.law.mean, options))
        if self.categorical:
            odds = np.exp(params - params.max(axis=-1, keepdims=True))
            return odds / odds.sum(axis=-1, keepdims=True)
        return sigmoid.expit(ns.NUMPY, self.logits(params, options))

    def penalty(self, params: Array, weight: float, options: Mapping[str, Any]) -> tuple[float, Array]:
        """``weight`` times the expected number of open gates, and its gradient."""
        given = _those_of(self.law.prob_active, options)
        opened, slope = self.law.prob_active(params, **given), self.law.grad_prob_active(params, **given)[0]
        return weight * float(np.sum(opened)), weight * slope


def _those_of(function: Callable[..., Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that ``function`` takes."""
    known = inspect.signature(function).parameters
    return {name: value for name, value in options.items() if name in known}


def find(where: str, estimator: Any, params: Array) -> tuple[Variables, dict[str, Any]]:
    """The variables and the options of ``estimator``: a name, a function, or a pair of one of them and options.

    Raises
    ------
    TypeError, ValueError
        If it is none of these, or there is no such estimator.
    """
    name, function, options = resolved(where, estimator)
    label = name + (f"({', '.join(f'{k}={v!r}' for k, v in options.items())})" if options else "")
    return Variables(label, function, params.ndim == 2), options
