"""The elementwise terms of a gate layer, each with its condition sum."""

from functools import partial
from typing import Any

import numpy as np

from stgref import noise as draws
from stgref.conformance.condition import Wanted, from_differences, from_partials
from stgref.conformance.functions import PARAMETERS, Layer
from stgref.conformance.laws import LAWS, float64, slope_of, value_of
from stgref.conformance.recording import Case
from stgref.conformance.values import Array

FROM_UNIFORM = {"hard_concrete": draws.logistic_from_uniform, "rectified_gaussian": draws.normal_from_uniform}


class Terms:
    """What a layer is made of, one number per gate or per example and gate; each is evaluated when asked for.

    Parameters
    ----------
    case : Case
        About a layer.
    gate : type
        The layer's class.
    layer : Layer
        Its description.
    """

    def __init__(self, case: Case, gate: Any, layer: Layer) -> None:
        self.gate, self.layer, self.law = gate, layer, LAWS[layer.law]
        self.own = float64(case, (layer.parameter, *layer.options))
        noise = base_noise(case, layer)
        self.sampled = (
            None if noise is None else [noise, *(np.broadcast_to(x, noise.shape) for x in self.own)]
        )

    def gates(self) -> Wanted:
        """Return the gate z."""
        if self.sampled is None:
            return gate_values(self.gate, self.layer, self.own)
        gradient = self.law.grad_transform(*self.sampled)
        fields = ("noise", *PARAMETERS[self.layer.law])
        return from_partials(gradient.value, self.sampled, [getattr(gradient, field) for field in fields])

    def slopes(self) -> Wanted:
        """Return the derivative of z with respect to the trained parameter."""
        if self.sampled is None:
            return from_differences(partial(_test_slope, self.gate, self.layer), self.own)
        trained = PARAMETERS[self.layer.law][0]
        return from_differences(lambda *x: getattr(self.law.grad_transform(*x), trained), self.sampled)

    def open_probabilities(self) -> Wanted:
        """Return the probability that the gate is open."""
        return value_of(self.layer.law, "prob_active", self.own)

    def open_slopes(self) -> Wanted:
        """Return its derivative with respect to the trained parameter."""
        return slope_of(self.layer.law, "prob_active", self.own)


def base_noise(case: Case, layer: Layer) -> Array | None:
    """Return the base noise of a case.

    Parameters
    ----------
    case : Case
        With ``noise`` or ``uniform``.
    layer : Layer
        Of which kind.

    Returns
    -------
    numpy.ndarray or None
        In float64; None in the test-time pass.
    """
    if "uniform" in case.arguments:
        noise: Array = FROM_UNIFORM[layer.law](np.asarray(case.array("uniform"), "float64"))
        return noise
    return None if case.arguments["noise"] is None else np.asarray(case.array("noise"), "float64")


def gate_values(gate: Any, layer: Layer, own: list[Array], *, clamp: bool = True) -> Wanted:
    """Evaluate the layer's test-time gate.

    Parameters
    ----------
    gate : type
        The layer's class.
    layer : Layer
        Its description.
    own : list of numpy.ndarray
        The trained parameter and the options, one of each per gate.
    clamp : bool
        Whether to clip to the unit interval.

    Returns
    -------
    Wanted
        One number per gate.
    """

    def value(parameter: Array, *options: Array) -> Array:
        made = gate.from_pretrained(parameter, **dict(zip(layer.options, options, strict=True)))
        values: Array = made.get_gate_values(clamp=clamp)
        return values

    return from_differences(value, own)


def _test_slope(gate: Any, layer: Layer, parameter: Array, *options: Array) -> Array:
    made = gate.from_pretrained(parameter, **dict(zip(layer.options, options, strict=True))).eval()
    one = np.ones((1, parameter.size))
    _, pullback = made.vjp(one)
    slope: Array = getattr(pullback(one, 0.0), layer.parameter)
    return slope
