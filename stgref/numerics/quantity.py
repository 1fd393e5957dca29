"""One decorator turns a kernel, the formula in an explicit array namespace, into a public function.

A kernel is written once, as ``kernel(xp, first, *parameters, **options)``, from functions of the array API standard.
`quantity` hides ``xp`` and adds what every public function owes its caller: the library, device and dtype of the
inputs, promotion, broadcasting, clear errors, and blockwise evaluation of dask arrays. The kernel stays at hand as
the attribute ``kernel``, for other kernels to build on.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, Generic, NamedTuple, ParamSpec, TypeVar, cast

import numpy as np

from stgref.numerics import documents, fused, tiles
from stgref.numerics import namespace as ns
from stgref.numerics.domains import check_domain, check_options
from stgref.numerics.libraries import EVERYWHERE, Support
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.single import SINGLE

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)


class Quantity(Generic[P, R_co]):
    """The public function made of ``kernel``: called as the kernel is, without ``xp``.

    Attributes
    ----------
    kernel : callable
        The formula, ``kernel(xp, ...)``.
    arrays, options : tuple of str
        Names of the array arguments, which broadcast together, and of the keyword-only options.
    vectors : frozenset of str
        Names of the arguments whose last axis does not broadcast (`stgref.numerics.vector`): none.
    libraries : Support
        What it takes: a kernel of array functions takes every library.
    """

    vectors: frozenset[str] = frozenset()
    of_vectors = False
    libraries: Support = EVERYWHERE
    nodes = 1

    def __init__(
        self,
        kernel: Callable[Concatenate[Namespace, P], R_co],
        module: str = "",
        doc: str | None = None,
        source: str | None = None,
    ) -> None:
        functools.update_wrapper(self, kernel)
        self.kernel = kernel
        self.__qualname__ = kernel.__name__
        self.__module__ = module or kernel.__module__
        parameters = list(inspect.signature(kernel).parameters.values())[1:]
        self.__signature__ = inspect.Signature(parameters)
        source = kernel.__globals__.get("SOURCE", "") if source is None else source
        law = self.__module__.rpartition(".")[2]
        self.__doc__ = documents.complete(
            doc or kernel.__doc__, parameters, source, law=law, of_vectors=self.of_vectors
        )
        self.arrays = tuple(p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD)
        self.options = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
        self.defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
        self._names = {*self.arrays, *self.options}
        self._required = sum(name not in self.defaults for name in self.arrays)
        self._last = tuple(self.defaults.get(name) for name in self.arrays)
        self.name = f"{law}.{kernel.__name__}"
        self.single = self.name in SINGLE

    def __repr__(self) -> str:
        return f"<stgref function {self.name}{self.__signature__}>"

    def __reduce__(self) -> str:
        return self.__qualname__

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Evaluate at arrays of one library; see the function's own documentation."""
        arguments, options = self._bind(args, kwargs)
        check_options(self.name, options)
        return cast("R_co", self.prepared(self.name, arguments).run(self, options))

    def prepared(self, name: str, arguments: dict[str, Any]) -> Call:
        """Check and convert ``arguments`` in the name of the function ``name``: see `prepare`."""
        return prepare(name, arguments, nodes=self.nodes, single=self.single)

    def holds(self, shape: tuple[int, ...], part: tuple[int, ...]) -> bool:
        """Whether arguments of the shape ``part`` broadcast to a result of ``shape``."""
        return len(part) <= len(shape) and all(
            a in (1, b) for a, b in zip(part[::-1], shape[::-1], strict=False)
        )

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        if not kwargs and self._required <= len(args) <= len(self.arrays):
            return dict(zip(self.arrays, args + self._last[len(args) :], strict=True)), self.options
        given = self.arrays[: len(args)]
        bound = {**self.defaults, **dict(zip(given, args, strict=False)), **kwargs}
        if len(args) > len(self.arrays) or bound.keys() != self._names or not kwargs.keys().isdisjoint(given):
            bound = self._explain(args, kwargs)
        return {n: bound[n] for n in self.arrays}, {n: bound[n] for n in self.options}

    def _explain(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        try:
            bound = self.__signature__.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{self.name}{self.__signature__}: {error}") from None
        bound.apply_defaults()
        return bound.arguments


def quantity(kernel: Callable[Concatenate[Namespace, P], R_co]) -> Quantity[P, R_co]:
    """Make ``kernel`` public: see `Quantity`."""
    return Quantity(kernel)


def integral(kernel: Callable[Concatenate[Namespace, P], R_co]) -> Quantity[P, R_co]:
    """As `quantity`, for a kernel that takes an axis of nodes for each element: its tiles have fewer elements."""
    made = Quantity(kernel)
    made.nodes = NODES
    return made


def public(
    kernel: Callable[Concatenate[Namespace, P], R_co], module: str, nodes: int = 1
) -> Quantity[P, R_co]:
    """Make ``kernel`` public under another module, so that it stays a plain kernel where it is written."""
    made = Quantity(kernel, module)
    made.nodes = nodes
    return made


class Call(NamedTuple):
    """The arguments of one call, checked and converted, and what the result should be."""

    name: str
    xp: Namespace
    device: Any
    dtype: Any
    working: Any
    shape: tuple[int, ...]
    arrays: list[Array]

    def run(self, function: Quantity[..., Any], options: dict[str, Any]) -> Any:
        """Evaluate ``function``; the result has the call's shape, dtype, library and device."""
        if ns.library_name(self.xp) == "dask.array":
            return blockwise(self, function, options)
        if ns.is_cupy(self.xp):
            return fused.run(self, function, options, function_fields(function))
        if in_tiles(self.xp, self.shape, function.nodes):
            return self._in_tiles(function, options)
        return self.at_once(function, options)

    def _in_tiles(self, function: Quantity[..., Any], options: dict[str, Any]) -> Any:
        fields = function_fields(function)
        results = [np.empty(self.shape, self.dtype) for _ in (fields._fields if fields else ("value",))]

        def evaluate(tile: tiles.Tile) -> None:
            with np.errstate(all="ignore"):
                value = function.kernel(self.xp, *self.part(tile).arrays, **options)
                for result, own in zip(results, value if fields else (value,), strict=True):
                    result[tile] = self._rounded(own)

        tiles.for_each(evaluate, tiles.over(self.shape, function.nodes))
        return fields(*results) if fields else results[0]

    def part(self, tile: tiles.Tile) -> Call:
        """The call at a tile of its shape."""
        arrays = [tiles.part(a, tile).astype(self.working, copy=False) for a in self.arrays]
        return self._replace(shape=tiles.shape_of(self.shape, tile), arrays=arrays)

    def converted(self) -> Call:
        """The call with arrays of the dtype to compute in."""
        xp, working, device = self.xp, self.working, self.device
        arrays = [
            xp.astype(a, working, copy=False)
            if hasattr(a, "dtype")
            else xp.asarray(a, dtype=working, device=device)
            for a in self.arrays
        ]
        return self._replace(arrays=arrays)

    def at_once(self, function: Quantity[..., Any], options: dict[str, Any]) -> Any:
        """Evaluate ``function`` at whole arrays, which are in the dtype to compute in."""
        # A dead branch of `where` may overflow; tests guard the results.
        with np.errstate(all="ignore"):
            result = function.kernel(self.xp, *self.arrays, **options)
            if not isinstance(result, tuple):
                return self.finish(result, self.arrays)
            fields = (self.finish(r, (*self.arrays, *result[:i])) for i, r in enumerate(result))
            return type(result)(*fields)

    def finish(self, result: Any, taken: Sequence[Any]) -> Any:
        """The result in the call's shape and dtype, as an array of its own when it is one of those ``taken``."""
        xp, shared = self.xp, any(result is other for other in taken)
        if type(result) is np.ndarray and result.shape == self.shape and self.shape and not shared:
            return self._rounded(result).astype(self.dtype, copy=False)
        if self.shape and ns.is_numpy(xp):
            own = np.empty(self.shape, self.dtype)
            own[...] = self._rounded(result)
            return own
        if not hasattr(result, "dtype"):
            result = xp.full(self.shape, result, dtype=self.working, device=self.device)
        elif result.shape != self.shape:
            result = xp.broadcast_to(result, self.shape) + xp.zeros(
                self.shape, dtype=result.dtype, device=self.device
            )
        result = xp.astype(self._rounded(result), self.dtype, copy=shared)
        return result[()] if not self.shape and ns.is_numpy(xp) else result

    def _rounded(self, result: Any) -> Any:
        """The result as it is rounded last: half precision from single."""
        if self.dtype == self.working or not hasattr(result, "dtype") or ns.bits(self.xp, self.dtype) != 16:
            return result
        return self.xp.astype(result, self.xp.float32, copy=False)


def prepare(
    name: str, arguments: dict[str, Any], *, broadcast: bool = True, nodes: int = 0, single: bool = False
) -> Call:
    """Check the arguments of ``name`` and bring them to one library, device and dtype.

    They broadcast to the call's shape, unless ``broadcast`` is false: then it has none. With ``nodes``, the number of
    nodes of an element, a call that is computed in tiles leaves it to them to convert their parts, and one of CuPy's arrays
    to the fused kernel. With ``single``, NumPy computes single precision in single precision.

    Raises
    ------
    TypeError
        An argument is no real number or array of them, or libraries are mixed.
    ValueError
        An argument is outside its domain, or the shapes do not broadcast.
    """
    ordinary = _of_numpy(name, arguments, nodes=nodes, single=single) if broadcast else None
    if ordinary:
        return ordinary
    xp = ns.namespace_of(name, arguments)
    given = {key: _as_array(name, key, value, xp) for key, value in arguments.items()}
    arrays = {key: value for key, value in given.items() if hasattr(value, "dtype")}
    dtype = ns.result_dtype(name, xp, arrays)
    for key, value in given.items():
        check_domain(name, key, value, xp)
    device = ns.device_of(list(arrays.values()))
    working = xp.float32 if single and _is_short(xp, dtype) else ns.working_dtype(xp, dtype, device)
    shape = broadcast_shape(name, arrays) if broadcast else ()
    call = Call(name, xp, device, dtype, working, shape, list(given.values()))
    if nodes and ns.is_cupy(xp):
        return call
    later = bool(nodes) and in_tiles(xp, shape, nodes)
    converted = [
        (value if later else xp.astype(value, working, copy=False))
        if key in arrays
        else xp.asarray(value, dtype=working, device=device)
        for key, value in given.items()
    ]
    return call._replace(arrays=converted)


def _is_short(xp: Namespace, dtype: Any) -> bool:
    return ns.library_name(xp) in ("numpy", "dask.array") and ns.bits(xp, dtype) < 64


_SHORT, _DOUBLE = (np.dtype(np.float16), np.dtype(np.float32)), np.dtype(np.float64)
_WORKING: dict[bool, dict[Any, Any]] = {
    False: dict.fromkeys((*_SHORT, _DOUBLE), _DOUBLE),
    True: {_DOUBLE: _DOUBLE} | {dtype: np.dtype(np.float32) for dtype in _SHORT},
}


def _of_numpy(name: str, arguments: dict[str, Any], *, nodes: int, single: bool) -> Call | None:
    """What `prepare` returns for NumPy arrays of one floating dtype and Python floats, without its detours.

    ``None`` for anything else, errors included: most calls are ordinary, and most of their time was spent here.
    """
    arrays = [value for value in arguments.values() if type(value) is np.ndarray]
    if not arrays or any(type(value) not in (np.ndarray, float) for value in arguments.values()):
        return None
    dtype = arrays[0].dtype
    working = _WORKING[single].get(dtype)
    if working is None or any(a.dtype != dtype for a in arrays):
        return None
    shape = arrays[0].shape
    if any(a.shape != shape for a in arrays):
        try:
            shape = np.broadcast(*arrays).shape
        except ValueError:
            return None
    for key, value in arguments.items():
        check_domain(name, key, value, ns.NUMPY)
    later = bool(nodes) and in_tiles(ns.NUMPY, shape, nodes)
    converted = [_number(v, working, later=later) for v in arguments.values()]
    return Call(name, ns.NUMPY, "cpu", dtype, working, shape, converted)


def _number(value: Any, working: Any, *, later: bool) -> Any:
    """A number of NumPy's own kind is as good as an array without axes, and twenty times as quick."""
    if type(value) is float:
        return working.type(value)
    if value.ndim and (later or value.dtype == working):
        return value
    return value.astype(working)[()]


NODES = 256
"""About how many nodes a quadrature takes."""


def in_tiles(xp: Namespace, shape: tuple[int, ...], nodes: int = 1) -> bool:
    """Whether a result of ``shape``, of elements with so many ``nodes``, is computed in tiles."""
    return ns.is_numpy(xp) and tiles.are_needed(shape, nodes)


def _as_array(function: str, name: str, value: Any, xp: Namespace) -> Any:
    kind = ns.kind_of(value)
    if kind == "array":
        return value
    if kind == "scalar":
        return _as_float(function, name, value)
    if kind == "numpy scalar":
        return np.asarray(value) if ns.is_numpy(xp) else float(value)
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{function}: {name} is no array: {error}") from None


def _as_float(function: str, name: str, value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        raise ValueError(
            f"{function}: {name} takes numbers in the range of a float, got one beyond it"
        ) from None


def broadcast_shape(function: str, arrays: dict[str, Array]) -> tuple[int, ...]:
    """The common shape of ``arrays``; a `ValueError` naming them all when there is none."""
    try:
        return np.broadcast_shapes(*(a.shape for a in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {tuple(a.shape)}" for name, a in arrays.items())
        raise ValueError(f"{function}: shapes do not broadcast: {shapes}") from None


def blockwise(call: Call, function: Quantity[..., Any], options: dict[str, Any]) -> Any:
    """Evaluate ``function`` on the blocks of dask arrays, each in its own library: the same digits, block by block."""
    da = call.xp
    arrays = da.broadcast_arrays(*call.arrays) if len(call.arrays) > 1 else call.arrays
    fields = function_fields(function)

    def on_block(*blocks: Array) -> Array:
        result = function(*blocks, **options)
        return result if fields is None else np.stack(result)

    meta = np.empty((0,) * len(call.shape), dtype=call.working)
    if fields is None:
        return da.map_blocks(on_block, *arrays, dtype=call.working, meta=meta).astype(call.dtype)
    stacked = da.map_blocks(
        on_block, *arrays, dtype=call.working, new_axis=0, chunks=((len(fields._fields),), *arrays[0].chunks)
    )
    return fields(*(stacked[i].astype(call.dtype) for i in range(len(fields._fields))))


@functools.cache
def function_fields(function: Quantity[..., Any]) -> Any:
    """The NamedTuple that ``function`` returns, or ``None`` when it returns one array."""
    result = inspect.signature(function.kernel, eval_str=True).return_annotation
    return result if hasattr(result, "_fields") else None
