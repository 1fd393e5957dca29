"""What torch draws, as the noise of stgref: the generator is seeded as it was, and asked again."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch


def uniforms(seed: int, shape: Any, dtype: Any) -> Any:
    """The uniforms of `rsample`, clamped to [eps, 1 - eps] as there, as float64 numbers."""
    torch.manual_seed(seed)
    u = torch.rand(shape, dtype=dtype)
    eps = torch.finfo(dtype).eps
    return u.clamp(min=eps, max=1 - eps).double().numpy()


def logistic(seed: int, shape: Any, dtype: Any) -> Any:
    """Logistic noise of those uniforms."""
    u = uniforms(seed, shape, dtype)
    return np.log(u) - np.log1p(-u)


def gumbel(seed: int, shape: Any, dtype: Any) -> Any:
    """Gumbel noise of those uniforms."""
    return -np.log(-np.log(uniforms(seed, shape, dtype)))


def gumbel_of_exponential(seed: int, shape: Any, dtype: Any) -> Any:
    """The Gumbel noise of `gumbel_softmax`, which draws exponential variables."""
    torch.manual_seed(seed)
    return -np.log(torch.empty(shape, dtype=dtype).exponential_().double().numpy())
