"""`icdf(0)` and `icdf(1)` of a transformed distribution are finite.

Kind: precision
torch: gumbel.icdf.*.edge.* logistic.icdf.*.edge.*

`Gumbel` and the logistic law are made of transforms that keep away from the ends of the unit interval: a uniform between tiny
and 1 - eps, and a sigmoid whose inverse is clamped to the same. For samples that is what it is for. As an answer of `icdf`
it is wrong: `icdf(1)` is 15.9 in float32, and `Normal.icdf(1)` is inf.

Right: the ends of the support.
"""

import torch
from torch.distributions import Gumbel, Normal

zero, one = torch.tensor(0.0), torch.tensor(1.0)
for p in (zero, one):
    print(
        f"icdf({p.item()}): Gumbel",
        Gumbel(zero, one).icdf(p).item(),
        "Normal",
        Normal(zero, one).icdf(p).item(),
    )
