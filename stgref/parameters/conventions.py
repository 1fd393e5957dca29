"""What others have for log alpha and the temperature, in terms of ours and back: one line each."""

from __future__ import annotations

from typing import NamedTuple

from stgref.numerics import sigmoid
from stgref.numerics.namespace import Array, Namespace

SOURCE = """
C. J. Maddison, A. Mnih, Y. W. Teh, "The Concrete Distribution: A Continuous Relaxation of Discrete Random Variables",
ICLR 2017, appendix B (alpha, and the logistic law of the log odds).
"""


class OfDropRate(NamedTuple):
    """The derivative with respect to the drop rate."""

    drop_rate: Array


class OfKeepRate(NamedTuple):
    """The derivative with respect to the keep rate."""

    keep_rate: Array


class OfAlpha(NamedTuple):
    """The derivative with respect to alpha."""

    alpha: Array


class OfScale(NamedTuple):
    """The derivative with respect to the scale."""

    scale: Array


class OfLogOdds(NamedTuple):
    """Partial derivatives with respect to the location and scale of the log odds."""

    loc: Array
    scale: Array


def log_alpha_from_drop_rate(xp: Namespace, drop_rate: Array) -> Array:
    r"""The log alpha that layers begin with for a drop rate p, :math:`\log(1 - p) - \log p`.

    So do the authors' own layers (``droprate_init`` of AMLab's L0_regularization), and CoFiPruning, LLM-Shearing and
    constrained_sparsity after them; flop's ``init_mean`` is such a rate in spite of its name. It is the log odds of the gate
    *before stretching*: with the usual bounds and temperature, p = 0.5 closes 17% of the gates, p = 0.8 closes 45%.
    `stgref.parameters.log_alpha_from_prob_zero` closes the share that it is given.

    Examples
    --------
    >>> from stgref import parameters, hard_concrete
    >>> hard_concrete.prob_zero(parameters.log_alpha_from_drop_rate([0.1, 0.5, 0.8])).round(3)
    array([0.022, 0.168, 0.447])
    """
    return -sigmoid.logit(xp, drop_rate)


def grad_log_alpha_from_drop_rate(xp: Namespace, drop_rate: Array) -> OfDropRate:
    r"""Derivative of `log_alpha_from_drop_rate`, :math:`-1 / (p (1 - p))`.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.grad_log_alpha_from_drop_rate(0.5).drop_rate
    np.float64(-4.0)
    """
    return OfDropRate(-sigmoid.grad_logit(xp, drop_rate).p)


def drop_rate_from_log_alpha(xp: Namespace, log_alpha: Array) -> Array:
    r"""The inverse of `log_alpha_from_drop_rate`, :math:`\sigma(-\log\alpha)`.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.drop_rate_from_log_alpha([-1.0, 0.0])
    array([0.73105858, 0.5       ])
    """
    return sigmoid.expit(xp, -log_alpha)


def log_alpha_from_keep_rate(xp: Namespace, keep_rate: Array) -> Array:
    r"""The log alpha that layers begin with for a keep rate q, :math:`\log q - \log(1 - q)`.

    It is ``init_mean`` of PolicyEngine's L0, and the initial probability of a mask in NeuroSurgeon; again before stretching.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.log_alpha_from_keep_rate([0.5, 0.9])
    array([0.        , 2.19722458])
    """
    return sigmoid.logit(xp, keep_rate)


def grad_log_alpha_from_keep_rate(xp: Namespace, keep_rate: Array) -> OfKeepRate:
    r"""Derivative of `log_alpha_from_keep_rate`, :math:`1 / (q (1 - q))`.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.grad_log_alpha_from_keep_rate(0.5).keep_rate
    np.float64(4.0)
    """
    return OfKeepRate(sigmoid.grad_logit(xp, keep_rate).p)


def keep_rate_from_log_alpha(xp: Namespace, log_alpha: Array) -> Array:
    r"""The inverse of `log_alpha_from_keep_rate`, :math:`\sigma(\log\alpha)`.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.keep_rate_from_log_alpha([-1.0, 0.0])
    array([0.26894142, 0.5       ])
    """
    return sigmoid.expit(xp, log_alpha)


def log_alpha_from_alpha(xp: Namespace, alpha: Array) -> Array:
    r"""The logarithm of a parameter :math:`\alpha`, as which Maddison et al. and relaxit's HardConcrete have alpha itself.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.log_alpha_from_alpha([0.5, 1.0])
    array([-0.69314718,  0.        ])
    """
    return xp.log(alpha)


def grad_log_alpha_from_alpha(xp: Namespace, alpha: Array) -> OfAlpha:
    r"""Derivative of `log_alpha_from_alpha`, :math:`1 / \alpha`.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.grad_log_alpha_from_alpha(0.5).alpha
    np.float64(2.0)
    """
    return OfAlpha(1.0 / alpha)


def alpha_from_log_alpha(xp: Namespace, log_alpha: Array) -> Array:
    r"""The inverse of `log_alpha_from_alpha`, :math:`e^{\log\alpha}`.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.alpha_from_log_alpha([-1.0, 0.0])
    array([0.36787944, 1.        ])
    """
    return xp.exp(log_alpha)


def log_alpha_from_drop_logits(xp: Namespace, drop_logits: Array) -> Array:
    r"""The log alpha where the log odds of *dropping* are trained, :math:`-\ell`.

    Concrete dropout does so (its ``p_logit``): its relaxed variable is 1 where a unit is dropped, 1 minus the gate.

    References
    ----------
    Y. Gal, J. Hron, A. Kendall, "Concrete Dropout", NeurIPS 2017, section 3.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.log_alpha_from_drop_logits([-2.0, 1.0])
    array([ 2., -1.])
    """
    return -drop_logits


def drop_logits_from_log_alpha(xp: Namespace, log_alpha: Array) -> Array:
    r"""The inverse of `log_alpha_from_drop_logits`, :math:`-\log\alpha`.

    References
    ----------
    Y. Gal, J. Hron, A. Kendall, "Concrete Dropout", NeurIPS 2017, section 3.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.drop_logits_from_log_alpha([2.0, -1.0])
    array([-2.,  1.])
    """
    return -log_alpha


def log_alpha_from_loc(xp: Namespace, loc: Array, scale: Array) -> Array:
    r"""The log alpha of a gate whose log odds are logistic, of given location and scale: their quotient.

    TensorFlow Probability's RelaxedBernoulli is the sigmoid of such a logistic variable. The temperature is
    `temperature_from_scale`; other libraries call the scale the inverse temperature, or beta.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.log_alpha_from_loc([-3.0, 0.75], 1.5)
    array([-2. ,  0.5])
    """
    return loc / scale


def grad_log_alpha_from_loc(xp: Namespace, loc: Array, scale: Array) -> OfLogOdds:
    r"""Partial derivatives of `log_alpha_from_loc`, :math:`1/s` and :math:`-\text{loc} / s^2`.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.grad_log_alpha_from_loc(3.0, 2.0)
    OfLogOdds(loc=np.float64(0.5), scale=np.float64(-0.75))
    """
    return OfLogOdds(1.0 / scale, -loc / scale / scale)


def loc_from_log_alpha(xp: Namespace, log_alpha: Array, temperature: Array) -> Array:
    r"""The location of the log odds, :math:`\log\alpha / \text{temperature}`.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.loc_from_log_alpha([-2.0, 0.5], 2 / 3)
    array([-3.  ,  0.75])
    """
    return log_alpha / temperature


def temperature_from_scale(xp: Namespace, scale: Array) -> Array:
    r"""The temperature of a gate whose log odds have a given scale, the inverse temperature: :math:`1 / s`.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.temperature_from_scale(4.0)
    np.float64(0.25)
    """
    return 1.0 / scale


def grad_temperature_from_scale(xp: Namespace, scale: Array) -> OfScale:
    r"""Derivative of `temperature_from_scale`, :math:`-1 / s^2`.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.grad_temperature_from_scale(4.0).scale
    np.float64(-0.0625)
    """
    return OfScale(-1.0 / scale / scale)


def scale_from_temperature(xp: Namespace, temperature: Array) -> Array:
    r"""The scale of the log odds, :math:`1 / \text{temperature}`.

    Examples
    --------
    >>> from stgref import parameters
    >>> parameters.scale_from_temperature(0.25)
    np.float64(4.0)
    """
    return 1.0 / temperature
