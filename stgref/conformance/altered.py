"""The wrong questions: arguments that an implementation takes for others, and masks that it should refuse."""

from collections.abc import Callable, Mapping

import numpy as np

from stgref.conformance.functions import LAYERS
from stgref.conformance.recording import Argument, Case
from stgref.conformance.values import Array


def one_noise(case: Case) -> Mapping[str, Argument]:
    """Take the first row of the noise for every example."""
    name = "uniform" if "uniform" in case.arguments else "noise"
    noise = case.arguments.get(name)
    if not isinstance(noise, np.ndarray) or noise.ndim == 0 or len(noise) < 2:
        return {}
    return {name: np.broadcast_to(noise[:1], noise.shape)}


def one_guard(case: Case) -> Mapping[str, Argument]:
    """Guard the logarithm of u, and not that of 1 - u."""
    if "uniform" not in case.arguments:
        return {}
    u = np.asarray(case.array("uniform"), "float64")
    return {"noise": np.log(u + 1e-8) - np.log1p(-u)}


def one(name: str) -> Callable[[Case], Mapping[str, Argument]]:
    """Take 1 for an argument: forget to multiply by it, or to divide."""
    return lambda case: {name: np.ones_like(case.array(name))} if name in case.arguments else {}


def summed(case: Case) -> Mapping[str, Argument]:
    """Take the sum for every reduction."""
    return {"reg_reduction": "sum"} if "reg_reduction" in case.arguments else {}


def warm(case: Case) -> bool:
    """Tell a temperature of 1 or more."""
    temperature = case.arguments.get("temperature")
    return isinstance(temperature, np.ndarray) and bool(np.any(temperature >= 1))


def empty(case: Case) -> bool:
    """Tell a batch without examples."""
    x = case.arguments.get("x")
    return isinstance(x, np.ndarray) and x.ndim > 0 and len(x) == 0


def gap(case: Case) -> bool:
    """Tell a mask without one of its gates."""
    mask = _mask(case)
    return not beyond(case) and np.unique(mask).size <= mask.max()


def beyond(case: Case) -> bool:
    """Tell a mask with the index of no gate."""
    layer = LAYERS.get(case.function.split(".")[0])
    mask = _mask(case)
    return layer is not None and bool(mask.min() < 0 or mask.max() >= case.array(layer.parameter).size)


def _mask(case: Case) -> Array:
    mask = case.arguments.get("mask")
    return mask if isinstance(mask, np.ndarray) and mask.size else np.zeros(1, "int64")
