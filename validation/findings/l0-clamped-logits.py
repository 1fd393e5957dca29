"""Logits are clamped to +-20: the penalty has no tails, and no gradient there.

Kind: defect
l0-python: hard_concrete.prob_active.* hard_concrete.mean.f32.extreme.0 hard_concrete.mean.f64.extreme.0

Samples, penalty and test-time gates take `qz_logits.clamp(-20, 20)`, "so sigmoid doesn't saturate and kill gradients". The clamp itself has
no gradient beyond: a gate at log_alpha = 25 can never be closed by the penalty, and one at -50 is open with probability 1e-8 instead of 1e-21
(3e-4 instead of 3e-17 at temperature 5).

Right: no clamp; sigmoid has its tails, and sigmoid(x) sigmoid(-x) is its gradient.
"""

import mpmath
import torch
from l0.distributions import HardConcrete

gates = HardConcrete(1)
offset = mpmath.mpf("0.5") * mpmath.log(mpmath.mpf("0.1") / mpmath.mpf("1.1"))
for log_alpha in (-50.0, 25.0):
    gates.qz_logits.data.fill_(log_alpha)
    value = gates.get_penalty()
    (slope,) = torch.autograd.grad(value, gates.qz_logits)
    x = log_alpha - offset
    print(f"log_alpha {log_alpha}: penalty", value.item(), "gradient", slope.item(), end=" ")
    print("mpmath", float(1 / (1 + mpmath.exp(-x))), float(mpmath.exp(-x) / (1 + mpmath.exp(-x)) ** 2))
