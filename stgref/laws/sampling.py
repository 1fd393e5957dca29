"""Sampling: draw base noise, call ``transform``."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from stgref.numerics import documents, noise
from stgref.numerics.libraries import DRAWS, declare
from stgref.numerics.namespace import Array
from stgref.numerics.quantity import Quantity

_DOC = r"""Draw samples: `transform` of base noise.

    Parameters
    ----------
    shape : int or sequence of int
        Shape of the whole result{categories}; the parameters broadcast to it.
{parameters}
    rng : int, SeedSequence, Generator or scipy.stats.qmc.QMCEngine, optional
        Source of randomness, as in `stgref.noise.uniform`.

    Returns
    -------
    array
        Of the given shape, in the parameters' library, device and floating dtype.

    Raises
    ------
    TypeError
        If the shape or the source is none, or a parameter is not real, or traced (as under `jax.jit`).
    ValueError
        If a parameter is out of range or does not broadcast to ``shape``.

    References
    ----------
{source}

    Examples
    --------
    >>> from stgref import {law}
    >>> {law}.sample((2, 3), {example}rng=0).shape
    (2, 3)
    """


def sampler(transform: Quantity[..., Any], base: str) -> Callable[..., Array]:
    """The law's ``sample(shape, *parameters, rng=None)``, given its ``transform`` and the name of its base noise."""
    draw = getattr(noise, base)
    names = transform.arrays[1:]
    defaults = {n: transform.defaults[n] for n in names if n in transform.defaults}
    function = transform.name.replace(".transform", ".sample")
    parameters = [
        inspect.Parameter(
            n, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=defaults.get(n, inspect.Parameter.empty)
        )
        for n in names
    ]
    signature = inspect.Signature(
        [
            inspect.Parameter("shape", inspect.Parameter.POSITIONAL_OR_KEYWORD),
            *parameters,
            inspect.Parameter("rng", inspect.Parameter.KEYWORD_ONLY, default=None),
        ]
    )

    @declare(DRAWS)
    def sample(*args: Any, **kwargs: Any) -> Array:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{function}{signature}: {error}") from None
        bound.apply_defaults()
        shape, rng = noise.checked_shape(function, bound.arguments.pop("shape")), bound.arguments.pop("rng")
        call = transform.prepared(function, bound.arguments)
        DRAWS.check(function, call.arrays)
        if not transform.holds(shape, call.shape):
            raise ValueError(
                f"{function}: shape {shape} must hold the parameters' broadcast shape {call.shape}"
            )
        return transform(draw(shape, rng, call.dtype, call.xp, call.device), **bound.arguments)

    sample.__signature__ = signature  # type: ignore[attr-defined]
    sample.__module__, sample.__qualname__ = transform.__module__, "sample"
    sample.__doc__ = _DOC.format(
        categories=", categories last" if transform.of_vectors else "",
        parameters=documents.parameter_lines(parameters, "    ", of_vectors=transform.of_vectors),
        source="    " + "\n    ".join(documents.source_of(transform).splitlines()),
        law=transform.name.partition(".")[0],
        example="".join(
            "[0.5, 0.5, 0.5], " if n in transform.vectors else "0.5, " for n in names if n not in defaults
        ),
    )
    return sample
