"""`SigmoidTransform.log_abs_det_jacobian` is off by up to 2e-9 in float64.

Kind: defect
torch: logistic.logpdf.* logistic.grad_logpdf.f64.extreme.0

It is -softplus(-x) - softplus(x), and `torch.nn.functional.softplus` returns x itself beyond its threshold of 20, whatever
the dtype: exp(-20) = 2e-9 is within an ulp of 20 in float32, and nine million ulp in float64. Log densities of the logistic
law, of `RelaxedBernoulli` and of every flow with a sigmoid in it inherit that.

Right: `-softplus(x, threshold=40)` in float64, or `torch.nn.functional.logsigmoid`, which has no threshold.
"""

import mpmath
import torch
from torch.distributions.transforms import SigmoidTransform

x = torch.tensor(20.5, dtype=torch.float64)
print("log_abs_det_jacobian", SigmoidTransform().log_abs_det_jacobian(x, torch.sigmoid(x)).item())
print("with logsigmoid     ", (torch.nn.functional.logsigmoid(x) + torch.nn.functional.logsigmoid(-x)).item())
print(
    "mpmath              ", float(-mpmath.log1p(mpmath.exp(-20.5)) - 20.5 - mpmath.log1p(mpmath.exp(-20.5)))
)
