"""The derivative by x at an atom is a number.

Kind: convention
latent_rationale: hard_kumaraswamy.grad_logpdf.*.edge.* hard_kumaraswamy.grad_cdf.*.edge.*
dists_pt: hard_kumaraswamy.grad_logpdf.*.edge.* hard_kumaraswamy.grad_cdf.*.edge.*

At x = 0 and 1 the distribution function jumps, and the derivative by x does not exist; the vector sets want NaN. Autograd gives that of the
branch that was taken.
"""

import torch
from latent_rationale.nn.kuma import HardKuma

a, b, x = torch.tensor([1.0]), torch.tensor([1.0]), torch.tensor([0.0], requires_grad=True)
value = HardKuma([a, b], [-0.1, 1.1]).cdf(x)
print("cdf(0)", value.item(), "derivative", torch.autograd.grad(value, x)[0].item())
