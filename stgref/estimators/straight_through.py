"""The straight-through estimator and its derivatives."""

from __future__ import annotations

from typing import Annotated

from stgref.estimators import rules
from stgref.estimators.estimator import estimator
from stgref.estimators.exact import Rule, product
from stgref.estimators.options import Slope, Temperature, choice
from stgref.estimators.problem import Problem
from stgref.estimators.sample import sample, variance
from stgref.numerics.namespace import Array, Namespace

Derivative = Annotated[
    str, choice("What stands for the derivative of the sample.", "identity", "sigmoid", "clipped")
]


def slope_annealing(epoch: float, start: float = 1.0, rate: float = 0.04, end: float = 5.0) -> float:
    r"""Slope of the sigmoid in a given epoch, :math:`\min(\text{end}, \text{start} + \text{rate} \cdot \text{epoch})`.

    Parameters
    ----------
    epoch : float
        Number of epochs that are over.
    start, rate, end : float
        First slope, its growth per epoch, and the last.

    Returns
    -------
    float
        The option ``slope`` of `straight_through`.

    References
    ----------
    J. Chung, S. Ahn, Y. Bengio, "Hierarchical Multiscale Recurrent Neural Networks", ICLR 2017, section 2.3.2 (slope
    annealing) and section 4.1 (these values).

    Examples
    --------
    >>> from stgref import estimators
    >>> estimators.slope_annealing(50), estimators.slope_annealing(1000)
    (3.0, 5.0)
    """
    return min(end, start + rate * epoch)


def _samples(xp: Namespace, logits: Array, *, slope: float, **_: object) -> Rule:
    (noise,), weights = rules.samples(xp, slope * logits)
    return Rule([noise], weights)


@estimator(
    exact=product(_samples),
    needs="grad f",
    evaluations="1",
    bias='biased; with derivative="sigmoid" and temperature 1 unbiased for linear f',
    equation=r"d(\phi)\, f'(b)",
    source="""Y. Bengio, N. Leonard, A. Courville, "Estimating or Propagating Gradients Through Stochastic Neurons for Conditional
Computation", arXiv:1308.3432, 2013, section 4 (identity and sigmoid); M. Courbariaux, I. Hubara, D. Soudry, R. El-Yaniv,
Y. Bengio, "Binarized Neural Networks", arXiv:1602.02830, 2016, equation (4) (clipped).""",
)
def straight_through(
    xp: Namespace,
    f: Problem,
    phi: Array,
    noise: Array,
    *,
    derivative: Derivative = "identity",
    temperature: Temperature = 1.0,
    slope: Slope = 1.0,
) -> Array:
    r"""Straight-through estimator: the sample is treated as if it were a smooth function of the logits.

    .. math:: \hat g = s\, d(s \phi)\, f'(b), \quad b = [s \phi + \text{noise} > 0]

    with the slope s, usually 1, and d(x) = 1 (``"identity"``), :math:`\sigma'(x / \tau) / \tau` (``"sigmoid"``, temperature
    tau) or :math:`[|x| \le 1]` (``"clipped"``, the derivative of the hard hyperbolic tangent). The gradient is that to
    phi; `slope_annealing` is the usual schedule of s. Its mean is
    :math:`s\, d(s \phi)\, (\theta f'(1) + (1 - \theta) f'(0))` where the truth has
    :math:`s\, \theta (1 - \theta) (f(1) - f(0))`, coordinate by coordinate.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Quadratic(0.45)
    >>> estimators.straight_through(f, np.array([0.0]), np.array([[-1.0], [1.0]]), derivative="sigmoid")
    array([[-0.225],
           [ 0.275]])
    """
    x = slope * phi
    b = sample(xp, x, noise)
    if derivative == "identity":
        d = xp.ones_like(x)
    elif derivative == "sigmoid":
        d = variance(xp, x / temperature) / temperature
    else:
        d = xp.astype(xp.abs(x) <= 1.0, x.dtype)
    return slope * d * f.grad(b)
