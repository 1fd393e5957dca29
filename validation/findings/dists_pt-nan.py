"""Where an atom has next to no probability, gradients are NaN.

Kind: defect
Output: nan
dists_pt: hard_kumaraswamy.grad_prob_zero.f*.* hard_kumaraswamy.grad_prob_one.f*.* hard_kumaraswamy.grad_prob_interior.f*.* hard_kumaraswamy.grad_log_prob_zero.f*.* hard_kumaraswamy.grad_logpdf.f*.* hard_kumaraswamy.grad_logpdf.f*.edge.0 hard_kumaraswamy.grad_logpdf.f32.edge.1 kumaraswamy.grad_cdf.f*.* hard_kumaraswamy.grad_cdf.f*.*

The distribution function is exp(log1p(-(1 - x^a)^b)). Where x^a is lost beside 1, that is exp(-inf), and its derivative 0 times infinity. The
clamp to 1e-4 that follows does not help: 0 times NaN is NaN. In float32, with the usual bounds -0.1 and 1.1, it is so from a = 7 on, for the
probabilities and for the density of every x.

Right: -expm1(b log1p(-x^a)).
"""

import mpmath
import torch
from probabll.distributions import Kumaraswamy, Rectified01, Stretched

for a in (6.0, 7.0):
    shape = torch.tensor(a, requires_grad=True)
    value = Rectified01(Stretched(Kumaraswamy(shape, torch.tensor(1.0)), -0.1, 1.1)).log_prob(
        torch.tensor(0.5)
    )
    exact = 1 / mpmath.mpf(a) + mpmath.log(mpmath.mpf(1) / 2)
    print(f"a {a}: d log_prob(0.5)/da", torch.autograd.grad(value, shape)[0].item(), "mpmath", float(exact))
