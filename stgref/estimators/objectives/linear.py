"""The linear objective."""

from __future__ import annotations

from dataclasses import dataclass

from stgref.estimators.objectives.parameters import FINITE, Parameter, entries, real
from stgref.estimators.objectives.separable import GaussianSeparable
from stgref.numerics import arguments
from stgref.numerics.namespace import Array, Namespace


@dataclass(frozen=True, eq=False, repr=False)
class Linear(GaussianSeparable):
    r"""Linear objective, :math:`f(b) = \sum_i a_i b_i + c`.

    Estimators with a linear control variate, such as MuProp, have no variance on it.

    Parameters
    ----------
    a : float or array of shape (D,) or (D, K)
        Slopes; a number is that of every variable.
    c : float, default 0
        Constant.

    Raises
    ------
    TypeError
        If a parameter is not real.
    ValueError
        If a parameter is not finite, or has another shape.

    Examples
    --------
    >>> from stgref.estimators.objectives import Linear
    >>> f = Linear([1.0, -2.0], c=0.5)
    >>> f([1.0, 1.0])
    np.float64(-0.5)
    >>> f.exact_value([0.0, 0.0])
    np.float64(0.0)
    """

    a: Parameter
    c: float = 0.0

    _parameters = ("a",)

    def __post_init__(self) -> None:
        self._keep(**entries("Linear", a=real("Linear", "a", self.a)))
        self._keep(c=arguments.number("Linear", "c", self.c, FINITE))

    @property
    def _constant(self) -> float:  # type: ignore[override]
        """What is added to the sum."""
        return self.c

    def _term(self, xp: Namespace, x: Array, a: Array) -> Array:
        return a * x

    def _slope(self, xp: Namespace, x: Array, a: Array) -> Array:
        return a

    def _curvature(self, xp: Namespace, x: Array, a: Array) -> Array:
        return 0.0 * x

    def _step(self, xp: Namespace, a: Array) -> Array:
        return a

    def _smoothed(self, xp: Namespace, mu: Array, s: Array, a: Array) -> Array:
        return a * mu

    def _grad_smoothed(self, xp: Namespace, mu: Array, s: Array, a: Array) -> tuple[Array, Array]:
        return a + 0.0 * mu, 0.0 * s
