"""One estimator on one problem: how its estimates are drawn, block by block, and what they should be."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stgref import estimators as known
from stgref.estimators.estimator import Estimator
from stgref.estimators.table import ROWS
from stgref.numerics import noise, tiles
from stgref.numerics.namespace import Array
from stgref.numerics.transport import to_host
from stgref.study.problem import Counted
from stgref.study.summary import Summary, of_estimates
from stgref.study.tree import Node, Tree

ELEMENTS, FEWEST = 2**15, 64
"""Of a block: about how many random numbers it takes, and the fewest estimates."""

FAMILIES = (ROWS, known.categorical.ROWS, known.gates.ROWS)
"""Where estimators are looked up; gates stand for the laws with several parameters, of which the first is studied."""


@dataclass(frozen=True, eq=False)
class Task:
    """One estimator on one problem.

    Parameters
    ----------
    index : int
        Its place in the study, which picks its random stream.
    name : str
        What the study calls it.
    estimator : callable
        ``(objective, logits, noise, **options)``.
    options : dict
        Its options.
    objective, logits
        The problem.
    n_samples : int
        How many estimates are drawn at most.
    seed : int
        Of the study.
    rows : int
        How many estimates a block has.
    gradient : array or None
        What is estimated, flat, if it is known.
    """

    index: int
    name: str
    estimator: Callable[..., Any]
    options: Mapping[str, Any]
    objective: Any
    logits: Array
    n_samples: int
    seed: int
    rows: int
    gradient: Array | None = field(default=None)

    @property
    def blocks(self) -> int:
        """How many blocks there are; the last one may be shorter."""
        return -(-self.n_samples // self.rows)

    @property
    def flat_logits(self) -> Array:
        """The logits as doubles of the host, in one axis."""
        return flat(self.logits)

    @property
    def family(self) -> str:
        """What the logits are those of: the name of a module of estimators."""
        if isinstance(self.estimator, Estimator):
            return self.estimator.family.name
        return "estimators" if len(self.logits.shape) == 1 else "estimators.categorical"

    def estimates(self, block: int, objective: Any) -> Array:
        """The estimates of one block, (n, P), from its own random stream."""
        n = min(self.rows, self.n_samples - block * self.rows)
        return self._drawn(n, np.random.SeedSequence(self.seed, spawn_key=(self.index, block)), objective)

    def first(self, n: int) -> Array:
        """A few estimates that no block has, to see that all works and what it gives."""
        return self._drawn(n, np.random.SeedSequence(self.seed, spawn_key=(self.index,)), self.objective)

    def _drawn(self, n: int, stream: np.random.SeedSequence, objective: Any) -> Array:
        z = draw(self.estimator, n, self.logits, stream, self.options)
        return estimated(self, objective, z, n)

    def summary(self, block: int) -> Summary:
        """The summary of one block."""
        objective, start = Counted(self.objective, len(self.logits.shape)), time.perf_counter()
        x = self.estimates(block, objective)
        seconds = time.perf_counter() - start
        with np.errstate(all="ignore"):
            return of_estimates(x, self.gradient, objective.evaluations, seconds)

    def run(self, start: int, stop: int) -> dict[Node, Summary]:
        """Summaries of the blocks from ``start`` to ``stop``, merged as far as they are neighbours in the tree."""
        tree = Tree()
        tiles.keep_freed_memory()
        for block in range(start, stop):
            tree.add(block, self.summary(block))
        return tree.nodes


def draw(
    estimator: Callable[..., Any], n: int, logits: Array, rng: noise.Seed, options: Mapping[str, Any]
) -> Any:
    """The noise of ``n`` estimates: the estimator's own, or standard logistic of the shape (n, *logits.shape)."""
    generator = noise.generator(rng)
    if hasattr(estimator, "draw_noise"):
        return estimator.draw_noise(n, logits, rng=generator, **options)
    return noise.logistic((n, *logits.shape), rng=generator)


def estimated(task: Task, objective: Any, z: Any, n: int) -> Array:
    """Estimates on the host, flat and checked: (n, P)."""
    found = task.estimator(objective, task.logits, z, **task.options)
    first = found[0] if isinstance(found, tuple) else found
    if not hasattr(first, "shape"):
        raise TypeError(f"{task.name}: an estimator returns an array, got {type(first).__name__}")
    x = to_host("study.run", task.name, first)
    if x.shape != (n, *task.logits.shape):
        raise ValueError(
            f"{task.name}: estimates must have shape {(n, *task.logits.shape)}, one row for each of the noise, got {x.shape}"
        )
    if x.dtype.kind not in "fiu":
        raise TypeError(f"{task.name}: estimates must be real numbers, got dtype {x.dtype}")
    x = x.reshape(n, -1)
    if not np.isfinite(x).all():
        raise ValueError(
            f"{task.name}: estimates must be finite, got {np.count_nonzero(~np.isfinite(x))} that are not"
        )
    return x


def rows_of(estimator: Callable[..., Any], logits: Array, options: Mapping[str, Any]) -> int:
    """How many estimates a block has: a power of two, by the random numbers that one takes."""
    z = draw(estimator, 1, logits, 0, options)
    arrays = z if isinstance(z, tuple) else (z,)
    width = max(1, sum(math.prod(a.shape) for a in arrays), math.prod(logits.shape))
    return int(max(FEWEST, 1 << (max(1, ELEMENTS // width).bit_length() - 1)))


def resolved(where: str, given: Any) -> tuple[str, Callable[..., Any], dict[str, Any]]:
    """Name, function and options of what a user calls an estimator.

    Raises
    ------
    TypeError, ValueError
        If it is no name, function, or pair of one with options.
    """
    what, options = given, dict[str, Any]()
    if isinstance(given, Sequence) and not isinstance(given, str):
        if len(given) != 2 or not isinstance(given[1], Mapping):
            raise TypeError(
                f"{where}: estimators takes names, functions and (one of them, options), got {given!r}"
            )
        what, options = given[0], dict(given[1])
    if isinstance(what, str):
        return what, by_name(where, what), options
    if not callable(what):
        raise TypeError(
            f"{where}: estimators takes names, functions and (one of them, options), got {given!r}"
        )
    if isinstance(what, Estimator):
        return what.name.removeprefix("estimators."), what, options
    return str(getattr(what, "__name__", type(what).__name__)), what, options


def by_name(where: str, name: str) -> Estimator:
    """The estimator called ``name``, as in ``"disarm"`` or ``"categorical.arsm"``."""
    found = {each.name.removeprefix("estimators."): each for family in FAMILIES for each in family}
    if name not in found:
        raise ValueError(f"{where}: there is no estimator {name!r}; estimators takes {', '.join(found)}")
    return found[name]


def true_gradient(family: str, objective: Any, logits: Array) -> Array | None:
    """What is estimated, flat and in double precision, or None where it is unknown or too much to sum over."""
    module = {"estimators": known, "estimators.categorical": known.categorical}.get(family)
    if module is None:
        return None
    try:
        return flat(module.exact_gradient(objective, logits))
    except ValueError:
        return None


def exact_moments(task: Task) -> tuple[Array | None, Array | None]:
    """Mean and variance of one estimate, flat, each None where it is unknown or too much to sum over.

    A moving average of past rows begins anew in every block: its variance is not that of a long past.
    """
    if not isinstance(task.estimator, Estimator):
        return None, None
    try:
        found = task.estimator.exact_moments(task.objective, task.logits, **task.options)
    except ValueError:
        return None, None
    first = found if hasattr(found, "covariance") else found[0]
    size = math.prod(task.logits.shape)
    covariance = to_host("study.run", task.name, first.covariance).reshape(size, size)
    variance = np.diagonal(covariance).astype(np.float64)
    return flat(first.mean), None if task.options.get("baseline") == "moving_average" else variance


def flat(x: Array) -> Array:
    """An array of any library as doubles of the host, in one axis."""
    return to_host("study.run", "gradient", x).astype(np.float64).reshape(-1)
