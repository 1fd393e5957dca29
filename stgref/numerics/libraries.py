"""Which array libraries a public function takes: what each declares, and the error where it does not.

The kind of a function says it for nearly all: a kernel of array functions takes every library. What a function cannot do
is declared where the function is, with the reason and what to do instead. The tests call every public function as it is
declared, and `docs/libraries.md` is the declarations as a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

import array_api_compat

from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array

F = TypeVar("F")

MODES = {
    "numpy": "NumPy",
    "cupy": "CuPy",
    "torch": "PyTorch",
    "torch-cuda": "PyTorch, CUDA",
    "jax": "JAX",
    "jax-jit": "`jax.jit`",
    "jax-vmap": "`jax.vmap`",
    "dask": "Dask",
    "array-api-strict": "array-api-strict",
    "mparray": "mparray, 50 digits",
}
"""The libraries, and ways to use them, that declarations are about. Others of the standard are as array-api-strict."""

TRACED = ("jax-jit", "jax-vmap")
_TRACED_WORDS = "under jax.jit, jax.vmap or another transformation that hides the values"
_WORDS = {"dask": "for Dask arrays, whose values are not known yet", "mparray": "in arbitrary precision"}


class Support(NamedTuple):
    """What a function takes: everything, unless it says otherwise.

    Attributes
    ----------
    without : tuple of str
        The `MODES` that it does not take.
    reason : str
        Why.
    instead : str
        What to do there.
    """

    without: tuple[str, ...] = ()
    reason: str = ""
    instead: str = ""

    def check(self, function: str, arrays: Iterable[Array]) -> None:
        """Raise a `TypeError` that says what to do instead, if one of ``arrays`` is not taken."""
        if not self.without:
            return
        for array in arrays:
            if (mode := mode_of(array)) in self.without:
                where = _TRACED_WORDS if mode in TRACED else _WORDS[mode]
                raise TypeError(f"{function}: not {where}: {self.reason}. {self.instead}.")


EVERYWHERE = Support()

BY_VALUES = Support(
    (*TRACED, "dask", "mparray"),
    "it integrates by a quadrature that is checked by its values, and has nodes by the thousand",
    "Call it with computed arrays of floats, outside of the transformation",
)

DRAWS = Support(
    TRACED,
    "noise is drawn once, while the function is traced, and would be the same in every later call",
    "Draw it outside, and hand it in as an argument",
)

READS = Support(
    TRACED, "it looks at all values before it changes anything", "Call it outside of the transformation"
)


def declare(support: Support) -> Callable[[F], F]:
    """Declare what a function takes: its attribute ``libraries``."""

    def declared(function: F) -> F:
        function.libraries = support  # type: ignore[attr-defined]
        return function

    return declared


def mode_of(array: Any) -> str:
    """Which of `MODES` an array is of, as far as declarations tell them apart; empty for the others."""
    if ns.kind_of(array) != "array":
        return ""
    if not ns.is_lazy(array):
        return "mparray" if ns.library_name(array_api_compat.array_namespace(array)) == "mparray" else ""
    if ns.has_values(array):
        return ""
    return "dask" if array_api_compat.is_dask_array(array) else "jax-jit"
