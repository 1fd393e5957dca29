"""Sums and means of squares: the toy problems of REBAR, RELAX, ARM and the double control variates."""

from __future__ import annotations

from dataclasses import dataclass

from stgref.estimators.objectives.parameters import Parameter, entries, real
from stgref.estimators.objectives.separable import GaussianSeparable
from stgref.numerics.namespace import Array, Namespace


class Squares(GaussianSeparable):
    r"""A sum or mean of :math:`h(x) = w (x - t)^2`."""

    def _term(self, xp: Namespace, x: Array, t: Array, w: Array | float = 1.0) -> Array:
        square = (x - t) ** 2
        return square if isinstance(w, float) and w == 1.0 else w * square

    def _slope(self, xp: Namespace, x: Array, t: Array, w: Array | float = 1.0) -> Array:
        return 2.0 * w * (x - t)

    def _curvature(self, xp: Namespace, x: Array, t: Array, w: Array | float = 1.0) -> Array:
        return 2.0 * w + 0.0 * x

    def _step(self, xp: Namespace, t: Array, w: Array | float = 1.0) -> Array:
        return w * (1.0 - 2.0 * t)

    def _smoothed(self, xp: Namespace, mu: Array, s: Array, t: Array, w: Array | float = 1.0) -> Array:
        return w * ((mu - t) ** 2 + s**2)

    def _grad_smoothed(
        self, xp: Namespace, mu: Array, s: Array, t: Array, w: Array | float = 1.0
    ) -> tuple[Array, Array]:
        return 2.0 * w * (mu - t), 2.0 * w * s


@dataclass(frozen=True, eq=False, repr=False)
class Quadratic(Squares):
    r"""Weighted sum of squares, :math:`f(b) = \sum_i w_i (b_i - t_i)^2`.

    With one variable it is the toy of REBAR (t = 0.45), whose optimum for t < 1/2 is b = 0; in several dimensions that of
    RELAX.

    Parameters
    ----------
    t : float or array of shape (D,) or (D, K)
        Targets; a number is that of every variable.
    weight : float or array of the shape of ``t``, default 1
        Weights w.

    Raises
    ------
    TypeError
        If a parameter is not real.
    ValueError
        If a parameter is not finite, or has another shape.

    References
    ----------
    G. Tucker, A. Mnih, C. J. Maddison, D. Lawson, J. Sohl-Dickstein, "REBAR: Low-variance, unbiased gradient estimates
    for discrete latent variable models", NeurIPS 2017, section 5.1.

    Examples
    --------
    >>> from stgref.estimators.objectives import Quadratic
    >>> f = Quadratic(0.45)
    >>> f([[0.0], [1.0]])
    array([0.2025, 0.3025])
    >>> f.exact_gradient([0.0])
    array([0.025])
    """

    t: Parameter
    weight: Parameter = 1.0

    _parameters = ("t", "weight")

    def __post_init__(self) -> None:
        given = {name: real("Quadratic", name, getattr(self, name)) for name in self._parameters}
        self._keep(**entries("Quadratic", **given))


@dataclass(frozen=True, eq=False, repr=False)
class MeanQuadratic(Squares):
    r"""Mean of squares, :math:`f(b) = \frac1D \sum_i (b_i - t_i)^2`; over all entries where a point is (D, K).

    With D = 200 and t = 0.499 it is the toy of the double control variates.

    Parameters
    ----------
    t : float or array of shape (D,) or (D, K)
        Targets; a number is that of every variable.

    Raises
    ------
    TypeError
        If ``t`` is not real.
    ValueError
        If ``t`` is not finite, or has another shape.

    References
    ----------
    M. K. Titsias, J. Shi, "Double control variates for gradient estimation in discrete latent variable models",
    AISTATS 2022, section 5.1.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref.estimators.objectives import MeanQuadratic
    >>> MeanQuadratic(0.499).exact_value(np.zeros(200))
    np.float64(0.250001)
    """

    t: Parameter

    _parameters = ("t",)
    _mean = True

    def __post_init__(self) -> None:
        self._keep(**entries("MeanQuadratic", t=real("MeanQuadratic", "t", self.t)))
