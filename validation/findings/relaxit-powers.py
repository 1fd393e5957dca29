"""`HardConcrete.log_prob` is NaN at large alpha, and its gradient where the value is right.

Kind: defect
relaxit: hard_concrete.logpdf.* hard_concrete.grad_logpdf.* hard_concrete.logpdf.f64.edge.2

The density is a quotient of powers, which overflow, and the logarithm is taken of that: NaN at log alpha = 100 in float32. The
atoms are chosen by `torch.where`, whose other branch, log(1 - Q), is -inf where the cdf rounds to 1 or 0: its gradient is NaN
and spreads, where the value is right. At z = 1, log(1 - Q) has the digits of 1.

Right: with y = (z - gamma) / (xi - gamma) and d = log alpha - beta logit(y): log(beta / (xi - gamma)) + d - 2 softplus(d) - log(y (1 - y));
for the atoms logsigmoid(beta logit(y_0) - log alpha) and logsigmoid(log alpha - beta logit(y_1)).
"""

import mpmath
import torch
from relaxit.distributions import HardConcrete


def right(log_alpha, beta, z):
    """Return the log density, from its definition."""
    y = (mpmath.mpf(z) + 0.1) / 1.2
    d = log_alpha - beta * mpmath.log(y / (1 - y))
    return float(mpmath.log(beta / 1.2) + d - 2 * mpmath.log1p(mpmath.exp(d)) - mpmath.log(y * (1 - y)))


for log_alpha in (100.0, -50.0):
    alpha = (
        torch.tensor(log_alpha).exp()
        if log_alpha < 80
        else torch.tensor(log_alpha, dtype=torch.float64).exp()
    )
    z = torch.tensor(0.5, requires_grad=True)
    law = HardConcrete(alpha, torch.tensor(2 / 3), torch.tensor(1.1), torch.tensor(-0.1), validate_args=False)
    value = law.log_prob(z)
    (slope,) = torch.autograd.grad(value, z)
    print(
        f"log alpha {log_alpha}: log_prob",
        value.item(),
        "gradient",
        slope.item(),
        "mpmath",
        right(log_alpha, 2 / 3, 0.5),
    )
