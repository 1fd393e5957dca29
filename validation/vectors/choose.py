"""The points of a function: what is asked, and why.

Points of the bulk are drawn here, with few decimals; those of the tails and extremes are the ones that the accuracy of
stgref itself is tested at. The random numbers of a function depend on its name alone.
"""

import itertools
import math
import zlib
from collections.abc import Iterator

import numpy as np

from tests.accuracy.arguments import VALID
from tests.accuracy.points import bare, is_valid, points
from tests.oracle import split
from tests.oracle.law import Law

Point = tuple[float, ...]

SEED = 4
POOL = 400
QUOTA = {"bulk": 5, "tail": 5, "extreme": 4, "edge": 3}
"""How many points of each flag, where there are as many."""

BULK = {
    "log_alpha": (-5, 5),
    "logits": (-5, 5),
    "temperature": (0.1, 5),
    "lower": (-2, -0.01),
    "upper": (1.01, 3),
    "mu": (-1, 2),
    "std": (0.1, 2),
    "loc": (-10, 10),
    "scale": (0.1, 10),
    "noise": (-5, 5),
    "p": (0.01, 0.99),
    "u": (0.01, 0.99),
    "x": (0.01, 0.99),
    "a": (0.2, 5),
    "b": (0.2, 5),
}
RANGE = {
    "log_alpha": (-500, 500),
    "logits": (-500, 500),
    "temperature": (0.01, 50),
    "lower": (-9, -1e-5),
    "upper": (1 + 1e-5, 10),
    "mu": (-100, 100),
    "std": (0.005, 9),
    "loc": (-900, 900),
    "scale": (0.005, 500),
    "noise": (-37, 37),
    "p": (1e-30, 1 - 2e-12),
    "u": (1e-30, 1 - 2e-12),
    "x": (-1e4, 1e4),
    "a": (0.02, 50),
    "b": (0.02, 50),
}
"""Outside, or nearer to 0 than `TINY`, a point is extreme."""
TINY = 1e-30
WRONG = {"temperature": 0.0, "lower": 0.5, "upper": 0.5, "std": -0.5, "scale": -1.0, "p": 1.5, "sample": 0.5}
WRONG_OF_SHAPES = {"noise": 1.5, "a": 0.0, "b": -0.5}
"""Of the laws whose noise is uniform."""
LOCATION_SCALE = {"logistic", "normal", "gumbel"}

#: Where the unclipped value is exactly 0 or 1, in the arithmetic of floats too.
CLIP_POINTS: dict[str, list[Point]] = {
    "rectified_gaussian.transform": [(-1, 0.5, 0.5), (1, 0.5, 0.5), (0, 0, 0.5), (0, 1, 2), (-2, 1, 0.5)],
    "rectified_gaussian.icdf": [(0.5, 0, 0.5), (0.5, 1, 0.5), (0.5, 0, 2)],
    "rectified_gaussian.median": [(0, 0.5), (1, 0.5), (0, 2), (1, 0.125)],
    "hard_concrete.transform": [(-3, 3, 0.5, -2, 2), (0.25, -0.25, 0.5, -1, 3), (0, 0, 1, -1, 3)],
    "hard_concrete.icdf": [(0.5, 0, 0.5, -2, 2), (0.5, 0, 0.5, -1, 3)],
    "hard_concrete.median": [(0, 0.5, -2, 2), (0, 0.5, -1, 3), (0, 2, -4, 4)],
}

UNCLIPPED = {"hard_concrete.transform", "hard_concrete.grad_icdf", "hard_concrete.grad_median"}
"""Most points drawn are clipped, and say nothing about the temperature; those that are not come first."""


def candidates(function: str, dtype: str) -> dict[str, list[Point]]:
    """Return the points of a function by flag, more than are needed.

    Parameters
    ----------
    function : str
        ``law.quantity`` or ``law.grad_quantity``.
    dtype : str
        Of the arguments.

    Returns
    -------
    dict
        All arguments of each point, exact in the dtype; in the order of preference.
    """
    law, quantity, _ = split(function)
    found: dict[str, list[Point]] = {flag: [] for flag in QUOTA}
    for point in itertools.chain(_bulk(function, dtype), points(function, dtype, POOL)):
        found[flag_of(law, quantity, point)].append(point)
    if function in UNCLIPPED:
        found["bulk"].sort(key=lambda point: _clipped(dict(zip(law.arguments(quantity), point, strict=True))))
    return {flag: list(dict.fromkeys(each)) for flag, each in found.items()}


def clip_points(function: str) -> list[Point]:
    """Return the points at which the unclipped value is exactly 0 or 1.

    Parameters
    ----------
    function : str
        Of a law with atoms.

    Returns
    -------
    list of tuple of float
        The points; none for a function that is not clipped.
    """
    law, quantity, _ = split(function)
    return [tuple(map(float, point)) for point in CLIP_POINTS.get(f"{law.name}.{quantity}", [])]


def wrong_points(function: str, dtype: str) -> list[Point]:
    """Return points outside the domain, one for each argument that has an end to its domain.

    Parameters
    ----------
    function : str
        ``law.quantity`` or ``law.grad_quantity``.
    dtype : str
        Of the arguments.

    Returns
    -------
    list of tuple of float
        The points.
    """
    law, quantity, _ = split(function)
    names = law.arguments(quantity)
    start = next(_bulk(function, dtype))
    wrong = WRONG | (WRONG_OF_SHAPES if _is_of_shapes(law) else {})
    where = [i for i, name in enumerate(names) if bare(name) in wrong]
    return [(*start[:i], wrong[bare(names[i])], *start[i + 1 :]) for i in where]


def _is_of_shapes(law: Law) -> bool:
    """Tell a law whose parameters are shapes a and b, and whose noise is uniform."""
    return "a" in law.parameters


def flag_of(law: Law, quantity: str, point: Point) -> str:
    """Say why a point is chosen.

    Parameters
    ----------
    law : Law
        The oracle's law.
    quantity : str
        The quantity.
    point : tuple of float
        All arguments.

    Returns
    -------
    str
        One of ``bulk tail extreme edge``.
    """
    given = _by_kind(law, dict(zip(law.arguments(quantity), point, strict=True)))
    if _at_edge(law, quantity, given):
        return "edge"
    if any(_beyond(name, value) for name, value in given.items()):
        return "extreme"
    middle = given.copy()
    if law.name in LOCATION_SCALE and "x" in middle:
        middle["x"] = 0.5 + 0.098 * (middle["x"] - middle["loc"]) / middle["scale"]
    if quantity == "logpdf_logit":
        middle["x"] = 0.5 + 0.098 * middle["x"]
    return "bulk" if all(_inside(BULK, name, value) for name, value in middle.items()) else "tail"


def _at_edge(law: Law, quantity: str, given: dict[str, float]) -> bool:
    """Tell an argument at the end of the support or beyond, or a probability of 0 or 1."""
    if given.get("p", 0.5) in (0, 1) or given.get("u", 0.5) in (0, 1):
        return True
    unit = law.name not in LOCATION_SCALE and quantity != "logpdf_logit"
    return unit and not 0 < given.get("x", 0.5) < 1


def _by_kind(law: Law, given: dict[str, float]) -> dict[str, float]:
    """Name uniform noise as what it is."""
    uniform = _is_of_shapes(law)
    return {"u" if uniform and name == "noise" else name: value for name, value in given.items()}


def _beyond(name: str, value: float) -> bool:
    return not _inside(RANGE, name, value) or 0 < abs(value) < TINY


def _inside(table: dict[str, tuple[float, float]], name: str, value: float) -> bool:
    low, high = table.get(bare(name), (-np.inf, np.inf))
    return low <= value <= high


def _clipped(given: dict[str, float]) -> bool:
    """Tell a hard concrete gate that is 0 or 1."""
    p = given.get("p", 0.5)
    noise = given.get("noise", math.log(p / (1 - p)))
    open_ = 1 / (1 + math.exp(-(given["log_alpha"] + noise) / given["temperature"]))
    return not 0.01 < given["lower"] + (given["upper"] - given["lower"]) * open_ < 0.99


def _bulk(function: str, dtype: str) -> Iterator[Point]:
    """Draw points of the middle, three decimals to an argument."""
    law, quantity, is_gradient = split(function)
    names = law.arguments(quantity)
    rng = np.random.default_rng([SEED, zlib.crc32(function.encode())])
    for _ in range(3 * QUOTA["bulk"]):
        given = {name: _draw("u" if _is_of_shapes(law) and name == "noise" else name, rng) for name in names}
        if law.name in LOCATION_SCALE and "x" in given:
            given["x"] = round(given["loc"] + given["scale"] * rng.uniform(-4, 4), 3)
        if quantity == "logpdf_logit":
            given["x"] = round(rng.uniform(-4, 4), 3)
        point = tuple(float(np.dtype(dtype).type(given[name])) for name in names)
        if all(VALID[bare(n)](v) for n, v in zip(names, point, strict=True) if bare(n) in VALID) and is_valid(
            law.name, quantity, names, point, is_gradient
        ):
            yield point


def _draw(name: str, rng: np.random.Generator) -> float:
    return float(rng.integers(2)) if name == "sample" else round(rng.uniform(*BULK[bare(name)]), 3)
