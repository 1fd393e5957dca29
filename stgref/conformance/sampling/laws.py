"""Samplers of laws: every column against its distribution, its atoms, the other columns, and its own other rows."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType, ModuleType
from typing import Any

import numpy as np

from stgref.conformance.laws import LAWS
from stgref.conformance.profile import PARAMETERISATIONS, Parameterisation, Profile
from stgref.conformance.sampling.case import Bounds, SamplerCase, Test, numbers
from stgref.conformance.sampling.independence import across_columns, across_rows
from stgref.conformance.sampling.law_mistakes import explain
from stgref.conformance.sampling.mistakes import Mistake
from stgref.conformance.statistics import Measured, binomial, dkw
from stgref.conformance.values import Array
from stgref.laws import bernoulli

EVERYWHERE, SAME = (-np.inf, np.inf), Parameterisation(np.asarray, np.ones_like)
SEEN = 1e-4
"""A clamp of the uniform behind the noise that could be seen in a sample."""
ULP = 16
"""How many units in the last place the rounding of a sampler may move a value that is not at an atom."""


@dataclass(frozen=True)
class LawCase(SamplerCase):
    """A sampler of one of the scalar laws.

    Parameters
    ----------
    function, name
        As of `SamplerCase`.
    parameters : tuple of tuple of float
        Each parameter, for all columns.
    meanings : mapping
        By its place, what the subject has in place of a parameter of the law.
    """

    parameters: tuple[tuple[float, ...], ...]
    meanings: Mapping[int, Parameterisation] = field(default_factory=lambda: MappingProxyType({}))

    def claimed(self, bounds: Bounds, profile: Profile) -> "LawCase | None":
        """Leave out the columns that the subject does not claim; two at least must be left."""
        names = list(inspect.signature(self.law.mean).parameters)[: len(self.parameters)]
        known = {
            name: PARAMETERISATIONS[name][each] for name, each in profile.parameters.items() if name in names
        }
        ends = [(*bounds.get(name, EVERYWHERE), known.get(name, SAME)) for name in names]
        kept = [
            column
            for column in zip(*self.parameters, strict=True)
            if all(l <= x <= u and m.low < x < m.high for x, (l, u, m) in zip(column, ends, strict=True))
        ]
        if len(kept) < 2 or profile.clamps.get("uniform", 0.0) > SEEN:
            return None
        meanings = {names.index(name): each for name, each in known.items()}
        return replace(self, parameters=tuple(zip(*kept, strict=True)), meanings=meanings)

    @property
    def law(self) -> ModuleType:
        """The reference."""
        return LAWS[self.function.removesuffix(".sample")]

    @property
    def atoms(self) -> Mapping[float, str]:
        """Where the law has atoms, and the names of their probabilities."""
        return {0.0: "prob_zero", 1.0: "prob_one"} if hasattr(self.law, "prob_zero") else {}

    @property
    def tests(self) -> Mapping[str, Test]:
        """The tests by name."""
        tests = {"distribution": self.distribution, "gates": self.gates, "batch": self.batch}
        return tests | {"atoms": self.masses} if self.atoms else tests

    def arguments(self, dtype: str) -> list[Array]:
        """Return the parameters as a subject gets them.

        Parameters
        ----------
        dtype : str
            Their dtype. The law is that of the rounded parameters.

        Returns
        -------
        list of numpy.ndarray
            Each (G,).
        """
        return [np.asarray(values, dtype) for values in self.parameters]

    def own(self, dtype: str) -> list[Array]:
        """Return the law's parameters, in float64.

        Parameters
        ----------
        dtype : str
            What a subject's are rounded to.

        Returns
        -------
        list of numpy.ndarray
            Each (G,).
        """
        given = [x.astype("float64") for x in self.arguments(dtype)]
        return [self.meanings.get(i, SAME).own(x) for i, x in enumerate(given)]

    def ask(self, call: Callable[..., Any], rows: int, dtype: str, rng: np.random.Generator) -> Any:
        """Call the subject once."""
        return call((rows, len(self.parameters[0])), *self.arguments(dtype), rng=rng)

    def usable(self, returned: Array, rows: int, dtype: str) -> Array:
        """See that a sample has the right shape, dtype and kind of values."""
        kinds = f"{dtype} discrete" if self.law is bernoulli else dtype
        return numbers(returned, (rows, len(self.parameters[0])), kinds)

    def explain(self, sample: Array, dtype: str, rng: np.random.Generator) -> Mistake | None:
        """Name the known mistake that gives such a sample."""
        return explain(self.law, self.own(dtype), sample, rng)

    def columns(self, dtype: str) -> list[list[float]]:
        """Return the parameters of each column.

        Parameters
        ----------
        dtype : str
            What they are rounded to.

        Returns
        -------
        list of list of float
            The law's arguments, column by column.
        """
        return [[float(x) for x in column] for column in zip(*self.own(dtype), strict=True)]

    def distribution(self, sample: Array, level: float, dtype: str) -> list[Measured]:
        """Hold every column to its distribution function."""
        columns = self.columns(dtype)
        return [
            self._distribution(sample[:, i], own, level / len(columns), dtype, f"column {i}")
            for i, own in enumerate(columns)
        ]

    def _distribution(self, z: Array, own: list[float], level: float, dtype: str, where: str) -> Measured:
        left = getattr(self.law, "left_cdf", self.law.cdf)
        return dkw(
            z,
            lambda x: np.asarray(self.law.cdf(x, *own)),
            lambda x: np.asarray(left(x, *own)),
            level,
            slack=lambda x: self._rounding(x, dtype),
            where=where,
        )

    def masses(self, sample: Array, level: float, dtype: str) -> list[Measured]:
        """Count the values at every atom."""
        columns, share = self.columns(dtype), level / (len(self.atoms) * len(self.parameters[0]))
        return [
            binomial(
                int(np.sum(sample[:, i] == at)),
                len(sample),
                float(getattr(self.law, p)(*own)),
                share,
                f"column {i}, atom at {at:g}",
            )
            for i, own in enumerate(columns)
            for at, p in self.atoms.items()
        ]

    def gates(self, sample: Array, level: float, dtype: str) -> list[Measured]:
        """Test whether the columns are independent."""
        return across_columns(*self._events(sample, dtype), level)

    def batch(self, sample: Array, level: float, dtype: str) -> list[Measured]:
        """Test whether the rows are independent."""
        return across_rows(*self._events(sample, dtype), level)

    def _events(self, sample: Array, dtype: str) -> tuple[Array, Array]:
        """Tell which values lie above the median, or above 1/2 where the median is an atom."""
        parameters = self.own(dtype)
        at = self.law.median(*parameters)
        if self.atoms:
            at = np.where((at > 0) & (at < 1), at, 0.5)
        return sample > at, self.law.ccdf(at, *parameters)

    def _rounding(self, x: Array, dtype: str) -> Array:
        off = ULP * np.spacing(np.abs(x).astype(dtype)).astype("float64")
        return np.where(np.isin(x, list(self.atoms)), 0.0, off)
