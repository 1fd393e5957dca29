"""Independent truth for the estimators of Bernoulli gradients: textbook formulas, plain loops, no code of stgref."""

from . import draws, moments
from .average import average
from .problem import Problem, fp, mp
from .statistics import Moments

__all__ = ["Moments", "Problem", "average", "draws", "fp", "moments", "mp"]
