"""The rectified Gaussian law: z = clip(mu + std * noise, 0, 1)."""

from __future__ import annotations

from .bases import Normal
from .functions import log
from .generic import between, clip_kinks, clipped
from .jets import Number, value
from .law import Law
from .location_scale import forward, inverse, rate


def partial_moments(mu: Number, std: Number) -> tuple[Number, Number, Number]:
    """Return the integrals of 1, t and t^2 times the standard normal density over 0 < mu + std t < 1."""
    low, high = -mu / std, (1 - mu) / std
    mass = between(Normal, low, high)
    return mass, Normal.pdf(low) - Normal.pdf(high), mass + low * Normal.pdf(low) - high * Normal.pdf(high)


def raw_moments(mu: Number, std: Number) -> tuple[Number, Number]:
    """Return E z and E z^2."""
    m0, m1, m2 = partial_moments(mu, std)
    top = QUANTITIES["prob_one"](mu, std)
    return mu * m0 + std * m1 + top, mu * mu * m0 + 2 * mu * std * m1 + std * std * m2 + top


def mean(mu: Number, std: Number) -> Number:
    """E z; by the mirror image 1 - z where mu > 1/2, where less cancels."""
    return 1 - mean(1 - mu, std) if value(mu) > 0.5 else raw_moments(mu, std)[0]


def variance(mu: Number, std: Number) -> Number:
    """E z^2 - (E z)^2, of z or of its mirror image."""
    if value(mu) > 0.5:
        return variance(1 - mu, std)
    first, second = raw_moments(mu, std)
    return second - first * first


def entropy(mu: Number, std: Number) -> Number:
    """-sum p log p over the atoms - integral of f log f, with log f = -t^2/2 - log(std sqrt(2 pi))."""
    m0, _, m2 = partial_moments(mu, std)
    inside = m2 / 2 + m0 * (log(std) - Normal.logpdf(0 * mu))
    return inside - sum(
        QUANTITIES[p](mu, std) * QUANTITIES[f"log_{p}"](mu, std) for p in ("prob_zero", "prob_one")
    )


def kl_divergence(mu_p: Number, std_p: Number, mu_q: Number, std_q: Number) -> Number:
    """E_p log p/q: the atoms, and the difference of two quadratics of t inside."""
    m0, m1, m2 = partial_moments(mu_p, std_p)
    shift, slope = (mu_p - mu_q) / std_q, std_p / std_q
    inside = (shift * shift * m0 + 2 * shift * slope * m1 + slope * slope * m2 - m2) / 2 - m0 * log(slope)
    return inside + sum(
        QUANTITIES[p](mu_p, std_p)
        * (QUANTITIES[f"log_{p}"](mu_p, std_p) - QUANTITIES[f"log_{p}"](mu_q, std_q))
        for p in ("prob_zero", "prob_one")
    )


QUANTITIES = clipped(Normal, forward, inverse, rate) | {
    "mean": mean,
    "variance": variance,
    "entropy": entropy,
    "kl_divergence": kl_divergence,
}

LAW = Law(
    "rectified_gaussian",
    {"mu": None, "std": 0.5},
    QUANTITIES,
    kinks=clip_kinks(Normal, forward),
    atoms=True,
    main=("mu",),
)
