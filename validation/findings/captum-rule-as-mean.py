"""`get_gate_values` of binary concrete gates is called the mean, and is not.

Kind: defect

Its docstring says "the means of the underneath distributions". It returns clip(sigmoid(log_alpha) (upper - lower) + lower), the test-time
rule of Louizos et al., eq. 13, which differs from the mean by up to 0.103 at the default options: a gate at log_alpha = -2.4 is 0, and
its mean 0.103.

Right: say what it is; or 1 - the integral of the cdf over [0, 1].
"""

import mpmath
from captum.module import BinaryConcreteStochasticGates


def cdf(z, log_alpha):
    """Return the probability of a gate below z."""
    s = (z + mpmath.mpf("0.1")) / mpmath.mpf("1.2")
    return 1 / (1 + mpmath.exp(log_alpha - mpmath.mpf(2) / 3 * mpmath.log(s / (1 - s))))


for log_alpha in (-2.4, 1.0):
    gates = BinaryConcreteStochasticGates(1)
    gates.log_alpha_param.data.fill_(log_alpha)
    mean = 1 - mpmath.quad(lambda z, a=log_alpha: cdf(z, a), [0, 0.5, 1])
    print(f"log_alpha {log_alpha}: Captum", gates.get_gate_values().item(), "mean", float(mean))
