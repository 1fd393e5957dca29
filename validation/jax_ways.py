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
        Takes and returns arrays without dimensions.
    arguments : mapping
        NumPy scalars.

    Returns
    -------
    dict
        ``value``.
    """
    return {"value": quantity(**_arrays(arguments))}


def gradient(quantity: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Ask for the derivative by every argument.

    Parameters
    ----------
    quantity : callable
        Takes and returns arrays without dimensions.
    arguments : mapping
        NumPy scalars.

    Returns
    -------
    dict
        The derivatives by name, and ``value``.
    """
    result, partials = jax.value_and_grad(lambda named: quantity(**named))(_arrays(arguments))
    return {"value": result, **partials}


def _arrays(arguments: Mapping[str, Any]) -> dict[str, jax.Array]:
    return {name: jax.numpy.asarray(x) for name, x in arguments.items()}
