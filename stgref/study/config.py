r"""Studies written down in TOML.

.. code-block:: toml

    [problem]
    objective = "Quadratic"          # of stgref.estimators.objectives
    parameters = { t = 0.45 }        # what it takes
    logits = [0.3, -1.0]             # or one number, for all of `dimension` variables

    [study]
    estimators = ["disarm", { name = "reinmax", temperature = 1.0 }]
    n_samples = 100000               # and seed, confidence, precision, relative, exact, block_size

    [sweep]                          # optional: the grid of stgref.study.sweep
    temperature = [0.5, 1.0]

Whatever is wrong is one `UnusableInputError` that names the file, the key, what it got and what it takes.
"""

from __future__ import annotations

import inspect
import stat
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from stgref.conformance.errors import UnusableInputError
from stgref.estimators import objectives
from stgref.study.running import run, tasks_of
from stgref.study.studied import Study
from stgref.study.sweeping import PROBLEM, Sweep, sweep

MAX_BYTES = 2**20
MOST = {"n_samples": 10**13, "dimension": 10**6, "estimators": 1000, "points": 10_000}
"""Of each: what is more is a slip."""
OBJECTIVES = {
    name: getattr(objectives, name)
    for name in objectives.__all__
    if name not in {"Flattened", "GaussianGradient", "Scaled", "Sum"}
}
_NUMBERS = "a finite number"


class Config(NamedTuple):
    """A study that is written down, checked.

    Attributes
    ----------
    path : Path
        The file.
    make : callable
        The objective for a number of variables.
    logits : array or float
        Log odds.
    estimators : list
        Names and (name, options) pairs.
    settings : dict
        Keyword arguments of `stgref.study.run`.
    grid : dict
        The grid of a sweep, empty if there is none.
    """

    path: Path
    make: Callable[[int], Any]
    logits: Any
    estimators: list[Any]
    settings: dict[str, Any]
    grid: dict[str, list[Any]]

    def run(self, **options: Any) -> Study | Sweep:
        """Run it, with more keyword arguments of `stgref.study.run`."""
        settings = {**self.settings, **options}
        try:
            if not self.grid:
                return run(self.make(len(self.logits)), self.logits, self.estimators, **settings)
            n = settings.pop("n_samples")
            return sweep(None, self.logits, self.estimators, n, self.grid, objective_of=self.make, **settings)
        except (ValueError, TypeError) as error:
            if isinstance(error, UnusableInputError):
                raise
            raise UnusableInputError(f"{self.path}: {error}") from error


def load(path: str | Path) -> Config:
    """Read a study from a file.

    Parameters
    ----------
    path : path
        A TOML file, see `stgref.study.config`.

    Returns
    -------
    Config
        The study.

    Raises
    ------
    UnusableInputError
        If it cannot be read, or something in it is wrong.
    """
    path = Path(path)
    try:
        return _parsed(path, _read(path))
    except UnusableInputError as error:
        raise UnusableInputError(f"{path}: {error}") from error.__cause__


def _read(path: Path) -> dict[str, Any]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnusableInputError("not a regular file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise UnusableInputError(f"too large, the limit is {MAX_BYTES} bytes")
        return tomllib.loads(data.decode("utf-8"))
    except OSError as error:
        raise UnusableInputError(error.strerror or "cannot be read") from None
    except UnicodeDecodeError as error:
        raise UnusableInputError(f"not UTF-8 text: byte {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise UnusableInputError(f"not TOML: {error}") from None
    except RecursionError:
        raise UnusableInputError("not TOML: nested too deeply") from None


def _parsed(path: Path, document: Mapping[str, Any]) -> Config:
    _keys("", document, required=("problem", "study"), optional=("sweep",))
    problem, settings = _table("problem", document["problem"]), _table("study", document["study"])
    grid = _grid(document.get("sweep", {}))
    _keys("problem.", problem, ("objective", "logits"), ("parameters", "dimension"))
    _keys("study.", settings, ("estimators", "n_samples"), tuple(SETTINGS))
    make = _objective(problem)
    logits = _logits(problem, grid)
    values: dict[str, Any] = {
        "n_samples": _whole("study.n_samples", settings["n_samples"], 2, MOST["n_samples"])
    }
    values |= {k: SETTINGS[k](f"study.{k}", v) for k, v in settings.items() if k in SETTINGS}
    found = _estimators(settings["estimators"])
    for name in grid:
        if name not in PROBLEM and name in {key for _, options in found for key in options}:
            raise UnusableInputError(f"sweep.{name}: is an option of study.estimators already; give it once")
    config = Config(path, make, logits, found, values, grid)
    _try(config)
    return config


def _try(config: Config) -> None:
    """Draw a few estimates of each estimator, where the options are not those of the grid."""
    grid = config.grid
    lengths = grid.get("dimension") or [np.size(np.asarray(config.logits)) if np.ndim(config.logits) else 1]
    logits = config.logits if np.ndim(config.logits) else np.full(lengths[0], config.logits)
    free = {name: values[0] for name, values in grid.items() if name not in PROBLEM}
    try:
        objective = config.make(lengths[0])
        objective(np.zeros((1, *np.shape(logits))))
    except (ValueError, TypeError) as error:
        raise UnusableInputError(f"problem: {error}") from error
    for k, (name, options) in enumerate(config.estimators):
        try:
            own = _own_options(name, free)
            tasks_of(objective, logits, [(name, {**options, **own})], 2, 0, exact=False)
        except (ValueError, TypeError) as error:
            raise UnusableInputError(f"study.estimators[{k}]: {error}") from error


def _own_options(name: str, free: Mapping[str, Any]) -> dict[str, Any]:
    from stgref.study.task import by_name  # noqa: PLC0415

    found = by_name("study.run", name)
    return {key: value for key, value in free.items() if key in {*found.options, *found.family.defaults}}


def _objective(problem: Mapping[str, Any]) -> Callable[[int], Any]:
    name, parameters = problem["objective"], _table("problem.parameters", problem.get("parameters", {}))
    if not isinstance(name, str) or name not in OBJECTIVES:
        raise UnusableInputError(
            f"problem.objective: takes one of {', '.join(OBJECTIVES)}, got {_shown(name)}"
        )
    kind = OBJECTIVES[name]
    takes = {p.name: p.default is p.empty for p in inspect.signature(kind).parameters.values()}
    _keys(
        "problem.parameters.",
        parameters,
        tuple(key for key, needed in takes.items() if needed),
        tuple(key for key, needed in takes.items() if not needed),
    )
    try:
        made = kind(**parameters)
    except (ValueError, TypeError) as error:
        raise UnusableInputError(f"problem.parameters: {error}") from error
    return lambda _length: made


def _logits(problem: Mapping[str, Any], grid: Mapping[str, Any]) -> Any:
    given, length = problem["logits"], problem.get("dimension")
    if length is not None:
        length = _whole("problem.dimension", length, 1, MOST["dimension"])
    if isinstance(given, list):
        try:
            values = np.asarray(given, dtype=np.float64)
        except (ValueError, TypeError):
            values = np.empty(())
        if values.ndim not in (1, 2) or not values.size or not np.isfinite(values).all():
            raise UnusableInputError(
                f"problem.logits: takes a finite number, or a list of them, got {_shown(given)}"
            )
        if length not in (None, len(values)):
            raise UnusableInputError(f"problem.dimension: is {length}, and problem.logits are {len(values)}")
        return values
    value = _number("problem.logits", given)
    return value if "dimension" in grid else np.full(length or 1, value)


def _estimators(given: Any) -> list[Any]:
    if not isinstance(given, list) or not given or len(given) > MOST["estimators"]:
        raise UnusableInputError(
            f"study.estimators: takes a list of 1 to {MOST['estimators']} names, or tables with a name and options, "
            f"got {_shown(given)}"
        )
    found = []
    for k, each in enumerate(given):
        entry = {"name": each} if isinstance(each, str) else each
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise UnusableInputError(
                f"study.estimators[{k}]: takes a name, or a table with a name and options, got {_shown(each)}"
            )
        found.append((entry["name"], {key: _option(v) for key, v in entry.items() if key != "name"}))
    return found


def _option(value: Any) -> Any:
    return np.asarray(value) if isinstance(value, list) else value


def _grid(given: Any) -> dict[str, list[Any]]:
    grid, points = _table("sweep", given), 1
    for name, values in grid.items():
        if not isinstance(values, list) or not values:
            raise UnusableInputError(f"sweep.{name}: takes a list of one value or more, got {_shown(values)}")
        points *= len(values)
        if name in ("dimension", "n_samples"):
            for k, value in enumerate(values):
                _whole(f"sweep.{name}[{k}]", value, 1 if name == "dimension" else 2, MOST[name])
    if points > MOST["points"]:
        raise UnusableInputError(f"sweep: takes a grid of {MOST['points']} points or fewer, got {points}")
    return dict(grid)


def _keys(where: str, given: Mapping[str, Any], required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    known = (*required, *optional)
    for key in given:
        if key not in known:
            takes = f"takes {', '.join(known)}" if known else "takes no keys"
            raise UnusableInputError(
                f"{where}{key[:80]}: there is no such key; {where.rstrip('.') or 'a study'} {takes}"
            )
    for key in required:
        if key not in given:
            raise UnusableInputError(f"{where}{key}: is missing")


def _table(where: str, given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise UnusableInputError(f"{where}: takes a table, got {_shown(given)}")
    return given


def _whole(where: str, value: Any, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise UnusableInputError(f"{where}: takes an integer from {least} to {most}, got {_shown(value)}")
    return value


def _number(
    where: str, value: Any, low: float = -np.inf, high: float = np.inf, words: str = _NUMBERS
) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not low < value < high:
        raise UnusableInputError(f"{where}: takes {words}, got {_shown(value)}")
    return float(value)


def _flag(where: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise UnusableInputError(f"{where}: takes true or false, got {_shown(value)}")
    return value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


SETTINGS: dict[str, Callable[[str, Any], Any]] = {
    "seed": lambda where, v: _whole(where, v, 0, 2**128),
    "confidence": lambda where, v: _number(where, v, 0.0, 1.0, "a number between 0 and 1"),
    "precision": lambda where, v: _number(where, v, 0.0, words="a number greater than 0"),
    "relative": _flag,
    "exact": _flag,
    "block_size": lambda where, v: _whole(where, v, 1, 2**62),
}
"""The keys of [study] that need not be given, and their checks."""
