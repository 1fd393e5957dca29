r"""Standard noise: from a seed, from given uniforms, antithetic, or quasi-random.

Every draw is made on the host in double precision, and rounded and moved once: one seed gives the same noise in every
dtype, library and device. (There are two faster streams, for single precision, ``stream="single"``,
`stgref.numerics.single_noise`, and for CuPy's arrays on a GPU, ``stream="device"``, `stgref.numerics.on_device`.) All but `ziggurat` is by inversion of uniforms of the open interval (0, 1),
:math:`u = (k + \tfrac{1}{2}) 2^{-b}` with k uniform in :math:`0 \ldots 2^b - 1`, all exact numbers, never 0 or 1, and
u and 1 - u equally likely, so that both tails of the noise are alike, also in single precision. The k are the leading b
bits of the numbers of ``Generator.random()``, in their order, one for each element in the order of C.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from stgref.numerics import arguments, gauss, on_device, streams, tiles
from stgref.numerics import namespace as ns
from stgref.numerics import single_noise as single_noises
from stgref.numerics.libraries import EVERYWHERE, declare
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quantity import quantity

Seed: TypeAlias = Any
"""A seed, `numpy.random.SeedSequence`, `numpy.random.Generator`, or a `scipy.stats.qmc.QMCEngine`."""

_BITS = {64: 52, 32: 23, 16: 10}
"""Bits of a uniform: one less than the precision, so that k + 1/2 is exact. Double precision is drawn for the others."""

_RUN = 2**15
"""Numbers that a thread makes logistic at a time."""


@quantity
def logistic_from_uniform(xp: Namespace, u: Array) -> Array:
    r"""Standard logistic noise from recorded uniforms, :math:`\operatorname{logit}(u)`, antisymmetric about 1/2.

    It is :math:`\pm\log\frac{m}{1 - m}` with :math:`m = \min(u, 1 - u)`, and the sign of u - 1/2: one logarithm. Near
    u = 1/2 that is off by a rounding of the uniform; `stgref.special.logit` keeps all digits there, at three times the cost.

    References
    ----------
    C. J. Maddison, A. Mnih, Y. W. Teh, "The Concrete Distribution", ICLR 2017, appendix B.

    Examples
    --------
    >>> from stgref import noise
    >>> noise.logistic_from_uniform([0.25, 0.5])
    array([-1.09861229,  0.        ])
    """
    m = xp.minimum(u, 1.0 - u)
    n = xp.log(m / (1.0 - m))
    return xp.where(u < 0.5, n, -n)


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
    points = _points(shape, rng) if _is_quasi_random(rng) else np.asarray(generator(rng).random(shape))
    return _on_grid(points, bits)


def _on_grid(points: Array, bits: int) -> Array:
    """The middle (k + 1/2) / 2^bits of the cell that a number of [0, 1] is in."""
    return (np.minimum(np.floor(np.ldexp(points, bits)), (1 << bits) - 1) + 0.5) * 0.5**bits


def _is_quasi_random(rng: Seed) -> bool:
    return hasattr(rng, "fast_forward")


def _inverted(shape: tuple[int, ...], rng: Seed, from_uniform: Callable[[Array], Array]) -> Array:
    """``from_uniform`` of uniforms in double precision, elementwise."""
    if _is_quasi_random(rng):
        return from_uniform(_uniform(shape, rng, _BITS[64]))

    def invert(points: Array) -> None:
        points[...] = from_uniform(_on_grid(points, _BITS[64]))

    runs = streams.uniforms(generator(rng), math.prod(shape), tiles.SIZE)
    return _filled(shape, runs, invert, np.float64)


def logistic_noise(
    shape: tuple[int, ...], rng: np.random.Generator, eps: float = 0.0, dtype: Any = np.float64
) -> Array:
    """What `logistic` draws of a generator; of uniforms squeezed into [eps, 1 - eps], 0 <= eps < 1/2."""
    runs = streams.uniforms(rng, math.prod(shape), _RUN)
    return _filled(shape, runs, lambda points: _to_logistic(points, eps), dtype)


def uniform_noise(
    shape: tuple[int, ...], rng: np.random.Generator, eps: float = 0.0, dtype: Any = np.float64
) -> Array:
    """What `uniform` draws of a generator in double precision, squeezed into [eps, 1 - eps], 0 <= eps < 1/2."""

    def squeeze(points: Array) -> None:
        points[...] = eps + (1.0 - 2.0 * eps) * _on_grid(points, _BITS[64])

    return _filled(shape, streams.uniforms(rng, math.prod(shape), _RUN), squeeze, dtype)


def normal_noise(shape: tuple[int, ...], rng: np.random.Generator, dtype: Any = np.float64) -> Array:
    """What `ziggurat` draws of a generator."""
    return _filled(shape, streams.normals(rng, math.prod(shape)), lambda _: None, dtype)


def single_noise(name: str, shape: tuple[int, ...], rng: np.random.Generator, eps: float = 0.0) -> Array:
    """What `logistic` or `normal` draws of a generator with ``stream="single"``; `logistic_noise` says what eps is."""
    make = partial(single_noises.logistic, eps=eps) if name == "logistic" else single_noises.normal

    def put(draw: Callable[[Array], Any], out: Array) -> None:
        words = np.empty(out.size + out.size % 2, np.uint32)
        draw(words)
        make(words, out=out)

    n = math.prod(shape)
    return _by_runs(shape, streams.words(rng, n + n % 2, _RUN), put, np.float32)


def _to_logistic(points: Array, eps: float) -> None:
    r"""Numbers of [0, 1) made logistic noise in place: the tuned twin of `logistic_from_uniform`, bit for bit at eps = 0.

    With :math:`c = 2^{52} (u - \tfrac{1}{2})`, an exact number, and :math:`u' = \text{eps} + (1 - 2\, \text{eps}) u`,

    .. math:: \frac{m'}{1 - m'} = \frac{K - |c|}{K + |c|}, \quad K = 2^{51} / (1 - 2\, \text{eps}), \quad
              m' = \min(u', 1 - u')
    """
    points *= 2.0**52
    np.floor(points, out=points)
    points -= 2.0**51 - 0.5
    half = (
        np.nextafter(2.0**51 / (1.0 - 2.0 * eps), math.inf) if eps else 2.0**51
    )  # no nearer to the ends than eps
    size = np.abs(points)
    ratio = half - size
    size += half
    np.divide(ratio, size, out=ratio)
    np.log(ratio, out=ratio)
    np.copysign(ratio, points, out=points)


def _filled(
    shape: tuple[int, ...], runs: Iterator[streams.Run], finish: Callable[[Array], None], dtype: Any
) -> Array:
    """The numbers of ``runs``, each finished in place, in double precision, and rounded once."""

    def put(draw: Callable[[Array], Any], out: Array) -> None:
        numbers = out if dtype == np.float64 else np.empty(out.size)
        draw(numbers)
        finish(numbers)
        if dtype != np.float64:
            out[...] = numbers

    return _by_runs(shape, runs, put, dtype)


def _by_runs(
    shape: tuple[int, ...],
    runs: Iterator[streams.Run],
    put: Callable[[Callable[[Array], Any], Array], None],
    dtype: Any,
) -> Array:
    """An array of ``dtype``, each run of which ``put`` makes of what the run draws; over threads if there are many."""
    values = np.empty(shape, dtype)
    flat = values.reshape(-1)

    def fill(run: streams.Run) -> None:
        part, draw = run
        put(draw, flat[part])

    if values.size > tiles.FEW * tiles.SIZE:
        tiles.for_each(fill, runs)
    else:
        for run in runs:
            fill(run)
    return values


def generator(rng: Seed) -> np.random.Generator:
    """`numpy.random.default_rng` of ``rng``, with an error that names the argument."""
    if isinstance(rng, (bool, np.random.RandomState)):
        raise TypeError(f"rng takes a seed, SeedSequence or Generator, got {rng!r}")
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise type(error)(f"rng takes a seed, SeedSequence or Generator, got {rng!r}: {error}") from None


STREAMS = ("host", "single", "device")
SINGLE = ("logistic", "normal")
"""The noise that there is a stream in single precision of."""


def checked_stream(where: str, name: str, stream: Any, xp: Namespace) -> str:
    """The name of a stream that there is for arrays of ``xp``.

    Raises
    ------
    TypeError, ValueError
        If ``stream`` is none, or there is none on a device for arrays of ``xp``.
    """
    arguments.choice(where, name, stream, STREAMS)
    if stream == "device" and not ns.is_cupy(xp):
        raise ValueError(f'{where}: {name} takes "device" for CuPy only, got it for {ns.library_name(xp)}')
    return str(stream)


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
        How it is drawn: ``"host"``, ``"single"`` or ``"device"``. On the host, by NumPy, in double precision: a seed gives
        the same noise in every library and dtype, hence the default. ``"single"``, for logistic and normal noise in single
        or half precision: on the host too, but made in single precision from 32 bits a number, several times faster
        (`stgref.numerics.single_noise`); what gates draw for passes in single precision. On the device, for CuPy only: where
        it is needed, many times faster, from the stream `stgref.numerics.on_device.STREAM`, whose key is the next number of
        the source.

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
        the library or the dtype, or not of such noise.

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


class _Place(NamedTuple):
    """Where a draw goes, checked."""

    xp: Namespace
    dtype: Any
    device: Any
    shape: tuple[int, ...]

    @property
    def bits(self) -> int:
        """The width of its numbers."""
        return ns.bits(self.xp, self.dtype)

    @property
    def on_host(self) -> Any:
        """NumPy's dtype for it: half precision is rounded from single."""
        return np.float64 if self.bits == 64 else np.float32

    def receive(self, values: Array) -> Array:
        """``values`` of the host, rounded and moved."""
        narrow = values.astype(self.on_host, copy=False)
        return self.xp.astype(self.xp.asarray(narrow, device=self.device), self.dtype, copy=False)


def _place(where: str, shape: int | Sequence[int], dtype: Any, xp: Any, device: Any) -> _Place:
    xp = ns.compatible_namespace(xp)
    dtype = ns.default_dtype(xp, device) if dtype is None else ns.floating_dtype(where, xp, dtype)
    size = checked_shape(where, shape)
    if ns.is_numpy(xp) and device not in (None, "cpu"):
        raise ValueError(f'{where}: device takes "cpu" or None for NumPy, got {device!r}')
    xp.empty((), dtype=dtype, device=device)  # complains, before anything is drawn, where it is no device
    return _Place(xp, dtype, device, size)


def _check_single(where: str, name: str, place: _Place) -> None:
    if name not in SINGLE:
        raise ValueError(f'{where}: stream="single" is of logistic and normal noise')
    if place.bits > 32:
        raise ValueError(
            f'{where}: stream="single" takes a dtype of at most 32 bits, got one of {place.bits}'
        )


def _standard(
    name: str,
    summary: str,
    from_uniform: Callable[[Array], Array],
    example: str,
    in_place: Callable[..., Array] | None = None,
) -> Callable[..., Array]:
    """The public function that draws noise by inversion of uniforms; ``in_place`` draws the same of a generator, sooner."""

    @declare(EVERYWHERE)
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
        where = f"noise.{name}"
        if not isinstance(antithetic, bool):
            raise TypeError(f"{where}: antithetic takes a bool, got {antithetic!r}")
        place = _place(where, shape, dtype, xp, device)
        if checked_stream(where, "stream", stream, place.xp) != "host":
            if antithetic or _is_quasi_random(rng):
                raise ValueError(f'{where}: antithetic and quasi-random noise take stream="host"')
            if stream == "device":
                return on_device.draw(place.xp, name, place.shape, generator(rng), place.dtype, device)
            _check_single(where, name, place)
            return place.receive(single_noise(name, place.shape, generator(rng)))
        bits = _BITS[place.bits] if name == "uniform" else _BITS[64]
        if antithetic or bits < _BITS[64]:
            made = _mirrored if antithetic else _uniform
            return place.receive(from_uniform(made(place.shape, rng, bits)))
        if in_place and not _is_quasi_random(rng):
            return place.receive(in_place(place.shape, generator(rng), dtype=place.on_host))
        return place.receive(_inverted(place.shape, rng, from_uniform))

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
    logistic_noise,
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


@declare(EVERYWHERE)
def ziggurat(
    shape: int | Sequence[int], rng: Seed = None, dtype: Any = None, xp: Any = None, device: Any = None
) -> Array:
    r"""Standard normal noise by NumPy's ziggurat method, twice as fast as inversion; what the Gaussian gates draw.

    Up to 65536 numbers are those of ``Generator.standard_normal``. More of them come in blocks of 65536, in the order of
    C, the last one shorter, which threads draw at the same time: with ``words = rng.bit_generator.random_raw(4)``, the
    block number b is of ``Generator(SFC64(SeedSequence(words, spawn_key=(b,)))).standard_normal``.

    Parameters
    ----------
    shape : int or sequence of int
        Shape of the result.
    rng : int, SeedSequence, Generator or BitGenerator, optional
        Source of randomness, normalised by `numpy.random.default_rng` (SPEC 7); a fresh one by default.
    dtype : dtype, optional
        Real floating dtype of ``xp``; double precision by default where ``device`` has it.
    xp : namespace, optional
        Array library, as itself or as its array-api-compat namespace; NumPy by default.
    device : device, optional
        Device of the result, of the library's kind.

    Returns
    -------
    array
        Of the given shape, dtype, library and device.

    Raises
    ------
    TypeError
        If the shape, the source, the dtype or the library is none; a quasi-random engine is none: `normal` takes it.
    ValueError
        If the shape has a negative length.

    References
    ----------
    G. Marsaglia, W. W. Tsang, "The Ziggurat Method for Generating Random Variables", Journal of Statistical Software 5
    (8), 2000, section 2.

    Examples
    --------
    >>> from stgref import noise
    >>> noise.ziggurat(2, rng=0)
    array([ 0.12573022, -0.13210486])
    """
    place = _place("noise.ziggurat", shape, dtype, xp, device)
    return place.receive(normal_noise(place.shape, generator(rng), place.on_host))


__all__ = [
    "gumbel",
    "gumbel_from_uniform",
    "logistic",
    "logistic_from_uniform",
    "normal",
    "normal_from_uniform",
    "uniform",
    "ziggurat",
]
