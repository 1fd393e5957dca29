"""A network that prunes itself: gates on the inputs of every layer, all of its training, forward and backward, by hand."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from stgref import BinaryConcreteStochasticGates, noise, penalties
from stgref.study.optim import Adam
from validation.scratch.by_hand import Array, Params, cross_entropy, dense, descend, glorot, relu

LAYERS = (1, 2, 3)
Gates = list[BinaryConcreteStochasticGates]
Gradient = tuple[float, Params]


def start(sizes: list[int], rng: np.random.Generator, log_alpha: float = 0.0) -> Params:
    """The first parameters; at log alpha = 0 a gate is open with probability .83."""
    return glorot(sizes, rng) | {f"log_alpha{k}": np.full(sizes[k - 1], log_alpha) for k in LAYERS}


def layers_of_gates(params: Params) -> Gates:
    """The gates of all layers: temperature 2/3, stretched to (−0.1, 1.1)."""
    every = (params[f"log_alpha{k}"] for k in LAYERS)
    return [BinaryConcreteStochasticGates.from_pretrained(a, reg_reduction="none") for a in every]


def gradient(
    params: Params, gates: Gates, x: Array, label: Array, eps: list[Array], prices: list[Array]
) -> Gradient:
    """Cross entropy plus the expected price of the gates that are open, and the derivative by every parameter."""
    h, penalty, backs = x, 0.0, []
    for k, layer, noise_k, price in zip(LAYERS, gates, eps, prices, strict=True):
        layer.log_alpha_param = params[f"log_alpha{k}"]
        (h, prob), back_gates = layer.vjp(h, noise_k)
        penalty += penalties.l0(prob, price)
        h, back_dense = dense(h, params[f"W{k}"], params[f"b{k}"])
        h, back_relu = relu(h) if k < LAYERS[-1] else (h, lambda d: d)
        backs.append((k, back_gates, penalties.grad_l0(prob, price).prob, back_dense, back_relu))
    loss, d = cross_entropy(h, label)
    grads: Params = {}
    for k, back_gates, d_prob, back_dense, back_relu in reversed(backs):
        d, grads[f"W{k}"], grads[f"b{k}"] = back_dense(back_relu(d))
        d, grads[f"log_alpha{k}"], *_ = back_gates(d, d_prob)
    return loss + penalty, grads


def batches(
    x: Array, label: Array, sizes: list[int], size: int, rng: np.random.Generator
) -> Iterator[tuple[Array, Array, list[Array]]]:
    """Examples, labels and noise of one step after another; each epoch in a new order."""
    while True:
        order = rng.permutation(len(x))
        for i in range(0, len(x) - size + 1, size):
            chosen = order[i : i + size]
            eps = [noise.logistic((size, n), rng) for n in sizes[:-1]]
            yield x[chosen], label[chosen], eps


def train(
    params: Params,
    steps_of: Iterator[tuple[Array, Array, list[Array]]],
    prices: list[Array],
    steps: int,
    rate: float,
) -> Params:
    """Adam, one batch after another."""
    gates = layers_of_gates(params)
    return descend(params, lambda now, _: gradient(now, gates, *next(steps_of), prices)[1], Adam(rate), steps)


def gate_values(params: Params, rule: str = "louizos") -> list[Array]:
    """What the gates are at test time."""
    return [gates.get_gate_values(rule=rule) for gates in layers_of_gates(params)]


def predict(params: Params, values: list[Array], x: Array) -> Array:
    """Logits of all classes, with the gates at the values given."""
    h = x
    for k in LAYERS:
        h, _ = dense(h * values[k - 1], params[f"W{k}"], params[f"b{k}"])
        h = np.maximum(h, 0.0) if k < LAYERS[-1] else h
    return h


def pruned(params: Params) -> tuple[Array, Params]:
    """The inputs that are left, and the small dense network that computes the same: gates go into the weights."""
    cuts, small = [gates.prune() for gates in layers_of_gates(params)], dict(params)
    for k, cut in zip(LAYERS, cuts, strict=True):
        small[f"W{k}"] = cut.inputs(small[f"W{k}"], axis=0)
        if k > 1:  # the outputs before are these inputs
            small[f"W{k - 1}"] = cut.take(small[f"W{k - 1}"])
            small[f"b{k - 1}"] = cut.take(small[f"b{k - 1}"], axis=0)
        del small[f"log_alpha{k}"]
    return cuts[0].kept, small


def parameters(sizes: list[int]) -> float:
    """How many parameters a dense network has."""
    return float(sum(penalties.parameters(n, m) for n, m in itertools.pairwise(sizes)))
