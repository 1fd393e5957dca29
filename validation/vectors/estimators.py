"""The cases of the estimators: objective, parameters and noise are given."""

import itertools
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from validation.vectors.choose import SEED
from validation.vectors.estimator_plans import QUOTA, ROWS, Family, family_of
from validation.vectors.node import NOTHING, Node, answer, head

NOISE = "noise"
Arguments = dict[str, Any]


def functions(families: tuple[Family, ...]) -> dict[str, Node]:
    """Describe the estimators of some families.

    Parameters
    ----------
    families : tuple of Family
        The families.

    Returns
    -------
    dict
        The names of the arguments and of the results, by the name of the function.
    """
    return {
        f"{family.owner}.{name}": {
            "arguments": ["objective", *family.parameters, *family.noise(name), "options"],
            "results": list(family.results),
        }
        for family in families
        for name in family.options
    }


def cases(function: str, dtype: str) -> Iterator[Node]:
    """Make the cases of an estimator in a dtype.

    Parameters
    ----------
    function : str
        Its public name.
    dtype : str
        Of arguments and results.

    Yields
    ------
    dict
        A case, as it stands in the set.
    """
    family = family_of(function)
    for flag, count in QUOTA.items():
        found = itertools.islice(_answered(family, function, dtype, flag), count)
        flags = (flag, "empty") if flag == "edge" else (flag,)
        for number, (arguments, right) in enumerate(found):
            yield head(function, dtype, flags, number, arguments) | right
    for number, arguments in enumerate(_wrong(family, function, dtype)):
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
    family = family_of(function)
    noise = {n: x.tolist() for n, x in arguments.items() if n.partition(".")[0] == NOISE}
    parameters = {name: arguments[name].tolist() for name in family.parameters}
    name = function.rpartition(".")[2]
    found = family.ask(name, arguments["objective"], parameters, noise, arguments["options"])
    return answer(found, dtype, composed=True)


def _answered(family: Family, function: str, dtype: str, flag: str) -> Iterator[tuple[Arguments, Node]]:
    """Ask in turn, and keep what can be rounded without doubt."""
    for turn in itertools.count():
        arguments = _asked(family, function, dtype, flag, turn)
        try:
            yield arguments, exact(function, dtype, arguments)
        except ArithmeticError:
            continue


def _asked(family: Family, function: str, dtype: str, flag: str, turn: int) -> Arguments:
    name = function.rpartition(".")[2]
    rng = np.random.default_rng([SEED, zlib.crc32(function.encode()), zlib.crc32(flag.encode()), turn])
    sizes = list(family.objectives)[(turn + turn // 3) % len(family.objectives)]
    objectives, options = family.objectives[sizes], family.options[name][turn % len(family.options[name])]
    lengths = dict(zip("DK", sizes, strict=False)) | {"n": 0 if flag == "edge" else ROWS}
    lengths["k"] = options.get("k", 0)

    def drawn(each: str, axes: str) -> np.ndarray:
        shape = tuple(lengths[axis] for axis in axes.split())
        if flag == "extreme" and family.far and each in family.parameters:
            return rng.choice(family.far, shape).astype(dtype).astype("float64")
        return np.round(rng.uniform(*family.range(flag, each), shape), 3).astype(dtype).astype("float64")

    given = {each: drawn(each, axes) for each, axes in {**family.noise(name), **family.parameters}.items()}
    asked = {"objective": objectives[turn // 3 % len(objectives)], **given, "options": options}
    return {each: asked[each] for each in functions((family,))[function]["arguments"]}


def _wrong(family: Family, function: str, dtype: str) -> Iterator[Arguments]:
    """Leave a variable out, or leave a domain."""
    start = _asked(family, function, dtype, "bulk", 0)
    first = next(iter(family.parameters))
    yield {**start, first: start[first][:-1]}
    if "temperature" in start["options"]:
        yield {**start, "options": {**start["options"], "temperature": 0.0}}
    if "std" in start:
        yield {**start, "std": 0 * start["std"]}
