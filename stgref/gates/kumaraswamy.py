"""Gates with the hard Kumaraswamy law."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

from stgref.gates import rules
from stgref.gates.base import StochasticGates
from stgref.gates.family import Family, Theta, with_fill
from stgref.gates.settings import EPS, LOWER, SHAPE, UPPER, Number, Parameter, PerGate
from stgref.laws import hard_kumaraswamy, kumaraswamy
from stgref.numerics import noise
from stgref.numerics.namespace import Array
from stgref.numerics.quantity import Quantity


class KumaraswamyGradients(NamedTuple):
    """Cotangents of what goes into `KumaraswamyStochasticGates`."""

    input: Array
    a: Array
    b: Array
    lower_bound: Array
    upper_bound: Array


KumaraswamyGradientsAndFill = with_fill(KumaraswamyGradients)


def _stretched(quantity: Quantity[..., Any], theta: Theta) -> Array:
    """``upper q + lower (1 - q)`` for a quantity q of the Kumaraswamy law, before stretching."""
    a, b, lower, upper = theta
    q = quantity(a, b)
    return upper * q + lower * (1.0 - q)


_FAMILY = Family(
    law=hard_kumaraswamy,
    base="uniform",
    trained={"a": 1.0, "b": 1.0},
    options=("lower_bound", "upper_bound"),
    gradients=KumaraswamyGradients,
    filled=KumaraswamyGradientsAndFill,
    at_test=rules.unchanged,
    entering=(True, True, True, True),
    rules=rules.common(hard_kumaraswamy, rules.unchanged),
    raw={
        "louizos": lambda theta: _stretched(kumaraswamy.median, theta),
        "median": lambda theta: _stretched(kumaraswamy.median, theta),
        "mean": lambda theta: _stretched(kumaraswamy.mean, theta),
    },
)


class KumaraswamyStochasticGates(StochasticGates):
    r"""Layer of stochastic gates with the hard Kumaraswamy law (HardKuma).

    In training, each gate is a sample

    .. math:: z = \min(1, \max(0, \bar z)), \quad
              \bar z = \text{upper}\, v + \text{lower}\, (1 - v), \quad v = (1 - (1 - n)^{1/b})^{1/a}

    with n uniform noise of [0, 1]; in evaluation it is the gate's median, the sample of n = 1/2. The penalty is made of the
    probabilities that a gate is open, :math:`P(z > 0) = (1 - v_0^a)^b` with
    :math:`v_0 = -\text{lower} / (\text{upper} - \text{lower})`, always of the current settings. A gate multiplies: 0 times
    NaN is NaN.

    Both shapes are trained as they are, under the letters of the formula, and must stay greater than 0: a step that leaves
    the range is a `ValueError`. A derivative with respect to :math:`\log a` is a times that with respect to a. What layers
    in the wild do at test time, 0 or 1 where that atom is the most probable and else a mean, is the rule ``"mode"`` of
    `get_gate_values`, with the exact mean.

    Parameters
    ----------
    n_gates : int
        Number of gates.
    mask : array of int, optional
        Index of the gate of each element of an example; it broadcasts to an example from the right, and elements with
        the same index share a gate. It holds each of 0 ... n_gates-1. By default each element has its own gate.
    reg_weight : float or array of shape (n_gates,), default 1.0
        Weight of the penalty, of either sign (a Lagrange multiplier may be negative).
    lower_bound, upper_bound : float or array of shape (n_gates,), default -0.1 and 1.1
        Ends of the stretched interval, less than 0 and greater than 1.
    eps : float, default 1e-8
        The uniform numbers that the gates draw are of [eps, 1 - eps]; 0 <= eps < 0.5. Noise that is given stays as it is.
    reg_reduction : {"sum", "mean", "none"}, default "sum"
        How the penalty is made of the gates' probabilities.
    rng : int, SeedSequence or Generator, optional
        Source of the initial parameters and of noise, normalised by `numpy.random.default_rng`. The noise is that of
        `stgref.noise.uniform`, squeezed into [eps, 1 - eps].
    dtype : dtype, optional
        Floating dtype of the parameters; double precision by default where ``device`` has it.
    device : device, optional
        Device of the parameters.
    xp : namespace, optional
        Array library of the parameters, as itself or as its array-api-compat namespace; NumPy by default.
    noise_sharing : {"example", "batch"}, default "example"
        Whether each example has its own noise, or the whole batch one.
    fill : float or array, default 0.0
        What a closed gate puts in the place of its input, :math:`z\, x + (1 - z)\, \text{fill}`; an array broadcasts to an
        example. The number 0 adds nothing; anything else has a cotangent, the pullback's last field.

    Attributes
    ----------
    a, b : array of shape (n_gates,)
        Shapes, which are trained, greater than 0. Initially normal around 1, where v is uniform, with standard deviation
        0.01.
    n_gates, training
        Number of gates; whether they are sampled.
    noise_stream
        How the gates draw their noise: on the host, or where the arrays are CuPy's on their device.
    mask, reg_weight, lower_bound, upper_bound, eps, reg_reduction, noise_sharing, fill
        As above. They can be set at any time and are checked then.

    Raises
    ------
    TypeError
        If an argument has a wrong type or dtype, or is an array of another library or device than the parameters.
    ValueError
        If an argument has a wrong value or shape.

    References
    ----------
    J. Bastings, W. Aziz, I. Titov, "Interpretable Neural Predictions with Differentiable Binary Variables", ACL 2019,
    section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import KumaraswamyStochasticGates
    >>> gates = KumaraswamyStochasticGates.from_pretrained([0.5, 1.0, 2.0], [2.0, 1.0, 0.5], reg_weight=0.1)
    >>> x = np.ones((2, 3))
    >>> gated, l0_reg = gates(x, np.array([[0.1, 0.5, 0.5], [0.9, 0.98, 0.7]]))
    >>> gated
    array([[0.        , 0.5       , 0.93923048],
           [0.46105336, 1.        , 1.        ]])
    >>> l0_reg
    np.float64(0.24191715)

    A network may give each example its own shapes, of which it gets the cotangents:

    >>> a = np.array([[0.5, 1.0, 2.0], [1.0, 1.0, 1.0]])
    >>> (gated, l0_reg), pullback = gates.eval().vjp(x, a=a)
    >>> gated
    array([[0.00294373, 0.5       , 0.93923048],
           [0.25147186, 0.5       , 0.8       ]])
    >>> pullback(np.ones((2, 3)), 0.0).a.shape
    (2, 3)
    """

    family = _FAMILY

    a = Parameter(SHAPE)
    b = Parameter(SHAPE)
    lower_bound = PerGate(LOWER)
    upper_bound = PerGate(UPPER)
    eps = Number(EPS)

    def __init__(
        self,
        n_gates: int,
        mask: Array | None = None,
        reg_weight: Array | float = 1.0,
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
            "lower_bound": lower_bound,
            "upper_bound": upper_bound,
            "eps": eps,
            "reg_reduction": reg_reduction,
            "noise_sharing": noise_sharing,
            "fill": fill,
        }
        super().__init__(n_gates, settings, rng, dtype, device, xp)

    @classmethod
    def from_pretrained(cls, a: Array, b: Array, **kwargs: Any) -> Self:
        """Gates with given parameters, in their library, device and dtype.

        Parameters
        ----------
        a, b : array of shape (n_gates,)
            Shapes; they are copied.
        **kwargs
            Arguments of the class other than ``n_gates dtype device xp``.

        Returns
        -------
        KumaraswamyStochasticGates
            The gates, in training.

        Raises
        ------
        TypeError, ValueError
            As the class; also if ``a`` does not have one axis, or ``b`` another shape.

        Examples
        --------
        >>> from stgref import KumaraswamyStochasticGates
        >>> KumaraswamyStochasticGates.from_pretrained([1.0, 1.0], [1.0, 3.0]).get_gate_values()
        array([0.5       , 0.14755937])
        """
        return cls._from_parameters([a, b], kwargs)

    def _draw(self, shape: tuple[int, ...], dtype: Any) -> Array:
        return noise.uniform_noise(shape, self._rng, self.eps, dtype)
