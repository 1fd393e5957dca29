"""A temperature of 1 or more is refused.

Kind: defect

The constructor asserts 0 < temperature < 1. The law exists for every positive temperature; above 1 it is unimodal, and annealing often
starts there.

Right: temperature > 0, by an exception that `python -O` keeps.
"""

from captum.module import BinaryConcreteStochasticGates

try:
    BinaryConcreteStochasticGates(2, temperature=1.5)
except AssertionError as error:
    print("AssertionError:", error)
