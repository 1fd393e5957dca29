"""Independent exact values of every quantity of the laws: textbook formulas in ball arithmetic, no code of stgref."""

from .evaluate import LAWS, Exact, evaluate, split
from .law import DIFFERENTIABLE

__all__ = ["DIFFERENTIABLE", "LAWS", "Exact", "evaluate", "split"]
