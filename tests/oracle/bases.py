"""The base noises in standard form, textbook formulas for both tails."""

from __future__ import annotations

from .functions import constant, erfc, erfcinv, euler, exp, expm1, log, log1p, logit, pi, sigmoid, sqrt
from .jets import Number


class Logistic:
    """F(t) = 1 / (1 + exp(-t))."""

    @staticmethod
    def cdf(t: Number) -> Number:
        return sigmoid(t)

    @staticmethod
    def ccdf(t: Number) -> Number:
        return sigmoid(-t)

    @staticmethod
    def logcdf(t: Number) -> Number:
        return -log(1 + exp(-t))

    @staticmethod
    def logccdf(t: Number) -> Number:
        return -log(1 + exp(t))

    @staticmethod
    def pdf(t: Number) -> Number:
        return sigmoid(t) * sigmoid(-t)

    @staticmethod
    def logpdf(t: Number) -> Number:
        return -t - 2 * log(1 + exp(-t))

    @staticmethod
    def icdf(p: Number) -> Number:
        return logit(p)

    @staticmethod
    def iccdf(p: Number) -> Number:
        return -logit(p)

    @staticmethod
    def mean(_: Number) -> Number:
        return 0

    @staticmethod
    def variance(like: Number) -> Number:
        return pi(like) * pi(like) / 3

    @staticmethod
    def entropy(like: Number) -> Number:
        return constant(2.0, like)


class Normal:
    """F(t) = erfc(-t / sqrt(2)) / 2."""

    @staticmethod
    def cdf(t: Number) -> Number:
        return erfc(-t / sqrt(constant(2.0, t))) / 2

    @staticmethod
    def ccdf(t: Number) -> Number:
        return Normal.cdf(-t)

    @staticmethod
    def logcdf(t: Number) -> Number:
        return log(Normal.cdf(t))

    @staticmethod
    def logccdf(t: Number) -> Number:
        return log(Normal.cdf(-t))

    @staticmethod
    def pdf(t: Number) -> Number:
        return exp(-t * t / 2) / sqrt(2 * pi(t))

    @staticmethod
    def logpdf(t: Number) -> Number:
        return -t * t / 2 - log(2 * pi(t)) / 2

    @staticmethod
    def icdf(p: Number) -> Number:
        return -Normal.iccdf(p)

    @staticmethod
    def iccdf(p: Number) -> Number:
        return sqrt(constant(2.0, p)) * erfcinv(2 * p)

    @staticmethod
    def mean(_: Number) -> Number:
        return 0

    @staticmethod
    def variance(like: Number) -> Number:
        return constant(1.0, like)

    @staticmethod
    def entropy(like: Number) -> Number:
        return (1 + log(2 * pi(like))) / 2


class Gumbel:
    """F(t) = exp(-exp(-t))."""

    @staticmethod
    def cdf(t: Number) -> Number:
        return exp(-exp(-t))

    @staticmethod
    def ccdf(t: Number) -> Number:
        return -expm1(-exp(-t))

    @staticmethod
    def logcdf(t: Number) -> Number:
        return -exp(-t)

    @staticmethod
    def logccdf(t: Number) -> Number:
        return log(Gumbel.ccdf(t))

    @staticmethod
    def pdf(t: Number) -> Number:
        return exp(-t - exp(-t))

    @staticmethod
    def logpdf(t: Number) -> Number:
        return -t - exp(-t)

    @staticmethod
    def icdf(p: Number) -> Number:
        return -log(-log(p))

    @staticmethod
    def iccdf(p: Number) -> Number:
        return -log(-log(1 - p))

    @staticmethod
    def mean(like: Number) -> Number:
        return euler(like)

    @staticmethod
    def variance(like: Number) -> Number:
        return pi(like) * pi(like) / 6

    @staticmethod
    def entropy(like: Number) -> Number:
        return 1 + euler(like)


class Exponential:
    """F(t) = 1 - exp(-t)."""

    @staticmethod
    def cdf(t: Number) -> Number:
        return -expm1(-t)

    @staticmethod
    def ccdf(t: Number) -> Number:
        return exp(-t)

    @staticmethod
    def logcdf(t: Number) -> Number:
        return log(-expm1(-t))

    @staticmethod
    def logccdf(t: Number) -> Number:
        return -t

    @staticmethod
    def pdf(t: Number) -> Number:
        return exp(-t)

    @staticmethod
    def logpdf(t: Number) -> Number:
        return -t

    @staticmethod
    def icdf(p: Number) -> Number:
        return -log1p(-p)

    @staticmethod
    def iccdf(p: Number) -> Number:
        return -log(p)
