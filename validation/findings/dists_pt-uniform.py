"""The uniform law under the samples is between 1e-5 and 1 - 1e-5, and the quantile function goes through it.

Kind: defect
dists_pt: *kumaraswamy.transform.* *kumaraswamy.grad_transform.* kumaraswamy.icdf.* kumaraswamy.grad_icdf.*

`Kumaraswamy` transforms `Uniform(1e-5, 1 - 1e-5)`, and has a `cdf` of its own: `icdf` is the inverse of another law's, and samples are
not of the law whose density is given. A gate that is open with a probability below 1e-5 never opens.

Right: u from (0, 1), and (-expm1(log1p(-u)/b))^(1/a).
"""

import torch
from probabll.distributions import Kumaraswamy

law = Kumaraswamy(torch.tensor(1.0).double(), torch.tensor(2.0).double())
for p in (0.0, 1e-4, 0.25, 1.0):
    print("p", p, "cdf(icdf(p))", law.cdf(law.icdf(torch.tensor(p).double())).item())
