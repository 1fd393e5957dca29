"""A probability outside [0, 1] gives NaN, not an error.

Kind: convention
Output: nan
torch: *.icdf.*.outside.* *.grad_icdf.*.outside.*
pyro: *.icdf.*.outside.* *.grad_icdf.*.outside.*

torch.distributions checks parameters and values, but not the probability that `icdf` takes.
"""

import torch
from torch.distributions import Normal

print(Normal(torch.tensor(0.0), torch.tensor(1.0)).icdf(torch.tensor(1.5)).item())
