"""How gates are set up: construction, settings that may change between calls, training and evaluation, state dicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import array_api_compat
import numpy as np

from stgref.gates import penalty, state
from stgref.gates.family import Family
from stgref.gates.settings import FINITE, Choice, Fill, Mask, PerGate
from stgref.numerics import arguments
from stgref.numerics import namespace as ns
from stgref.numerics import noise as draws
from stgref.numerics.namespace import Array
from stgref.numerics.transport import from_host


class Configured:
    """The settings of a layer of gates."""

    family: ClassVar[Family]

    reg_weight = PerGate(FINITE)
    reg_reduction = Choice(*penalty.REDUCTIONS)
    noise_sharing = Choice("example", "batch")
    mask = Mask()
    fill = Fill()

    def __init__(
        self, n_gates: int, settings: dict[str, Any], rng: Any, dtype: Any, device: Any, xp: Any
    ) -> None:
        where = type(self).__name__
        self._n_gates = arguments.count(where, "n_gates", n_gates)
        self._rng = _generator(where, rng)
        self._training = True
        like = _ones(where, self._n_gates, dtype, device, xp)
        for name, value in {**dict.fromkeys(self.family.trained, like), **settings}.items():
            setattr(self, name, value)
        for name, start in self.family.trained.items():
            setattr(self, name, self._start(start))
        self._noise_stream = "device" if ns.is_cupy(array_api_compat.array_namespace(like)) else "single"

    def _start(self, start: float) -> Array:
        """Captum's initialisation: normal with a standard deviation of 0.01."""
        values, like = start + 0.01 * draws.normal(self._n_gates, self._rng), self._parameter
        return from_host(array_api_compat.array_namespace(like), values, like.dtype, ns.device_of([like]))

    @classmethod
    def _from_parameters(cls, values: Sequence[Any], settings: dict[str, Any]) -> Self:
        """New gates with copies of ``values`` for the trained parameters."""
        where, named = f"{cls.__name__}.from_pretrained", dict(zip(cls.family.trained, values, strict=True))
        for name, value in named.items():
            named[name] = _pretrained(where, name, value, named)
        words = " and ".join(named)
        if taken := sorted({"n_gates", "dtype", "device", "xp"} & settings.keys()):
            raise TypeError(f"{where}: {', '.join(taken)} follow from {words} and cannot be given")
        like = named[cls.family.parameter]
        xp, device = array_api_compat.array_namespace(like), ns.device_of([like])
        dtype = ns.result_dtype(where, xp, named)
        rng = _generator(where, settings.pop("rng", None))
        gates = cls(like.shape[0], rng=0, dtype=dtype, device=device, xp=xp, **settings)
        for name, value in named.items():
            setattr(gates, name, xp.astype(value, dtype, copy=False))
        gates._rng = rng  # the first draw is the first noise
        return gates

    @property
    def n_gates(self) -> int:
        """How many gates there are."""
        return self._n_gates

    @property
    def noise_stream(self) -> str:
        """How the gates draw their own noise: ``"device"`` where their arrays are CuPy's, else ``"single"``.

        ``"single"`` is that stream of `stgref.noise` where the input and the parameters are of single precision or half,
        and ``"host"`` where one of them is of double precision. With ``"host"`` a seed gives the same noise in every dtype,
        and with either in every library. On a GPU that would take longer than all the rest: there ``"device"`` draws it, from
        `stgref.numerics.on_device.STREAM`. The pullback says where its noise came from. State dicts do not hold it.
        """
        return self._noise_stream

    @noise_stream.setter
    def noise_stream(self, value: str) -> None:
        where, xp = type(self).__name__, array_api_compat.array_namespace(self._parameter)
        self._noise_stream = draws.checked_stream(where, "noise_stream", value, xp)

    @property
    def training(self) -> bool:
        """Whether gates are sampled (in training), or have their test-time values."""
        return self._training

    def train(self, mode: bool = True) -> Self:
        """Sample the gates from now on.

        Parameters
        ----------
        mode : bool, default True
            False to do as `eval`.

        Returns
        -------
        StochasticGates
            The gates themselves.

        Raises
        ------
        TypeError
            If ``mode`` is no bool.
        """
        self._training = arguments.flag(f"{type(self).__name__}.train", "mode", mode)
        return self

    def eval(self) -> Self:
        """Use the test-time values of the gates from now on.

        Returns
        -------
        StochasticGates
            The gates themselves.
        """
        return self.train(mode=False)

    def __repr__(self) -> str:
        shown = [f"n_gates={self.n_gates}"]
        shown += [
            f"{name}={getattr(self, name)}" for name in (*self.family.options, "reg_weight", "reg_reduction")
        ]
        return f"{type(self).__name__}({', '.join(shown)})"

    def state_dict(self) -> dict[str, Any]:
        """All that the gates are set up with.

        Returns
        -------
        dict
            Captum's entries, which are what is trained and ``mask`` if there is one, and the settings that Captum
            forgets. Arrays are copies. Whether the gates are in training, and the state of ``rng``, are not included.
        """
        return state.save(self)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Set the gates up as others were; nothing changes if anything is wrong.

        Parameters
        ----------
        state_dict : mapping
            From `state_dict`, or Captum's own; arrays may be NumPy's or of any library. It must hold what is trained, of a
            dtype whose digits the gates' own dtype can hold, and ``mask`` exactly if the gates have one, of the same shape.
            Settings that it lacks stay as they are.

        Raises
        ------
        TypeError
            If an entry has a wrong type or dtype.
        ValueError
            If an entry is missing or unknown, or has a wrong shape or value.
        """
        state.load(self, state_dict)

    @property
    def _parameter(self) -> Array:
        return self.__dict__[self.family.parameter]


def _pretrained(where: str, name: str, value: Any, named: dict[str, Any]) -> Array:
    """``value`` as an array of one axis, of the library, device and shape of the first of ``named``."""
    first, like = next(iter(named.items()))
    if ns.check_kind(where, name, value) != "array":
        value = arguments.from_list(where, name, value)
    value = arguments.real_array(where, name, value, value if name == first else like, first)
    if value.ndim != 1:
        raise ValueError(f"{where}: {name} must have shape (n_gates,), got {tuple(value.shape)}")
    if name != first:
        arguments.shape(where, name, value, tuple(like.shape), f"that of {first}")
    return value


def _ones(where: str, n: int, dtype: Any, device: Any, xp: Any) -> Array:
    """A parameter of ones of the library, device and dtype that are asked for."""
    if xp is not None and not hasattr(xp, "asarray"):
        raise TypeError(f"{where}: xp takes an array library or its array-api-compat namespace, got {xp!r}")
    xp = ns.compatible_namespace(xp)
    dtype = None if dtype is None else ns.floating_dtype(where, xp, dtype)
    try:
        return xp.ones(n, dtype=ns.default_dtype(xp, device) if dtype is None else dtype, device=device)
    except (ValueError, TypeError, RuntimeError, AssertionError) as error:  # torch asserts that CUDA is there
        raise ValueError(
            f"{where}: device takes a device of {xp.__name__}, got {device!r}: {error}"
        ) from error


def _generator(where: str, rng: Any) -> np.random.Generator:
    try:
        return draws.generator(rng)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{where}: {error}") from None
