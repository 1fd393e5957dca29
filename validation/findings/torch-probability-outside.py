"""At a probability outside [0, 1] the quantile is NaN, and some of its derivatives are numbers.

Kind: convention
Output: nan
torch: *.grad_icdf.*.outside.*
pyro: *.grad_icdf.*.outside.*

torch.distributions checks parameters and values, but not the probability that `icdf` takes.
"""

import torch
from torch.distributions import Normal

p, loc = torch.tensor(1.5), torch.tensor(0.0, requires_grad=True)
value = Normal(loc, torch.tensor(1.0)).icdf(p)
print("icdf(1.5)", value.item(), "derivative by loc", torch.autograd.grad(value, loc)[0].item())
