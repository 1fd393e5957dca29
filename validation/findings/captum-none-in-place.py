"""`reg_reduction="none"` cannot be back-propagated through binary concrete gates.

Kind: defect

`StochasticGatesBase.forward` multiplies `reg_weight` into the probabilities in place, `l0_reg *= self.reg_weight`. Without a reduction
these are the very output of sigmoid, which autograd needs for its gradient.

Right: `l0_reg = l0_reg * self.reg_weight`.
"""

import torch
from captum.module import BinaryConcreteStochasticGates

gates = BinaryConcreteStochasticGates(2, reg_reduction="none")
_, l0_reg = gates(torch.ones(1, 2))
try:
    l0_reg.sum().backward()
except RuntimeError as error:
    print("RuntimeError:", str(error)[:100])
