"""sigmoid in float32 is 0 below -88.7.

Kind: precision
torch: bernoulli.mean.f32.tail.1
scipy: bernoulli.mean.f32.tail.1
neurosurgeon: hard_concrete.prob_active.f64.extreme.[01]

1 / (1 + exp(-x)) overflows inside, and the result is 0 although a float32 holds numbers down to 1.4e-45, sigmoid(-103).
SciPy's `expit` has the same in float32.

Right: exp(x) / (1 + exp(x)) for negative x.
"""

import mpmath
import torch

print("sigmoid(-100)", torch.sigmoid(torch.tensor(-100.0)).item(), "mpmath", float(1 / (1 + mpmath.exp(100))))
