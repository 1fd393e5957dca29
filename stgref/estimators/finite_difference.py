"""Finite differences of the logits, with common noise."""

from __future__ import annotations

from stgref.estimators import rules
from stgref.estimators.estimator import estimator
from stgref.estimators.exact import Rule, product
from stgref.estimators.measure_valued import each
from stgref.estimators.options import Step
from stgref.estimators.problem import Problem
from stgref.estimators.sample import sample
from stgref.numerics.namespace import Array, Namespace


def _steps(xp: Namespace, logits: Array, *, step: float) -> Rule:
    width = xp.full_like(logits, step)
    return rules.cells(xp, [-logits - step, -logits, -logits + step], [width, width])


@estimator(
    exact=product(_steps),
    needs="f",
    evaluations="2 D",
    bias="biased: the mean is the central difference of the expectation",
    equation=r"\left(f(b(\phi + h e_i)) - f(b(\phi - h e_i))\right) / (2 h)",
    source="""P. Glasserman, "Monte Carlo Methods in Financial Engineering", 2004, section 7.1 (central differences, common random
numbers).""",
)
def finite_difference(xp: Namespace, f: Problem, phi: Array, noise: Array, *, step: Step) -> Array:
    r"""Central differences, one coordinate at a time, of samples with the same noise.

    .. math:: {\hat g}_i = \frac{f(b(\phi + h e_i)) - f(b(\phi - h e_i))}{2 h}, \quad b(\phi) = [\phi + \text{noise} > 0]

    with step h. Few samples change at all, so that the variance grows as 1 / h.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> noise = np.array([[-2.0], [0.1]])
    >>> estimators.finite_difference(lambda b: b[..., 0], np.array([0.0]), noise, step=0.5)
    array([[0.],
           [1.]])
    """
    b, up, down = (sample(xp, x, noise) for x in (phi, phi + step, phi - step))
    if not phi.shape[0]:
        return b
    rise = [f(xp.where(own, up, b)) - f(xp.where(own, down, b)) for own in each(xp, phi)]
    return xp.stack(rise, axis=-1) / (2.0 * step)
