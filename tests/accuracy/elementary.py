"""How accurate a library's own elementary functions are: the cause of most of what it does worse."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from unittest import mock

import mpmath as mp
import numpy as np

from stgref.numerics import native
from tests.conftest import Library
from tests.numerics.catalogue import QUANTITIES, batches
from tests.numerics.recorder import asked_for

COUNT = 800
DIGITS = 50


def ndtri(p: mp.mpf) -> mp.mpf:
    return mp.sqrt(2) * mp.erfinv(2 * p - 1)


#: The function, its derivative, and where it is looked at.
FUNCTIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any], tuple[float, float]]] = {
    "exp": (mp.exp, mp.exp, (-80.0, 80.0)),
    "expm1": (mp.expm1, mp.exp, (-5.0, 5.0)),
    "log": (mp.log, lambda x: 1 / x, (1e-3, 5.0)),
    "log1p": (mp.log1p, lambda x: 1 / (1 + x), (-0.9, 3.0)),
    "atanh": (mp.atanh, lambda x: 1 / (1 - x * x), (-0.9, 0.9)),
    "tanh": (mp.tanh, lambda x: mp.sech(x) ** 2, (-5.0, 5.0)),
    "sqrt": (mp.sqrt, lambda x: 1 / (2 * mp.sqrt(x)), (1e-3, 5.0)),
    "erf": (mp.erf, lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-x * x), (-4.0, 4.0)),
    "erfc": (mp.erfc, lambda x: -2 / mp.sqrt(mp.pi) * mp.exp(-x * x), (-4.0, 9.0)),
    "erfcx": (
        lambda x: mp.exp(x * x) * mp.erfc(x),
        lambda x: 2 * x * mp.exp(x * x) * mp.erfc(x) - 2 / mp.sqrt(mp.pi),
        (-4.0, 30.0),
    ),
    "ndtri": (ndtri, lambda p: mp.sqrt(2 * mp.pi) * mp.exp(ndtri(p) ** 2 / 2), (1e-6, 0.999)),
}


@functools.cache
def truth(name: str, dtype: str) -> tuple[np.ndarray, list[mp.mpf], list[mp.mpf]]:
    """The grid, the exact values there, and the sizes |f| + |x f'|."""
    f, slope, (low, high) = FUNCTIONS[name]
    x = np.linspace(low, high, COUNT).astype(dtype)
    with mp.workdps(DIGITS):
        at = [mp.mpf(float(a)) for a in x]
        values = [f(a) for a in at]
        return x, values, [abs(v) + abs(a * slope(a)) for a, v in zip(at, values, strict=True)]


def worst(library: Library, name: str, dtype: str) -> float:
    """The worst error of the library's own function in eps (|f| + |x f'|), on a grid."""
    x, values, sizes = truth(name, dtype)
    own = getattr(native, name, None) or (lambda xp, a: getattr(xp, name)(a))
    got = library.to_numpy(library.call(lambda a: own(library.xp, a), library.asarray(x)))
    with mp.workdps(DIGITS):
        errors = [abs(mp.mpf(float(g)) - v) / s for g, v, s in zip(got, values, sizes, strict=True)]
    return float(max(errors)) / float(np.finfo(dtype).eps)


def used_by(function: str) -> frozenset[str]:
    """The elementary functions that a public function is made of."""
    special: set[str] = set()
    plain = native._native

    def recorded(xp: Any, name: str) -> Any:
        special.add(name)
        return plain(xp, name)

    with mock.patch.object(native, "_native", recorded), np.errstate(all="ignore"):
        QUANTITIES[function].kernel(np, *batches(function))
    return (asked_for(function) | special) & FUNCTIONS.keys()
