"""Samples are made of uniform numbers between 0.001 and 0.999.

Kind: convention
latent_rationale: *kumaraswamy.transform.* *kumaraswamy.grad_transform.*

`sample` draws from U(0.001, 0.999) "to avoid instabilities". The samples are not of the law whose density and probabilities the package has:
a gate that is 1 with a probability below 0.001 never is, nor is one 0. `HardKuma.sample` hands no other eps on. The noise of the vectors stands
for the number before it is brought between these bounds.
"""

import mpmath
import torch
from latent_rationale.nn.kuma import HardKuma

torch.manual_seed(0)
b = torch.full((10**6,), 3.0)
law = HardKuma([torch.ones_like(b), b], [-0.1, 1.1])
print(
    "of a million gates 1:",
    (law.sample() == 1).sum().item(),
    "expected",
    round(float(10**6 / mpmath.mpf(12) ** 3)),
)
