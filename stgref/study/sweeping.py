"""Studies over a grid of problems and options, as one."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stgref.estimators.estimator import Estimator
from stgref.numerics import arguments
from stgref.numerics.namespace import Array
from stgref.study.records import Record, Records
from stgref.study.result import Result
from stgref.study.running import checked_estimators, labels, run_tasks, tasks_of
from stgref.study.studied import Study
from stgref.study.task import Task, resolved

WHERE = "study.sweep"
PROBLEM = ("dimension", "logits", "n_samples")
"""Coordinates of a grid that make another problem; all others are options of the estimators that have them."""
MOST = 100_000
"""Points of a grid."""


@dataclass(frozen=True, eq=False, repr=False)
class Sweep(Records):
    """What a sweep found.

    Parameters
    ----------
    study : Study
        The results, one for each estimator and point of the grid.
    coordinates : tuple of dict
        Where in the grid each result is; None for an option that its estimator does not have.
    """

    study: Study
    coordinates: tuple[Mapping[str, Any], ...]

    def __repr__(self) -> str:
        return f"<stgref sweep over {', '.join(self.coordinates[0])}, {len(self.coordinates)} results>"

    @property
    def results(self) -> tuple[Result, ...]:
        """The results."""
        return self.study.results

    def to_records(self) -> list[Record]:
        """The records of all results, as `Study.to_records`, each with its coordinates in the grid first.

        Returns
        -------
        list of dict
            The records.
        """
        return [{**where, **record} for where, result in self._pairs() for record in result.records()]

    def summaries(self) -> list[Record]:
        """The estimators as a whole, as `Study.summaries`, each with its coordinates in the grid first.

        Returns
        -------
        list of dict
            The records.
        """
        return [{**where, **result.total()} for where, result in self._pairs()]

    @property
    def digest(self) -> str:
        """As that of `Study`."""
        return self.study.digest

    def _pairs(self) -> Iterator[tuple[Mapping[str, Any], Result]]:
        return zip(self.coordinates, self.results, strict=True)


def sweep(
    objective: Any,
    logits: Array,
    estimators: Sequence[Any],
    n_samples: int,
    grid: Mapping[str, Sequence[Any]],
    seed: int = 0,
    *,
    objective_of: Callable[[int], Any] | None = None,
    exact: bool = True,
    **options: Any,
) -> Sweep:
    """Run a study at every point of a grid.

    Parameters
    ----------
    objective : callable
        As in `run`.
    logits : array of shape (D,) or float
        As in `run`; a number is that of every variable, where the grid has dimensions.
    estimators : sequence
        As in `run`.
    n_samples : int
        As in `run`.
    grid : mapping of str to sequence
        The values of each coordinate. ``"logits"`` takes arrays, or numbers, each the logit of every variable; ``"dimension"``
        takes numbers of variables, and ``"n_samples"`` numbers of estimates. Any other name is an option, as in
        ``{"temperature": [0.1, 0.5, 1.0]}``, of the estimators that have it: the others are run once for all its values.
    seed : int, default 0
        Of all randomness; every estimator has another stream at every point.
    objective_of : callable, optional
        Makes the objective for a number of variables, in place of ``objective``.
    exact : bool, default True
        As in `run`.
    **options
        The other keyword arguments of `run`: ``executor block_size confidence precision relative checkpoint in_flight
        progress``.

    Returns
    -------
    Sweep
        The results, with their coordinates.

    Raises
    ------
    TypeError, ValueError
        As `run`, and if a coordinate is none or has no values.
    StudyError
        As `run`.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators, study
    >>> f = estimators.objectives.Quadratic(0.45)
    >>> names, grid = ["disarm", "relaxation"], {"logits": [0.0, 1.0], "temperature": [0.5, 1.0]}
    >>> found = study.sweep(f, np.zeros(1), [names[0], (names[1], {"temperature": 1.0})], 1000, grid)
    >>> [(r["logits"], r["temperature"], r["estimator"]) for r in found.to_records()][:3]
    [(0.0, None, 'disarm'), (0.0, 0.5, 'relaxation'), (0.0, 1.0, 'relaxation')]
    """
    grid = _checked(grid)
    found = [resolved(WHERE, each) for each in checked_estimators(WHERE, estimators)]
    names, own = labels(found), [_options_of(function) for _, function, _ in found]
    free = [name for name in grid if name not in PROBLEM]
    for name in free:
        if not any(name in options for options in own):
            raise ValueError(
                f"{WHERE}: grid has {name!r}, which is no option of {', '.join(names)}, nor one of {', '.join(PROBLEM)}"
            )
    tasks, coordinates = list[Task](), list[dict[str, Any]]()
    for point in _points({name: grid[name] for name in grid if name in PROBLEM}):
        entries, wheres, called = [], [], []
        for (_, function, given), name, has in zip(found, names, own, strict=True):
            for chosen in _points({key: grid[key] for key in free if key in has}):
                entries.append((function, {**given, **chosen}))
                wheres.append({key: {**point, **chosen}.get(key) for key in grid})
                called.append(name)
        f, phi = _problem(objective, logits, objective_of, point)
        n = point.get("n_samples", n_samples)
        made = tasks_of(f, phi, entries, n, seed, exact=exact, first=len(tasks))
        tasks += [dataclasses.replace(task, name=name) for task, name in zip(made, called, strict=True)]
        coordinates += wheres
    return Sweep(run_tasks(tasks, exact=exact, **options), tuple(coordinates))


def _checked(grid: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    if not hasattr(grid, "items") or not grid:
        raise TypeError(f"{WHERE}: grid takes a mapping of names to values, got {grid!r}")
    values: dict[str, list[Any]] = {}
    for name, given in grid.items():
        if isinstance(given, (str, bytes)) or not hasattr(given, "__iter__"):
            raise TypeError(f"{WHERE}: grid[{name!r}] takes a list of values, got {given!r}")
        values[name] = [v.item() if isinstance(v, np.generic) else v for v in given]
        if not values[name]:
            raise ValueError(f"{WHERE}: grid[{name!r}] must have one value or more, got none")
    if math.prod(map(len, values.values())) > MOST:
        raise ValueError(f"{WHERE}: grid must have {MOST} points or fewer")
    return values


def _points(values: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    return (dict(zip(values, each, strict=True)) for each in itertools.product(*values.values()))


def _options_of(function: Callable[..., Any]) -> set[str]:
    """The names of what may be passed by keyword."""
    if isinstance(function, Estimator):
        return {*function.options, *function.family.defaults}
    kinds = inspect.signature(function).parameters.values()
    return {p.name for p in list(kinds)[3:]}


def _problem(
    objective: Any, logits: Array, objective_of: Callable[[int], Any] | None, point: Mapping[str, Any]
) -> tuple[Any, Array]:
    phi, length = point.get("logits", logits), point.get("dimension")
    shape = np.shape(logits) if length is None else (arguments.count(WHERE, "dimension", length),)
    if isinstance(phi, (int, float)):
        phi = np.full(shape or (1,), float(phi))
    if length is not None and np.shape(phi) != shape:
        raise ValueError(f"{WHERE}: logits takes a number, or {length} of them, for a dimension of {length}")
    return (objective if objective_of is None else objective_of(len(phi))), phi
