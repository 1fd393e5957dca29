"""What can be checked: the functions by their public names, with their arguments and results."""

from dataclasses import dataclass

PARAMETERS = {
    "hard_concrete": ("log_alpha", "temperature", "lower", "upper"),
    "rectified_gaussian": ("mu", "std"),
}
QUANTITIES = ("mean", "median", "variance", "prob_zero", "prob_one", "prob_active")
INTEGER = frozenset({"mask"})
TEXT = {"reg_reduction": ("sum", "mean", "none")}
FLAG = frozenset({"clamp"})


@dataclass(frozen=True)
class Layer:
    """What tells the two gate layers apart.

    Parameters
    ----------
    law : str
        The law of a gate, by the name of its module.
    parameter : str
        The parameter that is trained, as the layer calls it.
    options : tuple of str
        The law's other parameters, as the layer calls them.
    """

    law: str
    parameter: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Function:
    """A function that a subject may implement.

    Parameters
    ----------
    arguments : tuple of str
        Their names. ``noise`` may be given as ``uniform`` instead: uniforms u that stand for the noise with the same
        cumulative probability, for the binary concrete the logistic variate log(u) - log(1 - u).
    results : tuple of str
        The names of what it returns.
    """

    arguments: tuple[str, ...]
    results: tuple[str, ...]


LAYERS = {
    "BinaryConcreteStochasticGates": Layer(
        "hard_concrete", "log_alpha_param", ("temperature", "lower_bound", "upper_bound")
    ),
    "GaussianStochasticGates": Layer("rectified_gaussian", "mu", ("std",)),
}


def _laws() -> dict[str, Function]:
    values = {
        f"{law}.{quantity}": Function(parameters, ("value",))
        for law, parameters in PARAMETERS.items()
        for quantity in QUANTITIES
    }
    gradients = {
        f"{law}.grad_{quantity}": Function(parameters, parameters)
        for law, parameters in PARAMETERS.items()
        for quantity in QUANTITIES
    }
    return values | gradients


def _layers() -> dict[str, Function]:
    functions = {}
    for name, layer in LAYERS.items():
        own = (layer.parameter, *layer.options)
        call = ("x", "noise", layer.parameter, "mask", "reg_weight", *layer.options, "reg_reduction")
        functions[f"{name}.forward"] = Function(call, ("gated", "l0_reg"))
        functions[f"{name}.vjp"] = Function((*call, "d_gated", "d_l0_reg"), ("input", layer.parameter))
        functions[f"{name}.get_gate_values"] = Function((*own, "clamp"), ("value",))
    return functions


FUNCTIONS = _laws() | _layers()
