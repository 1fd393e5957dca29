"""Moments are differences of log-gamma functions.

Kind: precision
latent_rationale: kumaraswamy.mean.* kumaraswamy.grad_mean.*
dists_pt: kumaraswamy.mean.* kumaraswamy.grad_mean.* kumaraswamy.variance.* kumaraswamy.grad_variance.*

The mean is b B(1 + 1/a, b). As exp of three log-gammas it loses as many digits as their size, hundreds at b = 100; derivatives are differences of digammas.
The variance of dists.pt is E[x^2] - E[x]^2, which cancels.

Right: ratios of gamma functions whose large parts have been taken out, and digamma differences likewise; the variance as a sum.
"""

import mpmath
import torch
from latent_rationale.nn.kuma import Kuma

for a, b in ((2.0, 3.0), (100.0, 100.0)):
    mean = Kuma([torch.tensor([a]), torch.tensor([b])]).mean().item()
    exact = b * mpmath.beta(1 + mpmath.mpf(1) / a, b)
    print(f"a {a}, b {b}: mean", mean, "mpmath", float(exact))
