"""`Gumbel.cdf` raises an error in the tails.

Kind: defect
Output: error
torch: gumbel.cdf.* gumbel.grad_cdf.*

`Gumbel` is made of `Uniform(tiny, 1 - eps)`. `cdf(x)` goes back to the uniform, exp(-exp(-x)), which in the tails is outside
of that interval, 0 or 1, and `Uniform.cdf` refuses it: a ValueError about a value that the caller never gave, for every x
beyond 16.6 or below -4.5 in float32.

Right: exp(-exp(-(x - loc) / scale)), which needs no uniform.
"""

import torch
from torch.distributions import Gumbel

law = Gumbel(torch.tensor(0.0), torch.tensor(1.0))
for x in (16.0, 17.0, -4.4, -4.6):
    try:
        print(f"cdf({x}) =", law.cdf(torch.tensor(x)).item())
    except ValueError as error:
        print(f"cdf({x}): ValueError:", str(error)[:90])
