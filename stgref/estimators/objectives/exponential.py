"""The exponential of a square: a cost that is flat but for one peak."""

from __future__ import annotations

from dataclasses import dataclass

from stgref.estimators.objectives.parameters import FINITE, Parameter, entries, real
from stgref.estimators.objectives.separable import GaussianSeparable
from stgref.numerics.domains import Domain
from stgref.numerics.namespace import Array, Namespace

NONNEGATIVE = Domain("finite and 0 or more", lambda v: (v >= 0.0) & FINITE.contains(v))


@dataclass(frozen=True, eq=False, repr=False)
class Exponential(GaussianSeparable):
    r"""Sum of exponentials of squares, :math:`f(x) = \sum_i e^{-k x_i^2}`.

    The mean over a Gaussian variable is :math:`v^{-1/2} e^{-k \mu^2 / v}`, :math:`v = 1 + 2 k s^2`.

    Parameters
    ----------
    k : float or array of shape (D,) or (D, K)
        Inverse square of the width, 0 or more; a number is that of every variable.

    Raises
    ------
    TypeError
        If ``k`` is not real.
    ValueError
        If ``k`` is negative or not finite, or has another shape.

    References
    ----------
    S. Mohamed, M. Rosca, M. Figurnov, A. Mnih, "Monte Carlo Gradient Estimation in Machine Learning", JMLR 21, 2020,
    section 3.

    Examples
    --------
    >>> from stgref.estimators.objectives import Exponential
    >>> f = Exponential(1.0)
    >>> f.gaussian_gradient([1.0], [1.5])
    GaussianGradient(mu=array([-0.12927761]), std=array([-0.12340136]))
    """

    k: Parameter

    _parameters = ("k",)

    def __post_init__(self) -> None:
        self._keep(**entries("Exponential", k=real("Exponential", "k", self.k, NONNEGATIVE)))

    def _term(self, xp: Namespace, x: Array, k: Array) -> Array:
        return xp.exp(-k * x * x)

    def _slope(self, xp: Namespace, x: Array, k: Array) -> Array:
        return -2.0 * k * x * xp.exp(-k * x * x)

    def _curvature(self, xp: Namespace, x: Array, k: Array) -> Array:
        return 2.0 * k * (2.0 * k * x * x - 1.0) * xp.exp(-k * x * x)

    def _step(self, xp: Namespace, k: Array) -> Array:
        return xp.expm1(-k)

    def _smoothed(self, xp: Namespace, mu: Array, s: Array, k: Array) -> Array:
        v = 1.0 + 2.0 * k * s * s
        return xp.exp(-k * mu * mu / v) / xp.sqrt(v)

    def _grad_smoothed(self, xp: Namespace, mu: Array, s: Array, k: Array) -> tuple[Array, Array]:
        v = 1.0 + 2.0 * k * s * s
        slope = 2.0 * k / v * xp.exp(-k * mu * mu / v) / xp.sqrt(v)
        return -slope * mu, slope * s * (2.0 * k * mu * mu / v - 1.0)
