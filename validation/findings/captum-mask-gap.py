"""A mask that skips a gate is accepted, and the gate penalised.

Kind: defect

Only the largest index is compared with `n_gates`. A gate that no element goes through still counts in the penalty and has its gradient.

Right: an error unless `mask.unique()` is 0 .. n_gates - 1.
"""

import torch
from captum.module import BinaryConcreteStochasticGates

gates = BinaryConcreteStochasticGates(3, mask=torch.tensor([0, 0, 2]))
gates.log_alpha_param.data.fill_(0.0)
_, l0_reg = gates(torch.ones(1, 3))
l0_reg.backward()
print(
    "penalty",
    round(l0_reg.item(), 2),
    "gradients",
    [round(x, 2) for x in gates.log_alpha_param.grad.tolist()],
)
