"""`TransformedDistribution.cdf` and `icdf` add and subtract 1/2, and lose the lower tail.

Kind: defect
torch: gumbel.cdf.f32.bulk.* gumbel.cdf.f64.bulk.* gumbel.icdf.*.tail.* gumbel.icdf.*.extreme.* gumbel.grad_icdf.* logistic.cdf.* logistic.icdf.*.tail.* logistic.icdf.*.extreme.* logistic.grad_icdf.*

`TransformedDistribution._monotonize_cdf` returns sign * (value - 0.5) + 0.5, to turn cdf into 1 - cdf where a transform
decreases. It means to skip this if the sign is the number 1; with `AffineTransform` and a tensor for the scale the sign is a
tensor, even where it is 1. So `cdf` and `icdf` of `Gumbel`, and of the logistic law as the documentation builds it, round a
small probability to a multiple of 6e-8 (float32) or 1.1e-16 (float64), or to 0: values are wrong without a warning.

Right: `torch.where(sign > 0, value, 1 - value)`.
"""

import mpmath
import torch
from torch.distributions import AffineTransform, Gumbel, SigmoidTransform, TransformedDistribution, Uniform

zero, one = torch.tensor(0.0), torch.tensor(1.0)
logistic = TransformedDistribution(
    Uniform(zero, one), [SigmoidTransform().inv, AffineTransform(loc=zero, scale=one)]
)
p = torch.tensor(1e-20)
print(
    "logistic, icdf(1e-20)",
    logistic.icdf(p).item(),
    "mpmath",
    float(mpmath.log(1e-20) - mpmath.log1p(-1e-20)),
)
print(
    "logistic, cdf(-20)   ",
    logistic.cdf(torch.tensor(-20.0)).item(),
    "mpmath",
    float(1 / (1 + mpmath.exp(20))),
)
print(
    "Gumbel, icdf(1e-20)  ",
    Gumbel(zero, one).icdf(p).item(),
    "mpmath",
    float(-mpmath.log(-mpmath.log(1e-20))),
)
print(
    "Gumbel, cdf(-3.4)    ",
    Gumbel(zero, one).cdf(torch.tensor(-3.4)).item(),
    "mpmath",
    float(mpmath.exp(-mpmath.exp(3.4))),
)
