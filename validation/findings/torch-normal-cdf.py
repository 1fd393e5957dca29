"""`Normal.cdf` and `torch.special.ndtr` have no lower tail.

Kind: defect
torch: normal.cdf.*

Both are 0.5 (1 + erf(z / sqrt 2)). The sum cancels: from z = -5.4 down (float32) or -8.3 (float64) nothing is left, and well
before that no digit is right.

Right: 0.5 erfc(-z / sqrt 2), for the same price.
"""

import math

import mpmath
import torch
from torch.distributions import Normal

for dtype, x in ((torch.float32, -5.0), (torch.float64, -8.0), (torch.float64, -10.0)):
    z = torch.tensor(x, dtype=dtype)
    print(f"x = {x}, {dtype}")
    print("  Normal.cdf ", Normal(torch.zeros_like(z), 1.0).cdf(z).item())
    print("  ndtr       ", torch.special.ndtr(z).item())
    print("  with erfc  ", (0.5 * torch.special.erfc(-z / math.sqrt(2))).item())
    print("  mpmath     ", float(mpmath.ncdf(x)))
