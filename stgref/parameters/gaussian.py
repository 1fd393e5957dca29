r"""The mu of a Gaussian gate from that of the authors' package, or from an exact probability of being closed or open.

As :math:`P(z = 0) = \Phi(-\mu / s)`. Of a probability near 1, give the other one: 1 less it has more digits.
"""

from __future__ import annotations

from typing import NamedTuple

from stgref.numerics import gauss
from stgref.numerics.namespace import Array, Namespace

SOURCE = """
Y. Yamada, O. Lindenbaum, S. Negahban, Y. Kluger, "Feature Selection using Stochastic Gates", ICML 2020, and its package
``stg``, whose gate is clip(mu + 0.5 + noise).
"""


class OfZeroAndStd(NamedTuple):
    """Partial derivatives with respect to the probability and the standard deviation."""

    prob_zero: Array
    std: Array


class OfActiveAndStd(NamedTuple):
    """Partial derivatives with respect to the probability and the standard deviation."""

    prob_active: Array
    std: Array


def mu_from_stg_mu(xp: Namespace, stg_mu: Array) -> Array:
    r"""The mu of a gate of the package ``stg``, whose parameter is 0 where ours is one half: :math:`\mu + 0.5`.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.mu_from_stg_mu([-0.5, 0.0])
    array([0. , 0.5])
    """
    return stg_mu + 0.5


def stg_mu_from_mu(xp: Namespace, mu: Array) -> Array:
    r"""The parameter that the package ``stg`` has for a gate, :math:`\mu - 0.5`.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.stg_mu_from_mu([0.0, 0.5])
    array([-0.5,  0. ])
    """
    return mu - 0.5


def mu_from_prob_zero(xp: Namespace, prob_zero: Array, std: Array = 0.5) -> Array:
    r"""The mu at which P(z = 0) is exactly p, :math:`-s\, \Phi^{-1}(p)`.

    The inverse of `stgref.rectified_gaussian.prob_zero`.

    Examples
    --------
    >>> from stgref import parameters, rectified_gaussian
    >>> rectified_gaussian.prob_zero(parameters.mu_from_prob_zero([0.1, 0.5, 0.8]))
    array([0.1, 0.5, 0.8])
    """
    return -std * gauss.ndtri(xp, prob_zero)


def grad_mu_from_prob_zero(xp: Namespace, prob_zero: Array, std: Array = 0.5) -> OfZeroAndStd:
    r"""Partial derivatives of `mu_from_prob_zero`, :math:`-s / \phi(\Phi^{-1}(p))` and :math:`-\Phi^{-1}(p)`.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.grad_mu_from_prob_zero(0.5).prob_zero
    np.float64(-1.2533141373155)
    """
    return OfZeroAndStd(-std * gauss.grad_ndtri(xp, prob_zero).p, -gauss.ndtri(xp, prob_zero))


def mu_from_prob_active(xp: Namespace, prob_active: Array, std: Array = 0.5) -> Array:
    r"""The mu at which P(z > 0) is exactly q, :math:`s\, \Phi^{-1}(q)`.

    Examples
    --------
    >>> from stgref import parameters, rectified_gaussian
    >>> rectified_gaussian.prob_active(parameters.mu_from_prob_active([1e-9, 0.5]))
    array([1.e-09, 5.e-01])
    """
    return std * gauss.ndtri(xp, prob_active)


def grad_mu_from_prob_active(xp: Namespace, prob_active: Array, std: Array = 0.5) -> OfActiveAndStd:
    r"""Partial derivatives of `mu_from_prob_active`, :math:`s / \phi(\Phi^{-1}(q))` and :math:`\Phi^{-1}(q)`.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.grad_mu_from_prob_active(0.5, 2.0)
    OfActiveAndStd(prob_active=np.float64(5.01325654926200), std=np.float64(0.0))
    """
    return OfActiveAndStd(std * gauss.grad_ndtri(xp, prob_active).p, gauss.ndtri(xp, prob_active))
