"""Every public function, found by looking: a new law, quantity or gradient is tested without being listed."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np

import stgref.laws
from stgref import noise, parameters, penalties, special
from stgref.numerics.quantity import Quantity

#: Arguments that are strictly between 0 and 1.
RATES = ("drop_rate", "keep_rate", "prob_zero", "prob_active", "mean")

#: An ordinary argument of every name: each array is different, valid beside the others, and away from every kink.
ORDINARY: dict[str, list[float]] = {
    "x": [0.0, 0.3, 0.75, 1.0],
    "p": [0.015625, 0.3, 0.7, 0.984375],
    "u": [0.0078125, 0.2, 0.5, 0.9],
    "noise": [-3.5, -0.375, 0.75, 4.25],
    "loc": [-0.5, 0.125, 2.0],
    "scale": [0.5, 1.25, 3.0],
    "logits": [-2.5, 0.25, 3.75],
    "log_alpha": [-2.25, 0.0625, 1.75],
    "temperature": [0.375, 0.75, 1.5],
    "lower": [-0.125, -0.5, -0.0625],
    "upper": [1.125, 1.0625, 1.75],
    "mu": [-0.375, 0.4375, 1.25],
    "std": [0.25, 0.625, 1.5],
    "sample": [0.0, 1.0, 1.0],
    "size": [0.25, 1.5, 2.75],
    "target": [0.5, 1.25, 3.0],
    "linear": [-0.75, 0.375, 2.0],
    "quadratic": [0.125, 1.75, 3.0],
    "budget": [3.0, 3.25, 3.5],
    "margin": [3.5, 4.0, 4.5],
    "n_in": [0.75, 3.5, 12.25],
    "n_out": [1.5, 2.25, 8.0],
    "kernel": [1.0, 9.0, 25.0],
    "positions": [1.0, 4.0, 49.0],
    "bias": [1.0, 0.0, 1.0],
    "l0_weight": [0.25, 1.5, 0.0625],
    "precision": [0.5, 0.125, 2.0],
    **{name: [0.0625, 0.3, 0.875] for name in RATES},
    "alpha": [0.125, 1.5, 7.0],
    "drop_logits": [-2.5, 0.25, 3.75],
    "stg_mu": [-0.875, 0.0625, 0.75],
    "a": [0.625, 1.5, 3.25],
    "b": [2.25, 0.4375, 1.125],
}

#: The same for the functions of vectors: three vectors of three categories each.
VECTORS: dict[str, list[list[float]]] = {
    "noise": [[-0.5, 0.375, 2.75], [4.25, 0.125, -1.5], [0.25, 1.0, 0.5]],
    "logits": [[0.25, -1.5, 0.0625], [3.75, 0.5, -0.25], [-2.5, 1.25, 1.0]],
    "cotangent": [[1.5, -0.25, 0.75], [-2.0, 0.375, 1.0], [0.5, 3.0, -1.25]],
    "sample": [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
    "x": [[0.125, 0.625, 0.25], [0.75, 0.1875, 0.0625], [0.3125, 0.1875, 0.5]],
    "prob": [[0.0625, 0.75, 0.375], [0.5, 0.9375, 0.125], [0.25, 0.0078125, 0.625]],
    "weight": [[1.5, 0.25, 3.0], [2.0, -1.5, 0.5], [0.125, 4.0, 1.0]],
    "count": [[4.0, 9.0, 1.0], [2.0, 16.0, 5.0], [1.0, 3.0, 7.0]],
    "squares": [[0.5, 2.25, 4.0], [1.75, 0.125, 3.0], [2.5, 0.75, 0.25]],
}


def bare(name: str) -> str:
    """The argument that ``mu_p`` and ``mu_q`` are two of."""
    return name.removesuffix("_p").removesuffix("_q")


def ordinary(name: str, function: str = "") -> list[float]:
    """Ordinary values of the argument ``name`` of ``function``; those of q are not those of p."""
    if name == "noise" and "kumaraswamy" in function:
        name = "u"  # it is uniform
    if bare(name) not in ORDINARY:
        raise LookupError(f"a new argument: say in {__name__}.ORDINARY what {name} may be")
    values = ORDINARY[bare(name)]
    return values[::-1] if name.endswith("_q") else values


def modules() -> dict[str, ModuleType]:
    """The laws, `stgref.special`, `stgref.parameters`, `stgref.penalties` and `stgref.noise`, by the name users write."""
    names = [m.name for m in pkgutil.iter_modules(stgref.laws.__path__)]
    laws = {name: importlib.import_module(f"stgref.laws.{name}") for name in names}
    return {name: m for name, m in laws.items() if hasattr(m, "transform")} | {
        "special": special,
        "parameters": parameters,
        "penalties": penalties,
        "noise": noise,
    }


def _quantities() -> Iterator[tuple[str, Quantity[..., Any]]]:
    for name, module in modules().items():
        for key, value in vars(module).items():
            if isinstance(value, Quantity) and not key.startswith("_"):
                yield f"{name}.{key}", value


def _others() -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, module in modules().items():
        for key in (
            ("sample",) if name != "noise" else ("uniform", "logistic", "normal", "ziggurat", "gumbel")
        ):
            if hasattr(module, key):
                yield f"{name}.{key}", getattr(module, key)


QUANTITIES: dict[str, Quantity[..., Any]] = dict(_quantities())
SAMPLERS: dict[str, Callable[..., Any]] = {n: f for n, f in _others() if n.endswith(".sample")}
DRAWS: dict[str, Callable[..., Any]] = {n: f for n, f in _others() if n.startswith("noise.")}
PUBLIC: dict[str, Callable[..., Any]] = {**QUANTITIES, **SAMPLERS, **DRAWS}

#: Computed with numbers of two floats (`stgref.numerics.doubled`): a hundred times slower, a minute to compile by XLA.
DOUBLED = (
    {
        name
        for name in QUANTITIES
        if name.partition(".")[0]
        in ("binary_concrete", "hard_concrete", "hard_kumaraswamy", "rectified_gaussian")
        and name.partition(".")[2] in ("variance", "grad_mean", "grad_variance", "entropy", "kl_divergence")
    }
    | {
        name
        for name in QUANTITIES
        if name.startswith("kumaraswamy.")
        and name.partition(".")[2] in ("mean", "variance", "grad_mean", "grad_variance", "entropy")
    }
    | {name for name in QUANTITIES if name.startswith("parameters.") and name.endswith("_from_mean")}
    | {f"{law}.{name}" for law in ("concrete", "exp_concrete") for name in ("pdf", "logpdf", "grad_logpdf")}
)


def value_of(name: str, argument: str, which: int = 1) -> Any:
    """One ordinary value of an argument of the function ``name``: a number, or a vector."""
    if argument not in QUANTITIES[name].vectors:
        return ordinary(argument, name)[which]
    if argument == "x" and name.startswith("categorical."):
        argument = "sample"  # it has atoms only
    vector = np.asarray(VECTORS[argument][which])
    return np.log(vector) if argument == "x" and name.startswith("exp_concrete.") else vector


def arguments(name: str, dtype: Any = np.float64) -> list[np.ndarray]:
    """Arrays that broadcast against each other: a column for the first argument, a row for each parameter."""
    arrays = [values_of(name, n).astype(dtype) for n in QUANTITIES[name].arrays]
    return [arrays[0][:, None], *arrays[1:]] if len(arrays) > 1 else arrays


def values_of(name: str, argument: str) -> np.ndarray:
    """All ordinary values of an argument; vectors are rows."""
    if argument in QUANTITIES[name].vectors:
        return np.stack([value_of(name, argument, i) for i in range(3)])
    return np.asarray(ordinary(argument, name))


def batches(name: str, dtype: Any = np.float64) -> list[np.ndarray]:
    """The arrays of `arguments`, broadcast, all combinations on one first axis; a last one for the categories."""
    arrays, vectors = arguments(name, dtype), QUANTITIES[name].vectors
    shapes = [
        a.shape[:-1] if n in vectors else a.shape
        for n, a in zip(QUANTITIES[name].arrays, arrays, strict=True)
    ]
    batch = np.broadcast_shapes(*shapes)
    tails = [a.shape[len(s) :] for a, s in zip(arrays, shapes, strict=True)]
    return [np.broadcast_to(a, batch + t).reshape(-1, *t).copy() for a, t in zip(arrays, tails, strict=True)]


def scalars(name: str, which: int = 1) -> dict[str, Any]:
    """One ordinary value of every array argument, by name: a number, or a vector."""
    return {n: value_of(name, n, which) for n in QUANTITIES[name].arrays}


def filled(shape: tuple[int, ...], value: Any) -> np.ndarray:
    """An array of ``shape`` whose elements are all ``value``, a number or a vector."""
    return np.full((*shape, *np.shape(value)), value)


def same(left: dict[str, Any], right: dict[str, Any]) -> bool:
    """Whether results by field have the same bits."""
    return left.keys() == right.keys() and all(
        np.array_equal(left[n], right[n], equal_nan=True) for n in left
    )


def fields(result: Any) -> dict[str, Any]:
    """The arrays of a result by name: those of a NamedTuple, or one called ``value``."""
    return result._asdict() if hasattr(result, "_asdict") else {"value": result}
