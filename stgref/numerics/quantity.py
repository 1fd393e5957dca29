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

from stgref.numerics import documents, tiles
from stgref.numerics import namespace as ns
from stgref.numerics.domains import check_domain, check_options
from stgref.numerics.namespace import Array, Namespace

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
    """

    vectors: frozenset[str] = frozenset()
    of_vectors = False

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
        self.name = f"{law}.{kernel.__name__}"

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
        return prepare(name, arguments, by_tile=True)

    def holds(self, shape: tuple[int, ...], part: tuple[int, ...]) -> bool:
        """Whether arguments of the shape ``part`` broadcast to a result of ``shape``."""
        return len(part) <= len(shape) and all(
            a in (1, b) for a, b in zip(part[::-1], shape[::-1], strict=False)
        )

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
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


def public(kernel: Callable[Concatenate[Namespace, P], R_co], module: str) -> Quantity[P, R_co]:
    """Make ``kernel`` public under another module, so that it stays a plain kernel where it is written."""
    return Quantity(kernel, module)


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
        if in_tiles(self.xp, self.shape):
            return self._in_tiles(function, options)
        return self.at_once(function, options)

    def _in_tiles(self, function: Quantity[..., Any], options: dict[str, Any]) -> Any:
        fields = function_fields(function)
        results = [np.empty(self.shape, self.dtype) for _ in (fields._fields if fields else ("value",))]

        def evaluate(tile: tiles.Tile) -> None:
            value = self.part(tile).at_once(function, options)
            for result, own in zip(results, value if fields else (value,), strict=True):
                result[tile] = own

        tiles.for_each(evaluate, tiles.over(self.shape))
        return fields(*results) if fields else results[0]

    def part(self, tile: tiles.Tile) -> Call:
        """The call at a tile of its shape."""
        arrays = [self.xp.astype(tiles.part(a, tile), self.working, copy=False) for a in self.arrays]
        return self._replace(shape=tiles.shape_of(self.shape, tile), arrays=arrays)

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
        if not hasattr(result, "dtype"):
            result = xp.full(self.shape, result, dtype=self.working, device=self.device)
        elif result.shape != self.shape:
            result = xp.broadcast_to(result, self.shape) + xp.zeros(
                self.shape, dtype=result.dtype, device=self.device
            )
        if ns.bits(xp, self.dtype) == 16 and ns.has_float64(xp, self.device):
            result = xp.astype(result, xp.float32)
        result = xp.astype(result, self.dtype, copy=shared)
        return result[()] if not self.shape and ns.is_numpy(xp) else result


def prepare(name: str, arguments: dict[str, Any], *, broadcast: bool = True, by_tile: bool = False) -> Call:
    """Check the arguments of ``name`` and bring them to one library, device and dtype.

    They broadcast to the call's shape, unless ``broadcast`` is false: then it has none. With ``by_tile``, a call that is
    computed in tiles leaves it to them to convert their parts.

    Raises
    ------
    TypeError
        An argument is no real number or array of them, or libraries are mixed.
    ValueError
        An argument is outside its domain, or the shapes do not broadcast.
    """
    xp = ns.namespace_of(name, arguments)
    given = {key: _as_array(name, key, value, xp) for key, value in arguments.items()}
    arrays = {key: value for key, value in given.items() if hasattr(value, "dtype")}
    dtype = ns.result_dtype(name, xp, arrays)
    for key, value in given.items():
        check_domain(name, key, value, xp)
    device = ns.device_of(list(arrays.values()))
    working = ns.working_dtype(xp, dtype, device)
    shape = broadcast_shape(name, arrays) if broadcast else ()
    later = by_tile and in_tiles(xp, shape)
    converted = [
        (value if later else xp.astype(value, working, copy=False))
        if key in arrays
        else xp.asarray(value, dtype=working, device=device)
        for key, value in given.items()
    ]
    return Call(name, xp, device, dtype, working, shape, converted)


def in_tiles(xp: Namespace, shape: tuple[int, ...]) -> bool:
    """Whether a result of ``shape`` is computed in tiles."""
    return ns.is_numpy(xp) and tiles.are_needed(shape)


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
