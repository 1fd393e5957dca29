"""Stochastic gates and gradient estimators on NumPy and the array API, every gradient derived by hand."""

from stgref.laws import bernoulli, binary_concrete, gumbel, hard_concrete, logistic, normal, rectified_gaussian
from stgref.numerics import noise, special

__version__ = "0.1.0"
__all__ = ["bernoulli", "binary_concrete", "gumbel", "hard_concrete", "logistic", "noise", "normal", "rectified_gaussian", "special"]
