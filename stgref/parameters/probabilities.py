r"""The log alpha at which a gate is closed, or open, with exactly a given probability: closed forms.

As :math:`P(z = 0) = \sigma(t \log\frac{-l}{u} - a)`. Of a probability near 1, give the other one: 1 less it has more digits.
"""

from __future__ import annotations

from typing import NamedTuple

from stgref.numerics import sigmoid
from stgref.numerics.namespace import Array, Namespace

SOURCE = """
C. Louizos, M. Welling, D. P. Kingma, "Learning Sparse Neural Networks through L0 Regularization", ICLR 2018, equation
(12), solved for the parameter.
"""


class OfZero(NamedTuple):
    """Partial derivatives with respect to the probability and the other parameters."""

    prob_zero: Array
    temperature: Array
    lower: Array
    upper: Array


class OfActive(NamedTuple):
    """Partial derivatives with respect to the probability and the other parameters."""

    prob_active: Array
    temperature: Array
    lower: Array
    upper: Array


def log_alpha_from_prob_zero(
    xp: Namespace, prob_zero: Array, temperature: Array = 2 / 3, lower: Array = -0.1, upper: Array = 1.1
) -> Array:
    r"""The log alpha at which P(z = 0) is exactly p, :math:`t \log\frac{-l}{u} - \operatorname{logit} p`.

    The inverse of `stgref.hard_concrete.prob_zero`. What the authors' layers do with a drop rate,
    `stgref.parameters.log_alpha_from_drop_rate`, lacks the first term.

    Examples
    --------
    >>> from stgref import parameters, hard_concrete
    >>> log_alpha = parameters.log_alpha_from_prob_zero([0.1, 0.5, 0.8])
    >>> log_alpha.round(3)
    array([ 0.599, -1.599, -2.985])
    >>> hard_concrete.prob_zero(log_alpha)
    array([0.1, 0.5, 0.8])
    """
    return temperature * sigmoid.log_ratio(xp, -lower, upper) - sigmoid.logit(xp, prob_zero)


def grad_log_alpha_from_prob_zero(
    xp: Namespace, prob_zero: Array, temperature: Array = 2 / 3, lower: Array = -0.1, upper: Array = 1.1
) -> OfZero:
    r"""Partial derivatives of `log_alpha_from_prob_zero`: :math:`-1/(p (1 - p)), \log\frac{-l}{u}, t/l, -t/u`.

    With them a rate itself can be trained, or held while the temperature is annealed.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.grad_log_alpha_from_prob_zero(0.5, 1.0, -1.0, 2.0).lower
    np.float64(-1.0)
    """
    return OfZero(-sigmoid.grad_logit(xp, prob_zero).p, *_of_offset(xp, temperature, lower, upper))


def log_alpha_from_prob_active(
    xp: Namespace, prob_active: Array, temperature: Array = 2 / 3, lower: Array = -0.1, upper: Array = 1.1
) -> Array:
    r"""The log alpha at which P(z > 0) is exactly q, :math:`t \log\frac{-l}{u} + \operatorname{logit} q`.

    Examples
    --------
    >>> from stgref import parameters, hard_concrete
    >>> hard_concrete.prob_active(parameters.log_alpha_from_prob_active([1e-9, 0.5]))
    array([1.e-09, 5.e-01])
    """
    return temperature * sigmoid.log_ratio(xp, -lower, upper) + sigmoid.logit(xp, prob_active)


def grad_log_alpha_from_prob_active(
    xp: Namespace, prob_active: Array, temperature: Array = 2 / 3, lower: Array = -0.1, upper: Array = 1.1
) -> OfActive:
    r"""Partial derivatives of `log_alpha_from_prob_active`: :math:`1/(q (1 - q)), \log\frac{-l}{u}, t/l, -t/u`.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.grad_log_alpha_from_prob_active(0.5).prob_active
    np.float64(4.0)
    """
    return OfActive(sigmoid.grad_logit(xp, prob_active).p, *_of_offset(xp, temperature, lower, upper))


def _of_offset(xp: Namespace, temperature: Array, lower: Array, upper: Array) -> tuple[Array, Array, Array]:
    return sigmoid.log_ratio(xp, -lower, upper), temperature / lower, -temperature / upper
