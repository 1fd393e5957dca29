"""Exact values and conditions of the gate layers: plain loops over the elements, and sums of exact terms.

The condition of a product of arguments and a gate's number counts each argument once more; that of a sum is the sum of
its terms' conditions.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from flint import arb, ctx

from .evaluate import PRECISIONS, Exact, evaluate
from .rules import RULES

LAWS = {"BinaryConcreteStochasticGates": "hard_concrete", "GaussianStochasticGates": "rectified_gaussian"}
ZERO = Exact(0, arb(0))


class Grid(NamedTuple):
    """Numbers in row-major order, and their shape."""

    shape: tuple[int, ...]
    cells: list[Any]


def evaluate_rule(layer: str, rule: str, parameter: Sequence[float], options: Sequence[float]) -> Grid:
    """Return a test-time value of every gate."""
    found = [evaluate(f"{layer}.{rule}", (a, *options), RULES)["value"] for a in parameter]
    return Grid((len(found),), found)


class LayerOracle:
    """A layer with everything that it is called with.

    Parameters
    ----------
    layer : str
        Its name.
    x : Grid
        The input.
    noise : Grid or None
        Of shape (batch, gates); None at test time.
    parameter, options : sequence of float
        One trained number per gate; the numbers that all gates share.
    mask : Grid or None
        Of indices.
    weight : float
        Of the penalty.
    reduction : str
        Of the penalty.
    clip : float
        Derivative of the clip at its clip points.
    """

    def __init__(
        self,
        layer: str,
        x: Grid,
        noise: Grid | None,
        parameter: Sequence[float],
        options: Sequence[float],
        mask: Grid | None,
        weight: float,
        reduction: str,
        clip: float = 1.0,
    ) -> None:
        self.layer, self.law, self.options = layer, LAWS[layer], tuple(options)
        self.parameter, self.x, self.noise, self.clip = parameter, x, noise, clip
        self.trained = next(iter(RULES[layer].parameters))
        self.weight, self.reduction = weight, reduction
        self.places = list(places(x.shape, mask))

    def forward(self) -> dict[str, Grid]:
        """Return ``gated`` and ``l0_reg``."""
        gates = [self.gate(row, g)[0] for row, g in self.places]
        p = [self.open(a)["value"] for a in self.parameter]
        exactly()
        gated = [times([x], z) for x, z in zip(self.x.cells, gates, strict=True)]
        return {
            "gated": Grid(self.x.shape, gated),
            "l0_reg": self.reduced([times([self.share()], q) for q in p]),
        }

    def vjp(self, d_gated: Grid, d_l0_reg: Grid | float) -> dict[str, Grid]:
        """Return ``input`` and the cotangent of the trained parameter."""
        gates = [self.gate(row, g) for row, g in self.places]
        slopes = [self.open(a, "grad_") for a in self.parameter]
        exactly()
        of_input = [times([d], z) for d, (z, _) in zip(d_gated.cells, gates, strict=True)]
        d_l0 = d_l0_reg.cells if isinstance(d_l0_reg, Grid) else [d_l0_reg] * len(self.parameter)
        terms = [
            [times([d, self.share()], next(iter(p.values())))] for d, p in zip(d_l0, slopes, strict=True)
        ]
        for (_, g), x, d, (_, slope) in zip(self.places, self.x.cells, d_gated.cells, gates, strict=True):
            terms[g].append(times([d, x], slope))
        return {
            "input": Grid(self.x.shape, of_input),
            self.trained: Grid((len(terms),), [total(each) for each in terms]),
        }

    def gate(self, row: int, g: int) -> tuple[Exact, Exact]:
        """Return a gate, and its derivative with respect to the trained parameter."""
        own = (self.parameter[g], *self.options)
        if self.noise is None:
            value = evaluate(f"{self.layer}.gate", own, RULES)["value"]
            slope = evaluate(f"{self.layer}.grad_gate", own, RULES)[self.trained]
        else:
            noise = self.noise.cells[row * len(self.parameter) + g]
            found = evaluate(f"{self.law}.grad_transform", (noise, *own))
            value, slope = found["value"], list(found.values())[1]
        return value, times([self.clip], slope, known=1) if slope.gap == 0 else slope

    def open(self, parameter: float, kind: str = "") -> dict[str, Exact]:
        """Return the open probability of a gate, or its derivatives."""
        return evaluate(f"{self.law}.{kind}prob_active", (parameter, *self.options))

    def share(self) -> arb:
        """Return the weight of one gate in the penalty."""
        return arb(self.weight) / (len(self.parameter) if self.reduction == "mean" else 1)

    def reduced(self, terms: list[Exact]) -> Grid:
        """Return the penalty."""
        return Grid((len(terms),), terms) if self.reduction == "none" else Grid((), [total(terms)])


def exactly() -> None:
    """Multiply and add without rounding errors worth mentioning."""
    ctx.prec = PRECISIONS[3]


def places(shape: tuple[int, ...], mask: Grid | None) -> Iterable[tuple[int, int]]:
    """Yield the row and the gate of every element of an input of this shape."""
    example = shape[1:]
    for index in itertools.product(*map(range, shape)):
        if mask is None:
            yield index[0], position(example, index[1:])
            continue
        aligned = index[len(index) - len(mask.shape) :]
        own = tuple(0 if n == 1 else i for n, i in zip(mask.shape, aligned, strict=True))
        yield index[0], mask.cells[position(mask.shape, own)]


def position(shape: tuple[int, ...], index: Sequence[int]) -> int:
    """Return the place of an index in row-major order."""
    found = 0
    for n, i in zip(shape, index, strict=True):
        found = found * n + i
    return found


def times(factors: Sequence[Any], term: Exact, known: int = 0) -> Exact:
    """Multiply by arguments, each of which may be off by a rounding; the first ``known`` are exact."""
    scale = math.prod(map(arb, factors), start=arb(1))
    moved = term.condition + (len(factors) - known) * abs(arb(term.value))
    return Exact(scale * term.value, abs(scale) * moved, term.gap)


def total(terms: Sequence[Exact]) -> Exact:
    """Add terms, and their conditions."""
    if not terms:
        return ZERO
    value = sum((arb(t.value) for t in terms), arb(0))
    condition = sum((abs(arb(t.value)) + t.condition for t in terms), arb(0)) - abs(value)
    return Exact(value, condition, min(t.gap for t in terms))


def answer(function: str, arguments: Mapping[str, Any], clip: float = 1.0) -> dict[str, Grid]:
    """Answer a function of a layer.

    Parameters
    ----------
    function : str
        ``layer.forward``, ``layer.vjp``, or a test-time rule.
    arguments : mapping
        By name: grids, floats, text.
    clip : float
        Derivative of the clip at its clip points.

    Returns
    -------
    dict
        A grid of exact numbers by result.
    """
    layer, _, method = function.partition(".")
    trained, *names = RULES[layer].parameters
    parameter, options = arguments[trained].cells, [arguments[name] for name in names]
    if method not in ("forward", "vjp"):
        rule = method.removeprefix("get_gate_values").removeprefix(".") or "gate"
        raw = "" if arguments.get("clamp", True) else "raw_"
        return {"value": evaluate_rule(layer, raw + rule, parameter, options)}
    given = [arguments[name] for name in ("mask", "reg_weight", "reg_reduction")]
    oracle = LayerOracle(layer, arguments["x"], arguments["noise"], parameter, options, *given, clip)
    return (
        oracle.forward() if method == "forward" else oracle.vjp(arguments["d_gated"], arguments["d_l0_reg"])
    )
