"""The arithmetic that a quantity cannot do without, as NumPy's calls: each in place, in the tiles and threads of stgref.

Calls that depend on scalar parameters only are left out. A floor says nothing of accuracy: it is the textbook formula.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from stgref.numerics import tiles

SIGMOID = "exp add divide"
SOFTPLUS = "abs exp log1p"
POINT = "subtract divide"
CLIP = "maximum minimum"
LOGIT = "log log1p subtract"
V = "add multiply"
SQUARE = "multiply multiply"

FLOORS = {
    **{f"{law}.transform": V for law in ("logistic", "normal", "gumbel")},
    **{f"{law}.grad_transform": f"{V} copy copy copy" for law in ("logistic", "normal", "gumbel")},
    "bernoulli.transform": "add greater",
    "bernoulli.grad_transform": "add greater copy copy",
    "binary_concrete.transform": f"{V} {SIGMOID}",
    "binary_concrete.grad_transform": f"{V} {SIGMOID} {SQUARE} multiply copy multiply",
    "binary_concrete.transform_logit": V,
    "binary_concrete.grad_transform_logit": f"{V} copy copy multiply",
    "hard_concrete.transform": f"{V} {SIGMOID} {V} {CLIP}",
    "hard_concrete.grad_transform": f"{V} {SIGMOID} {V} {CLIP} {SQUARE} multiply subtract less multiply multiply "
    "multiply multiply multiply copy",
    "rectified_gaussian.transform": f"{V} {CLIP}",
    "rectified_gaussian.grad_transform": f"{V} {CLIP} less copy copy multiply",
    "logistic.pdf": f"{POINT} exp {SQUARE} add divide",
    "logistic.logpdf": f"{POINT} {SOFTPLUS} add",
    "logistic.cdf": f"{POINT} {SIGMOID}",
    "logistic.ccdf": f"{POINT} {SIGMOID}",
    "logistic.logcdf": f"{POINT} {SOFTPLUS} add",
    "logistic.logccdf": f"{POINT} {SOFTPLUS} add",
    "logistic.icdf": f"{LOGIT} {V}",
    "logistic.iccdf": f"{LOGIT} {V}",
    "normal.pdf": f"{POINT} multiply exp multiply",
    "normal.logpdf": f"{POINT} multiply subtract",
    "gumbel.pdf": f"{POINT} exp add exp multiply",
    "gumbel.logpdf": f"{POINT} exp add",
    "gumbel.cdf": f"{POINT} exp exp",
    "gumbel.logcdf": f"{POINT} exp",
    "gumbel.icdf": f"log log {V}",
    "bernoulli.mean": SIGMOID,
    "bernoulli.prob_one": SIGMOID,
    "bernoulli.prob_zero": SIGMOID,
    "bernoulli.log_prob_one": f"{SOFTPLUS} add",
    "bernoulli.log_prob_zero": f"{SOFTPLUS} add",
    "bernoulli.variance": f"{SIGMOID} {SQUARE}",
    "bernoulli.entropy": f"{SOFTPLUS} add divide multiply",
    "binary_concrete.cdf": f"{LOGIT} {V} {SIGMOID}",
    "binary_concrete.icdf": f"{LOGIT} {V} {SIGMOID}",
    "hard_concrete.cdf": f"subtract subtract divide log {V} {SIGMOID}",
    "hard_concrete.prob_active": f"subtract {SIGMOID}",
    "hard_concrete.prob_zero": f"subtract {SIGMOID}",
    "hard_concrete.prob_one": f"subtract {SIGMOID}",
}
TWO = {"add", "subtract", "multiply", "divide", "maximum", "minimum"}


def floor(calls: str, x: np.ndarray) -> Callable[[], Any]:
    """A step that does the calls on ``x``, tile by tile, and writes one result."""
    result, other = np.empty_like(x), np.abs(x) + 1

    def on(tile: tiles.Tile) -> None:
        values, operand, out = x[tile], other[tile], result[tile]
        truth = np.empty(values.shape, bool)
        with np.errstate(all="ignore"):
            for i, name in enumerate(calls.split()):
                given = operand if name in ("log", "log1p") else values if i == 0 else out
                if name == "copy":
                    np.copyto(out, operand)
                elif name in ("less", "greater"):
                    getattr(np, name)(given, 0.0, out=truth)
                elif name in TWO:
                    getattr(np, name)(given, operand, out=out)
                else:
                    getattr(np, name)(given, out=out)

    def step() -> Any:
        tiles.for_each(on, tiles.over(x.shape))
        return result

    return step


def copies(x: np.ndarray, count: int) -> Callable[[], Any]:
    """A step that copies ``x`` so many times to memory that is there."""
    result = np.empty_like(x)

    def step() -> Any:
        for _ in range(count):
            np.copyto(result, x)
        return result

    return step
