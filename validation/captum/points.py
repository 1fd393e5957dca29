"""Where the gates are put: hyper-parameters, shapes, and the numbers away from the middle."""

from typing import Any

from stgref.conformance.recording import Kind

OPTIONS: dict[str, dict[str, tuple[float, ...]]] = {
    # temperature, lower bound, upper bound
    "binary_concrete": {
        "default": (2 / 3, -0.1, 1.1),
        "cold": (0.1, -0.1, 1.1),
        "wide": (0.5, -2.0, 2.0),
        "lopsided": (0.35, -0.2, 1.05),
    },
    # std
    "gaussian": {"default": (0.5,), "sharp": (0.1,), "unit": (1.0,), "broad": (2.0,)},
}
BULK = {"binary_concrete": (-3.0, 1.5), "gaussian": (-0.3, 1.3)}
"""Range of the trained parameter in the middle."""

LAYOUTS: dict[str, tuple[Any, tuple[int, ...]]] = {
    "plain": (None, (4, 5)),
    "plain-3d": (None, (3, 2, 3)),
    "groups": ([0, 1, 1, 2, 0], (4, 5)),
    "groups-2d": ([[0, 1, 1], [2, 0, 2]], (3, 2, 3)),
    "channels": ([[[0]], [[1]], [[2]]], (2, 3, 2, 2)),
    "last-axis": ([0, 1, 2, 1], (3, 2, 4)),
}
"""Mask and shape of the input."""

LN_11 = 2.3978952727983707
"""Where the test-time gate of the default binary concrete reaches 1; it leaves 0 at -LN_11."""

GATED: dict[str, dict[str, tuple[Kind, tuple[float, ...], tuple[float, ...] | None]]] = {
    # Kind, trained parameter of five gates, their noise (uniform for the binary concrete, standard normal otherwise).
    "binary_concrete": {
        "far": ("valid", (-104.0, -50.0, 20.0, 50.0, 104.0), (0.3, 0.9, 0.1, 0.5, 0.7)),
        "noise-tails": (
            "valid",
            (18.0, 13.5, 0.25, -14.0, -16.5),
            (1e-8, 1e-6, 0.50003, 1 - 1e-6, 1 - 2.0**-24),
        ),
        "test-time": ("valid", (-2.25, -0.5, 0.0, 2.25, 2.375), None),
        "test-time-far": ("valid", (-104.0, -50.0, -2.5, 2.5, 104.0), None),
        "test-time-clip": ("acceptable", (-LN_11, LN_11, -LN_11, LN_11, 0.5), None),
    },
    "gaussian": {
        "far": ("valid", (-20.0, -5.0, 2.0, 6.0, 20.0), (0.5, 1.5, -0.25, -0.5, 1.0)),
        "noise-tails": ("valid", (-2.5, -2.0, 3.5, 3.25, 0.25), (5.5, 4.75, -6.25, -5.5, 0.125)),
        "clip": ("acceptable", (0.25, 0.25, 0.5, 0.75, 1.5), (-0.5, 1.5, 1.0, -1.5, -1.0)),
        "test-time-far": ("valid", (-20.0, -(2.0**-100), 1 + 2.0**-23, 2.0, 20.0), None),
        "test-time-clip": ("acceptable", (0.0, -0.0, 1.0, 0.5, 1.0), None),
    },
}
"""Gates whose value is of interest."""

PENALTY: dict[str, dict[str, dict[str, tuple[float, ...]]]] = {
    # Trained parameter of five gates, in both dtypes.
    "binary_concrete": {
        "low": {
            "float32": (-80.0, -50.0, -20.0, -8.0, -4.0),
            "float64": (-600.0, -104.0, -50.0, -20.0, -4.0),
        },
        "flush": {
            "float32": (-104.0, -102.0, -100.0, -98.0, -96.0),
            "float64": (-745.0, -740.0, -730.0, -720.0, -715.0),
        },
        "high": {"float32": (8.0, 12.0, 16.0, 50.0, 80.0), "float64": (8.0, 16.0, 32.0, 50.0, 104.0)},
    },
    "gaussian": {
        "low": {"float32": (-2.0, -2.5, -3.0, -4.0, -5.0), "float64": (-2.5, -3.0, -4.0, -5.0, -20.0)},
        "high": {"float32": (1.5, 2.0, 3.0, 4.0, 5.0), "float64": (1.5, 2.0, 3.0, 5.0, 20.0)},
    },
}
"""Gates whose open probability is of interest."""

WRONG_MASKS = {
    "mask-gap": (0, 0, 1, 3, 3),
    "mask-too-large": (0, 1, 2, 3, 5),
    "mask-negative": (0, 1, 2, 3, -1),
}
"""Masks of four gates: one gates nothing; one does not exist; one is counted from the end."""
