"""The same training in PyTorch: what `network` derives by hand comes from autograd, and Adam is PyTorch's."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch

from validation.scratch.by_hand import Array, Params
from validation.scratch.pruned_digits.network import LAYERS

TEMPERATURE, LOWER, UPPER = 2.0 / 3.0, -0.1, 1.1


def loss(params: dict[str, Any], x: Array, label: Array, eps: list[Array], prices: list[Array]) -> Any:
    """Cross entropy plus the expected price of the gates that are open."""
    h, penalty = torch.asarray(x), 0.0
    for k, noise_k, price in zip(LAYERS, eps, prices, strict=True):
        log_alpha = params[f"log_alpha{k}"]
        s = torch.sigmoid((log_alpha + torch.asarray(noise_k)) / TEMPERATURE)
        h = h * torch.clamp(s * (UPPER - LOWER) + LOWER, 0.0, 1.0)
        prob = torch.sigmoid(log_alpha - TEMPERATURE * math.log(-LOWER / UPPER))
        penalty = penalty + (torch.asarray(price) * prob).sum()
        h = h @ params[f"W{k}"] + params[f"b{k}"]
        h = torch.relu(h) if k < LAYERS[-1] else h
    return torch.nn.functional.cross_entropy(h, torch.asarray(label)) + penalty


def train(
    params: Params,
    steps_of: Iterator[tuple[Array, Array, list[Array]]],
    prices: list[Array],
    steps: int,
    rate: float,
) -> Params:
    """As `network.train`."""
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in params.items()}
    adam = torch.optim.Adam(tensors.values(), lr=rate)
    for _ in range(steps):
        adam.zero_grad()
        loss(tensors, *next(steps_of), prices).backward()
        adam.step()
    return {name: tensor.detach().numpy() for name, tensor in tensors.items()}
