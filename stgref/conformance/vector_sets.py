"""The vector sets that come with stgref: exact answers to the functions of the laws, the gate layers and the estimators."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from stgref.conformance.errors import UnusableInputError
from stgref.conformance.recording import DTYPES
from stgref.conformance.values import Array
from stgref.conformance.vector import Vector

FOLDERS = (
    Path(__file__).parent / "sets",  # Installed: the build puts them there.
    Path(__file__).parents[2] / "validation" / "vectors" / "sets",  # In the repository, where they are made.
)
MANIFEST = "manifest.json"


def cases(function: str, dtype: str = "float64") -> Iterator[Vector]:
    """Return the cases of a function, for the tests of an implementation of it.

    Parameters
    ----------
    function : str
        Its public name, ``hard_concrete.grad_mean``, ``GaussianStochasticGates.vjp`` or ``estimators.disarm``.
    dtype : {"float64", "float32"}
        Of the arguments and results.

    Returns
    -------
    iterator of Vector
        The cases: ``id``, ``kind``, ``arguments`` and ``results`` by name, single numbers as arrays without dimensions;
        ``call(f)`` and ``assert_right(output)``.

    Raises
    ------
    ValueError
        If there is no such function, or no such dtype.

    Examples
    --------
    In a test suite, with a function of one's own, and an error where that is the right answer; for layers and estimators
    with ``case.call(mine)``, which gives the arguments as they take them:

    .. code-block:: python

        @pytest.mark.parametrize("case", stgref.conformance.cases("bernoulli.mean", "float64"), ids=str)
        def test_mean(case):
            case.assert_right(my_mean(**case.arguments))

    >>> from math import exp
    >>> from stgref.conformance import cases
    >>> for case in cases("bernoulli.mean", "float64"):
    ...     x = case.arguments["logits"]
    ...     case.assert_right(1 / (1 + exp(-x)) if x > 0 else exp(x) / (1 + exp(x)))
    """
    if dtype not in DTYPES:
        raise ValueError(f"dtype: takes one of {', '.join(DTYPES)}, got {dtype!r}")
    name = _set_of(function)
    if name is None:
        raise ValueError(f"function: there are no vectors of {function!r}{_others(function)}")
    described, nodes = document(name)["functions"], document(name)["cases"]
    # A generator of its own, so that a mistake is an error here and not in the first test.
    return (
        _vector(node, described) for node in nodes if node["function"] == function and node["dtype"] == dtype
    )


@cache
def all_cases() -> Mapping[str, Vector]:
    """Return the cases of every set.

    Returns
    -------
    mapping
        By their ids.
    """
    documents = map(document, sets())
    return {node["id"]: _vector(node, each["functions"]) for each in documents for node in each["cases"]}


def find(name: str) -> dict[str, Any]:
    """Return a case as it stands in its set.

    Parameters
    ----------
    name : str
        Its id.

    Returns
    -------
    dict
        The JSON object.

    Raises
    ------
    UnusableInputError
        If there is no such case.
    """
    holder = _set_of(name.rsplit(".", 3)[0])
    for node in document(holder)["cases"] if holder else ():
        if node["id"] == name:
            found: dict[str, Any] = node
            return found
    raise UnusableInputError(f"there is no case {name[:80]!r}; stgref vectors list FUNCTION lists them")


@cache
def sets() -> Mapping[str, tuple[str, ...]]:
    """Return what the sets hold.

    Returns
    -------
    mapping
        The names of the functions by the name of the set.
    """
    listed = json.loads(read(MANIFEST))["sets"]
    return {name: tuple(functions) for name, functions in listed.items()}


def argument_names() -> dict[str, tuple[str, ...]]:
    """Return the arguments of every function, in order.

    Returns
    -------
    dict
        Their names by the name of the function.
    """
    return {function: tuple(node["arguments"]) for function, node in _described().items()}


def result_names() -> dict[str, tuple[str, ...]]:
    """Return what every function returns.

    Returns
    -------
    dict
        The names of the results by the name of the function.
    """
    return {function: tuple(node["results"]) for function, node in _described().items()}


@cache
def document(name: str) -> dict[str, Any]:
    """Read a set.

    Parameters
    ----------
    name : str
        The name of the set.

    Returns
    -------
    dict
        The JSON document; not to be changed.
    """
    content: dict[str, Any] = json.loads(read(f"{name}.json"))
    return content


def read(name: str) -> bytes:
    """Read a file of the sets.

    Parameters
    ----------
    name : str
        Its name.

    Returns
    -------
    bytes
        What it holds.

    Raises
    ------
    UnusableInputError
        If the sets are not there.
    """
    folder = next((each for each in FOLDERS if (each / MANIFEST).is_file()), None)
    if folder is None:
        raise UnusableInputError("the vector sets are not installed")
    return (folder / name).read_bytes()


def export(folder: Path) -> list[Path]:
    """Copy the sets, their schema and their manifest.

    Parameters
    ----------
    folder : pathlib.Path
        Where to; made if there is none.

    Returns
    -------
    list of pathlib.Path
        The files.

    Raises
    ------
    UnusableInputError
        If a file cannot be written, or another one is in its place.
    """
    names = [*json.loads(read(MANIFEST))["sha256"], MANIFEST]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            _copy(read(name), folder / name)
    except OSError as error:
        raise UnusableInputError(
            f"{error.filename or folder}: {error.strerror or 'cannot be written'}"
        ) from None
    except ValueError as error:  # A path with a zero byte.
        raise UnusableInputError(str(error)) from None
    return [folder / name for name in names]


@cache
def _described() -> dict[str, Any]:
    """Return what the sets say of each function."""
    return {function: node for name in sets() for function, node in document(name)["functions"].items()}


def _set_of(function: str) -> str | None:
    """Find the set that a function is in."""
    return next((name for name, functions in sets().items() if function in functions), None)


def _others(function: str) -> str:
    """Say which functions there are, of the same owner if there is one."""
    owner = function.partition(".")[0]
    every = [each for functions in sets().values() for each in functions]
    if same := [each for each in every if each.partition(".")[0] == owner]:
        return f"; those of {owner} are {', '.join(same)}"
    return f"; there are those of {', '.join(dict.fromkeys(each.partition('.')[0] for each in every))}"


def _copy(data: bytes, path: Path) -> None:
    """Write a file, but over nothing else than itself."""
    if path.exists() and (not path.is_file() or path.read_bytes() != data):
        raise FileExistsError(0, "is something else already; remove it, or take an empty folder", str(path))
    path.write_bytes(data)


def _vector(node: Mapping[str, Any], described: Mapping[str, Any]) -> Vector:
    dtype = node["dtype"]
    return Vector(
        node["id"],
        node["function"],
        dtype,
        {name: _argument(each, dtype) for name, each in node["arguments"].items()},
        node["kind"],
        tuple(node["flags"]),
        names=tuple(described[node["function"]]["results"]),
        results=_numbers(node["results"], dtype),
        conditions=_numbers(node["conditions"], "float64"),
        conventions={
            name: (_numbers(each["results"], dtype), _numbers(each["conditions"], "float64"))
            for name, each in node.get("conventions", {}).items()
        },
    )


def _numbers(nodes: Mapping[str, Any], dtype: str) -> dict[str, Array]:
    return {name: _array(node, dtype) for name, node in nodes.items()}


def _argument(node: Any, dtype: str) -> Any:
    """Read numbers, real or integer; anything else is what it is."""
    if not isinstance(node, dict) or not node.keys() & {"hex", "data"}:
        return node
    return _array(node, dtype) if "hex" in node else np.array(node["data"], "int64").reshape(node["shape"])


def _array(node: Mapping[str, Any], dtype: str) -> Array:
    if "shape" not in node:
        return np.array(float.fromhex(node["hex"]), dtype)
    return np.array([float.fromhex(x) for x in node["hex"]], dtype).reshape(node["shape"])
