"""`HardKuma.mean` is the mean of the Kumaraswamy variable before it is stretched and clipped.

Kind: defect
latent_rationale: hard_kumaraswamy.mean.* hard_kumaraswamy.grad_mean.*

`HardKuma.mean` returns `kuma_moments(a, b, 1)`: bounds and atoms are forgotten, and the derivative by the bounds is 0. The models take it
for the value of a gate at test time, where a continuous value is the most probable.

Right: the integral of the survival function over [0, 1], which has incomplete beta functions: `stgref.hard_kumaraswamy.mean`.
"""

import mpmath
import torch
from latent_rationale.nn.kuma import HardKuma


def survival(z, a, b):
    """Return the probability of a gate above z."""
    return (1 - ((z + mpmath.mpf("0.1")) / mpmath.mpf("1.2")) ** a) ** b


for a, b in ((1.0, 4.0), (4.0, 0.25)):
    law = HardKuma([torch.tensor([a]), torch.tensor([b])], [-0.1, 1.1])
    mean = mpmath.quad(lambda z, a=a, b=b: survival(z, a, b), [0, 1])
    print(f"a {a}, b {b}: HardKuma", round(law.mean().item(), 6), "mean", round(float(mean), 6))
