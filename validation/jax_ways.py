"""How a framework made of JAX is asked: for a value, and for derivatives by `jax.grad`, on the CPU and not compiled."""

from collections.abc import Callable, Mapping
from typing import Any

import jax

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")


def value(quantity: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Ask for a value.

    Parameters
    ----------
    quantity : callable
        Takes and returns arrays.
    arguments : mapping
        NumPy scalars and arrays.

    Returns
    -------
    dict
        ``value``.
    """
    return {"value": quantity(**_arrays(arguments))}


def gradient(quantity: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Ask for the derivative by every argument.

    Of a vector, for the derivative of its product with the argument ``cotangent``.

    Parameters
    ----------
    quantity : callable
        Takes and returns arrays.
    arguments : mapping
        NumPy scalars and arrays.

    Returns
    -------
    dict
        The derivatives by name, and ``value``.
    """
    given = _arrays(arguments)
    cotangent = given.pop("cotangent", None)
    result, pullback = jax.vjp(lambda named: quantity(**named), given)
    (partials,) = pullback(jax.numpy.ones_like(result) if cotangent is None else cotangent)
    return {"value": result, **partials}


def _arrays(arguments: Mapping[str, Any]) -> dict[str, jax.Array]:
    return {name: jax.numpy.asarray(x) for name, x in arguments.items()}
