"""The open probability of a binary concrete gate is 0 before it underflows.

Kind: precision

torch's sigmoid, 1 / (1 + exp(-x)), overflows inside: at log_alpha = -100 in float32 the probability is a subnormal number, and 0 is
returned.

Right: exp(x) / (1 + exp(x)) for negative x; or a logarithm of the probability, which stays exact.
"""

import mpmath
from captum.module import BinaryConcreteStochasticGates

gates = BinaryConcreteStochasticGates(1)
gates.log_alpha_param.data.fill_(-100.0)
offset = mpmath.mpf(2) / 3 * mpmath.log(mpmath.mpf("0.1") / mpmath.mpf("1.1"))
print("Captum", gates.get_gate_active_probs().item(), "mpmath", float(1 / (1 + mpmath.exp(100 + offset))))
