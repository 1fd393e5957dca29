"""The parameter at which a gate has exactly a given mean, clipping included."""

from __future__ import annotations

from typing import NamedTuple

from stgref.numerics.namespace import Array, Namespace
from stgref.parameters import hard_concrete_mean, rectified_mean

SOURCE = """
A. Prekopa, "On logarithmic concave measures and functions", Acta Scientiarum Mathematicarum 34, 1973, theorem 6, by which
Newton's method cannot fail.
"""


class Partials(NamedTuple):
    """Partial derivatives with respect to the mean and the other parameters."""

    mean: Array
    temperature: Array
    lower: Array
    upper: Array


class PartialsOfMu(NamedTuple):
    """Partial derivatives with respect to the mean and the standard deviation."""

    mean: Array
    std: Array


def log_alpha_from_mean(
    xp: Namespace, mean: Array, temperature: Array = 2 / 3, lower: Array = -0.1, upper: Array = 1.1
) -> Array:
    r"""The log alpha at which the mean of the gate is exactly :math:`m^*`, the inverse of `stgref.hard_concrete.mean`.

    It has no closed form. Newton's method for :math:`\log E z = \log m^*`; see
    `stgref.parameters.hard_concrete_mean`.

    Examples
    --------
    >>> from stgref import parameters, hard_concrete
    >>> log_alpha = parameters.log_alpha_from_mean([0.01, 0.3, 0.9])
    >>> log_alpha
    array([-4.88152905, -0.9620976 ,  2.42935945])
    >>> hard_concrete.mean(log_alpha)
    array([0.01, 0.3 , 0.9 ])
    """
    return hard_concrete_mean.log_alpha(xp, mean, temperature, lower, upper)


def grad_log_alpha_from_mean(
    xp: Namespace, mean: Array, temperature: Array = 2 / 3, lower: Array = -0.1, upper: Array = 1.1
) -> Partials:
    r"""Partial derivatives of `log_alpha_from_mean`, :math:`1/m_a` and :math:`-m_\theta/m_a`.

    Here :math:`m_\theta` are those of `stgref.hard_concrete.mean` at the result. So a mean can be held while the
    temperature is annealed.

    Examples
    --------
    >>> from stgref import parameters, hard_concrete
    >>> slope = parameters.grad_log_alpha_from_mean(0.2).mean
    >>> slope * hard_concrete.grad_mean(parameters.log_alpha_from_mean(0.2)).log_alpha
    np.float64(1.0)
    """
    return Partials(*hard_concrete_mean.grad_log_alpha(xp, mean, temperature, lower, upper))


def mu_from_mean(xp: Namespace, mean: Array, std: Array = 0.5) -> Array:
    r"""The mu at which the mean of the gate is exactly :math:`m^*`, the inverse of `stgref.rectified_gaussian.mean`.

    It has no closed form. Newton's method for :math:`\log E z = \log m^*`; see `stgref.parameters.rectified_mean`.

    Examples
    --------
    >>> from stgref import parameters, rectified_gaussian
    >>> mu = parameters.mu_from_mean([0.01, 0.3, 0.9])
    >>> mu
    array([-0.83121118,  0.19399329,  1.24309423])
    >>> rectified_gaussian.mean(mu)
    array([0.01, 0.3 , 0.9 ])
    """
    return rectified_mean.mu(xp, mean, std)


def grad_mu_from_mean(xp: Namespace, mean: Array, std: Array = 0.5) -> PartialsOfMu:
    r"""Partial derivatives of `mu_from_mean`, :math:`1/m_\mu` and :math:`-m_s/m_\mu`.

    Here :math:`m_\theta` are those of `stgref.rectified_gaussian.mean` at the result.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.grad_mu_from_mean(0.2)
    PartialsOfMu(mean=np.float64(2.06577322177), std=np.float64(-0.70793111122))
    """
    return PartialsOfMu(*rectified_mean.grad_mu(xp, mean, std))
