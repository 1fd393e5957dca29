"""The right answers of the gate layers.

A layer's numbers are sums and products of elementwise terms: the gate z and its slope dz, the open probability p and
its slope dp. So is a layer's condition sum: the yardstick of a sum is the sum of its terms' yardsticks.
"""

from typing import Any

import numpy as np

from stgref.conformance.condition import Wanted
from stgref.conformance.functions import LAYERS, Layer
from stgref.conformance.laws import float64
from stgref.conformance.recording import Case
from stgref.conformance.sharing import Sharing
from stgref.conformance.terms import Terms, base_noise, gate_values
from stgref.conformance.values import Array
from stgref.gates import BinaryConcreteStochasticGates, GaussianStochasticGates

GATES: dict[str, Any] = {
    "BinaryConcreteStochasticGates": BinaryConcreteStochasticGates,
    "GaussianStochasticGates": GaussianStochasticGates,
}


def answer(case: Case) -> dict[str, Wanted]:
    """Answer a case about a layer.

    Parameters
    ----------
    case : Case
        Its function is ``<layer>.<method>``.

    Returns
    -------
    dict
        The right answer to each result.
    """
    name, method = case.function.split(".")
    methods = {"forward": _forward, "vjp": _vjp, "get_gate_values": _gate_values}
    return methods[method](case, GATES[name], LAYERS[name])


def _gate_values(case: Case, gate: Any, layer: Layer) -> dict[str, Wanted]:
    own = float64(case, (layer.parameter, *layer.options))
    return {"value": gate_values(gate, layer, own, clamp=bool(case.arguments["clamp"]))}


def _forward(case: Case, gate: Any, layer: Layer) -> dict[str, Wanted]:
    x, terms = np.asarray(case.array("x"), "float64"), Terms(case, gate, layer)
    z, p = terms.gates(), terms.open_probabilities()
    gated, l0_reg = layer_of(case, gate, layer).forward(x, base_noise(case, layer))
    yardstick = Sharing(case.arguments["mask"], x.shape).spread(z.condition + np.abs(z.value))
    return {
        "gated": Wanted(gated, np.abs(x) * yardstick),
        "l0_reg": Wanted(l0_reg, np.abs(penalty(case, p.condition + p.value))),
    }


def _vjp(case: Case, gate: Any, layer: Layer) -> dict[str, Wanted]:
    x, d_gated, d_l0_reg = (np.asarray(case.array(name), "float64") for name in ("x", "d_gated", "d_l0_reg"))
    terms, sharing = Terms(case, gate, layer), Sharing(case.arguments["mask"], x.shape)
    z, dz, dp = terms.gates(), terms.slopes(), terms.open_slopes()
    _, pullback = layer_of(case, gate, layer).vjp(x, base_noise(case, layer))
    gradient = pullback(d_gated, d_l0_reg if d_l0_reg.ndim else float(d_l0_reg))
    value = sharing.spread(z.condition + np.abs(z.value))
    slope = sharing.spread(dz.condition + 2 * np.abs(dz.value))
    of_penalty = np.abs(d_l0_reg * share(case)) * (dp.condition + 2 * np.abs(dp.value))
    return {
        "input": Wanted(gradient.input, np.abs(d_gated) * value),
        layer.parameter: Wanted(
            getattr(gradient, layer.parameter),
            sharing.collect(np.abs(d_gated * x) * slope, len(of_penalty)) + of_penalty,
        ),
    }


def layer_of(case: Case, gate: Any, layer: Layer) -> Any:
    """Build the layer that a case is about.

    Parameters
    ----------
    case : Case
        The case.
    gate : type
        The layer's class.
    layer : Layer
        Its description.

    Returns
    -------
    object
        The layer in float64, in training if the case has noise.
    """
    options = {name: _plain(case.array(name)) for name in ("reg_weight", *layer.options)}
    options |= {name: case.arguments[name] for name in ("mask", "reg_reduction")}
    made = gate.from_pretrained(np.asarray(case.array(layer.parameter), "float64"), **options)
    return made if base_noise(case, layer) is not None else made.eval()


def share(case: Case) -> Array:
    """Return the weight of each gate's open probability in the penalty.

    Parameters
    ----------
    case : Case
        With ``reg_weight`` and ``reg_reduction``.

    Returns
    -------
    numpy.ndarray
        One weight for all, or one for each.
    """
    weight = np.asarray(case.array("reg_weight"), "float64")
    layer = LAYERS[case.function.split(".")[0]]
    mean = case.arguments["reg_reduction"] == "mean"
    return weight / case.array(layer.parameter).size if mean else weight


def penalty(case: Case, p: Array) -> Array:
    """Reduce one number per gate as the penalty does.

    Parameters
    ----------
    case : Case
        With ``reg_weight`` and ``reg_reduction``.
    p : numpy.ndarray
        One number per gate.

    Returns
    -------
    numpy.ndarray
        Their sum, their mean or all of them, weighted.
    """
    weighted = share(case) * p
    return weighted if case.arguments["reg_reduction"] == "none" else np.asarray(np.sum(weighted))


def _plain(option: Array) -> Any:
    return np.asarray(option, "float64") if option.ndim else float(option)
