"""The pathwise estimator of Gaussian gates."""

from __future__ import annotations

from stgref.estimators.draws import Field, Noise
from stgref.estimators.estimator import estimator
from stgref.estimators.exact import Rule
from stgref.estimators.gates.pathwise import ClipGradient, gates, moments, pathwise, with_atoms
from stgref.estimators.problem import Problem
from stgref.laws import rectified_gaussian as law
from stgref.numerics import gauss
from stgref.numerics import noise as standard
from stgref.numerics.namespace import Array, Namespace
from stgref.numerics.quadrature import gauss_legendre
from stgref.numerics.quadrature import nodes as moved

FAMILY = gates(law.Partials._fields, law.Partials, {"std": 0.5})

NODES = 40
"""Nodes of Gauss and Legendre on each side of the mode; their error for the normal density is of the order of 1e-30."""

FALL = 40.0
"""How far the log density falls until it is cut: exp(-40) = 4e-18."""


def _cells(xp: Namespace, mu: Array, std: Array, fewer: int) -> Rule:
    """The atoms, and Gauss-Legendre quadrature on either side of the likeliest noise between them."""
    low, high = -mu / std, (1.0 - mu) / std
    mode = xp.where(low > 0.0, low, xp.where(high < 0.0, high, 0.0))
    # The distance d at which the log density has fallen: |mode| d + d^2 / 2 = FALL.
    reach = 2.0 * FALL / (xp.abs(mode) + xp.sqrt(mode * mode + 2.0 * FALL))
    rule = moved(xp, gauss_legendre(NODES - fewer), mu).rounded()
    sides = [-xp.minimum(mode - low, reach), xp.minimum(high - mode, reach)]
    n = xp.concat([mode[:, None] + side[:, None] * rule.nodes for side in sides], axis=-1)
    lengths = xp.concat([xp.abs(side)[:, None] * rule.weights for side in sides], axis=-1)
    chances = law.prob_zero.kernel(xp, mu, std), law.prob_one.kernel(xp, mu, std)
    return with_atoms(xp, (low, high), chances, Rule([n], gauss.density(xp, n, lengths)))


@estimator(
    exact=moments(_cells),
    family=FAMILY,
    noise=Noise(Field("n D", standard.normal, "standard normal")),
    needs="grad f",
    evaluations="1",
    bias="unbiased for the expectation over the gate, if f is continuous on [0, 1]",
    equation=r"f'(z)\, \partial \bar z\, [0 \le \bar z \le 1], \quad z = \min(1, \max(0, \bar z))",
    source="""Y. Yamada, O. Lindenbaum, S. Negahban, Y. Kluger, "Feature Selection using Stochastic Gates", ICML 2020, section 4,
with mu for their mu + 0.5 as in Captum.""",
)
def rectified_gaussian(
    xp: Namespace,
    f: Problem,
    mu: Array,
    std: Array,
    noise: Array,
    *,
    clip_gradient: ClipGradient = "closed",
) -> law.Partials:
    r"""Pathwise gradients of :math:`E f(z)` for independent Gaussian gates, to both of their parameters.

    .. math:: {\hat g}_\mu = f'(z)\, [0 \le \bar z \le 1], \quad
              {\hat g}_\text{std} = f'(z)\, \text{noise}\, [0 \le \bar z \le 1], \quad
              z = \min(1, \max(0, \bar z)), \quad \bar z = \mu + \text{std} \cdot \text{noise}

    with the partial derivatives of `stgref.rectified_gaussian.grad_transform`. It is unbiased, although it is 0 where the
    gate is clipped: z moves continuously with the parameters.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Quadratic(0.25)
    >>> estimators.gates.rectified_gaussian(f, np.array([0.5]), np.array([[0.5], [2.0]])).std
    array([[0.5],
           [0. ]])
    """
    return pathwise(xp, law, f, noise, (mu, std), clip_gradient)  # type: ignore[no-any-return]
