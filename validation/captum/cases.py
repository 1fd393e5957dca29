"""The cases on which Captum's gates are recorded: inputs only, made without Captum.

Every number is exact in the dtype of its case, so that Captum and the reference are asked the same question. The
random numbers of a case depend on the seed and on its own name only.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
from points import BULK, GATED, LAYOUTS, OPTIONS, PENALTY, WRONG_MASKS

from stgref.conformance.functions import LAYERS, PARAMETERS
from stgref.conformance.recording import DTYPES, Argument, Case, Kind

SEED = 20251002
SHORT = {"binary_concrete": "bc", "gaussian": "gauss", "float32": "f32", "float64": "f64"}
REDUCTIONS = ("sum", "mean", "none")
GATES = {"binary_concrete": "BinaryConcreteStochasticGates", "gaussian": "GaussianStochasticGates"}
NOISE = {"binary_concrete": "uniform", "gaussian": "noise"}
LAYERS_OF = {family: LAYERS[gate] for family, gate in GATES.items()}


def cases() -> list[Case]:
    """Return every case, in the order of the recording."""
    parts = (_bulk, _gated, _penalty, _test_values, _law_values)
    made = [case for family in GATES for dtype in DTYPES for part in parts for case in part(family, dtype)]
    return made + [case for dtype in DTYPES for case in _edges(dtype)]


def _bulk(family: str, dtype: str) -> Iterator[Case]:
    """Make gates in the middle: every layout, every reduction, every option."""
    for method, mode in itertools.product(("forward", "vjp"), ("train", "eval")):
        for layout, reduction in zip(LAYOUTS, itertools.cycle(("sum", "mean")), strict=False):
            yield _layer(family, dtype, method, mode, "bulk", layout=layout, reduction=reduction)
        for options in OPTIONS[family]:
            yield _layer(family, dtype, method, mode, "bulk", options=options, reduction="mean")
    for method, reduction in itertools.product(("forward", "vjp"), REDUCTIONS):
        yield _layer(family, dtype, method, "train", "reduction", reduction=reduction)


def _gated(family: str, dtype: str) -> Iterator[Case]:
    """Make gates far from the middle and at the clip points, with the gated input in view."""
    for region, (kind, parameter, noise) in GATED[family].items():
        given: dict[str, Any] = {LAYERS_OF[family].parameter: parameter}
        if noise is not None:
            given[NOISE[family]] = np.tile(noise, (4, 1))
        mode = "eval" if noise is None else "train"
        yield _layer(family, dtype, "forward", mode, region, kind=kind, **given)
        yield _layer(family, dtype, "vjp", mode, region, kind=kind, d_l0_reg=0.0, **given)


def _penalty(family: str, dtype: str) -> Iterator[Case]:
    """Make gates far from the middle, with the penalty in view."""
    for region, parameters in PENALTY[family].items():
        given: dict[str, Any] = {LAYERS_OF[family].parameter: parameters[dtype]}
        for reduction in REDUCTIONS:
            yield _layer(family, dtype, "forward", "eval", region, reduction=reduction, **given)
        yield _layer(
            family, dtype, "vjp", "eval", region, reduction="mean", d_gated=np.zeros((4, 5)), **given
        )


def _test_values(family: str, dtype: str) -> Iterator[Case]:
    """Make the gates' test-time values."""
    layer = LAYERS_OF[family]
    for options, clamp in itertools.product(OPTIONS[family], (True, False)):
        own = dict(zip(layer.options, OPTIONS[family][options], strict=True))
        arguments = {layer.parameter: np.linspace(-3, 3, 13), **own, "clamp": clamp}
        name = f"{SHORT[family]}.get_gate_values.{SHORT[dtype]}.{'clamped' if clamp else 'raw'}.{options}"
        yield _case(name, f"{GATES[family]}.get_gate_values", dtype, arguments)


def _law_values(family: str, dtype: str) -> Iterator[Case]:
    """Make the open probabilities and the means."""
    for options, numbers in OPTIONS[family].items():
        scale = numbers[0] if family == "gaussian" else 1.0
        yield _law(family, dtype, "prob_active", "bulk", np.linspace(*BULK[family], 9) * scale, options)
        yield _law(family, dtype, "mean", "bulk", np.array([-3, -2, -1, -0.5, 0.25, 1.5, 2, 3]), options)
    for region, parameters in PENALTY[family].items():
        yield _law(family, dtype, "prob_active", region, parameters[dtype])
    if family == "binary_concrete":
        yield _law(family, dtype, "prob_active", "annealed", np.linspace(-2, 2, 5), "cold")


def _edges(dtype: str) -> Iterator[Case]:
    """Make what a layer must take, and what it must refuse."""
    for family, layer in LAYERS_OF.items():
        empty: dict[str, Any] = {"x": np.zeros((0, 5)), NOISE[family]: np.zeros((0, 5))}
        yield _layer(family, dtype, "forward", "train", "empty-batch", **empty)
        for region, mask in WRONG_MASKS.items():
            given: dict[str, Any] = {layer.parameter: np.linspace(0, 1, 4), "mask": np.array(mask)}
            yield _layer(family, dtype, "forward", "eval", region, kind="invalid", **given)
    yield _layer("binary_concrete", dtype, "forward", "train", "warm", temperature=1.5)


def _layer(
    family: str,
    dtype: str,
    method: str,
    mode: str,
    region: str,
    *,
    kind: Kind = "valid",
    layout: str = "plain",
    options: str = "default",
    reduction: str = "sum",
    **given: Any,
) -> Case:
    """Make a case about a layer: random numbers of the middle, apart from those that are given."""
    name = f"{SHORT[family]}.{method}.{SHORT[dtype]}.{mode}.{region}.{layout}.{options}.{reduction}"
    layer, rng = LAYERS_OF[family], np.random.default_rng([SEED, *name.encode()])
    mask, shape = LAYOUTS[layout]
    n_gates = int(np.prod(shape[1:])) if mask is None else int(np.max(mask)) + 1
    draw = rng.random if family == "binary_concrete" else rng.standard_normal
    arguments = {
        "x": rng.standard_normal(shape),
        **({NOISE[family]: draw((shape[0], n_gates))} if mode == "train" else {"noise": None}),
        layer.parameter: rng.uniform(*BULK[family], n_gates),
        "mask": None if mask is None else np.array(mask),
        "reg_weight": 0.375,
        **dict(zip(layer.options, OPTIONS[family][options], strict=True)),
        "reg_reduction": reduction,
    }
    if method == "vjp":
        arguments["d_gated"] = rng.standard_normal(shape)
        arguments["d_l0_reg"] = rng.standard_normal(n_gates if reduction == "none" else ())
    return _case(name, f"{GATES[family]}.{method}", dtype, arguments | given, kind, (region, mode))


def _law(
    family: str, dtype: str, quantity: str, region: str, parameter: Any, options: str = "default"
) -> Case:
    """Make a case about a function of a law."""
    law = LAYERS_OF[family].law
    numbers = np.broadcast_arrays(parameter, *OPTIONS[family][options])
    name = f"{SHORT[family]}.{quantity}.{SHORT[dtype]}.{region}.{options}"
    return _case(
        name, f"{law}.{quantity}", dtype, dict(zip(PARAMETERS[law], numbers, strict=True)), "valid", (region,)
    )


def _case(
    name: str,
    function: str,
    dtype: str,
    arguments: dict[str, Any],
    kind: Kind = "valid",
    flags: tuple[str, ...] = (),
) -> Case:
    """Make a case of arguments that are rounded to its dtype."""
    return Case(
        name, function, dtype, {key: _rounded(value, dtype) for key, value in arguments.items()}, kind, flags
    )


def _rounded(value: Any, dtype: str) -> Argument:
    if value is None or isinstance(value, (str, bool)):
        return value
    array = np.asarray(value)
    return array if array.dtype.kind == "i" else array.astype(dtype)
