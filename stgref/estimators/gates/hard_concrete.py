"""The pathwise estimator of hard concrete gates."""

from __future__ import annotations

from stgref.estimators.draws import LOGISTIC
from stgref.estimators.estimator import estimator
from stgref.estimators.exact import Rule
from stgref.estimators.gates.pathwise import ClipGradient, gates, moments, pathwise, with_atoms
from stgref.estimators.problem import Problem
from stgref.laws import hard_concrete as law
from stgref.laws import logistic_integral as integral
from stgref.laws.hard_concrete_moments import ends_of
from stgref.numerics import sigmoid
from stgref.numerics.arithmetic import Working
from stgref.numerics.namespace import Array, Namespace

FAMILY = gates(law.Partials._fields, law.Partials, {"temperature": 2 / 3, "lower": -0.1, "upper": 1.1})


def _cells(xp: Namespace, a: Array, t: Array, l: Array, u: Array, fewer: int) -> Rule:
    """The atoms, and the graded quadrature of `stgref.laws.logistic_integral` between them."""
    num = Working(xp)
    num.NODES -= fewer
    ends = ends_of(num, a, t, l, u)
    at = integral.nodes(num, xp, a, t, ends, a)
    size = at.n.shape[-2] * at.n.shape[-1]
    n, weights = (xp.reshape(part, (a.shape[0], size)) for part in (at.n, at.weight))
    chances = law.prob_zero.kernel(xp, a, t, l, u), law.prob_one.kernel(xp, a, t, l, u)
    inside = Rule([n], weights * sigmoid.grad_expit(xp, n).x)
    return with_atoms(xp, (ends.n0, ends.n1), chances, inside)


@estimator(
    exact=moments(_cells),
    family=FAMILY,
    noise=LOGISTIC,
    needs="grad f",
    evaluations="1",
    bias="unbiased for the expectation over the gate, if f is continuous on [0, 1]",
    equation=r"f'(z)\, \partial \bar z\, [0 \le \bar z \le 1], \quad z = \min(1, \max(0, \bar z))",
    source="""C. Louizos, M. Welling, D. P. Kingma, "Learning Sparse Neural Networks through L0 Regularization", ICLR 2018,
equations (10) and (11).""",
)
def hard_concrete(
    xp: Namespace,
    f: Problem,
    log_alpha: Array,
    temperature: Array,
    lower: Array,
    upper: Array,
    noise: Array,
    *,
    clip_gradient: ClipGradient = "closed",
) -> law.Partials:
    r"""Pathwise gradients of :math:`E f(z)` for independent hard concrete gates, to all of their parameters.

    .. math:: \hat g = f'(z)\, \partial \bar z\, [0 \le \bar z \le 1], \quad z = \min(1, \max(0, \bar z)), \quad
              \bar z = \text{upper}\, \sigma(v) + \text{lower}\, \sigma(-v), \quad
              v = (\text{noise} + \log\alpha) / \text{temperature}

    with the partial derivatives of `stgref.hard_concrete.grad_transform`, which are 0 where the gate is clipped. It is
    unbiased all the same: z moves continuously with the parameters, and what the moving clip points let in or leave out
    is of the second order.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Quadratic(0.25)
    >>> estimators.gates.hard_concrete(f, np.array([0.0]), np.array([[0.0], [50.0]])).log_alpha
    array([[0.225],
           [0.   ]])
    """
    return pathwise(xp, law, f, noise, (log_alpha, temperature, lower, upper), clip_gradient)  # type: ignore[no-any-return]
