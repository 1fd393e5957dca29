"""What the estimators are asked."""

from typing import Any

ROWS, EMPTY = 3, 0
QUOTA = {"bulk": 7, "tail": 4, "extreme": 3, "edge": 1}
"""How many cases of each flag; of the bulk, at least one for each set of options."""

PLAIN = {"noise": "n D"}
FIELDS: dict[str, dict[str, str]] = {
    "rloo": {"noise": "n k D"},
    "gumbel_rao": {"noise.latent": "n D", "noise.conditional": "n k D"},
    "arms": {"noise.copula": "n k D"},
    "rebar": {"noise.latent": "n D", "noise.conditional": "n D"},
    "relax": {"noise.latent": "n D", "noise.conditional": "n D"},
    "double_cv": {"noise.latent": "n k D"},
    "vimco": {"noise.latent": "n k D"},
    "sts": {"noise.latent": "n D"},
}
"""The axes of the noise, where it is not one array of n D."""

LATENT = {"name": "Quadratic", "t": 0.25, "weight": 0.125}
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "score_function": [
        *({}, {"baseline": 0.375}, {"baseline": "optimal"}),
        {"baseline": "moving_average", "decay": 0.75},
    ],
    "rloo": [{"k": 2}, {"k": 4}],
    "straight_through": [{}, {"derivative": "sigmoid", "temperature": 0.75}, {"derivative": "clipped"}],
    "relaxation": [{"temperature": 0.5}, {"temperature": 1.25}],
    "gumbel_softmax_st": [{"temperature": 0.5}, {"temperature": 1.25}],
    "gumbel_rao": [{"temperature": 0.5, "k": 2}, {"temperature": 1.0, "k": 3}],
    "reinmax": [{"temperature": 1.0}, {"temperature": 1.5}],
    "arm": [{}],
    "disarm": [{}],
    "arms": [{"k": 2}, {"k": 3}, {"k": 4}],
    "muprop": [{}],
    "measure_valued": [{}],
    "rebar": [
        {"temperature": 0.5, "eta": 1.0},
        {"temperature": 0.75, "eta": -0.5, "coupling": "coupled"},
    ],
    "relax": [{"control_variate": LATENT}, {"control_variate": LATENT, "coupling": "coupled"}],
    "double_cv": [{"k": 2, "alpha": 0.5}, {"k": 3, "alpha": -1.0}],
    "finite_difference": [{"step": 0.25}, {"step": 1.0}],
    "vimco": [{"k": 2}, {"k": 3, "average": "arithmetic"}, {"k": 3, "average": "geometric"}],
    "sts": [{}],
    "noisy_rectifier": [{}],
}

#: By the number of variables.
OBJECTIVES: dict[int, list[dict[str, Any]]] = {
    1: [{"name": "Quadratic", "t": 0.4375}],
    2: [
        {"name": "Pairwise", "Q": [[1.0, 0.625], [0.0, 2.0]], "a": [-0.875, -1.25], "c": 0.5},
        {"name": "Multilinear", "coefficients": [[0.25, -1.5], [0.75, 2.0]]},
        {"name": "Linear", "a": [0.5, -1.25], "c": 0.375},
    ],
    3: [
        {"name": "Quadratic", "t": [0.125, 0.5625, 0.875], "weight": [1.0, 2.0, 0.5]},
        {"name": "Multilinear", "coefficients": [[[0.5, -1.0], [0.25, 1.5]], [[-0.75, 0.625], [2.0, -1.25]]]},
        {"name": "MeanQuadratic", "t": 0.4375},
    ],
}
EXTREME = (-1000.0, -700.0, -90.0, 0.0, 1e-8, 90.0, 1000.0)
"""Logits."""
