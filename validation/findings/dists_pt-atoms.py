"""The probabilities of 0, 1 and between are clamped to 1e-4, one by one, and their logarithms have 1e-4 more.

Kind: defect
dists_pt: hard_kumaraswamy.prob_* hard_kumaraswamy.grad_prob_* hard_kumaraswamy.log_prob_zero.* hard_kumaraswamy.grad_log_prob_zero.* hard_kumaraswamy.logpdf.*.edge.*

`Rectified01` has p0, pc and p1 clamped to [1e-4, 1 - 1e-4]; pc is less p0 after it was clamped. log_p0 is log(p0 + 1e-4), though p0 is bounded
already: 3 or 4 digits of 16 are right. Below 1e-4 there is no gradient: a gate that is nearly closed, or open,
stays so. `log_prob(0)` may be 0, probability 1.

Right: -expm1(b log1p(-x^a)) and its logarithm at x = -lower/(upper - lower), which need no eps.
"""

import mpmath
import torch
from probabll.distributions import Kumaraswamy, Rectified01, Stretched

for a, b in ((1.0, 1.0), (1.0, 4.0), (4.5, 1.0)):
    law = Rectified01(Stretched(Kumaraswamy(*torch.tensor([a, b]).double()), -0.1, 1.1))
    x = [mpmath.mpf(k) / 12 for k in (1, 11)]
    zero, one = 1 - (1 - x[0] ** a) ** b, (1 - x[1] ** a) ** b
    print(f"a {a}, b {b}: P(0)", law.p0.item(), "mpmath", float(zero))
    print("    log P(0)", law.log_p0.item(), "mpmath", float(mpmath.log(zero)))
    print("    P(1)", law.p1.item(), "mpmath", float(one))
