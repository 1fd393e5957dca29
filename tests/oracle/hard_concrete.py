"""The hard concrete law: the binary concrete one, stretched to (lower, upper) and clipped to [0, 1]."""

from __future__ import annotations

from collections.abc import Callable

from . import concrete_map as to
from .bases import Logistic
from .functions import exp, log, logit
from .generic import clip_kinks, clipped, one, zero
from .integrals import integral, linear, log_density_derivatives, sigmoid_derivatives
from .jets import Jet, Number, compose, value, variable
from .law import Law


def partial(k: int, log_alpha: Number, temperature: Number, end: Number) -> Number:
    """Return x^k P(unstretched gate > x) at x = end."""
    power = end if k else 1
    return power * Logistic.ccdf(to.unstretch(end, log_alpha, temperature))


def moment_integral(k: int, log_alpha: Number, temperature: Number, low: Number, high: Number) -> Number:
    """Return the integral of x^k P(unstretched gate > x) over [low, high], differentiable in everything."""
    inside = linear(
        sigmoid_derivatives,
        lambda x: x**k,
        lambda x: -logit(x),
        log_alpha,
        temperature,
        value(low),
        value(high),
    )
    if not isinstance(inside, Jet):
        return inside
    return inside + limit(k, log_alpha, temperature, high) - limit(k, log_alpha, temperature, low)


def limit(k: int, log_alpha: Number, temperature: Number, end: Jet) -> Jet:
    """Return the integral from the value of ``end`` to ``end``: value 0, slope ``partial``."""
    first_order = [variable(value(x), i, 1, 1) for i, x in enumerate((log_alpha, temperature, end))]
    slope = partial(k, *first_order)
    hessian = {(0, 2): slope.d[0], (1, 2): slope.d[1], (2, 2): slope.d[2]}
    return compose(0, [0, 0, slope.v], hessian, [log_alpha, temperature, end])


def raw_moments(
    log_alpha: Number, temperature: Number, lower: Number, upper: Number
) -> tuple[Number, Number]:
    """Return E z and E z^2: the integrals over [0, 1] of P(z > s) and of 2 s P(z > s), with s = lower + width x."""
    width = upper - lower
    low, high = -lower / width, (1 - lower) / width
    i0 = moment_integral(0, log_alpha, temperature, low, high)
    i1 = moment_integral(1, log_alpha, temperature, low, high)
    return width * i0, 2 * width * (lower * i0 + width * i1)


def mean(log_alpha: Number, temperature: Number, lower: Number, upper: Number) -> Number:
    """E z; as 1 - E (1 - z) where log_alpha > 0, where less cancels."""
    if value(log_alpha) > 0:
        return 1 - mean(-log_alpha, temperature, 1 - upper, 1 - lower)
    return raw_moments(log_alpha, temperature, lower, upper)[0]


def variance(log_alpha: Number, temperature: Number, lower: Number, upper: Number) -> Number:
    """E z^2 - (E z)^2, of z or of its mirror image 1 - z."""
    if value(log_alpha) > 0:
        return variance(-log_alpha, temperature, 1 - upper, 1 - lower)
    first, second = raw_moments(log_alpha, temperature, lower, upper)
    return second - first * first


def log_density(s: Number, log_alpha: Number, temperature: Number, lower: Number, upper: Number) -> Number:
    """Return the logarithm of the density at 0 < s < 1, analytic around it."""
    low, high = log(s - lower), log(upper - s)
    noise = temperature * (low - high) - log_alpha
    return log(temperature * (upper - lower)) - low - high + log_density_derivatives(noise)[0]


def entropy(*p: Number) -> Number:
    """Return -(the sum over the atoms of P log P + the integral over (0, 1) of f log f)."""

    def integrand(s: Number) -> Number:
        log_f = log_density(s, *p)
        return exp(log_f) * log_f

    return -over_atoms(lambda log_prob: log_prob(*p), p) - over_interior(integrand, p)


def kl_divergence(*args: Number) -> Number:
    """Return the sum over the atoms of P_p log(P_p / P_q) + the integral over (0, 1) of f_p log(f_p / f_q)."""
    p, q = args[:4], args[4:]
    if all(a == b for a, b in zip(p, q, strict=True)):
        return 0

    def integrand(s: Number) -> Number:
        log_p = log_density(s, *p)
        return exp(log_p) * (log_p - log_density(s, *q))

    return over_atoms(lambda log_prob: log_prob(*p) - log_prob(*q), p) + over_interior(integrand, p)


def over_atoms(f: Callable, p: tuple[Number, ...]) -> Number:
    """Return the sum over the atoms of P f(log P)."""
    return sum(QUANTITIES[atom](*p) * f(QUANTITIES[f"log_{atom}"]) for atom in ("prob_zero", "prob_one"))


def over_interior(f: Callable, p: tuple[Number, ...]) -> Number:
    """Return the integral of f over [0, 1], computed with the kind of number of ``p``."""
    return integral(f, zero(p), one(p))


QUANTITIES = clipped(Logistic, to.stretch, to.unstretch, to.rate) | {
    "mean": mean,
    "variance": variance,
    "entropy": entropy,
    "kl_divergence": kl_divergence,
}

LAW = Law(
    "hard_concrete",
    {"log_alpha": None, "temperature": 2 / 3, "lower": -0.1, "upper": 1.1},
    QUANTITIES,
    kinks=clip_kinks(Logistic, to.stretch),
    atoms=True,
    main=("log_alpha",),
    numeric=frozenset({"entropy", "kl_divergence"}),
)
