"""Elementary functions of balls (flint), of mpmath numbers, and of jets of either: the oracle's only vocabulary."""

from __future__ import annotations

from flint import acb, arb
from mpmath import mp, mpf

from .jets import Jet, Number, value


class Integrand:
    """What ``acb.integral`` asks of the integrand at this moment: to verify that it is analytic, or not."""

    analytic = False


def is_mp(x: Number) -> bool:
    """Whether ``x`` computes in mpmath."""
    return isinstance(value(x), mpf)


def exp(x: Number) -> Number:
    """Exponential function."""
    if isinstance(x, Jet):
        e = exp(x.v)
        return x.chain(e, e, e)
    return mp.exp(x) if is_mp(x) else x.exp()


def expm1(x: Number) -> Number:
    """exp(x) - 1 with its relative accuracy near 0."""
    if isinstance(x, Jet):
        e = exp(x.v)
        return x.chain(expm1(x.v), e, e)
    return mp.expm1(x) if is_mp(x) else x.expm1()


def log(x: Number) -> Number:
    """Principal logarithm."""
    if isinstance(x, Jet):
        r = 1 / x.v
        return x.chain(log(x.v), r, -r * r)
    if isinstance(x, acb):
        return x.log(analytic=Integrand.analytic)
    return mp.log(x) if is_mp(x) else x.log()


def log1p(x: Number) -> Number:
    """log(1 + x) with its relative accuracy near 0."""
    if isinstance(x, Jet):
        r = 1 / (1 + x.v)
        return x.chain(log1p(x.v), r, -r * r)
    if isinstance(x, acb) and Integrand.analytic and not (1 + x).real > 0:
        return acb("nan")
    return mp.log1p(x) if is_mp(x) else x.log1p()


def lgamma(x: Number) -> Number:
    """Logarithm of the gamma function."""
    if isinstance(x, Jet):
        return x.chain(lgamma(x.v), digamma(x.v), hurwitz(2, x.v))
    return mp.loggamma(x) if is_mp(x) else x.lgamma()


def digamma(x: Number) -> Number:
    """Derivative of `lgamma`."""
    if isinstance(x, Jet):
        return x.chain(digamma(x.v), hurwitz(2, x.v), -2 * hurwitz(3, x.v))
    return mp.digamma(x) if is_mp(x) else x.digamma()


def hurwitz(n: int, x: Number) -> Number:
    """Sum of (x + k)^-n over k = 0, 1, ...: the derivative of `digamma` for n = 2."""
    return mp.zeta(n, x) if is_mp(x) else arb(n).zeta(x)


def erfc(x: Number) -> Number:
    """Complementary error function."""
    if isinstance(x, Jet):
        slope = -2 * exp(-x.v * x.v) / sqrt(pi(x))
        return x.chain(erfc(x.v), slope, -2 * x.v * slope)
    if is_mp(x):
        return mp.erfc(x)
    return x.erfc() if x < 1000 else far_erfc(x)


def far_erfc(x: arb) -> arb:
    """exp(-x^2) U(1/2, 1/2, x^2) / sqrt(pi) (DLMF 7.11), which stays narrow for wide balls at huge x."""
    half = arb(1) / 2
    return exp(-x * x) * (x * x).hypgeom_u(half, half) / arb.pi().sqrt()


def erfcinv(x: Number) -> Number:
    """Inverse of erfc: z' = -sqrt(pi)/2 exp(z^2) and z'' = 2 z z'^2."""
    if isinstance(x, Jet):
        z = erfcinv(x.v)
        slope = -exp(z * z) * sqrt(pi(x)) / 2
        return x.chain(z, slope, 2 * z * slope * slope)
    if is_mp(x):
        return _mp_erfcinv(x)
    return x.erfcinv()


def _mp_erfcinv(x: mpf) -> mpf:
    """Bracketed root of log erfc, from the leading terms of erfc's tail."""
    if x > 1:
        return -_mp_erfcinv(2 - x)
    high = mp.sqrt(-mp.log(x)) + 1
    return mp.findroot(
        lambda z: mp.log(mp.erfc(z)) - mp.log(x), (mpf(0), high), solver="anderson", tol=mp.eps
    )


def sqrt(x: Number) -> Number:
    """Square root of a constant."""
    return mp.sqrt(x) if is_mp(x) else x.sqrt()


def pi(like: Number) -> Number:
    """Circle constant, as a number of the kind of ``like``."""
    return +mp.pi if is_mp(like) else arb.pi()


def euler(like: Number) -> Number:
    """Euler's constant, as a number of the kind of ``like``."""
    return +mp.euler if is_mp(like) else arb.const_euler()


def constant(x: float, like: Number) -> Number:
    """Return the float ``x`` exactly, as a number of the kind of ``like``."""
    return mpf(x) if is_mp(like) else arb(x)


def sigmoid(t: Number) -> Number:
    """1 / (1 + exp(-t))."""
    return 1 / (1 + exp(-t))


def logit(p: Number) -> Number:
    """log(p / (1 - p))."""
    return log(p / (1 - p))
