"""Gates with the hard concrete law."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

from stgref.gates import rules, twin_concrete
from stgref.gates.base import StochasticGates
from stgref.gates.family import Family, Theta, with_fill
from stgref.gates.settings import EPS, LOWER, TEMPERATURE, UPPER, Number, Parameter, PerGate
from stgref.laws import binary_concrete, hard_concrete
from stgref.numerics import noise
from stgref.numerics.namespace import Array
from stgref.numerics.quantity import Quantity


class BinaryConcreteGradients(NamedTuple):
    """Cotangents of what goes into `BinaryConcreteStochasticGates`."""

    input: Array
    log_alpha_param: Array
    temperature: Array
    lower_bound: Array
    upper_bound: Array


BinaryConcreteGradientsAndFill = with_fill(BinaryConcreteGradients)


def _at_test(theta: Theta) -> Theta:
    """Louizos's test-time gate, clip(sigma(log_alpha) (upper - lower) + lower), is the median at temperature 1."""
    log_alpha, _, lower, upper = theta
    return log_alpha, 1.0, lower, upper


def _scaled(theta: Theta) -> Array:
    """sigma(0.8 log_alpha / temperature)."""
    return binary_concrete.median(0.8 * theta[0], theta[1])


def _stretched(quantity: Quantity[..., Any], theta: Theta) -> Array:
    """``upper q + lower (1 - q)`` for a quantity q of the binary concrete law, before stretching, with q(-a) = 1 - q(a)."""
    log_alpha, temperature, lower, upper = theta
    return upper * quantity(log_alpha, temperature) + lower * quantity(-log_alpha, temperature)


_FAMILY = Family(
    law=hard_concrete,
    base="logistic",
    trained={"log_alpha_param": 0.0},
    options=("temperature", "lower_bound", "upper_bound"),
    gradients=BinaryConcreteGradients,
    filled=BinaryConcreteGradientsAndFill,
    at_test=_at_test,
    entering=(True, False, True, True),
    rules={**rules.common(hard_concrete, _at_test), "scaled": _scaled},
    raw={
        "louizos": lambda theta: _stretched(binary_concrete.median, _at_test(theta)),
        "median": lambda theta: _stretched(binary_concrete.median, theta),
        "mean": lambda theta: _stretched(binary_concrete.mean, theta),
    },
    twin=twin_concrete.make,
)


class BinaryConcreteStochasticGates(StochasticGates):
    r"""Layer of stochastic gates with the hard concrete law.

    In training, each gate is a sample

    .. math:: z = \min(1, \max(0, \bar z)), \quad
              \bar z = \text{upper}\, \sigma(v) + \text{lower}\, \sigma(-v), \quad v = (n + \log\alpha) / \text{temperature}

    with n standard logistic noise; in evaluation it is
    :math:`\min(1, \max(0, \sigma(\log\alpha)(\text{upper} - \text{lower}) + \text{lower}))`, where the temperature does
    not enter. The penalty is made of the probabilities that a gate is open,
    :math:`P(z > 0) = \sigma(\log\alpha - \text{temperature} \log(-\text{lower} / \text{upper}))`, always of the current
    settings. A gate multiplies: 0 times NaN is NaN.

    Parameters
    ----------
    n_gates : int
        Number of gates.
    mask : array of int, optional
        Index of the gate of each element of an example; it broadcasts to an example from the right, and elements with
        the same index share a gate. It holds each of 0 ... n_gates-1. By default each element has its own gate.
    reg_weight : float or array of shape (n_gates,), default 1.0
        Weight of the penalty, of either sign (a Lagrange multiplier may be negative).
    temperature : float or array of shape (n_gates,), default 2/3
        Temperature, greater than 0.
    lower_bound, upper_bound : float or array of shape (n_gates,), default -0.1 and 1.1
        Ends of the stretched interval, less than 0 and greater than 1.
    eps : float, default 1e-8
        The uniform numbers that the gates draw are of [eps, 1 - eps]; 0 <= eps < 0.5. Noise that is given stays as it is.
    reg_reduction : {"sum", "mean", "none"}, default "sum"
        How the penalty is made of the gates' probabilities.
    rng : int, SeedSequence or Generator, optional
        Source of the initial parameter and of noise, normalised by `numpy.random.default_rng`. The noise is that of
        `stgref.noise.logistic`, of its uniform numbers squeezed into [eps, 1 - eps]; in single precision with
        ``stream="single"``.
    dtype : dtype, optional
        Floating dtype of the parameter; double precision by default where ``device`` has it.
    device : device, optional
        Device of the parameter.
    xp : namespace, optional
        Array library of the parameter, as itself or as its array-api-compat namespace; NumPy by default.
    noise_sharing : {"example", "batch"}, default "example"
        Whether each example has its own noise, or the whole batch one.
    fill : float or array, default 0.0
        What a closed gate puts in the place of its input, :math:`z\, x + (1 - z)\, \text{fill}`; an array broadcasts to an
        example. The number 0 adds nothing; anything else has a cotangent, the pullback's last field.

    Attributes
    ----------
    log_alpha_param : array of shape (n_gates,)
        Logarithms of alpha, which are trained: the log odds of open gates before stretching. Initially normal around 0
        with standard deviation 0.01.
    n_gates, training
        Number of gates; whether they are sampled.
    noise_stream
        How the gates draw their noise: on the host, in the precision of the pass, or where the arrays are CuPy's on their
        device.
    mask, reg_weight, temperature, lower_bound, upper_bound, eps, reg_reduction, noise_sharing, fill
        As above. They can be set at any time and are checked then.

    Raises
    ------
    TypeError
        If an argument has a wrong type or dtype, or is an array of another library or device than the parameter.
    ValueError
        If an argument has a wrong value or shape.

    References
    ----------
    C. Louizos, M. Welling, D. P. Kingma, "Learning Sparse Neural Networks through L0 Regularization", ICLR 2018,
    equations (10) to (13).

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import BinaryConcreteStochasticGates, noise
    >>> gates = BinaryConcreteStochasticGates.from_pretrained(np.array([-3.0, 0.0, 2.0]), reg_weight=0.1)
    >>> x = np.ones((2, 3))
    >>> gated, l0_reg = gates(x, noise.logistic((2, 3), rng=0))
    >>> gated
    array([[0.        , 0.12006605, 0.08078356],
           [0.        , 0.9810625 , 1.        ]])
    >>> l0_reg
    np.float64(0.20027824)

    Nothing is drawn in evaluation, and every derivative is at hand:

    >>> (gated, l0_reg), pullback = gates.eval().vjp(x)
    >>> gated[0]
    array([0.        , 0.5       , 0.95695649])
    >>> pullback(np.ones((2, 3))).log_alpha_param
    array([0.01585503, 0.6139894 , 0.25457701])
    """

    family = _FAMILY

    log_alpha_param = Parameter()
    temperature = PerGate(TEMPERATURE)
    lower_bound = PerGate(LOWER)
    upper_bound = PerGate(UPPER)
    eps = Number(EPS)

    def __init__(
        self,
        n_gates: int,
        mask: Array | None = None,
        reg_weight: Array | float = 1.0,
        temperature: Array | float = 2 / 3,
        lower_bound: Array | float = -0.1,
        upper_bound: Array | float = 1.1,
        eps: float = 1e-8,
        reg_reduction: str = "sum",
        *,
        rng: Any = None,
        dtype: Any = None,
        device: Any = None,
        xp: Any = None,
        noise_sharing: str = "example",
        fill: Array | float = 0.0,
    ) -> None:
        settings = {
            "mask": mask,
            "reg_weight": reg_weight,
            "temperature": temperature,
            "lower_bound": lower_bound,
            "upper_bound": upper_bound,
            "eps": eps,
            "reg_reduction": reg_reduction,
            "noise_sharing": noise_sharing,
            "fill": fill,
        }
        super().__init__(n_gates, settings, rng, dtype, device, xp)

    @classmethod
    def from_pretrained(cls, log_alpha_param: Array, **kwargs: Any) -> Self:
        """Gates with a given parameter, in its library, device and dtype.

        Parameters
        ----------
        log_alpha_param : array of shape (n_gates,)
            Logarithms of alpha; they are copied.
        **kwargs
            Arguments of the class other than ``n_gates dtype device xp``.

        Returns
        -------
        BinaryConcreteStochasticGates
            The gates, in training.

        Raises
        ------
        TypeError, ValueError
            As the class; also if ``log_alpha_param`` does not have one axis.

        Examples
        --------
        >>> from stgref import BinaryConcreteStochasticGates
        >>> BinaryConcreteStochasticGates.from_pretrained([0.0, 1.0]).get_gate_values()
        array([0.5       , 0.77727029])
        """
        return cls._from_parameters([log_alpha_param], kwargs)

    def _draw(self, shape: tuple[int, ...], dtype: Any) -> Array:
        return noise.logistic_noise(shape, self._rng, self.eps, dtype)
