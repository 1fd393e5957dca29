"""What Gaussian estimators share: their parameters, their samples and the score."""

from __future__ import annotations

from typing import NamedTuple

from stgref.estimators.draws import Field, Noise
from stgref.estimators.estimator import Family
from stgref.laws import normal
from stgref.numerics import noise
from stgref.numerics.namespace import Array, Namespace


class Gradients(NamedTuple):
    """Gradients to the means and to the standard deviations, or what else there is one of for each."""

    mu: Array
    std: Array


GAUSSIAN = Family(
    "estimators.gaussian",
    {"mu": "D", "std": "D"},
    "D",
    {"mu": "Means, of independent variables.", "std": "Standard deviations, greater than 0."},
    Gradients,
)

NORMAL = Noise(Field("n D", noise.normal, "standard normal"))

SOURCE = """S. Mohamed, M. Rosca, M. Figurnov, A. Mnih, "Monte Carlo Gradient Estimation in Machine Learning", JMLR 21, 2020"""


def sample(xp: Namespace, mu: Array, std: Array, noise: Array) -> Array:
    r"""The sample :math:`x = \mu + \text{std}\, \varepsilon`."""
    return normal.transform.kernel(xp, noise, mu, std)


def score(std: Array, noise: Array) -> Gradients:
    r"""Derivatives of the log density to mu and std, :math:`\varepsilon / \text{std}` and :math:`(\varepsilon^2 - 1) / \text{std}`."""
    return Gradients(noise / std, (noise * noise - 1.0) / std)
