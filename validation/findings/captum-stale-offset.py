"""The penalty keeps the temperature that the layer was built with.

Kind: defect

temperature log(-lower / upper) is computed once, in the constructor. Annealing the temperature afterwards, as the paper does, reaches the
samples and not the penalty; nor can the temperature be learnt.

Right: compute it where it is used.
"""

from captum.module import BinaryConcreteStochasticGates

gates, fresh = BinaryConcreteStochasticGates(1), BinaryConcreteStochasticGates(1, temperature=0.1)
gates.temperature = 0.1
for name, each in (("annealed to 0.1:", gates), ("built at 0.1:", fresh)):
    each.log_alpha_param.data.fill_(0.0)
    print(name, each.get_gate_active_probs().item(), end=" ")
print()
