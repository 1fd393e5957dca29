"""What the gate layers are asked."""

from typing import Any

QUOTA = {"bulk": 12, "tail": 6, "extreme": 6, "edge": 2}
"""How many cases of each flag, where there are as many."""
FAR_ROWS = {"tail": 3, "extreme": 3}
"""Gates of a layer in the tails."""
REDUCTIONS = ("sum", "mean", "none")
WEIGHTS = (1.0, 0.375, -0.5, 2.0, 0.125)
BULK = {"BinaryConcreteStochasticGates": (-3, 3), "GaussianStochasticGates": (-0.5, 1.5)}
"""Of the trained parameter."""
OPTIONS: dict[str, list[tuple[float, ...]]] = {
    "BinaryConcreteStochasticGates": [
        (2 / 3, -0.1, 1.1),
        (0.5, -0.25, 1.5),
        (1.5, -0.1, 1.1),
        (0.1, -1.0, 1.05),
    ],
    "GaussianStochasticGates": [(0.5,), (0.2,), (1.25,)],
}

LAYOUTS: list[tuple[Any, tuple[int, ...]]] = [
    (None, (3, 4)),
    (None, (2, 2, 2)),
    ([0, 2, 1, 0], (2, 4)),
    ([1, 0, 0], (2, 2, 3)),
    ([[0], [1]], (2, 2, 3)),
    ([[0, 1, 1]], (3, 3)),
]
"""Mask and shape of the input."""
EMPTY: list[tuple[Any, tuple[int, ...]]] = [(None, (0, 3))]

#: Trained parameters, noise (none at test time) and options where unclipped gates are exactly 0 or 1, two of three.
CLIP_POINTS: dict[str, list[tuple[list[float], list[float] | None, tuple[float, ...]]]] = {
    "BinaryConcreteStochasticGates": [
        ([3.0, -0.25, 1.0], [-3.0, 0.25, 0.5], (0.5, -2.0, 2.0)),
        ([3.0, -0.25, -1.0], [-3.0, 0.25, -0.5], (0.5, -1.0, 3.0)),
        ([0.0, 0.25, 0.0], None, (0.5, -2.0, 2.0)),
        ([0.0, -0.25, 0.0], None, (0.5, -1.0, 3.0)),
    ],
    "GaussianStochasticGates": [
        ([-1.0, 1.0, 0.25], [2.0, 0.0, 0.25], (0.5,)),
        ([0.0, -0.25, 1.5], [0.0, 1.25, -1.5], (1.0,)),
        ([0.0, 1.0, 0.25], None, (0.5,)),
    ],
}

WRONG: list[dict[str, Any]] = [
    {"x": [[0.5] * 3] * 3},
    {"noise": [[0.5] * 3] * 3},
    {"mask": [0, 1, 3, 3]},
    {"mask": [0, 1, 2, 4]},
    {"mask": [0, 1, 2, -1]},
    {"mask": [[0, 1, 2, 3], [3, 2, 1, 0], [0, 1, 2, 3]]},
    {"reg_reduction": "max"},
    {"d_gated": [[0.5] * 3] * 3},
    {"temperature": 0.0},
    {"temperature": -0.5},
    {"lower_bound": 0.5},
    {"upper_bound": 0.5},
    {"std": 0.0},
    {"std": -0.5},
]
"""Of a layer of four gates and an input of shape (3, 4): what an error is the right answer to."""
WRONG_RULE = {
    "": [],
    ".median": [{"temperature": 0.0}],
    ".scaled": [{"temperature": 0.0}],
    ".mean": [{"temperature": 0.0}, {"std": 0.0}],
    ".mode": [{"temperature": 0.0}, {"std": 0.0}],
    ".threshold": [{"temperature": 0.0}, {"std": 0.0}],
}
"""The same of the test-time rules that the option enters."""
