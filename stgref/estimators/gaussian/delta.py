"""The delta method: the score function, with the second-order expansion of f around the mean as its control variate."""

from __future__ import annotations

from stgref.estimators.estimator import estimator
from stgref.estimators.gaussian import nodes
from stgref.estimators.gaussian.family import GAUSSIAN, NORMAL, SOURCE, Gradients, sample, score
from stgref.estimators.options import Eta
from stgref.estimators.problem import Problem
from stgref.numerics import namespace as ns
from stgref.numerics.namespace import Array, Namespace


@estimator(
    exact=nodes.moments_of_differences,
    family=GAUSSIAN,
    noise=NORMAL,
    needs="f, grad f",
    evaluations="1, and f, grad f and its Hessian at the mean",
    bias="unbiased",
    equation=r"\left((f(x) - \eta h(x))\, \varepsilon / \text{std} + \eta f'(\mu),\;"
    r" (f(x) - \eta h(x))(\varepsilon^2 - 1) / \text{std} + \eta\, \text{std} \operatorname{diag} f''(\mu)\right)",
    source=f"""{SOURCE}, section 7.4 (control variates); J. Paisley, D. M. Blei, M. I. Jordan, "Variational Bayesian Inference
with Stochastic Search", ICML 2012.""",
)
def delta(xp: Namespace, f: Problem, mu: Array, std: Array, noise: Array, *, eta: Eta = 1.0) -> Gradients:
    r"""Score-function estimator with the delta method's control variate, of the gradients of :math:`E f(x)`.

    .. math:: {\hat g}_\mu &= (f(x) - \eta\, h(x))\, \varepsilon / \text{std} + \eta\, f'(\mu), \\
              {\hat g}_\text{std} &= (f(x) - \eta\, h(x))\, (\varepsilon^2 - 1) / \text{std}
                                + \eta\, \text{std} \operatorname{diag} f''(\mu), \\
              h(x) &= f(\mu) + d \cdot f'(\mu) + \tfrac{1}{2} d \cdot f''(\mu)\, d, \quad d = \text{std}\, \varepsilon

    with the Hessian f''. The expansion h has a known expectation, :math:`f(\mu) + \tfrac{1}{2} \sum_i f_{ii}''(\mu)\,
    \text{std}_i^2`. The second terms are its gradients with the point of the expansion held fixed, for h is what it is
    whatever x is drawn from: only the law of d moves. The variance is 0 for quadratic f and eta = 1. Beyond the range in
    which h is like f, as for :math:`f = \cos k x` with :math:`k\, \text{std} > 1`, it adds variance instead.

    The objective also has ``hessian_product(b, v)``, which is asked for D unit vectors at mu.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Quadratic(0.0)
    >>> estimators.gaussian.delta(f, np.array([1.0]), np.array([0.5]), np.array([[-2.0], [2.0]]))
    Gradients(mu=array([[2.],
           [2.]]), std=array([[1.],
           [1.]]))
    """
    if not f.has("hessian_product"):
        raise TypeError(f"{f.where}: objective takes a callable with a method hessian_product(b, v)")
    unit = xp.eye(mu.shape[0], dtype=mu.dtype, device=ns.device_of([mu]))
    slope, hessian = f.grad(mu), f.hessian_product(mu + xp.zeros_like(unit), unit)
    d = std * noise
    h = f(mu) + d @ slope + 0.5 * xp.sum((d @ hessian) * d, axis=-1)
    rest = (f(sample(xp, mu, std, noise)) - eta * h)[:, None]
    by = score(std, noise)
    curvature = xp.sum(hessian * unit, axis=-1)
    return Gradients(rest * by.mu + eta * slope, rest * by.std + eta * std * curvature)
