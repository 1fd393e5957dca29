"""`RelaxedBernoulli` and `RelaxedOneHotCategorical` take a temperature of 0, or below.

Kind: defect
Output: number
torch: concrete.logpdf.*.outside.* concrete.grad_logpdf.*.outside.* exp_concrete.logpdf.*.outside.* exp_concrete.grad_logpdf.*.outside.* binary_concrete.logpdf.*.outside.* binary_concrete.grad_logpdf.*.outside.* binary_concrete.logpdf_logit.*.outside.* binary_concrete.grad_logpdf_logit.*.outside.*

`arg_constraints` of both laws, and of those of their logarithms, have no entry for `temperature`, so that it is not checked, with
`validate_args` or without. A temperature of -1 gives NaN, one of 0 -inf.

Right: `"temperature": constraints.positive`.
"""

import torch
from torch.distributions import RelaxedBernoulli

for temperature in (0.0, -1.0):
    law = RelaxedBernoulli(torch.tensor(temperature), logits=torch.tensor(0.0), validate_args=True)
    print(f"temperature {temperature}: log_prob", law.log_prob(torch.tensor(0.5)).item())
