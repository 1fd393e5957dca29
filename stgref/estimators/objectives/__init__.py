"""Objectives: functions of points b with hand-derived derivatives, and exact means where there are closed forms.

An objective f is called with points (..., D) and gives values (...). It has

- ``grad(b)``, the derivative as written, and ``hessian_product(b, v)``, the second one times vectors;
- ``exact_value(logits)`` and ``exact_gradient(logits)`` where the mean over independent discrete variables has a closed
  form: Bernoulli variables for points (..., D), categorical ones for points (..., D, K);
- ``gaussian_value(mu, std)`` and ``gaussian_gradient(mu, std)`` where the mean over Gaussian variables has one.

Results are arrays of the points' library, device and floating dtype. Objectives do not change once they are made;
``f + g`` and ``c * f`` make new ones.
"""

from stgref.estimators.objectives.algebra import Scaled, Sum
from stgref.estimators.objectives.base import GaussianGradient
from stgref.estimators.objectives.cosine import Cosine
from stgref.estimators.objectives.exponential import Exponential
from stgref.estimators.objectives.flattened import Flattened
from stgref.estimators.objectives.linear import Linear
from stgref.estimators.objectives.multilinear import Multilinear
from stgref.estimators.objectives.network import Network
from stgref.estimators.objectives.pairwise import Pairwise
from stgref.estimators.objectives.polynomial import Polynomial
from stgref.estimators.objectives.quadratic import MeanQuadratic, Quadratic

__all__ = [
    "Cosine",
    "Exponential",
    "Flattened",
    "GaussianGradient",
    "Linear",
    "MeanQuadratic",
    "Multilinear",
    "Network",
    "Pairwise",
    "Polynomial",
    "Quadratic",
    "Scaled",
    "Sum",
]
