"""`HardConcrete` takes alpha, whose logarithm is bounded by the dtype.

Kind: convention
Output: error
relaxit: hard_concrete.logpdf.f[36][24].* hard_concrete.grad_logpdf.f[36][24].*

alpha = exp(log alpha) is 0 below log alpha = -103 in float32, and float32 is what it is cast to: an error about alpha. (Above 88.7 it
is infinite, and `log_prob` NaN.) A model learns log alpha, which has no such bounds.

Right: a parameter `log_alpha`.
"""

import torch
from relaxit.distributions import HardConcrete

try:
    HardConcrete(torch.tensor(-110.0).exp(), torch.tensor(1.0), torch.tensor(1.1), torch.tensor(-0.1))
except ValueError as error:
    print("ValueError:", str(error)[:90])
