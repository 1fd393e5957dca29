"""Gates with the rectified Gaussian law."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

from stgref.gates import rules, twin_gaussian
from stgref.gates.base import StochasticGates
from stgref.gates.family import Family, Theta, with_fill
from stgref.gates.settings import STD, Parameter, PerGate
from stgref.laws import rectified_gaussian
from stgref.numerics import arguments, noise
from stgref.numerics.namespace import Array


class GaussianGradients(NamedTuple):
    """Cotangents of what goes into `GaussianStochasticGates`."""

    input: Array
    mu: Array
    std: Array


GaussianGradientsAndFill = with_fill(GaussianGradients)


def _mu(theta: Theta) -> Array:
    """Mean and median before clipping."""
    return arguments.copied(theta[0])


_FAMILY = Family(
    law=rectified_gaussian,
    base="normal",
    trained={"mu": 0.5},
    options=("std",),
    gradients=GaussianGradients,
    filled=GaussianGradientsAndFill,
    at_test=rules.unchanged,  # clip(mu)
    entering=(True, False),
    rules=rules.common(rectified_gaussian, rules.unchanged),
    raw={"louizos": _mu, "median": _mu, "mean": _mu},
    twin=twin_gaussian.make,
)


class GaussianStochasticGates(StochasticGates):
    r"""Layer of stochastic gates with the rectified Gaussian law.

    In training, each gate is a sample :math:`z = \min(1, \max(0, \mu + \text{std}\, n))` with n standard normal noise; in
    evaluation it is :math:`\min(1, \max(0, \mu))`. The penalty is made of the probabilities that a gate is open,
    :math:`P(z > 0) = \Phi(\mu / \text{std})`, which keep their digits however small they are. A gate multiplies: 0 times
    NaN is NaN.

    Parameters
    ----------
    n_gates : int
        Number of gates.
    mask : array of int, optional
        Index of the gate of each element of an example; it broadcasts to an example from the right, and elements with
        the same index share a gate. It holds each of 0 ... n_gates-1. By default each element has its own gate.
    reg_weight : float or array of shape (n_gates,), default 1.0
        Weight of the penalty, of either sign (a Lagrange multiplier may be negative).
    std : float or array of shape (n_gates,), default 0.5
        Standard deviation before clipping, greater than 0.
    reg_reduction : {"sum", "mean", "none"}, default "sum"
        How the penalty is made of the gates' probabilities.
    rng : int, SeedSequence or Generator, optional
        Source of the initial parameter and of noise, normalised by `numpy.random.default_rng`. The noise is that of
        `stgref.noise.ziggurat`; in single precision, of `stgref.noise.normal` with ``stream="single"``.
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
    mu : array of shape (n_gates,)
        Means before clipping, which are trained. Initially normal around 0.5 with standard deviation 0.01.
    n_gates, training
        Number of gates; whether they are sampled.
    noise_stream
        How the gates draw their noise: on the host, in the precision of the pass, or where the arrays are CuPy's on their
        device.
    mask, reg_weight, std, reg_reduction, noise_sharing, fill
        As above. They can be set at any time and are checked then.

    Raises
    ------
    TypeError
        If an argument has a wrong type or dtype, or is an array of another library or device than the parameter.
    ValueError
        If an argument has a wrong value or shape.

    References
    ----------
    Y. Yamada, O. Lindenbaum, S. Negahban, Y. Kluger, "Feature Selection using Stochastic Gates", ICML 2020, section 4,
    with mu for their mu + 0.5 as in Captum.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import GaussianStochasticGates
    >>> gates = GaussianStochasticGates.from_pretrained(np.array([-0.5, 0.5, 2.0]), reg_reduction="mean")
    >>> x = np.ones((1, 3))
    >>> (gated, l0_reg), pullback = gates.vjp(x, np.array([[1.5, 0.2, -1.0]]))
    >>> gated
    array([[0.25, 0.6 , 1.  ]])
    >>> l0_reg
    np.float64(0.66665611)
    >>> pullback(x, 0.0)
    GaussianGradients(input=array([[0.25, 0.6 , 1.  ]]), mu=array([1., 1., 0.]), std=np.float64(1.7))
    """

    family = _FAMILY

    mu = Parameter()
    std = PerGate(STD)

    def __init__(
        self,
        n_gates: int,
        mask: Array | None = None,
        reg_weight: Array | float = 1.0,
        std: Array | float = 0.5,
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
            "std": std,
            "reg_reduction": reg_reduction,
            "noise_sharing": noise_sharing,
            "fill": fill,
        }
        super().__init__(n_gates, settings, rng, dtype, device, xp)

    @classmethod
    def from_pretrained(cls, mu: Array, **kwargs: Any) -> Self:
        """Gates with a given parameter, in its library, device and dtype.

        Parameters
        ----------
        mu : array of shape (n_gates,)
            Means before clipping; they are copied.
        **kwargs
            Arguments of the class other than ``n_gates dtype device xp``.

        Returns
        -------
        GaussianStochasticGates
            The gates, in training.

        Raises
        ------
        TypeError, ValueError
            As the class; also if ``mu`` does not have one axis.

        Examples
        --------
        >>> from stgref import GaussianStochasticGates
        >>> GaussianStochasticGates.from_pretrained([-1.0, 0.25]).get_gate_values()
        array([0.  , 0.25])
        """
        return cls._from_parameters([mu], kwargs)

    def _draw(self, shape: tuple[int, ...], dtype: Any) -> Array:
        return noise.normal_noise(shape, self._rng, dtype)
