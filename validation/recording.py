"""Ask an implementation the questions of the vector sets, and write down what it returns.

A recorder says which functions of its framework are meant, and how the framework differentiates. This file is all that
recorders share; it needs NumPy and the exported sets, and not stgref.
"""

import argparse
import datetime as dt
import hashlib
import json
import platform
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np

ROOT = Path(__file__).parents[1]
SETS = ROOT / "validation" / "vectors" / "sets"
RECORDINGS = ROOT / "stgref" / "conformance" / "recordings"
FORMAT = "stgref recording, version 1"
SHORT = {"float32": "f32", "float64": "f64"}
MAX_TEXT = 120
FIRST = ("x", "p")
"""What methods of a law are called with; all other arguments are its parameters."""

Arguments: TypeAlias = dict[str, Any]
Quantity: TypeAlias = Callable[..., Any]
Way: TypeAlias = Callable[[Quantity, Arguments], Mapping[str, Any]]


class Framework(NamedTuple):
    """A framework, and how it is asked.

    Attributes
    ----------
    subject : mapping
        ``name``, ``version``, ``licence`` and ``source`` of the framework, and what else was installed.
    quantities : mapping
        By the public name of a quantity, ``normal.logpdf``: takes the arguments by name, as `value` and `gradient` hand
        them on, and returns the framework's answer.
    value : callable
        Takes a quantity and the arguments, as NumPy scalars or arrays; returns ``{"value": ...}``.
    gradient : callable, optional
        Returns the derivative by each argument, by name, and the value; of a framework that differentiates.
    notes : mapping, optional
        What is asked of the framework, by function.
    """

    subject: Mapping[str, str]
    quantities: Mapping[str, Quantity]
    value: Way
    gradient: Way | None = None
    notes: Mapping[str, str] | None = None


def main(framework: Framework) -> None:
    """Record a framework, from the command line: ``record.py [--sets DIR] [--path PATH]``.

    Parameters
    ----------
    framework : Framework
        The framework.
    """
    subject, quantities, value, gradient, notes = framework
    parser = argparse.ArgumentParser(description=f"Record {subject['name']} {subject['version']}.")
    parser.add_argument("--sets", type=Path, default=SETS, help="what `stgref vectors export` wrote")
    parser.add_argument(
        "--path", type=Path, default=RECORDINGS / f"{subject['name']}-{subject['version']}.json"
    )
    arguments = parser.parse_args()
    asked = list(questions(arguments.sets, quantities, differentiates=gradient is not None))
    ways = {False: value, True: gradient or value}
    outputs = {
        case["id"]: ask(quantities[quantity], ways[is_gradient], case, results)
        for case, quantity, is_gradient, results in asked
    }
    version = json.loads((arguments.sets / "manifest.json").read_text(encoding="utf-8"))["version"]
    about = {
        **subject,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "vectors": version,
        "questions": digest(case for case, *_ in asked),
    }
    write(arguments.path, {"format": FORMAT, "subject": about, "notes": dict(notes or {})}, outputs)
    errors = sum("error" in output for output in outputs.values())
    print(f"{arguments.path.name}: {len(outputs)} answers, {errors} of them errors")


def methods(laws: Mapping[str, Callable[..., Any]], called: Mapping[str, str]) -> dict[str, Quantity]:
    """Make quantities of the methods of laws.

    Parameters
    ----------
    laws : mapping
        By the public name of a law, what makes it of its parameters, given by name.
    called : mapping
        By the public name of a quantity, the method or attribute that holds it.

    Returns
    -------
    dict
        The quantities by their public names.
    """
    return {
        f"{name}.{quantity}": _method(make, method)
        for name, make in laws.items()
        for quantity, method in called.items()
    }


def _method(make: Callable[..., Any], method: str) -> Quantity:
    def quantity(**given: Any) -> Any:
        first = [given.pop(name) for name in FIRST if name in given]
        found = getattr(make(**given), method)
        return found(*first) if callable(found) else found

    return quantity


def questions(
    sets: Path, quantities: Iterable[str], *, differentiates: bool
) -> Iterable[tuple[dict[str, Any], str, bool, list[str]]]:
    """Find the cases about some quantities, and their derivatives.

    Parameters
    ----------
    sets : pathlib.Path
        The folder of the exported sets.
    quantities : iterable of str
        Public names.
    differentiates : bool
        Whether to ask for derivatives too.

    Yields
    ------
    tuple
        The case; the name of the quantity; whether its derivative is asked for; the names of the results.

    Raises
    ------
    ValueError
        If the sets have no cases of a quantity.
    """
    wanted = list(quantities)
    seen = set()
    for law in dict.fromkeys(name.partition(".")[0] for name in wanted):
        document = json.loads((sets / f"{law}.json").read_text(encoding="utf-8"))
        for case in document["cases"]:
            quantity = differentiated(case["function"])
            is_gradient = quantity != case["function"]
            if quantity in wanted and (differentiates or not is_gradient):
                seen.add(quantity)
                yield case, quantity, is_gradient, document["functions"][case["function"]]["results"]
    if missing := set(wanted) - seen:
        raise ValueError(f"the sets have no cases of {', '.join(sorted(missing))}")


def differentiated(function: str) -> str:
    """Return the quantity whose derivative a function is; itself if it is none.

    Parameters
    ----------
    function : str
        Its public name.

    Returns
    -------
    str
        The quantity's.
    """
    return function.replace(".grad_", ".").replace(".vjp_", ".")


def ask(quantity: Quantity, way: Way, case: Mapping[str, Any], results: Iterable[str]) -> dict[str, Any]:
    """Ask one case; an error of the framework's is an answer.

    Parameters
    ----------
    quantity : callable
        What is asked.
    way : callable
        How: for the value, or the derivatives.
    case : mapping
        The case.
    results : iterable of str
        What an answer consists of.

    Returns
    -------
    dict
        The results by name, or ``{"error": text}``.
    """
    arguments = {name: _argument(node, case["dtype"]) for name, node in case["arguments"].items()}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer = way(quantity, arguments)
            return {name: number(answer[name], case["dtype"]) for name in results}
    except Exception as error:  # noqa: BLE001  whatever it is, it is recorded
        return {"error": f"{type(error).__name__}: {' '.join(str(error).split())}"[:MAX_TEXT]}


def number(value: Any, dtype: str) -> Any:
    """Write a number, or an array of them, with the fewest digits that give it back.

    Parameters
    ----------
    value : array_like
        The numbers.
    dtype : str
        To be rounded to.

    Returns
    -------
    float, str or dict
        Its place in a JSON document.
    """
    with np.errstate(all="ignore"):
        array = np.asarray(value).astype(dtype)
    data = [float(str(x)) if np.isfinite(x) else str(x) for x in array.ravel()]
    return {"shape": list(array.shape), "data": data} if array.shape else data[0]


def _argument(node: Mapping[str, Any], dtype: str) -> Any:
    """Read a number, or an array."""
    if "shape" not in node:
        return getattr(np, dtype)(float.fromhex(node["hex"]))
    return np.array([float.fromhex(x) for x in node["hex"]], dtype).reshape(node["shape"])


def digest(cases: Iterable[Mapping[str, Any]]) -> str:
    """Return a checksum of questions: of ids and arguments.

    Parameters
    ----------
    cases : iterable of mapping
        The cases.

    Returns
    -------
    str
        Hexadecimal digits.
    """
    lines = sorted(
        " ".join((case["id"], *(f"{name}={_text(x)}" for name, x in case["arguments"].items())))
        for case in cases
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def _text(node: Mapping[str, Any]) -> str:
    return ",".join(node["hex"]) if "shape" in node else node["hex"]


def write(path: Path, head: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
    """Write a recording with one answer to a line, so that changes can be read.

    Parameters
    ----------
    path : pathlib.Path
        Where to.
    head : mapping
        All but the outputs.
    outputs : mapping
        The answers by the ids of their cases.
    """
    lines = [
        f"{json.dumps(name)}: {json.dumps(each, separators=(',', ':'))}" for name, each in outputs.items()
    ]
    text = json.dumps(head, indent=1)[:-2] + ',\n "outputs": {\n' + ",\n".join(lines) + "\n }\n}\n"
    path.write_text(text, encoding="utf-8")
