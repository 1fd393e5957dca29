"""The pieces of a network, without autodiff: each returns its value, and its pullback, which takes a cotangent back.

The cotangent of a value is the derivative of the loss with respect to it. A pullback gets that of what went out, and
returns that of what came in: the network backwards is its pullbacks, called from the last to the first.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stgref.study.optim import Optimizer

Array = NDArray[Any]
Params = dict[str, Array]


def dense(x: Array, W: Array, b: Array) -> tuple[Array, Callable[[Array], tuple[Array, Array, Array]]]:  # noqa: N803
    """y = x W + b; backwards dx = dy Wᵀ, dW = xᵀ dy, db = Σ dy over the batch."""
    return x @ W + b, lambda dy: (dy @ W.T, x.T @ dy, dy.sum(axis=0))


def tanh(x: Array) -> tuple[Array, Callable[[Array], Array]]:
    """y = tanh x; backwards dx = (1 − y²) dy."""
    y = np.tanh(x)
    return y, lambda dy: (1.0 - y * y) * dy


def relu(x: Array) -> tuple[Array, Callable[[Array], Array]]:
    """y = max(x, 0); backwards dx = [x > 0] dy."""
    return np.maximum(x, 0.0), lambda dy: (x > 0.0) * dy


def cross_entropy(x: Array, label: Array) -> tuple[float, Array]:
    """Mean of log Σ exp x − x at the label, and its derivative by x, (softmax(x) − one hot) / N."""
    n = np.arange(len(x))
    x = x - x.max(axis=1, keepdims=True)
    total = np.exp(x).sum(axis=1)
    dx = np.exp(x) / total[:, None]
    dx[n, label] -= 1.0
    return float(np.mean(np.log(total) - x[n, label])), dx / len(x)


def squared_error(x: Array, y: Array) -> tuple[float, Array]:
    """Mean of (x − y)², and its derivative by x, 2 (x − y) / N."""
    return float(np.mean((x[:, 0] - y) ** 2)), 2.0 * (x - y[:, None]) / len(x)


def glorot(sizes: list[int], rng: np.random.Generator) -> Params:
    """Weights W1, W2, ... of variance 2 / (fan in + fan out), biases b1, b2, ... of 0."""
    params: Params = {}
    for k, (n, m) in enumerate(itertools.pairwise(sizes), start=1):
        params[f"W{k}"] = rng.normal(0.0, np.sqrt(2.0 / (n + m)), (n, m))
        params[f"b{k}"] = np.zeros(m)
    return params


def descend(
    params: Params, gradient: Callable[[Params, int], Params], optimizer: Optimizer, steps: int
) -> Params:
    """``steps`` steps of an optimiser; ``gradient(params, t)`` has a derivative for each parameter."""
    states = {name: optimizer.init(value) for name, value in params.items()}
    for t in range(steps):
        grads, moved = gradient(params, t), {}
        for name, value in params.items():
            moved[name], states[name] = optimizer.step(value, grads[name], states[name])
        params = moved
    return params
