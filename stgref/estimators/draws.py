"""What noise an estimator takes: the arrays' axes, and how they are drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import array_api_compat
import numpy as np

from stgref.numerics import namespace as ns
from stgref.numerics import noise
from stgref.numerics.namespace import Array

Draw = Callable[..., Array]
"""``draw(shape, rng, dtype, xp, device)``, as in `stgref.noise`."""


class Field:
    """One array of noise.

    Parameters
    ----------
    axes : str
        Names of its axes, as in ``"n k D"``: n is the number of estimates, D the number of variables, K that of
        categories, and any other letter the option of that name.
    draw : callable
        How it is drawn.
    words : str
        What it is, for the documentation.
    """

    def __init__(self, axes: str, draw: Draw = noise.logistic, words: str = "standard logistic") -> None:
        self.axes, self.draw, self.words = tuple(axes.split()), draw, words

    def __str__(self) -> str:
        return f"{self.words} ({', '.join(self.axes)})"


class Noise:
    """All the noise of an estimator: one array, or a NamedTuple of them.

    Parameters
    ----------
    *fields : Field
        The arrays.
    container : NamedTuple type, optional
        What holds them; without it there is one array.
    """

    def __init__(self, *fields: Field, container: Any = None) -> None:
        self.fields, self.container = fields, container

    def __str__(self) -> str:
        if self.container is None:
            return str(self.fields[0])
        named = zip(self.container._fields, self.fields, strict=True)
        return f"{self.container.__name__}: " + ", ".join(f"``{name}`` {field}" for name, field in named)

    def pack(self, arrays: list[Array]) -> Any:
        """One array, or the container of several."""
        return arrays[0] if self.container is None else self.container(*arrays)

    def unpack(self, where: str, given: Any) -> dict[str, Any]:
        """The arrays by the names that errors give them.

        Raises
        ------
        TypeError
            If ``given`` is not the container, or a tuple as long.
        """
        if self.container is None:
            return {"noise": given}
        if not isinstance(given, tuple) or len(given) != len(self.fields):
            names = ", ".join(self.container._fields)
            raise TypeError(
                f"{where}: noise takes a {self.container.__name__}({names}), as draw_noise makes it, got "
                f"{type(given).__name__}"
            )
        return {f"noise.{name}": value for name, value in zip(self.container._fields, given, strict=True)}

    def check(self, where: str, arrays: Mapping[str, Array], sizes: Mapping[str, int]) -> None:
        """Raise a `ValueError` unless the arrays have the axes that ``sizes`` says, and the same n."""
        known = dict(sizes)
        for (name, array), field in zip(arrays.items(), self.fields, strict=True):
            words = ", ".join(f"{a}={known[a]}" if a in known else a for a in field.axes)
            matches = array.ndim == len(field.axes) and all(
                known.get(a, length) == length for a, length in zip(field.axes, array.shape, strict=True)
            )
            if not matches:
                raise ValueError(f"{where}: {name} must have shape ({words}), got {tuple(array.shape)}")
            known["n"] = array.shape[0]

    def check_numbers(self, where: str, arrays: list[Array]) -> None:
        """Raise a `ValueError` if one of the arrays has a NaN; lazy ones are trusted."""
        for name, array in self.unpack(where, self.pack(arrays)).items():
            if not ns.is_lazy(array) and has_nan(array):
                raise ValueError(f"{where}: {name} must be numbers, got nan")

    def draw(
        self, rng: noise.Seed, sizes: Mapping[str, int], dtype: Any, xp: ns.Namespace, device: Any
    ) -> Any:
        """Noise from one generator, field after field."""
        rng = noise.generator(rng)
        shapes = [tuple(sizes[a] for a in field.axes) for field in self.fields]
        return self.pack(
            [f.draw(s, rng, dtype, xp, device) for f, s in zip(self.fields, shapes, strict=True)]
        )


def has_nan(array: Array) -> bool:
    """Whether a number is NaN."""
    if isinstance(array, np.ndarray):
        return bool(np.isnan(array.min(initial=0.0)))  # the least of numbers one of which is NaN is NaN
    xp = array_api_compat.array_namespace(array)
    return bool(xp.any(xp.isnan(array)))


LOGISTIC = Noise(Field("n D"))
TUPLES = Noise(Field("n k D"))
