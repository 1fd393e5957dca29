"""A temperature for each row of a batch of `RelaxedOneHotCategorical` gives wrong densities, or an error.

Kind: defect
torch: concrete.grad_logpdf.*.bulk.2 concrete.logpdf.*.tail.3 concrete.grad_logpdf.*.tail.3 exp_concrete.logpdf.*.bulk.2 exp_concrete.logpdf.*.tail.3 exp_concrete.grad_logpdf.*.bulk.2 exp_concrete.grad_logpdf.*.tail.3

`ExpRelaxedCategorical.log_prob` multiplies values of shape (batch, categories) by the temperature as it is. One of shape (batch,) is an error;
if there are as many categories as rows it is taken for one per category, and the densities are wrong without a word. One of shape
(batch, 1) gives densities of shape (batch, batch).

Right: broadcast the temperature with the batch shape, and use `temperature.unsqueeze(-1)` next to values.
"""

import torch
from torch.distributions import RelaxedOneHotCategorical

x = torch.tensor([[0.2, 0.3, 0.5], [0.1, 0.1, 0.8], [0.6, 0.3, 0.1]])
logits = torch.tensor([[0.5, -1.0, 0.0], [1.0, 0.0, 2.0], [0.0, 0.0, 1.0]])
temperature = torch.tensor([0.5, 1.0, 2.0])
print("batch     ", RelaxedOneHotCategorical(temperature, logits=logits).log_prob(x))
rows = [
    RelaxedOneHotCategorical(t, logits=a).log_prob(z) for t, a, z in zip(temperature, logits, x, strict=True)
]
print("row by row", torch.stack(rows))
print("(batch, 1)", RelaxedOneHotCategorical(temperature[:, None], logits=logits).log_prob(x).shape)
