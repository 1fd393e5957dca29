"""The cases of the gate layers: forward passes, pullbacks and test-time rules."""

import itertools
import math
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tests.oracle.layers import LAWS, Grid
from tests.oracle.layers import answer as ask
from tests.oracle.rules import RULES
from validation.vectors.choose import SEED, candidates
from validation.vectors.gate_plans import (
    BULK,
    CLIP_POINTS,
    EMPTY,
    FAR_ROWS,
    LAYOUTS,
    OPTIONS,
    QUOTA,
    REDUCTIONS,
    WEIGHTS,
    WRONG,
    WRONG_RULE,
)
from validation.vectors.node import CONVENTIONS, NOTHING, Node, answer, head

RULE = "get_gate_values"
CLAMPED = ("", ".median", ".mean")
"""Rules that have a value before clipping."""
PLAIN = (".mode", ".threshold", ".scaled")
PASSES = {"forward": ("gated", "l0_reg"), "vjp": ("input", "")}

Arguments = dict[str, Any]


def functions() -> dict[str, Node]:
    """Describe the functions of both layers.

    Returns
    -------
    dict
        The names of the arguments and of the results, by the name of the function.
    """
    return {f"{layer}.{name}": described for layer in RULES for name, described in _functions(layer).items()}


def cases(function: str, dtype: str) -> Iterator[Node]:
    """Make the cases of a function in a dtype.

    Parameters
    ----------
    function : str
        ``layer.forward``, ``layer.vjp``, or a test-time rule.
    dtype : str
        Of arguments and results.

    Yields
    ------
    dict
        A case, as it stands in the set.
    """
    layer, _, method = function.partition(".")
    if method not in PASSES:
        yield from _rule_cases(function, dtype)
        return
    for flag, count in QUOTA.items():
        found = (_far if flag in FAR_ROWS else _bulk)(layer, dtype, flag, function)
        yield from _first(function, dtype, found, count)
    clipped = _clipped(layer, dtype, function)
    for number, (flags, arguments) in enumerate(clipped):
        yield _at_clip_point(function, dtype, flags, number, arguments)
    _, start = next(_bulk(layer, dtype, "bulk", function))
    yield from _wrong(function, dtype, start, WRONG)


def exact(function: str, dtype: str, arguments: Arguments, *, at_jump: bool = False, clip: float = 1) -> Node:
    """Evaluate the oracle.

    Parameters
    ----------
    function, dtype : str
        Which function, and what its results are rounded to.
    arguments : dict
        By name.
    at_jump : bool
        Whether a gate may be where a rounding changes the answer.
    clip : float
        Derivative of the clip at its clip points.

    Returns
    -------
    dict
        ``results`` and ``conditions``.

    Raises
    ------
    ArithmeticError
        If the answer cannot be rounded without doubt.
    """
    given = {name: _for_oracle(value) for name, value in arguments.items()}
    return answer(ask(function, given, clip), dtype, at_jump=at_jump, composed=True)


def _functions(layer: str) -> dict[str, Node]:
    parameter, *options = RULES[layer].parameters
    call = ["x", "noise", parameter, "mask", "reg_weight", *options, "reg_reduction"]
    own = [parameter, *options]
    return {
        "forward": {"arguments": call, "results": ["gated", "l0_reg"]},
        "vjp": {"arguments": [*call, "d_gated", "d_l0_reg"], "results": ["input", parameter]},
        **{f"{RULE}{rule}": {"arguments": [*own, "clamp"], "results": ["value"]} for rule in CLAMPED},
        **{
            f"{RULE}{rule}": {"arguments": own, "results": ["value"]}
            for rule in PLAIN
            if rule.removeprefix(".") in RULES[layer].quantities
        },
    }


def _names(function: str) -> list[str]:
    names: list[str] = functions()[function]["arguments"]
    return names


def _first(
    function: str, dtype: str, found: Iterator[tuple[tuple[str, ...], Arguments]], count: int
) -> Iterator[Node]:
    """Take the first questions whose answers can be rounded without doubt."""
    number = 0
    for flags, arguments in found:
        if number == count:
            return
        try:
            right = exact(function, dtype, arguments)
        except ArithmeticError:
            continue
        yield head(function, dtype, flags, number, arguments) | right
        number += 1


def _wrong(function: str, dtype: str, start: Arguments, changes: list[dict[str, Any]]) -> Iterator[Node]:
    """Change one argument, where there is such an argument, to what it must not be."""
    for number, wrong in enumerate(each for each in changes if set(each) <= set(start)):
        arguments = start | {name: _typed(value, dtype) for name, value in wrong.items()}
        yield head(function, dtype, ("outside",), number, arguments, "invalid") | NOTHING


def _rng(*names: str) -> np.random.Generator:
    return np.random.default_rng([SEED, *(zlib.crc32(name.encode()) for name in names)])


def _bulk(layer: str, dtype: str, flag: str, function: str) -> Iterator[tuple[tuple[str, ...], Arguments]]:
    """Ask about the middle: every layout, in training and at test time, reductions and options in turn."""
    rng, turns = _rng(function, flag), itertools.count()
    shapes = LAYOUTS if flag == "bulk" else EMPTY
    for at_test, (mask, shape) in itertools.product((False, True), shapes):
        i = next(turns)
        parameter, *names = RULES[layer].parameters
        n_gates = math.prod(shape[1:]) if mask is None else int(np.max(mask)) + 1
        options = OPTIONS[layer][i % len(OPTIONS[layer])]
        noise = None if at_test else np.round(rng.uniform(-2, 2, (shape[0], n_gates)), 3)
        own = {
            parameter: np.round(rng.uniform(*BULK[layer], n_gates), 3),
            **dict(zip(names, options, strict=True)),
        }
        flags = (
            *(flag, *([] if shape[0] else ["empty"])),
            *([] if mask is None else ["mask"]),
            *(["test-time"] if at_test else []),
        )
        yield flags, _asked(function, dtype, rng, shape, noise, mask, own, i)


def _far(layer: str, dtype: str, flag: str, function: str) -> Iterator[tuple[tuple[str, ...], Arguments]]:
    """Ask about tails: the options of one point of the law, trained parameters and noise of it and its neighbours."""
    rng, turns = _rng(function, flag), itertools.count()
    shape, n_gates = (2, FAR_ROWS[flag]), FAR_ROWS[flag]
    parameter, *names = RULES[layer].parameters
    trained = candidates(f"{LAWS[layer]}.grad_transform", dtype)[flag]
    quiet = candidates(f"{LAWS[layer]}.grad_prob_active", dtype)[flag]
    for start in range(0, min(len(trained), len(quiet)) - n_gates, n_gates):
        i, at_test = next(turns), start % (2 * n_gates) > 0
        points = [(0.0, *p) for p in quiet[start:]] if at_test else trained[start:]
        own = {parameter: np.array([p[1] for p in points[:n_gates]])}
        own |= dict(zip(names, points[0][2:], strict=True))
        first = np.array([p[0] for p in points[:n_gates]])
        noise = None if at_test else np.stack([first, -first[::-1]])
        flags = (flag, *(["test-time"] if at_test else []))
        yield flags, _asked(function, dtype, rng, shape, noise, None, own, i)


def _clipped(layer: str, dtype: str, function: str) -> Iterator[tuple[tuple[str, ...], Arguments]]:
    """Ask where the unclipped gates are exactly 0 or 1, some of them."""
    rng = _rng(function, "clip-point")
    parameter, *names = RULES[layer].parameters
    for i, (trained, noise, options) in enumerate(CLIP_POINTS[layer]):
        own = {parameter: np.array(trained), **dict(zip(names, options, strict=True))}
        rows = None if noise is None else np.array([noise, noise])
        flags = ("clip-point", *(["test-time"] if noise is None else []))
        yield flags, _asked(function, dtype, rng, (2, len(trained)), rows, None, own, i)


def _asked(
    function: str,
    dtype: str,
    rng: np.random.Generator,
    shape: tuple[int, ...],
    noise: Any,
    mask: Any,
    own: Mapping[str, Any],
    turn: int,
) -> Arguments:
    """Make all arguments: inputs and cotangents are eighths, the penalty takes turns."""
    reduction = REDUCTIONS[turn % len(REDUCTIONS)]
    n_gates = len(next(iter(own.values())))
    given = {
        "x": rng.integers(-16, 17, shape) / 8,
        "noise": noise,
        "mask": mask,
        "reg_weight": WEIGHTS[turn % len(WEIGHTS)],
        "reg_reduction": reduction,
        "d_gated": rng.integers(-16, 17, shape) / 8,
        "d_l0_reg": rng.integers(-16, 17, n_gates if reduction == "none" else ()) / 8,
        **own,
    }
    return {name: _typed(given[name], dtype) for name in _names(function)}


def _typed(value: Any, dtype: str) -> Any:
    """Round to the dtype: floats, and floating arrays."""
    if isinstance(value, list):
        value = np.array(value)
    if isinstance(value, (float, np.ndarray, np.floating)) and np.asarray(value).dtype.kind == "f":
        rounded = np.asarray(value).astype(dtype).astype("float64")
        return rounded if rounded.ndim else float(rounded)
    return value


def _for_oracle(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return Grid(value.shape, value.ravel().tolist())
    return value


def _at_clip_point(
    function: str, dtype: str, flags: tuple[str, ...], number: int, arguments: Arguments
) -> Node:
    closed = exact(function, dtype, arguments, at_jump=True)
    if not function.endswith(".vjp"):
        return head(function, dtype, flags, number, arguments) | closed
    others = {
        name: exact(function, dtype, arguments, at_jump=True, clip=factor)
        for name, factor in CONVENTIONS.items()
    }
    start = head(function, dtype, flags, number, arguments, "acceptable")
    return start | closed | {"conventions": others}


def _rule_cases(function: str, dtype: str) -> Iterator[Node]:
    """Make the cases of a test-time rule."""
    layer = function.partition(".")[0]
    for flag, count in QUOTA.items():
        if flag != "edge":
            yield from _first(function, dtype, _rule_points(layer, dtype, flag, function), count // 2)
    _, start = next(_rule_points(layer, dtype, "bulk", function))
    yield from _wrong(function, dtype, start, WRONG_RULE[function.partition(RULE)[2]])


def _rule_points(
    layer: str, dtype: str, flag: str, function: str
) -> Iterator[tuple[tuple[str, ...], Arguments]]:
    parameter, *names = RULES[layer].parameters
    found = candidates(f"{LAWS[layer]}.mean", dtype)[flag]
    n_gates = FAR_ROWS.get(flag, 5)
    for i, start in enumerate(range(0, len(found) - n_gates, n_gates)):
        points = found[start : start + n_gates]
        own = {parameter: np.array([p[0] for p in points]), **dict(zip(names, points[0][1:], strict=True))}
        given = own | {"clamp": i % 2 == 0}
        yield (flag,), {name: given[name] for name in _names(function)}
