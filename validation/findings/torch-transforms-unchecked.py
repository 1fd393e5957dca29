"""`AffineTransform` takes a scale below 0.

Kind: convention
Output: number
torch: logistic.*.outside.*

The logistic law is made of transforms here, as in the documentation. A negative scale mirrors it, which is a law as well; a
probability beyond 1 is clamped by `SigmoidTransform`.
"""

import torch
from torch.distributions import AffineTransform, SigmoidTransform, TransformedDistribution, Uniform

zero, one = torch.tensor(0.0), torch.tensor(1.0)
law = TransformedDistribution(Uniform(zero, one), [SigmoidTransform().inv, AffineTransform(zero, -one)])
print("log_prob(1)", law.log_prob(one).item())
