"""The open probability of a Gaussian gate has no lower tail.

Kind: defect

0.5 (1 + erf(mu / (std sqrt 2))): the sum cancels, and from mu = -5.4 std down (float32; -8.3 std in float64) the probability and the
penalty are 0, while their gradient is not.

Right: 0.5 erfc(-mu / (std sqrt 2)).
"""

import math

import mpmath
import torch
from captum.module import GaussianStochasticGates

for mu in (-2.5, -3.0):
    gates = GaussianStochasticGates(1, std=0.5)
    gates.mu.data.fill_(mu)
    right = 0.5 * torch.erfc(torch.tensor(-mu / (0.5 * math.sqrt(2))))
    print(f"mu {mu}: Captum", gates.get_gate_active_probs().item(), "with erfc", right.item(), end=" ")
    print("mpmath", float(mpmath.ncdf(mu / 0.5)))
