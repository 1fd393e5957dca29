"""Stochastic gates and gradient estimators on NumPy and the array API, every gradient derived by hand."""

import importlib
from typing import Any

from stgref.gates import BinaryConcreteStochasticGates, GaussianStochasticGates, KumaraswamyStochasticGates
from stgref.laws import (
    bernoulli,
    binary_concrete,
    categorical,
    concrete,
    exp_concrete,
    gumbel,
    hard_concrete,
    hard_kumaraswamy,
    kumaraswamy,
    logistic,
    normal,
    rectified_gaussian,
)
from stgref.numerics import noise, special
from stgref.numerics.tiles import set_threads

__version__ = "0.1.0"
__all__ = [
    "BinaryConcreteStochasticGates",
    "GaussianStochasticGates",
    "KumaraswamyStochasticGates",
    "bernoulli",
    "binary_concrete",
    "categorical",
    "concrete",
    "conformance",
    "estimators",
    "exp_concrete",
    "gumbel",
    "hard_concrete",
    "hard_kumaraswamy",
    "kumaraswamy",
    "logistic",
    "noise",
    "normal",
    "parameters",
    "penalties",
    "rectified_gaussian",
    "set_threads",
    "special",
    "study",
]

_HEAVY = ("conformance", "estimators", "parameters", "penalties", "study")


def __getattr__(name: str) -> Any:
    """Import what is heavy when it is first asked for."""
    if name in _HEAVY:
        return importlib.import_module(f"stgref.{name}")
    raise AttributeError(f"module 'stgref' has no attribute {name!r}")
