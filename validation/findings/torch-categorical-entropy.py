"""The entropy of a categorical variable loses a part, or all, where one probability is nearly 1.

Kind: defect
torch: categorical.entropy.* categorical.grad_entropy.*
tfp: categorical.entropy.* categorical.grad_entropy.*

-sum p log p with log p = logit - logsumexp(logits): for the largest category the logarithm is a difference that has rounded to 0, while
-p log p of it is as large as the sum of all other probabilities: at logits (0, 20) in float32 torch's entropy is 5 % too small. TFP
subtracts the whole mean from logsumexp, and is 0 there.

Right: for the largest category log p = -log1p(sum of exp(logit - largest) over the others).
"""

import mpmath
import torch
from torch.distributions import Categorical

logits = torch.tensor([0.0, 20.0], requires_grad=True)
value = Categorical(logits=logits).entropy()
q = 1 / (1 + mpmath.exp(20))
print("entropy", value.item(), "mpmath", float(-q * mpmath.log(q) - (1 - q) * mpmath.log1p(-q)))
print(
    "gradient",
    torch.autograd.grad(value, logits)[0].tolist(),
    "mpmath",
    [float(s * 20 * q * (1 - q)) for s in (1, -1)],
)
