"""Public functions of vectors: the last axis of their arrays holds the categories, the others are the batch.

The annotations of a kernel say which of its arguments and results are vectors (`Vector`) and which are one number per
batch element (`Array`). Batch axes broadcast; the lengths of the last axes must agree.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Concatenate, ParamSpec, TypeAlias, TypeVar, cast, get_args, get_type_hints

import numpy as np

from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quantity import Call, Quantity, function_fields, prepare

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)

_CATEGORIES = "its last axis holds the categories"
Vector: TypeAlias = Annotated[Any, _CATEGORIES]
"""An array whose last axis holds the categories."""


def is_vector(annotation: Any) -> bool:
    """Whether an annotation says `Vector`, or ``Vector | None``."""
    return _CATEGORIES in get_args(annotation) or any(
        _CATEGORIES in get_args(a) for a in get_args(annotation)
    )


class VectorQuantity(Quantity[P, R_co]):
    """The public function made of ``kernel``, some of whose arguments and results are vectors.

    Keyword-only arguments are arrays too, which may be left out (``None``).

    Attributes
    ----------
    vectors : frozenset of str
        Names of the arguments that are vectors.
    results : tuple of bool
        Whether the result, or each of its fields, is a vector.
    """

    of_vectors = True

    def __init__(self, kernel: Callable[Concatenate[Namespace, P], R_co], module: str = "") -> None:
        super().__init__(kernel, module)
        signature = inspect.signature(kernel, eval_str=True)
        self.vectors = frozenset(n for n, p in signature.parameters.items() if is_vector(p.annotation))
        fields = function_fields(self)
        hints = [signature.return_annotation] if fields is None else _hints(fields)
        self.results = tuple(is_vector(hint) for hint in hints)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Evaluate at arrays of one library; see the function's own documentation."""
        arguments, optional = self._bind(args, kwargs)
        arguments |= {name: value for name, value in optional.items() if value is not None}
        call = self.prepared(self.name, arguments)
        arrays = dict(zip(arguments, call.arrays, strict=True))
        if ns.library_name(call.xp) == "dask.array":
            return cast("R_co", blockwise(call, self, arrays))
        with np.errstate(all="ignore"):
            result = self.kernel(call.xp, **arrays)  # type: ignore[call-arg]
            return cast("R_co", self._finish(call, result, list(arrays.values())))

    def _finish(self, call: Call, result: Any, taken: list[Array]) -> Any:
        of_batch = call._replace(shape=call.shape[:-1])
        parts = result if isinstance(result, tuple) else (result,)
        finished = [
            (call if vector else of_batch).finish(part, (*taken, *parts[:i]))
            for i, (part, vector) in enumerate(zip(parts, self.results, strict=True))
        ]
        return type(result)(*finished) if isinstance(result, tuple) else finished[0]

    def prepared(self, name: str, arguments: dict[str, Any]) -> Call:
        """Check and convert ``arguments``; the call's shape is that of a vector result."""
        call = prepare(name, arguments, broadcast=False)
        arrays = dict(zip(arguments, call.arrays, strict=True))
        shape = (*self.batch_shape(name, arrays), self.categories(name, arrays))
        if "sample" in arrays:
            check_one_hot(name, "sample", arrays["sample"], call.xp)
        return call._replace(shape=shape)

    def holds(self, shape: tuple[int, ...], part: tuple[int, ...]) -> bool:
        """Whether arguments broadcast to a result of ``shape``, with as many categories."""
        return super().holds(shape, part) and shape[-1:] == part[-1:]

    def categories(self, name: str, arrays: Mapping[str, Array]) -> int:
        """The number of categories, the length that all vectors have."""
        shapes = {key: tuple(a.shape) for key, a in arrays.items() if key in self.vectors}
        for key, shape in shapes.items():
            if not shape or not shape[-1]:
                raise ValueError(
                    f"{name}: {key} takes vectors, whose last axis holds one or more categories, got shape {shape}"
                )
        if len({shape[-1] for shape in shapes.values()}) > 1:
            listed = ", ".join(f"{key} {shape}" for key, shape in shapes.items())
            raise ValueError(f"{name}: the last axes, of categories, differ in length: {listed}")
        return int(next(iter(shapes.values()))[-1])

    def batch_shape(self, name: str, arrays: Mapping[str, Array]) -> tuple[int, ...]:
        """The common shape of the batch axes."""
        shapes = {key: a.shape[:-1] if key in self.vectors else a.shape for key, a in arrays.items()}
        try:
            return np.broadcast_shapes(*shapes.values())
        except ValueError:
            listed = ", ".join(f"{key} {tuple(shape)}" for key, shape in shapes.items())
            raise ValueError(f"{name}: batch axes do not broadcast: {listed}") from None


def _hints(fields: Any) -> list[Any]:
    hints = get_type_hints(fields, include_extras=True)
    return [hints[name] for name in fields._fields]


def vector_quantity(kernel: Callable[Concatenate[Namespace, P], R_co]) -> VectorQuantity[P, R_co]:
    """Make ``kernel`` public: see `VectorQuantity`."""
    return VectorQuantity(kernel)


def public(kernel: Callable[Concatenate[Namespace, P], R_co], module: str) -> Quantity[P, R_co]:
    """Make ``kernel`` public under another module: a function of vectors if one of its arguments is."""
    hints = get_type_hints(kernel, include_extras=True)
    kind = VectorQuantity if any(is_vector(hint) for hint in hints.values()) else Quantity
    return kind(kernel, module)


def check_one_hot(function: str, name: str, value: Array, xp: Namespace) -> None:
    """Raise a `ValueError` unless each vector of zeros and ones has a single 1 (lazy values are trusted)."""
    if not ns.is_lazy(value) and not xp.all(xp.sum(value, axis=-1) == 1.0):
        raise ValueError(f"{function}: {name} must be one-hot, with a single 1 on the last axis")


def blockwise(call: Call, function: VectorQuantity[..., Any], arrays: Mapping[str, Array]) -> Any:
    """Evaluate ``function`` on the blocks of dask arrays, whose last axis is made one chunk."""
    batch, fields = len(call.shape) - 1, function_fields(function)
    widths = [call.shape[-1] if vector else 1 for vector in function.results]

    def on_block(*blocks: Array) -> Array:
        result = function(**dict(zip(arrays, blocks, strict=True)))
        parts = result if fields else (result,)
        return np.concatenate(
            [r if v else np.asarray(r)[..., None] for r, v in zip(parts, function.results, strict=True)],
            axis=-1,
        )

    indexed = []
    for name, array in arrays.items():
        own = array.ndim - (name in function.vectors)
        indexed += [array, (*range(batch - own, batch), *((batch,) if name in function.vectors else ()))]
    packed = call.xp.blockwise(
        on_block,
        (*range(batch), batch + 1),
        *indexed,
        new_axes={batch + 1: sum(widths)},
        concatenate=True,
        dtype=call.working,
        meta=np.empty((0,) * (batch + 1), dtype=call.working),
    ).astype(call.dtype)
    ends = np.cumsum(widths)
    parts = [
        packed[..., end - width : end] if vector else packed[..., end - 1]
        for end, width, vector in zip(ends.tolist(), widths, function.results, strict=True)
    ]
    return fields(*parts) if fields else parts[0]
