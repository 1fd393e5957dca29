"""`Normal.icdf` has no lower tail.

Kind: defect
torch: normal.icdf.*.tail.* normal.icdf.*.extreme.* normal.grad_icdf.*.tail.* normal.grad_icdf.*.extreme.*

`Normal.icdf(p)` is loc + scale erfinv(2 p - 1) sqrt 2. The difference rounds p away: at p = 1e-8 (float32) or 1e-20 (float64)
the answer is -inf, and its gradient is infinite.

Right: loc + scale `torch.special.ndtri(p)`.
"""

import mpmath
import torch
from torch.distributions import Normal

for dtype, x in ((torch.float32, 1e-8), (torch.float64, 1e-15), (torch.float64, 1e-20)):
    p = torch.tensor(x, dtype=dtype)
    print(f"p = {x}, {dtype}")
    print("  Normal.icdf ", Normal(torch.zeros_like(p), 1.0).icdf(p).item())
    print("  ndtri       ", torch.special.ndtri(p).item())
    print("  mpmath      ", float(mpmath.findroot(lambda z, x=x: mpmath.log(mpmath.ncdf(z) / x), -7)))
