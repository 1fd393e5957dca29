"""The gradient of the penalty is 0 for a gate that is surely open.

Kind: precision

Autograd's derivative of sigmoid is s (1 - s) of the rounded s: 0 from log_alpha = 15.04 on in float32 (35.14 in float64). No penalty can
close such a gate again, whatever its weight.

Right: sigmoid(x) sigmoid(-x).
"""

import mpmath
import torch
from captum.module import BinaryConcreteStochasticGates

gates = BinaryConcreteStochasticGates(1)
gates.log_alpha_param.data.fill_(16.0)
_, l0_reg = gates(torch.ones(1, 1))
l0_reg.backward()
x = 16 - mpmath.mpf(2) / 3 * mpmath.log(mpmath.mpf("0.1") / mpmath.mpf("1.1"))
print(
    "Captum", gates.log_alpha_param.grad.item(), "mpmath", float(mpmath.exp(-x) / (1 + mpmath.exp(-x)) ** 2)
)
