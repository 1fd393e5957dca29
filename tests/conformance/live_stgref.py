"""stgref itself, as a live subject: callables by the names of the functions."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import stgref
from stgref.conformance.functions import LAYERS


def layer(name: str, method: str) -> Any:
    """A method of a layer, called by keyword with the layer's settings."""
    kind, parameter = getattr(stgref, name), LAYERS[name].parameter

    def call(noise=None, x=None, d_gated=None, d_l0_reg=None, clamp=True, **settings):
        gates = kind.from_pretrained(settings.pop(parameter), **settings).train(mode=noise is not None)
        if method == "forward":
            return gates.forward(x, noise)
        if method == "vjp":
            return gates.vjp(x, noise)[1](d_gated, d_l0_reg)
        _, _, rule = method.partition(".")
        return gates.get_gate_values(clamp, rule or "louizos")

    return call


def function(name: str) -> Any:
    """The callable that answers cases of this function."""
    owner, _, method = name.partition(".")
    return layer(owner, method) if owner in LAYERS else attrgetter(name)(stgref)


def answer(case: Any) -> Any:
    """What stgref returns, or the error that it raises."""
    try:
        return case.call(function(case.function))
    except (ValueError, TypeError) as error:
        return error
