"""1e-6 is added to exponents and to the power in the density.

Kind: defect
latent_rationale: *kumaraswamy.logpdf.* *kumaraswamy.grad_logpdf.*

`log_pdf` is log a + log b + (a - 1 + 1e-6) log x + (b - 1 + 1e-6) log(1 - x^a - 1e-6). In float64 it has 6 digits, next to 1 fewer, and
at last NaN, the logarithm of a negative number.

Right: log a + log b + (a - 1) log x + (b - 1) log1p(-x^a), with the limits at 0 and 1.
"""

import mpmath
import torch
from latent_rationale.nn.kuma import Kuma

a, b = torch.tensor([0.5]).double(), torch.tensor([0.5]).double()
for x in (0.25, 0.999, 1 - 2.0**-20):
    power = mpmath.sqrt(mpmath.mpf(x))
    exact = mpmath.log(mpmath.mpf(1) / 4) - mpmath.log(power) - mpmath.log(1 - power) / 2
    print("x", x, "log_pdf", Kuma([a, b]).log_pdf(torch.tensor([x]).double()).item(), "mpmath", float(exact))
