"""`RelaxedBernoulli.log_prob` is -inf, its gradient NaN, where exp overflows.

Kind: defect
torch: binary_concrete.logpdf.*.extreme.* binary_concrete.grad_logpdf.*.extreme.*

`LogitRelaxedBernoulli.log_prob` is log t + d - 2 log1p(exp(d)) with d = logits - temperature * value. Beyond d = 89 in
float32 (710 in float64) exp overflows. A sample of logit -30 at temperature 3 and logits 0 has d = 90.

Right: log t + d - 2 softplus(d); or log t - |d| - 2 log1p(exp(-|d|)).
"""

import mpmath
import torch
from torch.distributions.relaxed_bernoulli import LogitRelaxedBernoulli

x = torch.tensor(-30.0, requires_grad=True)
value = LogitRelaxedBernoulli(torch.tensor(3.0), logits=torch.tensor(0.0)).log_prob(x)
print("log_prob", value.item(), "mpmath", float(mpmath.log(3) + 90 - 2 * mpmath.log1p(mpmath.exp(90))))
print(
    "gradient", torch.autograd.grad(value, x)[0].item(), "mpmath", float(-3 + 2 * 3 / (1 + mpmath.exp(-90)))
)
