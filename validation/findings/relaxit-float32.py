"""`HardConcrete` casts its parameters to float32.

Kind: defect
Output: number
relaxit: hard_concrete.logpdf.f64.* hard_concrete.grad_logpdf.f64.*

alpha, beta, xi and gamma go through `.float()`, whatever they were: a float64 model has a float32 law in it, and `log_prob` and its
gradients have 7 digits of 16. The result is a float64 tensor where the value was one, so that it does not show.

Right: leave the dtype alone; for integers, `torch.get_default_dtype()`.
"""

import torch
from relaxit.distributions import HardConcrete

one = torch.tensor(1.0, dtype=torch.float64)
law = HardConcrete(alpha=3.7 * one, beta=2.1 * one, xi=1.1 * one, gamma=-0.1 * one)
print(law.alpha.dtype, law.log_prob(0.25 * one).dtype, law.xi.double().item())
