"""Which functions of the array namespace a kernel asks for: by running it on a NumPy that takes notes."""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

import array_api_compat
import numpy as np

from tests.numerics.catalogue import QUANTITIES, batches

_NUMPY = array_api_compat.array_namespace(np.zeros(()))


class Recorder(ModuleType):
    """NumPy's namespace, with the set of names that were asked for."""

    def __init__(self) -> None:
        super().__init__(_NUMPY.__name__)
        self.asked: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.asked.add(name)
        return getattr(_NUMPY, name)


@functools.cache
def asked_for(name: str) -> frozenset[str]:
    """Return the names of array functions that the kernel of the public function ``name`` uses."""
    xp = Recorder()
    with np.errstate(all="ignore"):
        QUANTITIES[name].kernel(xp, *batches(name))
    return frozenset(xp.asked)
