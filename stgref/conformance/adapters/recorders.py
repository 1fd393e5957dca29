"""The frameworks that were recorded, asked again: what a recorder in `validation` asks is what is called here."""

import importlib.util
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from stgref.conformance.errors import UnusableInputError
from stgref.conformance.vector_sets import argument_names

FOLDERS = (
    Path(__file__).parents[1] / "recorders",  # Installed: the build puts them there.
    Path(__file__).parents[3] / "validation",  # In the repository.
)
CALLED = {"torch_distributions": "torch"}
"""The frameworks whose recorder is called otherwise: `torch` would hide the package."""


def names() -> dict[str, Path]:
    """Find the recorders.

    Returns
    -------
    dict
        Their files by the name of the framework.
    """
    folder = next((each for each in FOLDERS if (each / "recording.py").is_file()), FOLDERS[0])
    files = sorted(folder.glob("*/record.py"))
    return {
        CALLED.get(file.parent.name, file.parent.name): file for file in files if file.parent.name != "captum"
    }


def framework(name: str) -> dict[str, Callable[..., Any]]:
    """Return the functions of a framework by their public names.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    dict
        Callables that take arrays by position.

    Raises
    ------
    UnusableInputError
        If the framework is not installed.
    """
    try:
        recorder = _loaded(name, names()[name])
    except Exception as error:  # noqa: BLE001  a framework that is there in part fails in its own way
        raise UnusableInputError(f"{name} is not installed: {error}") from None
    return dict(_functions(recorder.FRAMEWORK, recorder.recording.differentiated))


def _loaded(name: str, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{__name__}.{name}", file)
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module, path = importlib.util.module_from_spec(spec), list(sys.path)
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path[:] = path
        # Without the framework, Python takes the recorder's folder of the same name for it: a package without a file.
        if getattr(sys.modules.get(file.parent.name), "__file__", "") is None:
            del sys.modules[file.parent.name]
    return module


def _functions(made: Any, differentiated: Callable[[str], str]) -> Any:
    for function, arguments in argument_names().items():
        quantity = made.quantities.get(differentiated(function))
        way = made.value if differentiated(function) == function else made.gradient
        if quantity is not None and way is not None:
            yield function, partial(_answer, way, quantity, arguments)


def _answer(
    way: Callable[..., Mapping[str, Any]], quantity: Callable[..., Any], names: tuple[str, ...], *values: Any
) -> Any:
    found = way(quantity, dict(zip(names, values, strict=True)))
    return found["value"] if set(found) == {"value"} else found
