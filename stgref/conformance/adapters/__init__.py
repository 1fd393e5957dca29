"""Live subjects: frameworks that are installed here, asked as stgref asks."""

import importlib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from stgref.conformance.adapters import recorders
from stgref.conformance.errors import UnusableInputError, said

OWN = {module.name for module in iter_modules([str(Path(__file__).parent)])} - {"recorders"}
NAMES = tuple(sorted(OWN | recorders.names().keys()))
"""The frameworks that there is an adapter for."""


def subject(name: str) -> Any:
    """Return a live subject.

    Parameters
    ----------
    name : str
        One of `NAMES`; or ``module`` or ``module:attribute`` of one's own.

    Returns
    -------
    mapping or object
        What `stgref.conformance.validate` takes.

    Raises
    ------
    UnusableInputError
        If there is none of that name, or it cannot be imported.
    """
    if name in recorders.names():
        return Named(name, recorders.framework(name))
    module, _, attribute = name.partition(":")
    own = name in OWN
    if own:
        module, attribute = f"{__name__}.{name}", "SUBJECT"
    try:
        there = own or _exists(module)
        found = importlib.import_module(module) if there else None
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a stranger's module does
        needs = f"{name} is not installed" if own else f"{module[:80]} cannot be imported"
        raise UnusableInputError(f"{needs}: {said(error)}") from None
    if not there:
        raise UnusableInputError(
            f"there is no module {module[:80]!r}; takes one of {', '.join(NAMES)}, or module:attribute of your own"
        )
    if attribute and not hasattr(found, attribute):
        raise UnusableInputError(f"{module[:80]} has no {attribute[:80]!r}")
    given = getattr(found, attribute) if attribute else found
    return Named(name, given) if isinstance(given, Mapping) else given


class Named(dict[str, Any]):
    """A mapping that says whose it is."""

    def __init__(self, name: str, given: Mapping[str, Any]) -> None:
        super().__init__(given)
        self.__name__ = name


def _exists(module: str) -> bool:
    try:
        return bool(module) and find_spec(module) is not None
    except (ImportError, ValueError, AttributeError):
        return False
