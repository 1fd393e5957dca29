"""1e-6 is added to the distribution function, which is clamped to [1e-6, 1 - 1e-6] then.

Kind: defect
latent_rationale: *kumaraswamy.cdf.* hard_kumaraswamy.prob_* hard_kumaraswamy.logpdf.*.edge.* hard_kumaraswamy.grad_prob_one.* kumaraswamy.grad_cdf.f64.extreme.3 hard_kumaraswamy.grad_prob_active.f64.extreme.3 hard_kumaraswamy.grad_prob_interior.*.tail.0

`log_cdf` is log(1 - (1 - x^a)^b + 1e-6), clamped. P(0) is 1e-6 too much, P(1) as much too little, and neither is less than 1e-6. In float64
there are 6 digits. A gate that is open with a probability below that has no gradient by which the penalty would know; and where the clamp
meets log(0), it is NaN.

Right: -expm1(b log1p(-x^a)), and its logarithm, which need no eps.
"""

import mpmath
import torch
from latent_rationale.nn.kuma import HardKuma

for a, b in ((1.0, 1.0), (0.5, 8.0), (8.0, 0.5)):
    law = HardKuma([torch.tensor([a]).double(), torch.tensor([b]).double()], [-0.1, 1.1])
    x = [mpmath.mpf(k) / 12 for k in (1, 11)]
    zero, one = 1 - (1 - x[0] ** a) ** b, (1 - x[1] ** a) ** b
    print(f"a {a}, b {b}: P(0)", law.pdf(0.0).item(), "mpmath", float(zero))
    print("    P(1)", law.pdf(1.0).item(), "mpmath", float(one))
