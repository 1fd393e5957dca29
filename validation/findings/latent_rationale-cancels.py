"""1 - (1 - x^a)^b has no digits for small x.

Kind: precision
latent_rationale: kumaraswamy.grad_cdf.* hard_kumaraswamy.grad_cdf.* hard_kumaraswamy.grad_prob_zero.* hard_kumaraswamy.grad_prob_active.* hard_kumaraswamy.grad_prob_interior.* hard_kumaraswamy.grad_prob_one.*.extreme.2 hard_kumaraswamy.prob_interior.*.extreme.0
dists_pt: kumaraswamy.cdf.* kumaraswamy.grad_cdf.* hard_kumaraswamy.cdf.* hard_kumaraswamy.grad_cdf.* hard_kumaraswamy.prob_zero.*.extreme.1 hard_kumaraswamy.grad_prob_zero.*.extreme.1 hard_kumaraswamy.prob_interior.*.tail.0 hard_kumaraswamy.grad_prob_interior.*.tail.0 hard_kumaraswamy.grad_prob_interior.*.extreme.2

x^a is lost beside 1, and so is its logarithm, which is the derivative by b. What is left of P(0) at a = 8 in float32 is rounding.
Differences of such probabilities, as P(0 < z < 1), lose digits too.

Right: -expm1(b log1p(-x^a)); P(0 < z < 1) is a difference of powers, to be taken by expm1.
"""

import mpmath
import torch
from latent_rationale.nn.kuma import HardKuma

for a in (4.0, 5.5, 8.0):
    b = torch.tensor([2.0], requires_grad=True)
    value = HardKuma([torch.tensor([a]), b], [-0.1, 1.1]).pdf(0.0)
    (slope,) = torch.autograd.grad(value, b)
    x = (mpmath.mpf(1) / 12) ** a
    print(f"a {a}: dP(0)/db", slope.item(), "mpmath", float(-((1 - x) ** 2) * mpmath.log(1 - x)))
