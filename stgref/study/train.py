r"""Training of the parameters of discrete variables, and of gates, with an estimator of the gradient.

At step t = 0, 1, ... the gradient is the mean of ``n_samples`` estimates, whose noise comes from the stream
``SeedSequence(seed, spawn_key=(replicate, t))``: a run is the same in every process, in any order, and however often
its curves are recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from stgref.numerics import arguments
from stgref.numerics.domains import Domain
from stgref.numerics.namespace import Array
from stgref.study import kept
from stgref.study.optim import Optimizer, State
from stgref.study.records import Records
from stgref.study.schedules import Schedule
from stgref.study.tuning import Tuning, tuning_of
from stgref.study.variables import Variables, find

__all__ = ["Band", "Training", "train"]

WEIGHT = Domain("finite and 0 or more", lambda v: 0.0 <= v < float("inf"))
LEVEL = Domain("greater than 0 and less than 1", lambda v: 0.0 < v < 1.0)
VARIANCES = ("auto", "exact", "estimated", "none")


class Band(NamedTuple):
    """The course of a number over several runs.

    Attributes
    ----------
    steps : array of shape (T,)
        The steps that were over.
    low, middle, high : array of shape (T,)
        Lower end, median or mean, and upper end.
    """

    steps: Array
    low: Array
    middle: Array
    high: Array


@dataclass(frozen=True, eq=False)
class Training(Records):
    """Curves of R runs of one estimator, at T steps.

    Parameters
    ----------
    label : str
        The estimator.
    steps : array of shape (T,)
        How many steps were over.
    loss : array of shape (R, T)
        Expectation of the objective, with the penalty.
    params : array of shape (R, T, ...)
        Logits, or locations of gates.
    values : array of shape (R, T, ...)
        Means of the variables: probabilities, or expected gates.
    variance : array of shape (R, T, ...)
        Variance of one estimate of the gradient, for each parameter; NaN where it was not asked for.
    options : dict of str to array of shape (R, T)
        The numbers that were scheduled or tuned: temperature, eta, and ``rate``, the learning rate.
    exact_loss, exact_variance : bool
        Whether they are exact; otherwise means over 4096 samples of fixed noise, and over ``variance_samples``.
    """

    label: str
    steps: Array
    loss: Array
    params: Array
    values: Array
    variance: Array
    options: dict[str, Array]
    exact_loss: bool
    exact_variance: bool

    @property
    def total_variance(self) -> Array:
        """Sum of the variances of all parameters, (R, T)."""
        return self.variance.sum(axis=tuple(range(2, self.variance.ndim)))

    def band(self, curve: str = "loss", level: float = 0.8, kind: str = "quantiles") -> Band:
        """The course of a curve over the runs.

        Parameters
        ----------
        curve : str, default "loss"
            A field with shape (R, T), ``"total_variance"``, or one of ``options``.
        level : float, default 0.8
            Fraction of the runs, or confidence.
        kind : {"quantiles", "mean"}, default "quantiles"
            Median and quantiles over the runs; or their mean, with Student's confidence interval for it.

        Returns
        -------
        Band
            Steps, and lower end, middle and upper end at each.

        Raises
        ------
        TypeError, ValueError
            If there is no such curve or kind, or the level is out of range; for ``"mean"``, if there is one run only.
        """
        arguments.choice("Training.band", "kind", kind, ("quantiles", "mean"))
        level = arguments.number("Training.band", "level", level, LEVEL)
        arguments.choice("Training.band", "curve", curve, ("loss", "total_variance", *self.options))
        rows = self.options[curve] if curve in self.options else getattr(self, curve)
        if kind == "quantiles":
            low, middle, high = np.quantile(rows, [0.5 - level / 2, 0.5, 0.5 + level / 2], axis=0)
            return Band(self.steps, low, middle, high)
        n = rows.shape[0]
        if n < 2:
            raise ValueError(f"Training.band: the interval of a mean takes 2 runs or more, got {n}")
        middle = rows.mean(axis=0)
        half = stats.t.ppf(0.5 + level / 2, n - 1) * rows.std(axis=0, ddof=1) / n**0.5
        return Band(self.steps, middle - half, middle, middle + half)

    def to_records(self) -> list[dict[str, Any]]:
        """One dict for each run and step, for tables.

        Returns
        -------
        list of dict
            ``estimator replicate step loss total_variance``, and the scheduled or tuned numbers.
        """
        total = self.total_variance
        return [
            {
                "estimator": self.label,
                "replicate": r,
                "step": int(step),
                "loss": float(self.loss[r, t]),
                "total_variance": float(total[r, t]),
                **{name: float(values[r, t]) for name, values in self.options.items()},
            }
            for r in range(self.loss.shape[0])
            for t, step in enumerate(self.steps)
        ]


@dataclass(frozen=True)
class _Task:
    """All that a run needs, but its number."""

    objective: Any
    params: Array
    variables: Variables
    options: Mapping[str, Any]
    optimizer: Optimizer
    steps: int
    every: int
    n_samples: int
    seed: int
    penalty: float
    tuning: Tuning | None
    tuner: Optimizer | None
    variance: str
    variance_samples: int

    def stream(self, *key: int) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))

    def numbers(self, t: int, tuned: Array) -> dict[str, Any]:
        """The options at step t."""
        now = {name: v(t) if isinstance(v, Schedule) else v for name, v in self.options.items()}
        return now if self.tuning is None else self.tuning.options(now, tuned)

    def loss(self, params: Array, options: Mapping[str, Any]) -> tuple[float, bool]:
        """The loss, and whether it is exact."""
        found = self.variables.exact_loss(self.objective, params, options)
        exact = found is not None
        if found is None:
            found = self.variables.sampled_loss(self.objective, params, self.seed, options)
        if self.penalty:
            found += self.variables.penalty(params, self.penalty, options)[0]
        return found, exact

    def spread(self, params: Array, options: Mapping[str, Any], replicate: int, t: int) -> tuple[Array, bool]:
        """The variance of one estimate, and whether it is exact."""
        if self.variance == "none":
            return np.full(params.shape, np.nan), False
        if self.variance != "estimated":
            moments = self.variables.exact_moments(self.objective, params, options)
            if moments is not None:
                return moments[1], True
            if self.variance == "exact":
                raise ValueError(
                    f"train: variance cannot be exact for {self.variables.label} here: take 'estimated'"
                )
        drawn = self.variables.draw_noise(
            self.variance_samples, params, self.stream(replicate, t, 1), options
        )
        rows = self.variables.estimates(self.objective, params, drawn, options)
        return np.var(rows, axis=0, ddof=1, dtype=np.float64), False

    def gradient(self, params: Array, drawn: Any, options: Mapping[str, Any]) -> Array:
        """The mean of the estimates, in double precision, and the gradient of the penalty."""
        rows = self.variables.estimates(self.objective, params, drawn, options)
        g = np.mean(rows, axis=0, dtype=np.float64)
        if self.penalty:
            g = g + self.variables.penalty(params, self.penalty, options)[1]
        return g.astype(params.dtype)

    def run(self, replicate: int) -> dict[str, Any]:
        """One run."""
        params, state = self.params, self.optimizer.init(self.params)
        tuned, tuner_state = self.initial()
        rows: list[dict[str, Any]] = []
        for t in range(self.steps + 1):
            options = self.numbers(t, tuned)
            if t % self.every == 0 or t == self.steps:
                rows.append(self.record(params, options, replicate, t))
            if t == self.steps:
                break
            drawn = self.variables.draw_noise(self.n_samples, params, self.stream(replicate, t), options)
            g = self.gradient(params, drawn, options)
            if self.tuning is not None and self.tuner is not None:
                slope = self.tuning.gradient(self.objective, params, drawn, options)
                tuned, tuner_state = self.tuner.step(tuned, slope, tuner_state)
            params, state = self.optimizer.step(params, g, state)
        return {name: np.stack([row[name] for row in rows]) for name in rows[0]}

    def description(self) -> dict[str, Any]:
        """What the bits of a run depend on; the problem by a few estimates and losses."""
        options, rng = self.numbers(0, self.initial()[0]), self.stream()
        points = [self.params, self.params + 0.5]
        seen = [
            self.variables.estimates(
                self.objective, p, self.variables.draw_noise(4, p, rng, options), options
            )
            for p in points
        ]
        names = ("steps", "every", "n_samples", "seed", "penalty", "variance", "variance_samples")
        moves = {name: repr(v) for name, v in self.options.items() if isinstance(v, Schedule)}
        return {
            **{name: getattr(self, name) for name in names},
            "estimator": self.variables.label.partition("(")[0],
            "optimizer": repr(self.optimizer),
            "tuner": repr(self.tuner),
            "schedules": moves,
            "logits": kept.checksum(self.params),
            "estimates": kept.checksum(*seen),
        }

    def initial(self) -> tuple[Array, State]:
        """What is tuned, and the state of its optimiser; nothing where nothing is."""
        if self.tuning is None or self.tuner is None:
            return np.zeros(0), State(0, ())
        tuned = self.tuning.initial(self.options)
        return tuned, self.tuner.init(tuned)

    def record(self, params: Array, options: Mapping[str, Any], replicate: int, t: int) -> dict[str, Any]:
        """What is kept of one step."""
        loss, exact_loss = self.loss(params, options)
        variance, exact_variance = self.spread(params, options, replicate, t)
        rate = self.optimizer.rate
        moves = {name for name, v in self.options.items() if isinstance(v, Schedule)}
        moves |= set() if self.tuning is None else set(self.tuning.names)
        return {
            "steps": t,
            "loss": loss,
            "params": params,
            "values": self.variables.values(params, options),
            "variance": variance,
            "exact_loss": exact_loss,
            "exact_variance": exact_variance,
            "rate": rate(t) if isinstance(rate, Schedule) else float(rate),
            **{f"option {name}": options[name] for name in sorted(moves)},
        }


def _checked(
    objective: Any,
    logits: Any,
    estimator: Any,
    optimizer: Any,
    steps: Any,
    n_samples: Any,
    seed: Any,
    every: Any,
    penalty: Any,
    tuner: Any,
    variance: Any,
    variance_samples: Any,
) -> _Task:
    """The arguments of `train`, each of which an error names."""
    where = "train"
    if not callable(objective):
        raise TypeError(f"{where}: objective takes a callable f(b), got {objective!r}")
    if not isinstance(logits, np.ndarray) or logits.dtype not in (np.float32, np.float64):
        raise TypeError(
            f"{where}: logits takes a NumPy array of single or double precision, got "
            f"{getattr(logits, 'dtype', type(logits).__name__)}"
        )
    if logits.ndim not in (1, 2) or not logits.size:
        raise ValueError(f"{where}: logits must have shape (D,) or (D, K), got {logits.shape}")
    variables, options = find(where, estimator, logits)
    for name, value in (("optimizer", optimizer), ("tuner", tuner)):
        if not isinstance(value, Optimizer) and not (name == "tuner" and value is None):
            raise TypeError(f"{where}: {name} takes one of stgref.study.optim, got {value!r}")
    if tuner is not None and tuner.maximize:
        raise ValueError(f"{where}: tuner must minimise the variance, got maximize=True")
    weight = arguments.number(where, "penalty", penalty, WEIGHT)
    if weight and not variables.law:
        raise ValueError(f"{where}: penalty is for gates, got {weight} for {variables.label}")
    task = _Task(
        objective,
        logits.copy(),
        variables,
        options,
        optimizer,
        arguments.count(where, "steps", steps, 0),
        arguments.count(where, "every", every),
        arguments.count(where, "n_samples", n_samples),
        arguments.count(where, "seed", seed, 0),
        weight,
        None if tuner is None else tuning_of(where, variables.known, options),
        tuner,
        arguments.choice(where, "variance", variance, VARIANCES),
        arguments.count(where, "variance_samples", variance_samples, 2),
    )
    # What the estimator refuses, it refuses now.
    now = task.numbers(0, task.initial()[0])
    variables.estimates(objective, logits, variables.draw_noise(1, logits, 0, now), now)
    return task


def train(
    objective: Callable[..., Any],
    logits: Array,
    estimator: Any,
    optimizer: Optimizer,
    steps: int = 1000,
    *,
    n_samples: int = 1,
    replicates: int = 1,
    seed: int = 0,
    every: int = 10,
    penalty: float = 0.0,
    tuner: Optimizer | None = None,
    variance: str = "auto",
    variance_samples: int = 1000,
    executor: Executor | None = None,
    checkpoint: str | Path | None = None,
) -> Training:
    """Train logits, or the locations of gates, with an estimator of the gradient; several runs at once.

    Parameters
    ----------
    objective : callable
        ``f(b)`` of points (..., D) or (..., D, K) gives values (...), as for the estimators. It is minimised, unless
        ``optimizer`` maximises.
    logits : array
        Where every run starts: (D,) for Bernoulli variables and for gates, (D, K) for categorical ones; NumPy's, of
        single or double precision, which the runs keep.
    estimator : str, pair of str and dict, or callable
        Name and options, as ``("rebar", {"temperature": 0.5})``. An option may be a schedule of the step.
        ``"categorical.rloo"`` and the like train categorical variables, ``"gates.hard_concrete"`` and
        ``"gates.rectified_gaussian"`` gates. A function of your own is called as `stgref.estimators` are, with standard
        logistic noise of the shape ``(n, *logits.shape)``, or what its attribute ``draw_noise(n, logits, rng=..., **options)``
        makes.
    optimizer : Optimizer
        One of `stgref.study.optim`.
    steps : int, default 1000
        How many.
    n_samples : int, default 1
        Estimates per step.
    replicates : int, default 1
        Runs, alike but for their noise.
    seed : int, default 0
        Of all noise.
    every : int, default 10
        The curves are recorded at every so many steps, and at the last.
    penalty : float, default 0
        Weight of the expected number of open gates, which is added to the objective; for gates only.
    tuner : Optimizer, optional
        What tunes the control variate to less variance, for ``rebar`` its eta and the logarithm of its temperature.
    variance : {"auto", "exact", "estimated", "none"}, default "auto"
        How the variance of the estimates is found along the way; ``"auto"``: exactly where it can be.
    variance_samples : int, default 1000
        Samples where it is estimated.
    executor : concurrent.futures.Executor, optional
        What the runs are shared out by; the result has the same bits.
    checkpoint : path, optional
        A file, ``.npz``, that finished runs are kept in: the same call goes on where another was interrupted.

    Returns
    -------
    Training
        The curves.

    Raises
    ------
    TypeError, ValueError
        If an argument is none of these, or the estimator refuses it.
    UnusableInputError
        If the checkpoint is that of another training, or none.

    Examples
    --------
    The toy of REBAR, from even odds:

    >>> import numpy as np
    >>> from stgref import estimators
    >>> from stgref.study import kept
    from stgref.study.optim import Adam
    >>> from stgref.study.train import train
    >>> f = estimators.objectives.Quadratic(0.45)
    >>> found = train(f, np.zeros(1), "disarm", Adam(0.1), steps=100, replicates=3, every=50)
    >>> found.loss.shape, found.steps.tolist(), found.exact_loss
    ((3, 3), [0, 50, 100], True)
    >>> found.band("loss").middle.round(3)
    array([0.253, 0.206, 0.204])
    """
    task = _checked(
        objective, logits, estimator, optimizer, steps, n_samples, seed, every, penalty, tuner, variance,
        variance_samples,
    )  # fmt: skip
    replicates = arguments.count("train", "replicates", replicates)
    description = {} if checkpoint is None else task.description()
    found = kept.load(checkpoint, description)[:replicates]
    for run in (map if executor is None else executor.map)(task.run, range(len(found), replicates)):
        found.append(run)
        kept.save(checkpoint, description, found)
    joined = {name: np.stack([run[name] for run in found]) for name in found[0]}
    return Training(
        label=task.variables.label,
        steps=joined["steps"][0],
        **{name: joined[name] for name in ("loss", "params", "values", "variance")},
        options={
            "rate": joined["rate"],
            **{name.removeprefix("option "): v for name, v in joined.items() if name.startswith("option ")},
        },
        exact_loss=bool(joined["exact_loss"].all()),
        exact_variance=bool(joined["exact_variance"].all()),
    )
