"""Run studies: tasks, stages, results."""

from __future__ import annotations

import concurrent.futures as cf
import dataclasses
import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from stgref.numerics import arguments
from stgref.numerics import namespace as ns
from stgref.numerics.domains import POSITIVE, Domain
from stgref.numerics.namespace import Array
from stgref.study.checkpoint import Checkpoint
from stgref.study.engine import IN_FLIGHT, results
from stgref.study.plan import Precision
from stgref.study.result import Result
from stgref.study.studied import Study
from stgref.study.task import Task, exact_moments, resolved, rows_of, true_gradient
from stgref.study.tree import Tree
from stgref.study.work import Work

WHERE = "study.run"
CONFIDENCE = Domain("more than 0 and less than 1", lambda v: 0.0 < v < 1.0)

Progress = Callable[[int, int], None]
"""Is told how many blocks are done, and how many there may be."""


def run(
    objective: Any,
    logits: Array,
    estimators: Sequence[Any],
    n_samples: int,
    seed: int = 0,
    executor: cf.Executor | None = None,
    block_size: int | None = None,
    *,
    confidence: float = 0.95,
    precision: float | None = None,
    relative: bool = False,
    exact: bool = True,
    checkpoint: str | Path | None = None,
    in_flight: int = IN_FLIGHT,
    progress: Progress | None = None,
) -> Study:
    """Draw estimates of a gradient, and say what bias and variance their estimators have.

    Estimates are drawn in blocks, each from its own child of the seed, ``SeedSequence(seed, spawn_key=(task, block))``, and
    what is kept of them is merged in an order of its own. So no bit of the result, the times aside, depends on the
    executor, on ``block_size``, on the order in which work is done, or on interruptions.

    Parameters
    ----------
    objective : callable
        ``f(b)`` of points (..., D) gives values (...), with a method ``grad(b)`` (..., D) for the estimators that need it.
    logits : array of shape (D,)
        Log odds of a 1; (D, K) for the estimators of `stgref.estimators.categorical`.
    estimators : sequence
        Names as in `stgref.estimators.table`; functions ``(objective, logits, noise, **options)`` that return one estimate
        per row of the noise, (n, D); or pairs ``(one of them, options)``. A function's noise is standard logistic, (n, D),
        unless it has an attribute ``draw_noise(n, logits, rng=Generator, **options)``. The rows of one call may depend on
        each other only as far as their mean and variance as independent ones tell enough; calls have no memory.
    n_samples : int
        How many estimates are drawn of each, 2 or more; at most so many where a ``precision`` is wished.
    seed : int, default 0
        Of all randomness.
    executor : concurrent.futures.Executor, optional
        Who computes: a pool of threads or processes, `dask.distributed.Client.get_executor`, or any other. By default it
        is done here. It is not shut down.
    block_size : int, optional
        About how many estimates are one piece of work for the executor. It changes no bit.
    confidence : float, default 0.95
        Level of all confidence intervals, each by itself.
    precision : float, optional
        Stop an estimator when the confidence intervals of its mean reach no further than this to either side, in every
        coordinate.
    relative : bool, default False
        Whether ``precision`` is a part of the mean's largest coordinate.
    exact : bool, default True
        Whether to look for exact values: the gradient, and the mean and variance of each estimator. What is too much to
        sum over is left out.
    checkpoint : path, optional
        A file to which what is done is written from time to time. If it is there, of the same study, that is not done again.
    in_flight : int, default 256
        The most pieces of work that the executor is given at a time.
    progress : callable, optional
        Is told now and then how many blocks are done and how many there are.

    Returns
    -------
    Study
        The results; see `Study.to_records`.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, or an estimator cannot be run on the problem; before anything is submitted.
    StudyError
        If an estimator fails later, in a worker; its cause says how.

    References
    ----------
    Y. S. Chow, H. Robbins, "On the asymptotic theory of fixed-width sequential confidence intervals for the mean", Annals
    of Mathematical Statistics 36, 1965 (why intervals still hold where a precision is wished).

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators, study
    >>> f = estimators.objectives.Quadratic(0.45)
    >>> found = study.run(f, np.array([0.0]), ["disarm", ("reinmax", {"temperature": 1.0})], 10_000)
    >>> [(r["estimator"], round(r["mean"], 6), r["exact_variance"]) for r in found.to_records()]
    [('disarm', 0.025, 0.0), ('reinmax', 0.025, 0.0)]
    """
    tasks = tasks_of(objective, logits, estimators, n_samples, seed, exact=exact)
    return run_tasks(
        tasks,
        executor=executor,
        block_size=block_size,
        confidence=confidence,
        precision=precision,
        relative=relative,
        exact=exact,
        checkpoint=checkpoint,
        in_flight=in_flight,
        progress=progress,
    )


def tasks_of(
    objective: Any,
    logits: Array,
    estimators: Sequence[Any],
    n_samples: int,
    seed: int,
    *,
    exact: bool,
    first: int = 0,
) -> list[Task]:
    """The tasks of a study, checked: each has drawn estimates once. They are counted from ``first``."""
    n_samples = arguments.count(WHERE, "n_samples", n_samples, 2)
    seed = arguments.count(WHERE, "seed", seed, 0)
    logits = checked_logits(logits)
    exact = arguments.flag(WHERE, "exact", exact)
    found = [resolved(WHERE, each) for each in checked_estimators(WHERE, estimators)]
    tasks = []
    for k, ((_, function, options), label) in enumerate(zip(found, labels(found), strict=True)):
        rows = rows_of(function, logits, options)
        task = Task(first + k, label, function, options, objective, logits, n_samples, seed, rows)
        task.first(2)
        tasks.append(task)
    if exact:
        truth = {kind: true_gradient(kind, objective, logits) for kind in {t.family for t in tasks}}
        tasks = [dataclasses.replace(t, gradient=truth[t.family]) for t in tasks]
    return tasks


def checked_estimators(where: str, estimators: Any) -> Sequence[Any]:
    """A list of one or more."""
    if not isinstance(estimators, (list, tuple)) or not estimators:
        raise TypeError(f"{where}: estimators takes a list of one or more, got {estimators!r}")
    return estimators


def checked_logits(logits: Array) -> Array:
    """An array of finite floating numbers with one axis or two."""
    if ns.kind_of(logits) in ("scalar", "numpy scalar") or isinstance(logits, (list, tuple)):
        logits = np.asarray(logits, dtype=np.float64)
    if not hasattr(logits, "shape") or len(logits.shape) not in (1, 2) or 0 in logits.shape:
        raise ValueError(
            f"{WHERE}: logits takes an array of shape (D,) or (D, K), with one variable or more, got {logits!r}"
        )
    return logits


def labels(found: Sequence[tuple[str, Any, dict[str, Any]]]) -> list[str]:
    """A name for each estimator; those that occur twice are told apart by their options, or their place."""
    names = Counter(name for name, _, _ in found)
    full = [
        name if names[name] == 1 else f"{name}({', '.join(f'{k}={v!r}' for k, v in options.items())})"
        for name, _, options in found
    ]
    again = Counter(full)
    return [name if again[name] == 1 else f"{name} #{k}" for k, name in enumerate(full)]


def run_tasks(
    tasks: Sequence[Task],
    *,
    executor: cf.Executor | None = None,
    block_size: int | None = None,
    confidence: float = 0.95,
    precision: float | None = None,
    relative: bool = False,
    exact: bool = True,
    checkpoint: str | Path | None = None,
    in_flight: int = IN_FLIGHT,
    progress: Progress | None = None,
) -> Study:
    """Run tasks that are made; the arguments are those of `run`."""
    confidence = arguments.number(WHERE, "confidence", confidence, CONFIDENCE)
    if block_size is not None:
        block_size = arguments.count(WHERE, "block_size", block_size)
    in_flight = arguments.count(WHERE, "in_flight", in_flight)
    relative = arguments.flag(WHERE, "relative", relative)
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise TypeError(f"{WHERE}: executor takes a concurrent.futures.Executor or None, got {executor!r}")
    wished = None
    if precision is not None:
        wished = Precision(arguments.number(WHERE, "precision", precision, POSITIVE), relative, confidence)
    kept = Checkpoint.of(checkpoint, tasks, wished)
    works = [Work(*each, wished, block_size) for each in zip(tasks, kept.trees, strict=True)]
    with kept:
        while going := [work for work in works if work.advance()]:
            units = itertools.chain.from_iterable(work.units() for work in going)
            for unit, nodes in results(units, executor, in_flight):
                unit.work.take(nodes)
                kept.save_now_and_then()
                if progress is not None:
                    progress(sum(w.tree.blocks for w in works), sum(w.task.blocks for w in works))
    return Study(
        tuple(_result(*each, confidence, wished, exact) for each in zip(tasks, kept.trees, strict=True))
    )


def _result(task: Task, tree: Tree, confidence: float, wished: Precision | None, exact: bool) -> Result:
    summary = tree.total()
    reached = None if wished is None else wished.is_reached(summary.estimates)
    mean, variance = exact_moments(task) if exact else (None, None)
    return Result(task, summary, mean, variance, confidence, reached)
