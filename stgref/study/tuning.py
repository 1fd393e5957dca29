r"""Tuning of the control variates of REBAR and RELAX while training, to less variance.

The parameters psi of the control variate are stepped along the estimates of the gradient of the variance that
`stgref.estimators.rebar_variance_gradient` and `relax_variance_gradient` make of the noise of the step itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from stgref import estimators
from stgref.numerics.namespace import Array


class Tuning(Protocol):
    """What is tuned: a vector of parameters, what options it stands for, and the gradient of the variance to it.

    Attributes
    ----------
    names : tuple of str
        The options that are numbers.
    """

    names: tuple[str, ...]

    def initial(self, options: Mapping[str, Any]) -> Array:
        """The parameters (P,) that stand for ``options``."""

    def options(self, options: Mapping[str, Any], parameters: Array) -> dict[str, Any]:
        """The options with those of ``parameters``."""

    def gradient(self, objective: Any, params: Array, noise: Any, options: Mapping[str, Any]) -> Array:
        """The estimate of the gradient of the variance to the parameters (P,)."""


class OfRebar:
    """Weight and logarithm of the temperature."""

    names: tuple[str, ...] = ("eta", "temperature")

    def initial(self, options: Mapping[str, Any]) -> Array:
        """Those of ``options``, or `rebar`'s defaults."""
        given = {**estimators.rebar.options, **options}
        return np.array([given["eta"], np.log(given["temperature"])])

    def options(self, options: Mapping[str, Any], parameters: Array) -> dict[str, Any]:
        """``eta`` and ``temperature``."""
        return {**options, "eta": float(parameters[0]), "temperature": float(np.exp(parameters[1]))}

    def gradient(self, objective: Any, params: Array, noise: Any, options: Mapping[str, Any]) -> Array:
        """Means of `rebar_variance_gradient`; to the logarithm, the temperature times that to the temperature."""
        found = estimators.rebar_variance_gradient(objective, params, noise, **options)
        return np.array([np.mean(found.eta), options["temperature"] * np.mean(found.temperature)])


class OfRelax:
    """The parameters of a control variate that has them: an array ``parameters``, and a method ``replaced(parameters)``."""

    names: tuple[str, ...] = ()

    def initial(self, options: Mapping[str, Any]) -> Array:
        """The control variate's own."""
        return np.asarray(options["control_variate"].parameters, dtype=np.float64)

    def options(self, options: Mapping[str, Any], parameters: Array) -> dict[str, Any]:
        """``control_variate``, with other parameters."""
        return {**options, "control_variate": options["control_variate"].replaced(parameters)}

    def gradient(self, objective: Any, params: Array, noise: Any, options: Mapping[str, Any]) -> Array:
        """Means of `relax_variance_gradient`."""
        return np.mean(
            estimators.relax_variance_gradient(objective, params, noise, **options), axis=0, dtype=np.float64
        )


def tuning_of(where: str, estimator: Any, options: Mapping[str, Any]) -> Tuning:
    """What can be tuned of an estimator.

    Raises
    ------
    TypeError, ValueError
        If nothing can, or the control variate lacks what it takes.
    """
    if estimator is estimators.rebar:
        return OfRebar()
    if estimator is estimators.relax:
        c = options.get("control_variate")
        if not hasattr(c, "parameters") or not callable(getattr(c, "replaced", None)):
            raise TypeError(
                f"{where}: tuning takes a control_variate with an array `parameters` and a method replaced(parameters), "
                f"got {c!r}"
            )
        return OfRelax()
    raise ValueError(f"{where}: tuning takes the estimator rebar or relax, got {estimator!r}")
