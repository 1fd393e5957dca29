"""Parameters are not checked.

Kind: convention
latent_rationale: *.outside.*

Shapes a and b that are not positive, a lower bound above 0 and an upper one below 1 give numbers, or NaN. `KumaGate` clamps its shapes to
[1e-6, 100].
"""

import torch
from latent_rationale.nn.kuma import HardKuma

law = HardKuma([torch.tensor([1.0]), torch.tensor([-0.5])], [0.5, 0.75])
print("b = -0.5 between 0.5 and 0.75: mean", law.mean().item(), "P(1)", law.pdf(1.0).item())
