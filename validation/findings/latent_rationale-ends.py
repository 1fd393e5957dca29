"""Beyond the support there is NaN, or the density of the inside.

Kind: defect
latent_rationale: kumaraswamy.logpdf.*.edge.* kumaraswamy.grad_logpdf.*.edge.* kumaraswamy.grad_cdf.*.edge.* hard_kumaraswamy.logpdf.f64.edge.1 hard_kumaraswamy.grad_logpdf.f64.edge.1
dists_pt: kumaraswamy.logpdf.*.edge.* kumaraswamy.grad_logpdf.*.edge.* kumaraswamy.grad_cdf.*.edge.* hard_kumaraswamy.grad_logpdf.f64.edge.1

x is not looked at: a power of a negative number, or the logarithm of one, is NaN. `HardKuma` of latent_rationale takes every x but 0 and those
between 0 and 1 for 1. dists.pt looks at x in the distribution function and not in the density, and its derivatives are those of the formula.

Right: a density of 0 outside [0, 1], a distribution function of 0 or 1 there, derivatives of 0; or an error.
"""

import torch
from latent_rationale.nn.kuma import HardKuma, Kuma

a, b = torch.tensor([2.0]), torch.tensor([2.5])
x = torch.tensor([1.5])
print(
    "Kuma.pdf(1.5)",
    Kuma([a, b]).pdf(x).item(),
    "HardKuma.pdf(1.5)",
    HardKuma([a, b], [-0.1, 1.1]).pdf(x).item(),
)
