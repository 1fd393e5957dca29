"""`get_gate_values` of Gaussian gates is called the mean, and is not.

Kind: defect

It is clip(mu), which differs from the mean of the clipped gate by up to 0.195 at std 0.5, at mu = 0 and mu = 1.

Right: say what it is; or, with a = -mu / std and b = (1 - mu) / std, mu (Phi(b) - Phi(a)) - std (phi(b) - phi(a)) + 1 - Phi(b).
"""

import mpmath
from captum.module import GaussianStochasticGates

for mu in (0.0, 0.25):
    gates = GaussianStochasticGates(1, std=0.5)
    gates.mu.data.fill_(mu)
    mean = mpmath.quad(lambda z, m=mu: mpmath.ncdf((m - z) / 0.5), [0, 0.5, 1])
    print(f"mu {mu}: Captum", gates.get_gate_values().item(), "mean", float(mean))
