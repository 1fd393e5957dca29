r"""Standard noise: from a seed, from given uniforms, antithetic, or quasi-random.

Every draw is made on the host by inversion of uniforms of the open interval (0, 1), in double precision, and rounded
and moved once: one seed gives the same noise in every dtype, library and device. (On a GPU, CuPy's arrays can be drawn in
place instead, from a stream of their own: ``stream="device"``, `stgref.numerics.on_device`.) The uniforms are
:math:`u = (k + \tfrac{1}{2}) 2^{-b}` with k uniform in :math:`0 \ldots 2^b - 1`, all exact numbers, never 0 or 1, and
u and 1 - u equally likely, so that both tails of the noise are alike, also in single precision.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from stgref.numerics import arguments, gauss, on_device, sigmoid, tiles
from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quantity import quantity

Seed: TypeAlias = Any
"""A seed, `numpy.random.SeedSequence`, `numpy.random.Generator`, or a `scipy.stats.qmc.QMCEngine`."""

_BITS = {64: 52, 32: 23, 16: 10}
"""Bits of a uniform: one less than the precision, so that k + 1/2 is exact. Double precision is drawn for the others."""


@quantity
def logistic_from_uniform(xp: Namespace, u: Array) -> Array:
    r"""Standard logistic noise from recorded uniforms, :math:`\operatorname{logit}(u)`, antisymmetric about 1/2.

    References
    ----------
    C. J. Maddison, A. Mnih, Y. W. Teh, "The Concrete Distribution", ICLR 2017, appendix B.

    Examples
    --------
    >>> from stgref import noise
    >>> noise.logistic_from_uniform([0.25, 0.5])
    array([-1.09861229,  0.        ])
    """
    return sigmoid.logit(xp, u)


@quantity
def normal_from_uniform(xp: Namespace, u: Array) -> Array:
    r"""Standard normal noise from recorded uniforms, :math:`\Phi^{-1}(u)`, antisymmetric about 1/2.

    References
    ----------
    L. Devroye, "Non-Uniform Random Variate Generation", 1986, theorem II.2.1 (inversion).

    Examples
    --------
    >>> from stgref import noise
    >>> noise.normal_from_uniform([0.25, 0.5])
    array([-0.67448975,  0.        ])
    """
    return gauss.ndtri(xp, u)


@quantity
def gumbel_from_uniform(xp: Namespace, u: Array) -> Array:
    r"""Standard Gumbel noise from recorded uniforms, :math:`-\log(-\log u)`.

    References
    ----------
    C. J. Maddison, A. Mnih, Y. W. Teh, "The Concrete Distribution", ICLR 2017, section 3.1.

    Examples
    --------
    >>> from stgref import noise
    >>> noise.gumbel_from_uniform(0.5)
    np.float64(0.36651292058166435)
    """
    return -xp.log(-xp.log(u))


def checked_shape(function: str, shape: int | Sequence[int]) -> tuple[int, ...]:
    """``shape`` as a tuple of lengths; a `TypeError` or `ValueError` naming ``function`` when it is none."""
    lengths = shape if isinstance(shape, (tuple, list)) else (shape,)
    try:
        size = tuple(operator.index(length) for length in lengths)
    except TypeError:
        size = None
    if size is None or any(isinstance(length, bool) for length in lengths):
        raise TypeError(f"{function}: shape takes an integer or a sequence of integers, got {shape!r}")
    if any(length < 0 for length in size):
        raise ValueError(f"{function}: shape takes lengths of 0 or more, got {shape!r}")
    return size


def _uniform(shape: tuple[int, ...], rng: Seed, bits: int) -> Array:
    """(k + 1/2) / 2^bits."""
    if _is_quasi_random(rng):
        k = np.minimum(np.floor(np.ldexp(_points(shape, rng), bits)), (1 << bits) - 1)
    else:
        k = generator(rng).integers(0, 1 << 52, size=shape)
        k = k >> (52 - bits) if bits < 52 else k
    return (k + 0.5) * 0.5**bits


def _is_quasi_random(rng: Seed) -> bool:
    return hasattr(rng, "fast_forward")


def inverted(shape: tuple[int, ...], rng: Seed, from_uniform: Callable[[Array], Array]) -> Array:
    """``from_uniform`` of uniforms in double precision, elementwise: in tiles where there are many, of the same numbers."""
    if _is_quasi_random(rng) or not tiles.are_needed(shape):
        return from_uniform(_uniform(shape, rng, _BITS[64]))
    values, rng = np.empty(shape), generator(rng)

    def fill(drawn: tuple[tiles.Tile, Array]) -> None:
        tile, u = drawn
        values[tile] = from_uniform(u)

    cuts = ((tile, _uniform(tiles.shape_of(shape, tile), rng, _BITS[64])) for tile in tiles.over(shape))
    tiles.for_each(fill, cuts)
    return values


def generator(rng: Seed) -> np.random.Generator:
    """`numpy.random.default_rng` of ``rng``, with an error that names the argument."""
    if isinstance(rng, (bool, np.random.RandomState)):
        raise TypeError(f"rng takes a seed, SeedSequence or Generator, got {rng!r}")
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise type(error)(f"rng takes a seed, SeedSequence or Generator, got {rng!r}: {error}") from None


def is_device_stream(where: str, name: str, stream: Any, xp: Namespace) -> bool:
    """Whether noise is drawn on the device.

    Raises
    ------
    TypeError, ValueError
        If ``stream`` is none, or there is none on a device for arrays of ``xp``.
    """
    on = arguments.choice(where, name, stream, ("host", "device")) == "device"
    if on and not ns.is_cupy(xp):
        raise ValueError(f'{where}: {name} takes "device" for CuPy only, got it for {ns.library_name(xp)}')
    return on


def _points(shape: tuple[int, ...], engine: Any) -> Array:
    if not shape or engine.d != math.prod(shape[1:]):
        raise ValueError(
            f"rng: a quasi-random engine of dimension {engine.d} cannot fill rows of shape {shape[1:]}"
        )
    return np.asarray(engine.random(shape[0])).reshape(shape)


def _mirrored(shape: tuple[int, ...], rng: Seed, bits: int) -> Array:
    if not shape:
        raise ValueError("antithetic noise pairs along the first axis: shape must have one, got ()")
    u = _uniform((-(-shape[0] // 2), *shape[1:]), rng, bits)
    return np.concatenate([u, 1.0 - u[: shape[0] // 2]])


_DOC = r"""<summary>

    Parameters
    ----------
    shape : int or sequence of int
        Shape of the result.
    rng : int, SeedSequence, Generator, BitGenerator or scipy.stats.qmc.QMCEngine, optional
        Source of randomness, normalised by `numpy.random.default_rng` (SPEC 7); a fresh one by default. A quasi-random
        engine gives one of its points to each index of the first axis; its dimension is the product of the others.
    dtype : dtype, optional
        Real floating dtype of ``xp``; double precision by default where ``device`` has it.
    xp : namespace, optional
        Array library, as itself or as its array-api-compat namespace; NumPy by default.
    device : device, optional
        Device of the result, of the library's kind.
    antithetic : bool, default False
        Mirror the first half of the first axis in the second: u, then 1 - u. The middle row of an odd number is plain.
    stream : str, default 'host'
        Where it is drawn, ``"host"`` or ``"device"``. On the host, by NumPy, a seed gives the same noise in every library:
        hence the default. On the device, for CuPy only, it is drawn where it is needed, many times faster, from the stream
        `stgref.numerics.on_device.STREAM`, whose key is the next number of the source.

    Returns
    -------
    array
        Of the given shape, dtype, library and device.

    Raises
    ------
    TypeError
        If the shape, the source, the dtype or the library is none.
    ValueError
        If the shape has a negative length, or a quasi-random engine has another dimension; if there is no such stream for
        the library, or not of such noise.

    References
    ----------
    L. Devroye, "Non-Uniform Random Variate Generation", 1986, theorem II.2.1 (inversion); A. B. Owen, "Monte Carlo
    theory, methods and examples", 2013, section 8.2 (antithetic sampling) and chapter 15 (quasi-random points).

    Examples
    --------
    >>> from stgref import noise
    >>> noise.<name>(2, rng=0)
    <example>
    """


def _standard(
    name: str, summary: str, from_uniform: Callable[[Array], Array], example: str
) -> Callable[..., Array]:
    """The public function that draws noise by inversion of uniforms."""

    def draw(
        shape: int | Sequence[int],
        rng: Seed = None,
        dtype: Any = None,
        xp: Any = None,
        device: Any = None,
        *,
        antithetic: bool = False,
        stream: str = "host",
    ) -> Array:
        xp, where = ns.compatible_namespace(xp), f"noise.{name}"
        if not isinstance(antithetic, bool):
            raise TypeError(f"{where}: antithetic takes a bool, got {antithetic!r}")
        dtype = ns.default_dtype(xp, device) if dtype is None else ns.floating_dtype(where, xp, dtype)
        size = checked_shape(where, shape)
        if ns.is_numpy(xp) and device not in (None, "cpu"):
            raise ValueError(f'{where}: device takes "cpu" or None for NumPy, got {device!r}')
        if is_device_stream(where, "stream", stream, xp):
            if antithetic or _is_quasi_random(rng):
                raise ValueError(f'{where}: antithetic and quasi-random noise take stream="host"')
            return on_device.draw(xp, name, size, generator(rng), dtype, device)
        xp.empty((), dtype=dtype, device=device)  # complains, before anything is drawn, where it is no device
        bits = _BITS[ns.bits(xp, dtype)] if name == "uniform" else _BITS[64]
        if antithetic or bits < _BITS[64]:
            values = from_uniform(_mirrored(size, rng, bits) if antithetic else _uniform(size, rng, bits))
        else:
            values = inverted(size, rng, from_uniform)
        narrow = values.astype(np.float64 if ns.bits(xp, dtype) == 64 else np.float32)
        return xp.astype(xp.asarray(narrow, device=device), dtype, copy=False)

    draw.__name__ = draw.__qualname__ = name
    draw.__doc__ = _DOC.replace("<summary>", summary).replace("<name>", name).replace("<example>", example)
    return draw


uniform = _standard(
    "uniform",
    "Uniform numbers of the open interval (0, 1), symmetric about 1/2.",
    lambda u: u,
    "array([0.63696169, 0.26978671])",
)
logistic = _standard(
    "logistic",
    r"Standard logistic noise, :math:`\operatorname{logit}(u)`.",
    logistic_from_uniform,
    "array([ 0.56220114, -0.99570497])",
)
normal = _standard(
    "normal",
    r"Standard normal noise, :math:`\Phi^{-1}(u)`.",
    normal_from_uniform,
    "array([ 0.35034923, -0.61345818])",
)
gumbel = _standard(
    "gumbel",
    r"Standard Gumbel noise, :math:`-\log(-\log u)`.",
    gumbel_from_uniform,
    "array([ 0.79618646, -0.27012147])",
)

__all__ = [
    "gumbel",
    "gumbel_from_uniform",
    "logistic",
    "logistic_from_uniform",
    "normal",
    "normal_from_uniform",
    "uniform",
]
