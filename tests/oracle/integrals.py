"""Integrals to any accuracy: rigorous ball arithmetic (flint), or mpmath's quadrature for mpmath numbers."""

from __future__ import annotations

from collections.abc import Callable

from flint import acb, arb, ctx
from mpmath import mp

from .functions import Integrand, constant, exp, is_mp, log
from .jets import Jet, Number, compose, value

#: Beyond +-RANGE the standard logistic has less mass than any double can show, relative to the smallest one.
RANGE = 900
#: Integrals far below the smallest double need no relative accuracy.
NEGLIGIBLE = arb(2) ** -1250


def integral(f: Callable[[Number], Number], low: Number, high: Number) -> Number:
    """Integrate an analytic function over [low, high]."""
    if is_mp(low):
        return mp.quad(f, mp.linspace(low, high, 9))

    def integrand(x: acb, analytic: bool) -> acb:
        Integrand.analytic = analytic
        try:
            return f(x)
        finally:
            Integrand.analytic = False

    ends = acb(low), acb(high)
    rough = acb.integral(integrand, *ends, rel_tol=arb(2) ** -8, abs_tol=NEGLIGIBLE)
    fine = (rough.abs_upper() * arb(2) ** -ctx.prec).max(NEGLIGIBLE) if rough.is_finite() else NEGLIGIBLE
    return acb.integral(integrand, *ends, abs_tol=fine).real


def linear(
    derivatives: Callable[[Number], tuple[Number, ...]],
    weight: Callable[[Number], Number],
    slope: Callable[[Number], Number],
    c: Number,
    r: Number,
    low: Number,
    high: Number,
) -> Number:
    """Return the integral over [low, high] of weight(v) g(c + r slope(v)) dv, differentiable in c and r.

    ``derivatives(y)`` returns g, g', g''; the derivative with respect to c (i times) and r (j times) is the integral
    of weight slope^j g^(i + j). The limits are constants here.
    """
    c0, r0 = value(c), value(r)

    def part(i: int, j: int) -> Number:
        return integral(
            lambda v: weight(v) * slope(v) ** j * derivatives(c0 + r0 * slope(v))[i + j], low, high
        )

    if not isinstance(c, Jet):
        return part(0, 0)
    hessian = {} if c.h is None else {(0, 0): part(2, 0), (0, 1): part(1, 1), (1, 1): part(0, 2)}
    return compose(part(0, 0), [part(1, 0), part(0, 1)], hessian, [c, r])


def small_exponential(y: Number) -> tuple[Number, bool]:
    """Return exp(-|y|), analytic on either side of Re y = 0, and whether y is on the left."""
    left = bool((y.real.mid() if isinstance(y, acb) else y) < 0)
    return exp(y if left else -y), left


def sigmoid_derivatives(y: Number) -> tuple[Number, Number, Number]:
    """Return sigma, sigma' and sigma'' = sigma' (1 - 2 sigma); in e = exp(-|y|), or wide balls would blow up."""
    e, left = small_exponential(y)
    r = 1 / (1 + e)
    s1 = e * r * r
    return (e * r if left else r), s1, s1 * ((1 - e) if left else (e - 1)) * r


def square_derivatives(y: Number) -> tuple[Number, Number, Number]:
    """Return sigma^2 and its first two derivatives."""
    s, s1, s2 = sigmoid_derivatives(y)
    return s * s, 2 * s * s1, 2 * (s1 * s1 + s * s2)


def log_density_derivatives(y: Number) -> tuple[Number, Number]:
    """Return log sigma'(y) = -|y| - 2 log(1 + e) and its derivative 1 - 2 sigma(y)."""
    e, left = small_exponential(y)
    slope = (1 - e) / (1 + e)
    return (y if left else -y) - 2 * log(1 + e), (slope if left else -slope)


def logistic_expectation(derivatives: Callable[[Number], tuple], c: Number, r: Number) -> Number:
    """E g(c + r noise) for standard logistic noise, differentiable in c and r."""
    edge = constant(float(RANGE), c)
    return linear(derivatives, lambda v: sigmoid_derivatives(v)[1], lambda v: v, c, r, -edge, edge)
