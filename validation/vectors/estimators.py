"""The cases of the estimators of Bernoulli gradients: objective, logits and noise are given."""

import itertools
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from validation.vectors.choose import SEED
from validation.vectors.estimates import estimates
from validation.vectors.estimator_plans import EMPTY, EXTREME, FIELDS, OBJECTIVES, OPTIONS, PLAIN, QUOTA, ROWS
from validation.vectors.node import NOTHING, Node, answer, head

OWNER = "estimators"
Arguments = dict[str, Any]


def functions() -> dict[str, Node]:
    """Describe the estimators.

    Returns
    -------
    dict
        The names of the arguments and of the results, by the name of the function.
    """
    return {
        f"{OWNER}.{name}": {
            "arguments": ["objective", "logits", *FIELDS.get(name, PLAIN), "options"],
            "results": ["value"],
        }
        for name in OPTIONS
    }


def cases(function: str, dtype: str) -> Iterator[Node]:
    """Make the cases of an estimator in a dtype.

    Parameters
    ----------
    function : str
        ``estimators.<name>``.
    dtype : str
        Of arguments and results.

    Yields
    ------
    dict
        A case, as it stands in the set.
    """
    options = OPTIONS[function.partition(".")[2]]
    for flag, count in QUOTA.items():
        found = _answered(function, dtype, flag)
        wanted = max(count, len(options)) if flag == "bulk" else count
        for number, (arguments, right) in enumerate(itertools.islice(found, wanted)):
            flags = (flag, "empty") if flag == "edge" else (flag,)
            yield head(function, dtype, flags, number, arguments) | right
    for number, arguments in enumerate(_wrong(function, dtype)):
        yield head(function, dtype, ("outside",), number, arguments, "invalid") | NOTHING


def exact(function: str, dtype: str, arguments: Arguments) -> Node:
    """Evaluate the oracle.

    Parameters
    ----------
    function, dtype : str
        Which function, and what its results are rounded to.
    arguments : dict
        By name.

    Returns
    -------
    dict
        ``results`` and ``conditions``.

    Raises
    ------
    ArithmeticError
        If the answer cannot be rounded without doubt.
    """
    noise = [value.tolist() for name, value in arguments.items() if name.startswith("noise")]
    given = (arguments["objective"], arguments["logits"].tolist(), noise, arguments["options"])
    found = estimates(function.partition(".")[2], *given)
    return answer({"value": found}, dtype, composed=True)


def _answered(function: str, dtype: str, flag: str) -> Iterator[tuple[Arguments, Node]]:
    """Ask in turn, and keep what can be rounded without doubt."""
    for turn in itertools.count():
        arguments = _asked(function, dtype, flag, turn)
        try:
            yield arguments, exact(function, dtype, arguments)
        except ArithmeticError:
            continue


def _asked(function: str, dtype: str, flag: str, turn: int) -> Arguments:
    name = function.partition(".")[2]
    rng = np.random.default_rng([SEED, zlib.crc32(function.encode()), zlib.crc32(flag.encode()), turn])
    size = (2, 3, 1)[(turn + turn // 3) % len(OBJECTIVES)]
    objectives, options = OBJECTIVES[size], OPTIONS[name][turn % len(OPTIONS[name])]
    lengths = {"n": EMPTY if flag == "edge" else ROWS, "D": size, "k": options.get("k", 0)}
    reach = 4 if flag in {"bulk", "edge"} else 12
    noise = {
        field: _drawn(rng, reach, tuple(lengths[axis] for axis in axes.split()), dtype)
        for field, axes in FIELDS.get(name, PLAIN).items()
    }
    return {
        "objective": objectives[turn // 3 % len(objectives)],
        "logits": _logits(rng, flag, size, dtype),
        **noise,
        "options": options,
    }


def _logits(rng: np.random.Generator, flag: str, size: int, dtype: str) -> np.ndarray:
    if flag == "extreme":
        return rng.choice(EXTREME, size).astype(dtype).astype("float64")
    return _drawn(rng, 30 if flag == "tail" else 3, (size,), dtype)


def _drawn(rng: np.random.Generator, reach: float, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Draw numbers with three decimals."""
    return np.round(rng.uniform(-reach, reach, shape), 3).astype(dtype).astype("float64")


def _wrong(function: str, dtype: str) -> Iterator[Arguments]:
    """Leave a variable out, or the domain of the temperature."""
    start = _asked(function, dtype, "bulk", 0)
    yield {**start, "logits": start["logits"][:-1]}
    if "temperature" in start["options"]:
        yield {**start, "options": {**start["options"], "temperature": 0.0}}
