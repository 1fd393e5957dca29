r"""RELAX and REBAR of categorical variables: see `stgref.estimators.relax`, whose formula they share.

.. math:: \hat g = (f(b) - c(\tilde z))(b - p) + c'(z) - \left(\frac{\partial \tilde z}{\partial \phi}\right)^T c'(\tilde z)

With k the category of b, :math:`\partial {\tilde z}_k / \partial \phi_m = p_m` and, for the others, :math:`\partial {\tilde z}_j / \partial \phi_m = w_j
\delta_{jm} + (1 - w_j) p_m` with :math:`1 - w_j = e^{{\tilde z}_j - {\tilde z}_k}`, in terms of the latent itself: it serves the
coupled form, too, where the latent given b is the latent.
"""

from __future__ import annotations

import functools

from stgref.estimators.categorical import rules
from stgref.estimators.categorical.law import FAMILY, LAW, gumbel
from stgref.estimators.categorical.relaxed import Relaxed
from stgref.estimators.draws import Noise
from stgref.estimators.estimator import Bound, estimator
from stgref.estimators.exact import quadrature
from stgref.estimators.options import Coupling, Eta, Temperature
from stgref.estimators.problem import Problem
from stgref.estimators.relax import ControlVariate, RelaxNoise, estimate, moments, problem
from stgref.numerics.comoments import Comoments
from stgref.numerics.namespace import Array, Namespace

NOISE = Noise(gumbel("n D K"), gumbel("n D K"), container=RelaxNoise)


@quadrature
def _exact_rebar(bound: Bound) -> Comoments:
    rules.check_cost(bound)
    c = Relaxed(bound.f, bound.options["temperature"], bound.options["eta"])
    return moments(LAW, rules.given_sample, bound, c)


@quadrature
def _exact_relax(bound: Bound) -> Comoments:
    rules.check_cost(bound)
    c = problem(bound.f, bound.options["control_variate"])
    return moments(LAW, functools.partial(rules.given_sample, level=True), bound, c)


@estimator(
    exact=_exact_relax,
    noise=NOISE,
    family=FAMILY,
    needs="f",
    evaluations="1, and c and grad c at two latents",
    bias="unbiased",
    equation=r"(f(b) - c(\tilde z))(b - p) + c'(z) - (\partial \tilde z / \partial \phi)^T c'(\tilde z)",
    source="""W. Grathwohl, D. Choi, Y. Wu, G. Roeder, D. Duvenaud, "Backpropagation through the Void: Optimizing control variates for
black-box gradient estimation", ICLR 2018, equation (6).""",
)
def relax(
    xp: Namespace,
    f: Problem,
    phi: Array,
    noise: RelaxNoise,
    *,
    control_variate: ControlVariate,
    coupling: Coupling = "independent",
) -> Array:
    r"""RELAX estimator, with any control variate c of the latent.

    .. math:: \hat g = (f(b) - c(\tilde z))(b - p) + c'(z) - \left(\frac{\partial \tilde z}{\partial \phi}\right)^T c'(\tilde z), \quad
              z = \phi + \text{noise}, \quad b = \text{one-hot}(\operatorname{argmax} z), \quad \tilde z \sim p(z \mid b)

    with `categorical.conditional_latent` :math:`\tilde z` and its `vjp_conditional_latent`, the noise held fixed. Coupled, the
    latent given b is drawn with the noise that makes it z.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f, logits = estimators.objectives.Linear([[0.0, 1.0, 3.0]]), np.zeros((1, 3))
    >>> noise = estimators.categorical.draw_noise("rebar", 2, logits, rng=0)
    >>> c = estimators.categorical.Relaxed(f, temperature=0.5, eta=1.0)
    >>> estimators.categorical.relax(f, logits, noise, control_variate=c).shape
    (2, 1, 3)
    """
    return estimate(LAW, xp, f, problem(f, control_variate), phi, noise, coupling)


@estimator(
    exact=_exact_rebar,
    noise=NOISE,
    family=FAMILY,
    needs="f, grad f",
    evaluations="3, and grad f at two of them",
    bias="unbiased",
    equation=r"(f(b) - c(\tilde z))(b - p) + c'(z) - (\partial \tilde z / \partial \phi)^T c'(\tilde z), \quad c(z) = \eta f(\operatorname{softmax}(z / \tau))",
    source="""G. Tucker, A. Mnih, C. J. Maddison, D. Lawson, J. Sohl-Dickstein, "REBAR: Low-variance, unbiased gradient estimates for
discrete latent variable models", NeurIPS 2017, equation (4).""",
)
def rebar(
    xp: Namespace,
    f: Problem,
    phi: Array,
    noise: RelaxNoise,
    *,
    temperature: Temperature = 0.5,
    eta: Eta = 1.0,
    coupling: Coupling = "independent",
) -> Array:
    r"""REBAR estimator: `relax` with the relaxed objective as its control variate.

    .. math:: \hat g = (f(b) - c(\tilde z))(b - p) + c'(z) - \left(\frac{\partial \tilde z}{\partial \phi}\right)^T c'(\tilde z), \quad
              c(z) = \eta f(\operatorname{softmax}(z / \tau))

    with temperature tau. It is unbiased for every eta, temperature and coupling.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f, logits = estimators.objectives.Linear([[0.0, 1.0, 3.0]]), np.zeros((1, 3))
    >>> noise = estimators.categorical.draw_noise("rebar", 2, logits, rng=0)
    >>> estimators.categorical.rebar(f, logits, noise).shape
    (2, 1, 3)
    """
    return estimate(LAW, xp, f, Relaxed(f, temperature, eta), phi, noise, coupling)
