"""`HardConcrete` in `eval()` returns the median of the gate, and calls it the mean.

Kind: defect
l0-python: hard_concrete.mean.*

`_deterministic_gates` "uses the mean of the Hard Concrete distribution ... (see Louizos et al. 2017, Eq. 11)". It is
clip(sigmoid(log_alpha / temperature) (upper - lower) + lower), the median; the paper's test-time rule, eq. 13, has no temperature,
and is not the mean either. At the default options the median is off by up to 0.25.

Right: say what it is; or 1 - the integral of the cdf over [0, 1].
"""

import mpmath
from l0.distributions import HardConcrete


def cdf(z, log_alpha):
    """Return the probability of a gate below z."""
    s = (z + mpmath.mpf("0.1")) / mpmath.mpf("1.2")
    return 1 / (1 + mpmath.exp(log_alpha - mpmath.mpf("0.5") * mpmath.log(s / (1 - s))))


gates = HardConcrete(1).eval()
for log_alpha in (-1.2, 0.5):
    gates.qz_logits.data.fill_(log_alpha)
    mean = 1 - mpmath.quad(lambda z, a=log_alpha: cdf(z, a), [0, 0.5, 1])
    print(f"log_alpha {log_alpha}: l0-python", gates().item(), "mean", float(mean))
