"""The straight-through estimator of categorical variables."""

from __future__ import annotations

from typing import Annotated

from stgref.estimators.categorical import rules
from stgref.estimators.categorical.law import FAMILY, LAW, sample, soften_back
from stgref.estimators.estimator import estimator
from stgref.estimators.exact import product
from stgref.estimators.options import Temperature, choice
from stgref.estimators.problem import Problem
from stgref.numerics.namespace import Array, Namespace

Derivative = Annotated[str, choice("What stands for the derivative of the sample.", "identity", "sigmoid")]


@estimator(
    exact=product(rules.samples),
    noise=LAW.noise,
    family=FAMILY,
    needs="grad f",
    evaluations="1",
    bias='biased; with derivative="sigmoid" and temperature 1 unbiased for linear f',
    equation=r"\tfrac{1}{\tau} J(p_\tau)\, f'(b), \quad p_\tau = \operatorname{softmax}(\phi / \tau)",
    source="""Y. Bengio, N. Leonard, A. Courville, "Estimating or Propagating Gradients Through Stochastic Neurons for Conditional
Computation", arXiv:1308.3432, 2013, section 4 (for binary variables).""",
)
def straight_through(
    xp: Namespace,
    f: Problem,
    phi: Array,
    noise: Array,
    *,
    derivative: Derivative = "identity",
    temperature: Temperature = 1.0,
) -> Array:
    r"""Straight-through estimator: the sample is treated as if it were a smooth function of the logits.

    .. math:: \hat g = \tfrac{1}{\tau} J(p_\tau)\, f'(b), \quad p_\tau = \operatorname{softmax}(\phi / \tau), \quad
              J(p) = \operatorname{diag}(p) - p p^T, \quad b = \text{one-hot}(\operatorname{argmax}(\phi + \text{noise}))

    is ``derivative="sigmoid"``, the name that the Bernoulli form has for the derivative of the probabilities. As there,
    ``"identity"`` is the default: :math:`\hat g = f'(b)`, the gradient copied, which does not add up to 0 over the
    categories of a variable.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Linear([[0.0, 1.0, 3.0]])
    >>> noise = np.array([[[0.0, 1.0, 0.0]]])
    >>> estimators.categorical.straight_through(f, np.zeros((1, 3)), noise, derivative="sigmoid")
    array([[[-0.44444444, -0.11111111,  0.55555556]]])
    """
    grad = f.grad(sample(xp, phi, noise))
    return grad if derivative == "identity" else soften_back(xp, phi, temperature, grad)
