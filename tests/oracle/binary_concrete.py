"""The binary concrete law: z = sigmoid((log_alpha + noise) / temperature)."""

from __future__ import annotations

from . import concrete_map as to
from .bases import Logistic
from .functions import log
from .generic import pushforward, restricted
from .integrals import log_density_derivatives, logistic_expectation, sigmoid_derivatives, square_derivatives
from .jets import Number, value
from .law import Law


def transform_logit(noise: Number, log_alpha: Number, temperature: Number) -> Number:
    return (log_alpha + noise) / temperature


def logpdf_logit(x: Number, log_alpha: Number, temperature: Number) -> Number:
    return Logistic.logpdf(temperature * x - log_alpha) + log(temperature)


def mean(log_alpha: Number, temperature: Number) -> Number:
    """E z; as 1 - E (1 - z) where log_alpha > 0, where less cancels."""
    if value(log_alpha) > 0:
        return 1 - mean(-log_alpha, temperature)
    return logistic_expectation(sigmoid_derivatives, log_alpha / temperature, 1 / temperature)


def variance(log_alpha: Number, temperature: Number) -> Number:
    """E z^2 - (E z)^2, of z or of its mirror image 1 - z."""
    if value(log_alpha) > 0:
        return variance(-log_alpha, temperature)
    first = mean(log_alpha, temperature)
    return logistic_expectation(square_derivatives, log_alpha / temperature, 1 / temperature) - first * first


def entropy(log_alpha: Number, temperature: Number) -> Number:
    """-E log f(z) = 2 - log T + E log z (1 - z)."""
    c, r = log_alpha / temperature, 1 / temperature
    return 2 - log(temperature) + logistic_expectation(log_density_derivatives, c, r)


QUANTITIES = restricted(pushforward(Logistic, to.stretch, to.unstretch, to.rate)) | {
    "transform_logit": transform_logit,
    "logpdf_logit": logpdf_logit,
    "mean": mean,
    "variance": variance,
    "entropy": entropy,
}

LAW = Law(
    "binary_concrete",
    {"log_alpha": None, "temperature": 2 / 3},
    QUANTITIES,
    main=("log_alpha",),
)
