"""The same training in PyTorch: what `network` derives by hand comes from autograd, and Adam is PyTorch's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from validation.scratch.by_hand import Array, Params, squared_error
from validation.scratch.feature_selection.network import STD, Task


def loss(params: dict[str, Any], eps: Array, task: Task) -> Any:
    """The penalised loss."""
    mu, last = params["mu"], sum(name.startswith("W") for name in params)
    h = torch.clamp(mu + STD * torch.asarray(eps), 0.0, 1.0) * torch.asarray(task.x)
    for k in range(1, last + 1):
        h = h @ params[f"W{k}"] + params[f"b{k}"]
        h = torch.tanh(h) if k < last else h
    penalty = task.price * torch.special.ndtr(mu / STD).sum()
    if task.loss is squared_error:
        return torch.nn.functional.mse_loss(h[:, 0], torch.asarray(task.y)) + penalty
    return torch.nn.functional.cross_entropy(h, torch.asarray(task.y)) + penalty


def train(params: Params, task: Task, eps: Iterator[Array], steps: int, rate: float) -> Params:
    """As `network.train`."""
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in params.items()}
    adam = torch.optim.Adam(tensors.values(), lr=rate)
    for _ in range(steps):
        adam.zero_grad()
        loss(tensors, next(eps), task).backward()
        adam.step()
    return {name: tensor.detach().numpy() for name, tensor in tensors.items()}
