"""A network whose features have gates: all of its training, forward and backward, by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from stgref import GaussianStochasticGates, noise, rectified_gaussian
from stgref.study.optim import Adam
from validation.scratch.by_hand import Array, Params, dense, descend, glorot, tanh

STD = 0.5
"""The standard deviation of the gates before clipping, that of Yamada et al."""


class Task(NamedTuple):
    """What is learnt: examples, the loss with its derivative, how many outputs, what an open gate costs."""

    x: Array
    y: Array
    loss: Callable[[Array, Array], tuple[float, Array]]
    outputs: int
    price: float


def start(task: Task, hidden: list[int], rng: np.random.Generator, mu: float = 0.5) -> Params:
    """The first parameters: every gate half open."""
    features = task.x.shape[1]
    return glorot([features, *hidden, task.outputs], rng) | {"mu": np.full(features, mu)}


def network(params: Params, h: Array) -> tuple[Array, Callable[[Array], tuple[Array, Params]]]:
    """The outputs at gated features, and the pullback to the features and to all weights."""
    backs, last = [], sum(name.startswith("W") for name in params)
    for k in range(1, last + 1):
        h, back_dense = dense(h, params[f"W{k}"], params[f"b{k}"])
        h, back_tanh = tanh(h) if k < last else (h, lambda dy: dy)
        backs.append((k, back_dense, back_tanh))

    def pullback(d: Array) -> tuple[Array, Params]:
        grads: Params = {}
        for k, back_dense, back_tanh in reversed(backs):
            d, grads[f"W{k}"], grads[f"b{k}"] = back_dense(back_tanh(d))
        return d, grads

    return h, pullback


def gradient(params: Params, gates: GaussianStochasticGates, eps: Array, task: Task) -> tuple[float, Params]:
    """The penalised loss for noise ``eps``, one row for each example, and its derivative by every parameter."""
    gates.mu = params["mu"]
    (gated, penalty), back_gates = gates.vjp(task.x, eps)
    outputs, back_network = network(params, gated)
    loss, d_outputs = task.loss(outputs, task.y)
    d_gated, grads = back_network(d_outputs)
    return loss + float(penalty), grads | {"mu": back_gates(d_gated, 1.0).mu}


def layer_of_gates(params: Params, price: float) -> GaussianStochasticGates:
    """Gates whose penalty is ``price`` times the expected number of those that are open."""
    return GaussianStochasticGates.from_pretrained(params["mu"], std=STD, reg_weight=price)


def train(params: Params, task: Task, eps: Iterator[Array], steps: int, rate: float) -> Params:
    """Adam on all examples at once, with fresh noise at each step."""
    gates = layer_of_gates(params, task.price)
    return descend(params, lambda now, _: gradient(now, gates, next(eps), task)[1], Adam(rate), steps)


def noise_of_steps(task: Task, rng: np.random.Generator) -> Iterator[Array]:
    """Standard normal noise, a row for each example, without end."""
    while True:
        yield noise.normal(task.x.shape, rng)


def predict(params: Params, x: Array) -> Array:
    """The outputs at test time, when a gate is clip(mu)."""
    return network(params, x * np.clip(params["mu"], 0.0, 1.0))[0]


def selected(params: Params) -> Array:
    """Which gates are open more often than not, P(z > 0) > 1/2."""
    return rectified_gaussian.prob_active(params["mu"], STD) > 0.5
