"""How a framework made of torch is asked: for a value, and for derivatives by autograd."""

from collections.abc import Callable, Mapping
from typing import Any

import torch


def value(quantity: Callable[..., torch.Tensor], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Ask for a value.

    Parameters
    ----------
    quantity : callable
        Takes and returns tensors.
    arguments : mapping
        NumPy scalars and arrays.

    Returns
    -------
    dict
        ``value``.
    """
    return {"value": quantity(**{name: torch.tensor(x) for name, x in arguments.items()}).detach().numpy()}


def gradient(quantity: Callable[..., torch.Tensor], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Ask for the derivative by every argument; it is 0 by one that autograd finds no use of.

    Of a vector, for the derivative of its product with the argument ``cotangent``.

    Parameters
    ----------
    quantity : callable
        Takes and returns tensors.
    arguments : mapping
        NumPy scalars and arrays.

    Returns
    -------
    dict
        The derivatives by name, and ``value``.
    """
    leaves = {name: torch.tensor(x, requires_grad=True) for name, x in arguments.items()}
    cotangent = leaves.pop("cotangent", None)
    result = quantity(**leaves)
    cotangent = torch.ones_like(result) if cotangent is None else cotangent
    partials = torch.autograd.grad(result, list(leaves.values()), cotangent, materialize_grads=True)
    return {"value": result.detach().numpy()} | {
        name: partial.numpy() for name, partial in zip(leaves, partials, strict=True)
    }
