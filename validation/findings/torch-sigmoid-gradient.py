"""The gradient of a sigmoid by autograd, s (1 - s), is 0 once s rounds to 1.

Kind: precision
torch: bernoulli.grad_mean.* logistic.grad_cdf.* bernoulli.variance.* bernoulli.grad_variance.*
pyro: logistic.grad_cdf.*

The derivative of a sigmoid is taken from its rounded value s. For positive x, 1 - s has the digits of 1: at x = 17 in float32 (37
in float64) the gradient is 0, and with it that of every gate, mean or cdf made of it. `Bernoulli.variance`, p (1 - p), loses
the same digits.

Right: sigmoid(x) sigmoid(-x).
"""

import mpmath
import torch
from torch.distributions import Bernoulli

for x in (10.0, 17.0):
    logit = torch.tensor(x, requires_grad=True)
    (slope,) = torch.autograd.grad(torch.sigmoid(logit), logit)
    print(f"x = {x}: gradient", slope.item(), "variance", Bernoulli(logits=logit).variance.item(), end="; ")
    print("sigmoid(x) sigmoid(-x)", (torch.sigmoid(logit) * torch.sigmoid(-logit)).item(), end="; ")
    print("mpmath", float(mpmath.exp(-x) / (1 + mpmath.exp(-x)) ** 2))
