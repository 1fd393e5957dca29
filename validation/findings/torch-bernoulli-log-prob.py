"""`Bernoulli.log_prob(0)` is 0 at logit -17, and the gradient of `log_prob(1)` at 17.

Kind: defect
torch: bernoulli.log_prob_zero.* bernoulli.grad_log_prob_one.*

`Bernoulli.log_prob(b)` is -`binary_cross_entropy_with_logits(x, b)`, which is (1 - b) x - log sigmoid(x). For b = 0 and
negative x the terms cancel: log P(0) at logit -17 is -4.1e-8, and 0 in float32; `log_prob(1)` at logit 17 is right, so the
two values of a Bernoulli variable are treated unequally. The gradient is that of the formula, sigmoid(x) - b, which cancels
for b = 1 and positive x.

Right: log sigmoid((2 b - 1) x) for b in {0, 1}; in general -(softplus(-x) b + softplus(x) (1 - b)).
"""

import mpmath
import torch
from torch.distributions import Bernoulli

for x, b in ((-17.0, 0.0), (17.0, 1.0)):
    logit = torch.tensor(x, requires_grad=True)
    value = Bernoulli(logits=logit).log_prob(torch.tensor(b))
    (slope,) = torch.autograd.grad(value, logit)
    right = -mpmath.log1p(mpmath.exp(-17))
    print(f"logit {x}: log_prob({b:.0f})", value.item(), "mpmath", float(right), end="; ")
    print("gradient", slope.item(), "mpmath", float((2 * b - 1) / (1 + mpmath.exp(17))))
