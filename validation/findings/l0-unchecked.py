"""Temperature and bounds are not checked.

Kind: convention
l0-python: hard_concrete.*.outside.*
neurosurgeon: hard_concrete.*.outside.*

Neither package checks them. A temperature of 0 or an upper bound below 1 gives numbers; a lower bound above 0 gives a `ValueError` from
`math.log` in the penalty of l0-python and a number at test time, and NaN in NeuroSurgeon.
"""

from l0.distributions import HardConcrete

gates = HardConcrete(1, temperature=0.0)
print("temperature 0: penalty", round(gates.get_penalty().item(), 4), "sample", gates().item() in {0.0, 1.0})
