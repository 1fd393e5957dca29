"""The cases of the laws of vectors: exact results of the oracle, of one vector or of a batch."""

import itertools
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tests.accuracy.vectors import points
from tests.oracle.evaluate_vector import evaluate_vector
from tests.oracle.layers import Grid
from tests.oracle.vectors import VECTOR_LAWS
from validation.vectors.choose import BULK, POOL, RANGE, SEED
from validation.vectors.node import NOTHING, Node, answer, head

Point = dict[str, Any]

QUOTA = {"bulk": (2, 1), "tail": (3, 1), "extreme": (3, 0), "edge": (2, 0)}
"""How many cases of each flag there are of one vector, and of a batch."""
BATCH = 3
SIZES = (3, 2, 5, 1, 4)
"""Numbers of categories, in turn."""
NUMBERS = ("temperature", "d_temperature")
"""Arguments that are one number for a vector."""
CONSTANT = ("categorical.vjp_transform", "categorical.jvp_transform")
"""Functions that are 0 wherever they are defined."""
GUMBEL = (-2, 5)
NEAR = 64.0
"""Eps: how near to a tie, next to the size of the numbers, the largest two may be."""


def functions(law: str) -> dict[str, Node]:
    """Describe the functions of a law.

    Parameters
    ----------
    law : str
        Its name.

    Returns
    -------
    dict
        The names of the arguments and of the results, by the name of the function.
    """
    return {f"{law}.{name}": _function(law, name) for name in VECTOR_LAWS[law].functions()}


def cases(function: str, dtype: str) -> Iterator[Node]:
    """Make the cases of a function in a dtype.

    Parameters
    ----------
    function : str
        ``law.function``.
    dtype : str
        Of arguments and results.

    Yields
    ------
    dict
        A case, as it stands in the set.
    """
    found = _candidates(function, dtype)
    for flag, (single, batches) in QUOTA.items():
        right = _answered(function, dtype, found[flag], zero=flag != "tail" or function in CONSTANT)
        numbers = itertools.count()
        for point, exact in itertools.islice(right, single):
            yield _case(function, dtype, (flag,), next(numbers), [point], [exact], batch=False)
        for _ in range(batches):
            few = list(itertools.islice(_alike(right), BATCH))
            batch = (flag, "batch")
            yield _case(function, dtype, batch, next(numbers), *map(list, zip(*few, strict=True)), batch=True)
    for number, wrong in enumerate(_wrong(found["bulk"][0])):
        arguments = {name: _argument([value], batch=False) for name, value in wrong.items()}
        yield head(function, dtype, ("outside",), number, arguments, "invalid") | NOTHING


def exact(function: str, dtype: str, vectors: list[Point], *, batch: bool) -> Node:
    """Evaluate the oracle.

    Parameters
    ----------
    function, dtype : str
        Which function, and what its results are rounded to.
    vectors : list of dict
        All arguments of each vector.
    batch : bool
        Whether they are a batch.

    Returns
    -------
    dict
        ``results`` and ``conditions``.
    """
    return answer(
        _stacked(function, [evaluate_vector(function, point) for point in vectors], batch=batch), dtype
    )


def _function(law: str, name: str) -> Node:
    arguments = VECTOR_LAWS[law].arguments(name)
    point = _bulk(f"{law}.{name}", "float64", 0)
    return {"arguments": list(arguments), "results": list(evaluate_vector(f"{law}.{name}", point))}


def _case(
    function: str,
    dtype: str,
    flags: tuple[str, ...],
    number: int,
    vectors: list[Point],
    found: list[Any],
    *,
    batch: bool,
) -> Node:
    names = vectors[0]
    arguments = {name: _argument([point[name] for point in vectors], batch=batch) for name in names}
    right = answer(_stacked(function, found, batch=batch), dtype)
    return head(function, dtype, flags, number, arguments) | right


def _argument(values: list[Any], *, batch: bool) -> Any:
    """Return one vector or number, or a batch of them."""
    if batch:
        return np.array(values, "float64")
    return np.array(values[0], "float64") if isinstance(values[0], list) else values[0]


def _stacked(function: str, found: list[Mapping[str, Any]], *, batch: bool) -> dict[str, Grid]:
    """Put the results of vectors into grids; where a result is one number for a vector, there is no last axis."""
    grids = {}
    for name in found[0]:
        size = len(found[0][name])
        last = () if _is_number(function, name) else (size,)
        shape = ((len(found),) if batch else ()) + last
        grids[name] = Grid(shape, [each for one in found for each in one[name]])
    return grids


def _is_number(function: str, result: str) -> bool:
    """Tell a result that is one number for a vector."""
    quantity = function.partition(".")[2]
    return result in NUMBERS or (result == "value" and quantity in {"pdf", "logpdf", "entropy"})


def _answered(function: str, dtype: str, found: list[Point], *, zero: bool) -> Iterator[tuple[Point, Any]]:
    """Take the points whose answers can be rounded without doubt, and are not all 0 unless that is good enough."""
    for point in found:
        try:
            result = evaluate_vector(function, point)
            if _is_tied(function, dtype, point):
                continue
            results = answer(_stacked(function, [result], batch=False), dtype)["results"]
        except ArithmeticError:
            continue
        if zero or any(set(np.ravel(each["hex"])) - {"0x0p+0"} for each in results.values()):
            yield point, result


def _alike(found: Iterator[tuple[Point, Any]]) -> Iterator[tuple[Point, Any]]:
    """Keep to the number of categories of the first."""
    size = None
    for point, result in found:
        length = len(point["logits"])
        size = size or (length if length > 1 else None)
        if length == size:
            yield point, result


def _is_tied(function: str, dtype: str, point: Point) -> bool:
    """Tell where a rounding decides which category is sampled."""
    if not function.startswith("categorical") or "noise" not in point or len(point["logits"]) < 2:
        return False
    totals = sorted(a + b for a, b in zip(point["noise"], point["logits"], strict=True))
    size = max(map(abs, point["noise"] + point["logits"]))
    return totals[-1] - totals[-2] <= NEAR * float(np.finfo(dtype).eps) * size


def _candidates(function: str, dtype: str) -> dict[str, list[Point]]:
    found: dict[str, list[Point]] = {flag: [] for flag in QUOTA}
    found["bulk"] = [_bulk(function, dtype, turn) for turn in range(8 * len(SIZES))]
    for point in points(function, dtype, POOL):
        flag = _flag(point)
        if flag != "bulk" and len(point["logits"]) > 1:
            found[flag].append(point)
    found["edge"] = _edges(found["bulk"])
    return found


def _bulk(function: str, dtype: str, turn: int) -> Point:
    """Draw a point of the middle, three decimals to a number."""
    law, _, name = function.partition(".")
    rng = np.random.default_rng([SEED, zlib.crc32(function.encode()), turn])
    size = SIZES[turn % len(SIZES)]
    arguments = VECTOR_LAWS[law].arguments(name)
    point = {each: _draw(law, each, size, rng) for each in arguments}
    return {each: np.asarray(value, dtype).tolist() for each, value in point.items()}


def _draw(law: str, name: str, size: int, rng: np.random.Generator) -> Any:
    if name == "temperature":
        return round(rng.uniform(*BULK["temperature"]), 3)
    if name == "d_temperature":
        return round(rng.uniform(-2, 2), 3)
    if name == "sample" or (name == "x" and law == "categorical"):
        return np.eye(size)[rng.integers(size)]
    if name == "x":
        share = rng.dirichlet(np.ones(size) * 2)
        return np.round(np.log(share) if law == "exp_concrete" else np.maximum(share, 0.001), 3)
    low, high = {"noise": GUMBEL, "logits": BULK["logits"]}.get(name, (-2, 2))
    return np.round(rng.uniform(low, high, size), 3)


def _flag(point: Point) -> str:
    """Say whether a point of the pool is far out."""
    inside = [_inside(BULK, name, value) for name, value in point.items()]
    if all(inside):
        return "bulk"
    return "tail" if all(_inside(RANGE, name, value) for name, value in point.items()) else "extreme"


def _inside(table: dict[str, tuple[float, float]], name: str, value: Any) -> bool:
    low, high = table.get("logits" if name.startswith(("d_", "cot")) else name, (-np.inf, np.inf))
    return all(low <= each <= high for each in np.ravel(value))


def _edges(bulk: list[Point]) -> list[Point]:
    """Put a point of a law with atoms beside them."""
    if "x" not in bulk[0] or sorted(bulk[0]["x"]) != [0.0, 0.0, 1.0]:
        return []
    return [{**bulk[0], "x": x} for x in ([0.5, 0.5, 0.0], [0.0, 0.0, 0.0])]


def _wrong(point: Point) -> Iterator[Point]:
    """Leave the domain, or leave a category out."""
    if "temperature" in point:
        yield {**point, "temperature": 0.0}
        yield {**point, "temperature": -1.0}
    if len(point) > 1:
        yield {**point, "logits": point["logits"][:-1]}
