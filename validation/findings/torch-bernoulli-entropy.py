"""`Bernoulli.entropy` is 5 % of itself at logit 20 in float32.

Kind: defect
torch: bernoulli.entropy.*

It is `binary_cross_entropy_with_logits(logits, probs)`, that is (1 - p) x - log sigmoid(x) with p the rounded probability. At
logit 17 and above in float32 p is 1, and the term (1 - p) x, nearly all of the entropy, is 0. At -20 it is 0 altogether. In
float64 the same happens from logit 37 on, and digits are lost before.

Right: with a = |x| and q = 1 / (1 + exp(a)): log1p(exp(-a)) + a q; both terms are positive.
"""

import mpmath
import torch
from torch.distributions import Bernoulli

for x in (17.0, 20.0, -20.0):
    q = 1 / (1 + mpmath.exp(abs(x)))
    right = float(mpmath.log1p(mpmath.exp(-abs(x))) + abs(x) * q)
    a = torch.tensor(abs(x))
    print(f"logit {x}: entropy", Bernoulli(logits=torch.tensor(x)).entropy().item(), end="; ")
    print("as above", (torch.log1p(torch.exp(-a)) + a * torch.sigmoid(-a)).item(), "mpmath", right)
