"""What every sampler is asked: for a sample of independent rows, drawn in two calls of one generator.

In two calls, so that a sampler that seeds itself gives the same rows twice.
"""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from stgref.conformance.profile import Profile
from stgref.conformance.sampling.mistakes import Mistake
from stgref.conformance.statistics import Measured
from stgref.conformance.values import Array

ROWS = 100_000
HALF = ROWS // 2
Bounds: TypeAlias = Mapping[str, tuple[float, float]]
Test: TypeAlias = Callable[[Array, float, str], list[Measured]]
"""Takes the sample, the false-alarm rate of all that it measures, and the dtype."""


class Unusable(Exception):  # noqa: N818  it is an answer, not an error of ours
    """Samples that cannot be tested."""


@dataclass(frozen=True)
class SamplerCase(ABC):
    """One sampler with its parameters.

    Parameters
    ----------
    function : str
        The sampler's name.
    name : str
        What tells this case from others of the same sampler.
    """

    function: str
    name: str

    @property
    def id(self) -> str:
        """The case's name among all."""
        return f"{self.function}.{self.name}"

    @property
    @abstractmethod
    def tests(self) -> Mapping[str, Test]:
        """The tests by name: the same whatever is drawn, so that the budget can be divided."""

    def claimed(self, bounds: Bounds, profile: Profile) -> "SamplerCase | None":
        """Leave out what the subject does not claim, and take its parameters for what it declares.

        Parameters
        ----------
        bounds : mapping
            ``(low, high)`` by the name of an argument.
        profile : Profile
            What the subject declares.

        Returns
        -------
        SamplerCase or None
            The case that is left; None if there is none.
        """
        return self

    @abstractmethod
    def ask(self, call: Callable[..., Any], rows: int, dtype: str, rng: np.random.Generator) -> Any:
        """Call the subject once.

        Parameters
        ----------
        call : callable
            The subject's sampler.
        rows : int
            How many rows.
        dtype : str
            The dtype of the parameters.
        rng : numpy.random.Generator
            The source of randomness.

        Returns
        -------
        object
            What it returns.
        """

    @abstractmethod
    def usable(self, returned: Array, rows: int, dtype: str) -> Array:
        """See that a sample has the right shape, dtype and kind of values.

        Parameters
        ----------
        returned : numpy.ndarray
            What the subject returned.
        rows : int
            How many rows it was asked for.
        dtype : str
            In which dtype.

        Returns
        -------
        numpy.ndarray
            The sample in float64, (rows, columns).

        Raises
        ------
        Unusable
            If it cannot be tested.
        """

    @abstractmethod
    def explain(self, sample: Array, dtype: str, rng: np.random.Generator) -> Mistake | None:
        """Name the known mistake that gives such a sample.

        Parameters
        ----------
        sample : numpy.ndarray
            One that is wrong.
        dtype : str
            In which dtype it was drawn.
        rng : numpy.random.Generator
            For samples that have the mistake.

        Returns
        -------
        Mistake or None
            None if none of them does.
        """

    def draw(self, call: Callable[..., Any], dtype: str, rng: np.random.Generator) -> Array:
        """Draw the sample.

        Parameters
        ----------
        call : callable
            The subject's sampler.
        dtype : str
            The dtype of the parameters.
        rng : numpy.random.Generator
            The source of randomness, the same for both calls.

        Returns
        -------
        numpy.ndarray
            The rows of both calls.

        Raises
        ------
        Unusable
            If it raises, or returns what cannot be tested.
        """
        return np.concatenate([self._half(call, dtype, rng) for _ in range(2)])

    def _half(self, call: Callable[..., Any], dtype: str, rng: np.random.Generator) -> Array:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                returned = np.asarray(self.ask(call, HALF, dtype, rng))
        except Exception as error:
            raise Unusable(f"an error instead of samples: {type(error).__name__}: {error}") from error
        return self.usable(returned, HALF, dtype)


def numbers(returned: Array, shape: tuple[int, ...], dtypes: str) -> Array:
    """See that an array has a shape and a dtype, and that its values are numbers.

    Parameters
    ----------
    returned : numpy.ndarray
        What a subject returned.
    shape : tuple of int
        The right shape.
    dtypes : str
        The right dtype, in words, or one of more digits: ``"float32"``; with ``"discrete"`` any real, integer or boolean one.

    Returns
    -------
    numpy.ndarray
        The values in float64.

    Raises
    ------
    Unusable
        If it is otherwise.
    """
    dtype, _, discrete = dtypes.partition(" ")
    if returned.shape != shape:
        raise Unusable(f"samples have shape {returned.shape}, the right one is {shape}")
    enough = returned.dtype.kind == "f" and np.finfo(returned.dtype).eps <= np.finfo(dtype).eps
    if not enough and not (discrete and returned.dtype.kind in "biuf"):
        raise Unusable(f"samples have dtype {returned.dtype}, the right one is {dtype}")
    # A copy in any case: what was returned may be written to by the next call.
    values = returned.astype("float64", copy=True)
    if wrong := int(np.sum(~np.isfinite(values))):
        raise Unusable(f"{wrong} of {values.size} samples are NaN or infinite")
    return values
