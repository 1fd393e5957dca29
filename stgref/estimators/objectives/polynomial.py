"""Powers of distances: the polynomial programming toy of ReinMax."""

from __future__ import annotations

from dataclasses import dataclass

from stgref.estimators.objectives.parameters import FINITE, Parameter, entries, real
from stgref.estimators.objectives.separable import Separable
from stgref.numerics import arguments
from stgref.numerics.domains import Domain
from stgref.numerics.namespace import Array, Namespace

EXPONENT = Domain("finite and 1 or more", lambda v: (v >= 1.0) & FINITE.contains(v))


@dataclass(frozen=True, eq=False, repr=False)
class Polynomial(Separable):
    r"""Mean or sum of powers, :math:`f(b) = \frac1D \sum_i |b_i - t_i|^p`.

    Its derivative is :math:`p |b - t|^{p-1} \operatorname{sign}(b - t)`, and :math:`p (p - 1) |b - t|^{p-2}` the second
    one, which does not exist at b = t for p < 2 and is 0 there. ReinMax minimises it with t = 0.45 and p = 1.5, 2, 3.

    Parameters
    ----------
    t : float or array of shape (D,) or (D, K)
        Targets; a number is that of every variable.
    p : float
        Exponent, 1 or more.
    reduction : {"mean", "sum"}
        Whether the sum is divided by the number of entries of a point.

    Raises
    ------
    TypeError
        If ``t`` or ``p`` is not real.
    ValueError
        If ``t`` is not finite or has another shape, ``p`` is less than 1, or there is no such reduction.

    References
    ----------
    L. Liu, C. Dong, X. Liu, B. Yu, J. Gao, "Bridging Discrete and Backpropagation: Straight-Through and Beyond",
    NeurIPS 2023, section 6.1.

    Examples
    --------
    >>> from stgref.estimators.objectives import Polynomial
    >>> f = Polynomial(0.45, 3)
    >>> f([0.0, 1.0])
    np.float64(0.12875)
    >>> f.grad([0.0, 1.0])
    array([-0.30375,  0.45375])
    """

    t: Parameter
    p: float
    reduction: str = "mean"

    _parameters = ("t", "p")

    def __post_init__(self) -> None:
        where = "Polynomial"
        self._keep(**entries(where, t=real(where, "t", self.t)))
        self._keep(p=arguments.number(where, "p", self.p, EXPONENT))
        arguments.choice(where, "reduction", self.reduction, ("mean", "sum"))

    @property
    def _mean(self) -> bool:  # type: ignore[override]
        """Whether the sum is divided by the number of entries of a point."""
        return self.reduction == "mean"

    def _term(self, xp: Namespace, x: Array, t: Array, p: float) -> Array:
        return xp.abs(x - t) ** p

    def _slope(self, xp: Namespace, x: Array, t: Array, p: float) -> Array:
        return p * xp.abs(x - t) ** (p - 1.0) * xp.sign(x - t)

    def _curvature(self, xp: Namespace, x: Array, t: Array, p: float) -> Array:
        d = xp.abs(x - t)
        kink = (d == 0.0) & (p < 2.0)
        return xp.where(kink, 0.0, p * (p - 1.0) * xp.where(kink, 1.0, d) ** (p - 2.0))

    def _step(self, xp: Namespace, t: Array, p: Array) -> Array:
        return xp.abs(1.0 - t) ** p - xp.abs(t) ** p
