"""The control variate of REBAR: an objective of relaxed samples."""

from __future__ import annotations

from typing import Any

from stgref.estimators.options import FINITE
from stgref.numerics import arguments, sigmoid
from stgref.numerics import namespace as ns
from stgref.numerics.domains import POSITIVE
from stgref.numerics.namespace import Array, Namespace


class Relaxed:
    r"""An objective of relaxed samples, as a function of the latent: :math:`c(z) = \eta f(\sigma(z / \tau))`.

    Parameters
    ----------
    objective : callable
        The objective f, with a method ``grad``, and for `grad_parameters_product` also ``hessian_product``.
    temperature : float
        Temperature tau, greater than 0.
    eta : float
        Weight.

    Raises
    ------
    TypeError, ValueError
        If the temperature or the weight is no number, or out of range.

    References
    ----------
    G. Tucker, A. Mnih, C. J. Maddison, D. Lawson, J. Sohl-Dickstein, "REBAR: Low-variance, unbiased gradient estimates
    for discrete latent variable models", NeurIPS 2017, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> from stgref import estimators
    >>> c = estimators.Relaxed(estimators.objectives.Linear([2.0]), temperature=0.5, eta=1.0)
    >>> c(np.array([0.0])), c.grad(np.array([0.0]))
    (np.float64(1.0), array([1.]))
    """

    def __init__(self, objective: Any, temperature: float, eta: float = 1.0) -> None:
        self.objective = objective
        self.temperature = arguments.number("Relaxed", "temperature", temperature, POSITIVE)
        self.eta = arguments.number("Relaxed", "eta", eta, FINITE)

    @property
    def rowwise(self) -> bool:
        """Whether the objective is: a value is the same whatever other points there are in the call."""
        return bool(getattr(self.objective, "rowwise", False))

    def __repr__(self) -> str:
        return f"Relaxed({self.objective!r}, temperature={self.temperature!r}, eta={self.eta!r})"

    def _relaxed(self, z: Array) -> tuple[Namespace, Array, Array]:
        r"""The relaxed sample :math:`s = \sigma(x)`, :math:`x = z / \tau`, and its slope :math:`s' = \sigma'(x) / \tau`."""
        xp = ns.namespace_of("Relaxed", {"z": z})
        at = sigmoid.both(xp, z / self.temperature)
        return xp, at.right, at.root * at.root / self.temperature

    def __call__(self, z: Array) -> Array:
        """Values.

        Parameters
        ----------
        z : array of shape (..., D)
            Latents.

        Returns
        -------
        array of shape (...)
            Values c(z).
        """
        _, s, _ = self._relaxed(z)
        return self.eta * self.objective(s)

    def grad(self, z: Array) -> Array:
        r"""Gradients, :math:`c'(z) = \eta f'(s)\, s'`.

        Parameters
        ----------
        z : array of shape (..., D)
            Latents.

        Returns
        -------
        array of shape (..., D)
            Gradients.
        """
        _, s, slope = self._relaxed(z)
        return self.eta * self.objective.grad(s) * slope

    def value_and_grad(self, z: Array) -> tuple[Array, Array]:
        """Values and gradients, which share the relaxed sample.

        Parameters
        ----------
        z : array of shape (..., D)
            Latents.

        Returns
        -------
        tuple of arrays of shape (...) and (..., D)
            Values c(z), and gradients.
        """
        _, s, slope = self._relaxed(z)
        return self.eta * self.objective(s), self.eta * self.objective.grad(s) * slope

    def grad_parameters(self, z: Array) -> Array:
        r"""Derivatives of c(z) to eta, :math:`f(s)`, and to tau, :math:`-\eta f'(s) \cdot s' x`.

        Parameters
        ----------
        z : array of shape (..., D)
            Latents.

        Returns
        -------
        array of shape (..., 2)
            Derivatives to eta and tau.
        """
        xp, s, slope = self._relaxed(z)
        by_temperature = -self.eta * xp.sum(self.objective.grad(s) * slope * (z / self.temperature), axis=-1)
        return xp.stack([self.objective(s), by_temperature], axis=-1)

    def grad_parameters_product(self, z: Array, v: Array) -> Array:
        r"""Derivatives of :math:`c'(z) \cdot v` to eta and tau.

        With the Hessian H of f, they are :math:`f'(s) \cdot s' v` and

        .. math:: -\eta \left( (s' v) \cdot H (s' x) + f'(s) \cdot v\, \tfrac{s'}{\tau} (1 - x \tanh \tfrac{x}{2}) \right)

        since :math:`\partial s / \partial \tau = -s' x` and :math:`\sigma'' = -\sigma' \tanh(x / 2)`.

        Parameters
        ----------
        z : array of shape (..., D)
            Latents.
        v : array of shape (..., D)
            Vectors, held fixed.

        Returns
        -------
        array of shape (..., 2)
            Derivatives to eta and tau.
        """
        xp, s, slope = self._relaxed(z)
        x = z / self.temperature
        grad, along = self.objective.grad(s), slope * v
        by_slope = grad * along * (1.0 - x * sigmoid.tanh_half(xp, x)) / self.temperature
        by_point = along * self.objective.hessian_product(s, slope * x)
        return xp.stack(
            [xp.sum(grad * along, axis=-1), -self.eta * xp.sum(by_point + by_slope, axis=-1)], axis=-1
        )
