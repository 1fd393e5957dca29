"""A value outside the support is an error.

Kind: convention
Output: error
torch: concrete.logpdf.*.bulk.* concrete.grad_logpdf.*.bulk.0 binary_concrete.logpdf.*.edge.* binary_concrete.grad_logpdf.*.edge.*

torch.distributions checks values by default, and says so: `validate_args`. The vector sets ask for the density of a relaxed
Bernoulli variable outside [0, 1], which is 0, and of a relaxed one-hot variable at coordinates of three decimals, whose sum may be 1.001.
"""

import torch
from torch.distributions import RelaxedBernoulli

law = RelaxedBernoulli(torch.tensor(1.0), logits=torch.tensor(0.0))
try:
    law.log_prob(torch.tensor(1.5))
except ValueError as error:
    print("ValueError:", str(error)[:90])
