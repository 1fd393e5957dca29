"""The control variate of REBAR for categorical variables: an objective of relaxed samples."""

from __future__ import annotations

from typing import Any

from stgref.estimators.options import FINITE
from stgref.laws import concrete
from stgref.numerics import arguments
from stgref.numerics.domains import POSITIVE
from stgref.numerics.namespace import Array


class Relaxed:
    r"""An objective of relaxed samples, as a function of the latent: :math:`c(z) = \eta f(\operatorname{softmax}(z / \tau))`.

    Parameters
    ----------
    objective : callable
        The objective f, with a method ``grad``.
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
    >>> f = estimators.objectives.Linear([[0.0, 2.0]])
    >>> c = estimators.categorical.Relaxed(f, temperature=0.5, eta=1.0)
    >>> c(np.zeros((1, 2))), c.grad(np.zeros((1, 2)))
    (np.float64(1.0), array([[-1.,  1.]]))
    """

    def __init__(self, objective: Any, temperature: float, eta: float = 1.0) -> None:
        where = "categorical.Relaxed"
        self.objective = objective
        self.temperature = arguments.number(where, "temperature", temperature, POSITIVE)
        self.eta = arguments.number(where, "eta", eta, FINITE)

    def __repr__(self) -> str:
        return f"Relaxed({self.objective!r}, temperature={self.temperature!r}, eta={self.eta!r})"

    def __call__(self, z: Array) -> Array:
        """Values.

        Parameters
        ----------
        z : array of shape (..., D, K)
            Latents.

        Returns
        -------
        array of shape (...)
            Values c(z).
        """
        return self.eta * self.objective(concrete.transform(0.0 * z, z, self.temperature))

    def grad(self, z: Array) -> Array:
        r"""Gradients, :math:`c'(z) = \tfrac{\eta}{\tau} J(x)\, f'(x)` with x the relaxed sample.

        Parameters
        ----------
        z : array of shape (..., D, K)
            Latents.

        Returns
        -------
        array of shape (..., D, K)
            Gradients.
        """
        noise = 0.0 * z
        slope = self.objective.grad(concrete.transform(noise, z, self.temperature))
        return self.eta * concrete.vjp_transform(slope, noise, z, self.temperature).logits
