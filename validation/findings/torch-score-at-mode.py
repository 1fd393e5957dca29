"""The gradient of a log density next to its mode is a difference of numbers near 1.

Kind: precision
torch: gumbel.grad_logpdf.* logistic.grad_logpdf.f64.extreme.3 binary_concrete.grad_logpdf_logit.*
pyro: logistic.grad_logpdf.*

Automatic differentiation adds the slopes of the terms: exp(-z) - 1 for a Gumbel variable, 1 - 2 sigmoid(z) for a logistic one. Next
to the mode they cancel, and the small gradient that is left has no digits. A gradient that is to vanish at the mode vanishes
too early, or is off by an eps of 1.

Right: expm1(-z), and -tanh(z / 2).
"""

import mpmath
import torch
from torch.distributions import Gumbel
from torch.distributions.relaxed_bernoulli import LogitRelaxedBernoulli

x = torch.tensor(1e-8, requires_grad=True)
value = Gumbel(torch.tensor(0.0), torch.tensor(1.0)).log_prob(x)
print(
    "Gumbel at 1e-8             ",
    torch.autograd.grad(value, x)[0].item(),
    "mpmath",
    float(mpmath.expm1(-1e-8)),
)
value = LogitRelaxedBernoulli(torch.tensor(1.0), logits=torch.tensor(0.0)).log_prob(x)
print(
    "LogitRelaxedBernoulli, 1e-8",
    torch.autograd.grad(value, x)[0].item(),
    "mpmath",
    float(-mpmath.tanh(0.5e-8)),
)
