"""The derivative by z at an atom is a number.

Kind: convention
relaxit: hard_concrete.grad_logpdf.f32.edge.2

At z = 0 `log_prob` is the logarithm of the mass there, and its derivative by z does not exist; the vector sets want NaN. Autograd gives
that of the logarithm of the cdf.
"""

import torch
from relaxit.distributions import HardConcrete

one, z = torch.tensor(1.0), torch.tensor(0.0, requires_grad=True)
value = HardConcrete(one, one, 1.1 * one, -0.1 * one, validate_args=False).log_prob(z)
print("log_prob(0)", value.item(), "derivative", torch.autograd.grad(value, z)[0].item())
