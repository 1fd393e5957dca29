"""Gate layers: an input times one random gate per feature, and the penalty on the gates that are open."""

from stgref.gates.binary_concrete import BinaryConcreteGradients, BinaryConcreteStochasticGates
from stgref.gates.gaussian import GaussianGradients, GaussianStochasticGates
from stgref.gates.kumaraswamy import KumaraswamyGradients, KumaraswamyStochasticGates

__all__ = [
    "BinaryConcreteGradients",
    "BinaryConcreteStochasticGates",
    "GaussianGradients",
    "GaussianStochasticGates",
    "KumaraswamyGradients",
    "KumaraswamyStochasticGates",
]
