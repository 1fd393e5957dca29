"""1e-5 is added to the arguments of every logarithm in the density, and 1e-4 where it is rectified.

Kind: defect
dists_pt: *kumaraswamy.logpdf.* *kumaraswamy.grad_logpdf.*

`Kumaraswamy.log_prob` is log(a + eps) + log(b + eps) + (a - 1) log(x + eps) + (b - 1) log(1 - x^a + eps), eps being 1e-5. Small x are taken for
1e-5. `Rectified01.log_prob` adds log(p + 1e-4) with p = P(0 < z < 1), and subtracts it again; what it adds was clamped before, what it
subtracts was not.

Right: log a + log b + (a - 1) log x + (b - 1) log1p(-x^a); of the rectified law, less log(upper - lower).
"""

import mpmath
import torch
from probabll.distributions import Kumaraswamy

for x in (0.25, 1e-8):
    a, b, z = torch.tensor([5.0, 2.0, x]).double()
    y = mpmath.mpf(z.item())
    exact = mpmath.log(10) + 4 * mpmath.log(y) + mpmath.log(1 - y**5)
    print("x", x, "log_prob", Kumaraswamy(a, b).log_prob(z).item(), "mpmath", float(exact))
