"""Derivatives of the density of `RelaxedOneHotCategorical` lose digits in a corner of the simplex.

Kind: precision
torch: concrete.grad_logpdf.*.tail.1
tfp: concrete.grad_logpdf.*.tail.1

The density is a sum over the categories minus that of a logarithm of a sum; next to a corner the derivatives of the two nearly cancel, and
automatic differentiation adds what is left of each.

Right: differences of the logarithms of the coordinates, before the sums.
"""

import mpmath
import torch
from torch.distributions import RelaxedOneHotCategorical

mpmath.mp.dps = 40
x = torch.tensor([1.603e-14, 8.011e-15, 1.0], dtype=torch.float64)
logits = torch.tensor([3.795, -14.12, -3.28], dtype=torch.float64)
t = torch.tensor(26.04, dtype=torch.float64, requires_grad=True)
value = RelaxedOneHotCategorical(t, logits=logits).log_prob(x)
logs = [mpmath.log(mpmath.mpf(z)) for z in x.tolist()]
weights = [mpmath.exp(a - t.item() * z) for a, z in zip(logits.tolist(), logs, strict=True)]
mean = sum(w * z for w, z in zip(weights, logs, strict=True)) / sum(weights)
right = 2 / mpmath.mpf(t.item()) - sum(logs) + 3 * mpmath.mpf(mean)
print("by temperature", torch.autograd.grad(value, t)[0].item(), "mpmath", float(right))
