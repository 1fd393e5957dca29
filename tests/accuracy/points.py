"""The points at which a function is tested: a grid of special values and random points, all exact in the dtype."""

from __future__ import annotations

import itertools
import os
import zlib

import numpy as np

from tests.oracle import split

from .arguments import SPECIAL, VALID, Rng, pick

Point = tuple[float, ...]
DENSE = bool(int(os.environ.get("STGREF_DENSE", "0")))
COUNT = 20_000 if DENSE else 400

FIRST = ("noise", "x", "p", "sample")

#: Sparse values of the grid; the product over a law's parameters is visited whole.
GRID = {
    "log_alpha": [-1e4, -745.0, -50.0, -5.0, -1.0, 0.0, 0.5, 2.3978952727983707, 20.0, 100.0, 1e4],
    "logits": SPECIAL["logits"],
    "temperature": [1e-3, 0.1, 2 / 3, 1.0, 5.0, 100.0],
    "bounds": [(-0.1, 1.1), (-1e-6, 1.000001), (-10.0, 11.0), (-1e-6, 11.0), (-10.0, 1.1)],
    "ratio": SPECIAL["ratio"],
    "std": SPECIAL["std"],
    "loc": [-1e3, -1.0, 0.0, 1e-8, 10.0],
    "scale": [1e-3, 0.5, 1.0, 10.0, 1e3],
    "a": [0.01, 0.1, 0.5, 1.0, 1.25, 5.0, 30.0, 100.0],
    "b": [0.01, 0.1, 0.5, 1.0, 1.25, 5.0, 30.0, 100.0],
}

#: What the axes of parameters draw from, where they do not by their own names.
DRAWN_AS = {"a": "shape", "b": "shape"}


def points(function: str, dtype: str, count: int | None = None, seed: int = 0) -> list[Point]:
    """Return the test points of a function, without repetition.

    Parameters
    ----------
    function : str
        ``law.quantity`` or ``law.grad_quantity``.
    dtype : str
        ``float64`` or ``float32``; the arguments are numbers of this dtype.
    count : int, optional
        About how many; half of them from the grid. 400, or 20 000 under ``STGREF_DENSE=1``, unless given.
    seed : int
        Another seed gives other points.
    """
    law, quantity, is_gradient = split(function)
    names = law.arguments(quantity)
    rng = np.random.default_rng([seed, zlib.crc32(f"{law.name}.{quantity}".encode())])
    count = count or COUNT
    drawn = itertools.chain(
        grid(law.name, names, count // 2, rng), (draw(law.name, names, rng) for _ in range(count))
    )
    if quantity == "logpdf_logit":
        drawn = ({**point, "x": logit_of_sample(point, rng)} for point in drawn)
    rounded = (tuple(float(np.dtype(dtype).type(point[n])) for n in names) for point in drawn)
    kept = dict.fromkeys(p for p in rounded if is_valid(law.name, quantity, names, p, is_gradient))
    return list(itertools.islice(kept, count))


def grid(law: str, names: tuple[str, ...], count: int, rng: Rng) -> list[dict[str, float]]:
    """Return ``count`` different points of the grid of parameters, each with a special first argument."""
    first = [n for n in names if n in FIRST]
    parameters = [dict(zip(parameter_axes(law), values, strict=True)) for values in grid_values(law)]
    chosen = [parameters[i] for i in rng.permutation(len(parameters))]
    repeats = -(-count // len(chosen)) if first else 1
    cells = [resolve(cell) for cell in chosen for _ in range(repeats)][:count]
    if names[0].endswith("_p"):
        return [both_laws(cell, resolve(chosen[rng.integers(len(chosen))])) for cell in cells]
    return [cell | {n: first_argument(n, law, cell, rng, special=True) for n in first} for cell in cells]


def parameter_axes(law: str) -> list[str]:
    return {
        "bernoulli": ["logits"],
        "binary_concrete": ["log_alpha", "temperature"],
        "hard_concrete": ["log_alpha", "temperature", "bounds"],
        "rectified_gaussian": ["ratio", "std"],
        "kumaraswamy": ["a", "b"],
        "hard_kumaraswamy": ["a", "b", "bounds"],
    }.get(law, ["loc", "scale"])


def grid_values(law: str) -> list[tuple]:
    return list(itertools.product(*(GRID[axis] for axis in parameter_axes(law))))


def resolve(cell: dict) -> dict[str, float]:
    """Replace ``bounds`` and ``ratio`` by the parameters that they stand for."""
    cell = dict(cell)
    if "bounds" in cell:
        cell["lower"], cell["upper"] = cell.pop("bounds")
    if "ratio" in cell:
        cell["mu"] = cell.pop("ratio") * cell["std"]
    return cell


def both_laws(p: dict[str, float], q: dict[str, float]) -> dict[str, float]:
    return {f"{n}_p": v for n, v in p.items()} | {f"{n}_q": v for n, v in q.items()}


def draw(law: str, names: tuple[str, ...], rng: Rng) -> dict[str, float]:
    """Return a random point."""
    cell = draw_parameters(law, rng)
    if names[0].endswith("_p"):
        return both_laws(cell, draw_parameters(law, rng) if rng.integers(2) else draw_near(cell, rng))
    return cell | {n: first_argument(n, law, cell, rng) for n in names if n in FIRST}


def draw_parameters(law: str, rng: Rng) -> dict[str, float]:
    """Return random parameters; half of the bounds are symmetric about 1/2, a third of mu are not tied to std."""
    cell = {axis: pick(DRAWN_AS.get(axis, axis), rng) for axis in parameter_axes(law) if axis != "bounds"}
    if "bounds" in parameter_axes(law):
        cell["lower"] = pick("lower", rng)
        cell["upper"] = 1 - cell["lower"] if rng.integers(2) else pick("upper", rng)
    if law == "rectified_gaussian" and rng.integers(3) == 0:
        cell["mu"] = pick("mu", rng)
        del cell["ratio"]
    return resolve(cell)


def draw_near(cell: dict[str, float], rng: Rng) -> dict[str, float]:
    """Return parameters that differ from the given ones by little, or not at all, in one or all of them."""
    size = 0.0 if rng.integers(8) == 0 else 10 ** rng.uniform(-12, -0.3)
    only = rng.choice(list(cell)) if rng.integers(2) else None
    moved = {n: v + abs(v) * size * rng.uniform(-1, 1) if only in (None, n) else v for n, v in cell.items()}
    moved["upper"] = max(moved.get("upper", 2.0), 1.000001)
    return {n: moved[n] for n in cell}


def first_argument(name: str, law: str, cell: dict[str, float], rng: Rng, *, special: bool = False) -> float:
    """Return noise, p or x; x mostly where the law has its mass."""
    if name == "sample":
        return float(rng.integers(2))
    if name == "noise" and "kumaraswamy" in law:
        name = "u"
    if name != "x":
        return float(rng.choice(SPECIAL[name])) if special else pick(name, rng)
    noise = pick("noise", rng) * (25 if rng.integers(8) == 0 else 1)
    if "loc" in cell:
        return cell["loc"] + cell["scale"] * noise if rng.integers(8) else pick("loc", rng)
    if law == "bernoulli":
        return float(rng.choice([0.0, 1.0, 0.5, pick("outside", rng)]))
    kind = rng.integers(8)
    if kind == 0:
        return float(rng.choice([0.0, 1.0, pick("outside", rng)]))
    return pick("x01", rng) if kind < 4 else inside(law, cell, pick("u", rng) if "a" in cell else noise)


def logit_of_sample(cell: dict[str, float], rng: Rng) -> float:
    """Return a sample in logit space, or one of the special values of log_alpha."""
    return (
        (cell["log_alpha"] + pick("noise", rng)) / cell["temperature"]
        if rng.integers(4)
        else pick("log_alpha", rng)
    )


def inside(law: str, cell: dict[str, float], noise: float) -> float:
    """Return the sample that ``noise`` gives, where it is not clipped."""
    low, high = cell.get("lower", 0.0), cell.get("upper", 1.0)
    if law == "rectified_gaussian":
        x = cell["mu"] + cell["std"] * noise
    elif "a" in cell:
        power = max(-np.expm1(np.log1p(-noise) / cell["b"]), 5e-324)
        x = low + (high - low) * np.exp(np.log(power) / cell["a"])
    else:
        x = low + (high - low) / (
            1 + np.exp(-np.clip((cell["log_alpha"] + noise) / cell["temperature"], -700, 36))
        )
    return x if 0 < x < 1 else 0.5


def is_valid(law: str, quantity: str, names: tuple[str, ...], point: Point, is_gradient: bool) -> bool:
    """Whether the rounded point is in the domain, and the function is defined there."""
    if not all(VALID[n](v) for n, v in zip(map(bare, names), point, strict=True) if n in VALID):
        return False
    chance = names[0] == "p" or (names[0] == "noise" and law == "kumaraswamy")
    if is_gradient and chance and point[0] in (0, 1):
        return False  # The slope is infinite.
    at_end = law in ("binary_concrete", "kumaraswamy") and names[0] == "x" and point[0] in (0, 1)
    return not (at_end and quantity != "logpdf_logit" and (is_gradient or quantity in ("pdf", "logpdf")))


def bare(name: str) -> str:
    return name.removesuffix("_p").removesuffix("_q")
