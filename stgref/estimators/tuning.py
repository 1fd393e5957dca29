r"""Gradients of the variance of REBAR and RELAX to the parameters of their control variate.

The mean of an estimate does not depend on the control variate, so that the gradient of its total variance is that of
:math:`E |\hat g|^2`, and :math:`2 \hat g \cdot \partial \hat g / \partial \psi` is an unbiased estimate of it:

.. math:: 2 \left( -(\hat g \cdot (b - \theta))\, \partial_\psi c(\tilde z) + \partial_\psi [c'(z) \cdot \hat g]
          - \partial_\psi [c'(\tilde z) \cdot (\hat g\, d \tilde z / d \phi)] \right)

References
----------
G. Tucker, A. Mnih, C. J. Maddison, D. Lawson, J. Sohl-Dickstein, "REBAR: Low-variance, unbiased gradient estimates for
discrete latent variable models", NeurIPS 2017, section 3.2; W. Grathwohl, D. Choi, Y. Wu, G. Roeder, D. Duvenaud,
"Backpropagation through the Void", ICLR 2018, equation (7).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from stgref.estimators.estimator import Bound
from stgref.estimators.relax import latents, rebar, relax
from stgref.estimators.relaxed import Relaxed
from stgref.estimators.sample import LAW, pullback, score
from stgref.numerics.libraries import EVERYWHERE, declare
from stgref.numerics.namespace import Array


class RebarParameters(NamedTuple):
    """Estimates for each parameter of REBAR's control variate, (n,)."""

    eta: Array
    temperature: Array


@declare(EVERYWHERE)
def rebar_variance_gradient(
    objective: Any,
    logits: Array,
    noise: Any,
    *,
    temperature: float = 0.5,
    eta: float = 1.0,
    coupling: str = "independent",
) -> RebarParameters:
    r"""Estimates of the gradient of REBAR's total variance to eta and the temperature.

    The total variance is the sum of the variances of the coordinates; see the module for the formula.

    Parameters
    ----------
    objective : callable
        As in `rebar`, with a method ``hessian_product(b, v)`` (..., D) too.
    logits : array of shape (D,)
        As in `rebar`.
    noise : RelaxNoise
        As in `rebar`.
    temperature : float, default 0.5
        As in `rebar`.
    eta : float, default 1.0
        As in `rebar`.
    coupling : {"independent", "coupled"}, default "independent"
        As in `rebar`.

    Returns
    -------
    RebarParameters
        Arrays (n,), one estimate for each of `rebar`.

    Raises
    ------
    TypeError, ValueError
        As `rebar`.

    References
    ----------
    G. Tucker, A. Mnih, C. J. Maddison, D. Lawson, J. Sohl-Dickstein, "REBAR: Low-variance, unbiased gradient estimates
    for discrete latent variable models", NeurIPS 2017, section 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Quadratic(0.45)
    >>> noise = estimators.RelaxNoise(np.array([[1.0]]), np.array([[0.0]]))
    >>> estimators.rebar_variance_gradient(f, np.array([0.0]), noise).eta
    array([0.00908458])
    """
    options = {"temperature": temperature, "eta": eta, "coupling": coupling}
    bound = rebar.bound(objective, logits, noise, **options)
    if not callable(getattr(objective, "hessian_product", None)):
        raise TypeError(
            f"{bound.estimator.name}: objective takes a callable with a method hessian_product(b, v)"
        )
    rows = _variance_gradient(bound, Relaxed(bound.f, temperature, eta))
    return RebarParameters(rows[:, 0], rows[:, 1])


@declare(EVERYWHERE)
def relax_variance_gradient(
    objective: Any, logits: Array, noise: Any, *, control_variate: Any, coupling: str = "independent"
) -> Array:
    r"""Estimates of the gradient of RELAX's total variance to the parameters of its control variate.

    Parameters
    ----------
    objective : callable
        As in `relax`.
    logits : array of shape (D,)
        As in `relax`.
    noise : RelaxNoise
        As in `relax`.
    control_variate : callable
        As in `relax`, with methods ``grad_parameters(z)`` (..., P), the derivatives of c(z) to its P parameters, and
        ``grad_parameters_product(z, v)`` (..., P), those of c'(z) v. `Relaxed` has them.
    coupling : {"independent", "coupled"}, default "independent"
        As in `relax`.

    Returns
    -------
    array of shape (n, P)
        One estimate for each of `relax`.

    Raises
    ------
    TypeError, ValueError
        As `relax`; also if a method of the control variate is missing.

    References
    ----------
    W. Grathwohl, D. Choi, Y. Wu, G. Roeder, D. Duvenaud, "Backpropagation through the Void: Optimizing control variates
    for black-box gradient estimation", ICLR 2018, equation (7).

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> f = estimators.objectives.Quadratic(0.45)
    >>> noise = estimators.RelaxNoise(np.array([[1.0]]), np.array([[0.0]]))
    >>> c = estimators.Relaxed(f, temperature=0.5, eta=1.0)
    >>> estimators.relax_variance_gradient(f, np.array([0.0]), noise, control_variate=c).shape
    (1, 2)
    """
    bound = relax.bound(objective, logits, noise, control_variate=control_variate, coupling=coupling)
    for method in ("grad_parameters", "grad_parameters_product"):
        if not callable(getattr(control_variate, method, None)):
            raise TypeError(
                f"{bound.estimator.name}: control_variate takes a callable with a method {method}"
            )
    return _variance_gradient(bound, control_variate)


def _variance_gradient(bound: Bound, c: Any) -> Array:
    xp, (phi,), coupling = bound.xp, bound.parameters, bound.options["coupling"]
    with np.errstate(all="ignore"):
        noise = bound.noise()
        g = bound.run(noise)
        b, z, given = latents(LAW, xp, phi, noise, coupling)
        through = xp.sum(g * score(xp, phi, b), axis=-1)[:, None] * c.grad_parameters(given)
        pathwise = c.grad_parameters_product(z, g)
        conditional = c.grad_parameters_product(given, pullback(xp, phi, b, given, g))
        return xp.astype(2.0 * (pathwise - conditional - through), bound.dtype)
