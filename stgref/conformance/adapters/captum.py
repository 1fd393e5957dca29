"""Captum's gates, asked a case: the real modules, with their noise replaced by the case's.

``Tensor.uniform_`` and ``Tensor.normal_`` return the given draws while a module runs, and ``torch.logit`` the given logistic noise.
"""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from unittest import mock

import numpy as np
import torch
from captum.module import BinaryConcreteStochasticGates, GaussianStochasticGates

from stgref.conformance.functions import FUNCTIONS, LAYERS
from stgref.conformance.recording import Case, Failure, Output

CLASSES: dict[str, Any] = {
    "BinaryConcreteStochasticGates": BinaryConcreteStochasticGates,
    "GaussianStochasticGates": GaussianStochasticGates,
    "hard_concrete": BinaryConcreteStochasticGates,
    "rectified_gaussian": GaussianStochasticGates,
}
CALLED = {"lower": "lower_bound", "upper": "upper_bound", "log_alpha": "log_alpha_param"}
NOT_OPTIONS = {"x", "noise", "uniform", "clamp", "d_gated", "d_l0_reg"}


def ask(case: Case) -> Output:
    """Ask Captum a case; an error of Captum's is an answer."""
    method = case.function.split(".")[1]
    ways = {
        "forward": _forward,
        "vjp": _vjp,
        "get_gate_values": _values,
        "mean": _values,
        "prob_active": _open,
    }
    try:
        with _default_dtype(getattr(torch, case.dtype)):
            return {name: value.detach().numpy() for name, value in ways[method](case).items()}
    except Exception as error:  # noqa: BLE001  whatever it is, it is recorded
        return Failure(f"{type(error).__name__}: {' '.join(str(error).split())}"[:240])


def _forward(case: Case) -> dict[str, torch.Tensor]:
    gated, l0_reg = _call(_gates(case), case, _tensor(case, "x"))
    return {"gated": gated, "l0_reg": l0_reg}


def _vjp(case: Case) -> dict[str, torch.Tensor]:
    gates, x = _gates(case), _tensor(case, "x").requires_grad_()
    name = LAYERS[case.function.split(".")[0]].parameter
    cotangents = (_tensor(case, "d_gated"), _tensor(case, "d_l0_reg"))
    gradients = torch.autograd.grad(_call(gates, case, x), (x, getattr(gates, name)), cotangents)
    return {"input": gradients[0], name: gradients[1]}


def _values(case: Case) -> dict[str, torch.Tensor]:
    return {"value": _gates(case).get_gate_values(clamp=bool(case.arguments.get("clamp", True)))}


def _open(case: Case) -> dict[str, torch.Tensor]:
    if "annealed" not in case.flags:
        return {"value": _gates(case).get_gate_active_probs()}
    gates = BinaryConcreteStochasticGates(case.array("log_alpha").size)
    gates.load_state_dict({"log_alpha_param": _tensor(case, "log_alpha")}, strict=False)
    gates.temperature = float(case.array("temperature").flat[0])
    return {"value": gates.get_gate_active_probs()}


def _gates(case: Case) -> Any:
    """Build the module; Captum's own factory sets the trained parameter."""
    options = {
        CALLED.get(name, name): _plain(case, name) for name in case.arguments if name not in NOT_OPTIONS
    }
    parameter = next(options.pop(layer.parameter) for layer in LAYERS.values() if layer.parameter in options)
    trained = torch.as_tensor(np.atleast_1d(parameter))
    return CLASSES[case.function.split(".")[0]]._from_pretrained(trained, **options)  # noqa: SLF001


def _plain(case: Case, name: str) -> Any:
    """Return a module's option as Captum takes it: numbers as Python's, the parameter and the mask as they are."""
    value = case.arguments[name]
    if name in {"log_alpha", "log_alpha_param", "mu", "reg_reduction"} or value is None:
        return value
    return torch.as_tensor(value) if name == "mask" else float(case.array(name).flat[0])


def _call(gates: Any, case: Case, x: torch.Tensor) -> Any:
    if "uniform" in case.arguments:
        with mock.patch.object(torch.Tensor, "uniform_", _given(_tensor(case, "uniform"))):
            return gates.train()(x)
    if case.arguments["noise"] is None:
        return gates.eval()(x)
    noise = _tensor(case, "noise")
    replaced = (
        mock.patch.object(torch, "logit", return_value=noise)
        if isinstance(gates, BinaryConcreteStochasticGates)
        else mock.patch.object(torch.Tensor, "normal_", _given(noise))
    )
    with replaced:
        return gates.train()(x)


def _given(noise: torch.Tensor) -> Callable[..., torch.Tensor]:
    """Replace ``uniform_`` and ``normal_`` by the given draws, scaled as torch scales its own."""

    def fill(self: torch.Tensor, *_: float, mean: float = 0.0, std: float = 1.0) -> torch.Tensor:
        return self.copy_(noise * std + mean)

    return fill


def _tensor(case: Case, name: str) -> torch.Tensor:
    return torch.as_tensor(np.array(case.array(name)))


@contextlib.contextmanager
def _default_dtype(dtype: torch.dtype) -> Iterator[None]:
    """Let Captum make its parameters and its noise in the dtype of the case."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _live(function: str, *values: Any, **arguments: Any) -> Any:
    """Answer a call of `stgref.conformance.validate`."""
    if values:
        return np.array([_number(function, each) for each in zip(*values, strict=True)], values[0].dtype)
    return _result(function, {name: _array(value) for name, value in arguments.items()})


def _number(function: str, values: tuple[Any, ...]) -> Any:
    """Build a module with one gate: its options are single numbers."""
    names = FUNCTIONS[function].arguments
    found = _result(function, {name: np.array([x]) for name, x in zip(names, values, strict=True)})
    return found["value"][0]


def _result(function: str, arguments: dict[str, Any]) -> Any:
    dtype = next(
        str(x.dtype) for x in arguments.values() if isinstance(x, np.ndarray) and x.dtype.kind == "f"
    )
    output = ask(Case("live", function, dtype, arguments))
    if isinstance(output, Failure):
        raise RuntimeError(output.text)  # noqa: TRY004  what Captum raised, in its words
    return output["value"] if function.endswith("get_gate_values") else output


def _array(value: Any) -> Any:
    return value if value is None or isinstance(value, str | bool) else np.asarray(value)


SUBJECT = {
    f"{name}.{method}": partial(_live, f"{name}.{method}")
    for name in CLASSES
    for method in (("forward", "vjp", "get_gate_values") if name in LAYERS else ("mean", "prob_active"))
}
