"""The cosine: a cost with many minima."""

from __future__ import annotations

from dataclasses import dataclass

from stgref.estimators.objectives.parameters import Parameter, entries, real
from stgref.estimators.objectives.separable import GaussianSeparable
from stgref.numerics.namespace import Array, Namespace


@dataclass(frozen=True, eq=False, repr=False)
class Cosine(GaussianSeparable):
    r"""Sum of cosines, :math:`f(x) = \sum_i \cos(k x_i)`.

    The mean over a Gaussian variable is :math:`e^{-k^2 s^2 / 2} \cos(k \mu)`.

    Parameters
    ----------
    k : float or array of shape (D,) or (D, K)
        Angular frequency; a number is that of every variable.

    Raises
    ------
    TypeError
        If ``k`` is not real.
    ValueError
        If ``k`` is not finite, or has another shape.

    References
    ----------
    S. Mohamed, M. Rosca, M. Figurnov, A. Mnih, "Monte Carlo Gradient Estimation in Machine Learning", JMLR 21, 2020,
    section 3.

    Examples
    --------
    >>> from stgref.estimators.objectives import Cosine
    >>> f = Cosine(0.5)
    >>> f.gaussian_gradient([1.0], [1.5]).mu
    array([-0.18094469])
    """

    k: Parameter

    _parameters = ("k",)

    def __post_init__(self) -> None:
        self._keep(**entries("Cosine", k=real("Cosine", "k", self.k)))

    def _term(self, xp: Namespace, x: Array, k: Array) -> Array:
        return xp.cos(k * x)

    def _slope(self, xp: Namespace, x: Array, k: Array) -> Array:
        return -k * xp.sin(k * x)

    def _curvature(self, xp: Namespace, x: Array, k: Array) -> Array:
        return -k * k * xp.cos(k * x)

    def _step(self, xp: Namespace, k: Array) -> Array:
        # cos(k) - 1 would lose its digits for small k.
        return -2.0 * xp.sin(0.5 * k) ** 2

    def _smoothed(self, xp: Namespace, mu: Array, s: Array, k: Array) -> Array:
        return xp.exp(-0.5 * (k * s) ** 2) * xp.cos(k * mu)

    def _grad_smoothed(self, xp: Namespace, mu: Array, s: Array, k: Array) -> tuple[Array, Array]:
        e = xp.exp(-0.5 * (k * s) ** 2)
        return -k * e * xp.sin(k * mu), -k * k * s * e * xp.cos(k * mu)
