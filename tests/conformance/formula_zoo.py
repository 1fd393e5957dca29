"""Wrong functions of laws, one realistic bug each, written plainly: the function, what was written, the cause.

The formulas are those of textbooks and of other people's code; none is taken from the library of known mistakes. They run
in the dtype of their arguments.
"""

# ruff: noqa: ARG005  the arguments are those of the function

import math

import numpy as np
from scipy.special import erf, erfc, expit, log_ndtr, logit, ndtr, xlogy

import stgref

ROOT_2 = math.sqrt(2)


def as_dtype(x, value):
    """Round a constant to the dtype of an argument."""
    return x.dtype.type(value)


def softplus(x):
    return np.logaddexp(0, x)


def log_expit(x):
    return -softplus(-x)


def bell(x):
    return expit(x) * expit(-x)


def concrete(noise, log_alpha, temperature):
    return expit((log_alpha + noise) / temperature)


def hard(noise, log_alpha, temperature, lower, upper):
    z = (log_alpha + noise) / temperature
    return np.clip(expit(-z) * lower + expit(z) * upper, 0, 1)


def hard_gradient(noise, log_alpha, t, l, u, *, inside=None, width=None, rate=None, own=1.0, warm=1.0):
    """The pathwise derivatives, each factor as an option."""
    z = (log_alpha + noise) / t
    x = expit(-z) * l + expit(z) * u
    where = ((x >= 0) & (x <= 1)) if inside is None else inside
    width = u - l if width is None else width
    slope = where * width * bell(z) * (1 / t if rate is None else rate)
    return {
        "noise": slope,
        "log_alpha": slope,
        "temperature": -warm * slope * z,
        "lower": own * where * expit(-z),
        "upper": own * where * expit(z),
        "value": np.clip(x, 0, 1),
    }


def to_open(log_alpha, t, l, u):
    return log_alpha - t * np.log(-l / u)


def open_gradient(log_alpha, t, l, u, *, slope=bell, shift=1.0):
    s = slope(to_open(log_alpha, t, l, u))
    return {
        "log_alpha": s,
        "temperature": -shift * s * np.log(-l / u),
        "lower": -shift * s * t / l,
        "upper": shift * s * t / u,
    }


def product(x):
    s = 1 / (1 + np.exp(-x))
    return s * (1 - s)


def rectified_gradient(noise, mu, std, *, inside=None, with_std=1.0):
    x = mu + std * noise
    where = ((x >= 0) & (x <= 1)) if inside is None else inside
    return {
        "noise": where * std,
        "mu": where * np.ones_like(x),
        "std": with_std * where * noise,
        "value": np.clip(x, 0, 1),
    }


def standard(x, loc, scale):
    return (x - loc) / scale


def normal_logpdf(x, loc, scale, *, half=0.5, constant=0.9189385332046728, log=np.log):
    y = standard(x, loc, scale)
    return -as_dtype(y, half) * y * y - as_dtype(y, constant) - log(scale)


def density_gradient(x, loc, scale, score):
    return {
        "x": score / scale,
        "loc": -score / scale,
        "scale": -(1 + standard(x, loc, scale) * score) / scale,
    }


def clamp(x, eps):
    return np.clip(x, as_dtype(x, eps), as_dtype(x, 1 - eps))


def low(function, dtype="float32"):
    return lambda *given: function(*(x.astype(dtype) for x in given))


ZOO = {
    # Parameters taken for something else
    "no temperature": ("binary_concrete.transform", lambda n, a, t: expit(a + n), "temperature-missing"),
    "hard: no temperature": (
        "hard_concrete.logpdf",
        lambda x, a, t, l, u: stgref.hard_concrete.logpdf(x, a, 1.0, l, u),
        "temperature-missing",
    ),
    "hard: no temperature in the sample": (
        "hard_concrete.transform",
        lambda n, a, t, l, u: hard(n, a, 1, l, u),
        "temperature-missing",
    ),
    "hard: times temperature": (
        "hard_concrete.transform",
        lambda n, a, t, l, u: hard(n, a, 1 / t, l, u),
        "temperature-multiplied",
    ),
    "binary: times temperature": (
        "binary_concrete.transform",
        lambda n, a, t: expit((a + n) * t),
        "temperature-multiplied",
    ),
    "penalty with stale temperature": (
        "hard_concrete.prob_active",
        lambda a, t, l, u: expit(to_open(a, as_dtype(a, 2 / 3), l, u)),
        "temperature-stale",
    ),
    "penalty without temperature": (
        "hard_concrete.log_prob_active",
        lambda a, t, l, u: log_expit(to_open(a, 1, l, u)),
        "temperature-missing",
    ),
    "penalty with the ratio of the bounds inverted": (
        "hard_concrete.prob_active",
        lambda a, t, l, u: expit(a - t * np.log(-u / l)),
        "ratio-inverted",
    ),
    "hard: bounds swapped": (
        "hard_concrete.transform",
        lambda n, a, t, l, u: hard(n, a, t, u, l),
        "bounds-swapped",
    ),
    "hard: bounds mirrored": (
        "hard_concrete.transform",
        lambda n, a, t, l, u: hard(n, a, t, 1 - u, 1 - l),
        "bounds-mirrored",
    ),
    "hard: uniform for its logit": (
        "hard_concrete.transform",
        lambda n, a, t, l, u: hard(expit(n), a, t, l, u),
        "uniform-for-logit",
    ),
    "bernoulli: probability for logit": (
        "bernoulli.mean",
        lambda a: expit(expit(a)),
        "probability-for-logit",
    ),
    "binary: alpha for log alpha": (
        "binary_concrete.median",
        lambda a, t: expit(np.exp(a) / t),
        "alpha-for-log-alpha",
    ),
    "hard: closed for open": (
        "hard_concrete.prob_active",
        lambda *own: expit(-to_open(*own)),
        "closed-for-open",
    ),
    "rectified: variance for std": (
        "rectified_gaussian.transform",
        lambda n, m, s: np.clip(m + s**2 * n, 0, 1),
        "variance-for-scale",
    ),
    "normal: variance given": (
        "normal.cdf",
        lambda x, m, s: ndtr((x - m) / np.sqrt(s)),
        "scale-for-variance",
    ),
    "logistic: rate for scale": ("logistic.cdf", lambda x, m, s: expit((x - m) * s), "rate-for-scale"),
    "rectified: mu from half": (
        "rectified_gaussian.prob_active",
        lambda m, s: ndtr((m + as_dtype(m, 0.5)) / s),
        "mu-from-half",
    ),
    "binary: clamped uniform": (
        "binary_concrete.transform",
        lambda n, a, t: concrete(logit(np.clip(expit(n.astype(float)), 1e-6, 1 - 1e-6)), a, t),
        "uniform-clamped",
    ),
    "logistic: clamped p": (
        "logistic.icdf",
        lambda p, m, s: m + s * logit(clamp(p, 1e-6)),
        "uniform-clamped",
    ),
    "gumbel: of minima": ("gumbel.transform", lambda n, m, s: m - s * n, "gumbel-reversed"),
    "gumbel: cdf of minima": (
        "gumbel.cdf",
        lambda x, m, s: -np.expm1(-np.exp(standard(x, m, s))),
        "gumbel-reversed",
    ),
    "gumbel: density of minima": (
        "gumbel.logpdf",
        lambda x, m, s: standard(x, m, s) - np.exp(standard(x, m, s)) - np.log(s),
        "gumbel-reversed",
    ),
    # One quantity for another
    "gumbel: no Euler constant": ("gumbel.mean", lambda m, s: m, "mode-for-mean"),
    "logistic: survival for cdf": ("logistic.cdf", lambda x, m, s: expit((m - x) / s), "tails-swapped"),
    "hard: interior for active": (
        "hard_concrete.prob_active",
        stgref.hard_concrete.prob_interior,
        "interior-for-active",
    ),
    "rectified: one for active": (
        "rectified_gaussian.prob_active",
        lambda m, s: ndtr((m - 1) / s),
        "one-for-active",
    ),
    "rectified: atoms swapped": (
        "rectified_gaussian.prob_zero",
        lambda m, s: ndtr((m - 1) / s),
        "atoms-swapped",
    ),
    "rule as mean": (
        "hard_concrete.mean",
        lambda a, t, l, u: np.clip(expit(a) * (u - l) + l, 0, 1),
        "rule-as-mean",
    ),
    "median as mean": ("hard_concrete.mean", lambda a, t, l, u: hard(0 * a, a, t, l, u), "median-as-mean"),
    "HardKuma's mean": (
        "hard_kumaraswamy.mean",
        lambda a, b, l, u: stgref.kumaraswamy.mean(a, b),
        "moments-before-stretching",
    ),
    "HardKuma's distribution function": (
        "hard_kumaraswamy.cdf",
        lambda x, a, b, l, u: np.clip(
            stgref.hard_kumaraswamy.cdf(x, a, b, l, u) + as_dtype(a, 1e-6),
            as_dtype(a, 1e-6),
            as_dtype(a, 1 - 1e-6),
        ),
        "eps-added-to-probability",
    ),
    "HardKuma's logarithm of an atom": (
        "hard_kumaraswamy.log_prob_zero",
        lambda a, b, l, u: np.log(stgref.hard_kumaraswamy.prob_zero(a, b, l, u) + as_dtype(a, 1e-6)).clip(
            np.log(as_dtype(a, 1e-6)), np.log(as_dtype(a, 1 - 1e-6))
        ),
        "eps-added-to-probability",
    ),
    "hard: the clamp of L0_regularization": (
        "hard_concrete.prob_zero",
        lambda a, t, l, u: np.clip(
            stgref.hard_concrete.prob_zero(a, t, l, u), as_dtype(a, 1e-6), as_dtype(a, 1 - 1e-6)
        ),
        "clamped-probability",
    ),
    "the mean before stretching": (
        "hard_concrete.mean",
        lambda a, t, l, u: stgref.binary_concrete.mean(a, t),
        "moments-before-stretching",
    ),
    "the median before stretching": (
        "hard_concrete.median",
        lambda a, t, l, u: expit(a / t),
        "moments-before-stretching",
    ),
    "mu as mean": ("rectified_gaussian.mean", lambda m, s: np.clip(m, 0, 1), "mu-as-mean"),
    "std for variance": ("normal.variance", lambda m, s: s, "std-for-variance"),
    "entropy in bits": (
        "bernoulli.entropy",
        lambda a: (
            -(xlogy(expit(a), expit(a)) - np.exp(-abs(a)) * 0 + xlogy(expit(-a), expit(-a))) / math.log(2)
            if abs(a) < 15
            else stgref.bernoulli.entropy(a) / as_dtype(a, math.log(2))
        ),
        "entropy-in-bits",
    ),
    "density of the logit": (
        "binary_concrete.logpdf",
        lambda x, a, t: np.where(
            (x > 0) & (x < 1),
            np.log(t) - abs(t * logit(x) - a) - 2 * softplus(-abs(t * logit(x) - a)),
            -np.inf,
        ),
        "jacobian-missing",
    ),
    "log in base 2": (
        "normal.logpdf",
        lambda *g: normal_logpdf(*g) / as_dtype(g[0], math.log(2)),
        "base-two",
    ),
    "log forgotten": ("normal.logpdf", stgref.normal.pdf, "logarithm-missing"),
    "not clipped": ("rectified_gaussian.transform", lambda n, m, s: m + s * n, "not-clipped"),
    "hard for soft": ("binary_concrete.transform", lambda n, a, t: np.where(a + n > 0, 1.0, 0.0), "rounded"),
    # Gradients
    "gradient without 1/temperature": (
        "binary_concrete.grad_transform",
        lambda n, a, t: {
            "noise": bell((a + n) / t),
            "log_alpha": bell((a + n) / t),
            "temperature": -bell((a + n) / t) * (a + n) / t / t,
            "value": concrete(n, a, t),
        },
        "slope-without-temperature",
    ),
    "gradient without the stretch": (
        "hard_concrete.grad_transform",
        lambda *g: hard_gradient(*g, width=1),
        "slope-without-stretch",
    ),
    "gradient through the clip": (
        "hard_concrete.grad_transform",
        lambda *g: hard_gradient(*g, inside=True),
        "clip-gradient-ignored",
    ),
    "gradient through the clip, Gaussian": (
        "rectified_gaussian.grad_transform",
        lambda *g: rectified_gradient(*g, inside=True),
        "clip-gradient-ignored",
    ),
    "gradient of std forgotten": (
        "rectified_gaussian.grad_transform",
        lambda *g: rectified_gradient(*g, with_std=0),
        "std-derivative-missing",
    ),
    "gradient of temperature forgotten": (
        "hard_concrete.grad_transform",
        lambda *g: hard_gradient(*g, warm=0),
        "temperature-derivative-missing",
    ),
    "gradient of temperature with the wrong sign": (
        "hard_concrete.grad_transform",
        lambda *g: hard_gradient(*g, warm=-1),
        "temperature-derivative-reversed",
    ),
    "penalty's slope as s(1-s)": (
        "hard_concrete.grad_prob_active",
        lambda *g: open_gradient(*g, slope=product),
        "sigmoid-slope",
    ),
    "probability's slope as s(1-s)": (
        "bernoulli.grad_mean",
        lambda a: {"logits": product(a)},
        "sigmoid-slope",
    ),
    "penalty's slope reversed": (
        "rectified_gaussian.grad_prob_active",
        lambda m, s: {k: -v for k, v in stgref.rectified_gaussian.grad_prob_active(m, s)._asdict().items()},
        "sign-of-gradient",
    ),
    "score without 1/scale": (
        "normal.grad_logpdf",
        lambda x, m, s: {
            "x": -standard(x, m, s),
            "loc": standard(x, m, s),
            "scale": (standard(x, m, s) ** 2 - 1) / s,
        },
        "slope-without-scale",
    ),
    "detached": (
        "hard_concrete.grad_prob_active",
        lambda *g: {k: 0 * v for k, v in open_gradient(*g).items()},
        "gradient-stopped",
    ),
    # Constants
    "density without 1/scale": (
        "logistic.pdf",
        lambda x, m, s: bell(standard(x, m, s)),
        "density-without-scale",
    ),
    "log density without log scale": (
        "normal.logpdf",
        lambda x, m, s: normal_logpdf(x, m, s, log=lambda s: 0 * s),
        "density-without-scale",
    ),
    "log density without the constant": (
        "normal.logpdf",
        lambda *g: normal_logpdf(*g, constant=0),
        "normaliser-missing",
    ),
    "exponent without one half": (
        "normal.logpdf",
        lambda *g: normal_logpdf(*g, half=1),
        "half-missing-in-exponent",
    ),
    "logistic variance of Gumbel": (
        "logistic.variance",
        lambda m, s: as_dtype(s, math.pi**2 / 6) * s * s,
        "halved",
    ),
    "log-likelihood for loss": ("bernoulli.log_prob_one", lambda a: softplus(-a), "sign"),
    # Digits
    "1 + erf": (
        "normal.cdf",
        lambda x, m, s: 0.5 * (1 + erf(standard(x, m, s) / as_dtype(x, ROOT_2))),
        "erf-tail",
    ),
    "log(1 + erf)": (
        "rectified_gaussian.log_prob_active",
        lambda m, s: np.log(0.5 * (1 + erf(m / s / as_dtype(m, ROOT_2)))),
        "log-of-complement",
    ),
    "1 - cdf": (
        "normal.ccdf",
        lambda x, m, s: 1 - erfc(-standard(x, m, s) / as_dtype(x, ROOT_2)) / 2,
        "erf-tail",
    ),
    "1 - sigmoid": ("logistic.ccdf", lambda x, m, s: 1 - expit(standard(x, m, s)), "complement-cancels"),
    "1 - P(z = 0)": ("hard_concrete.prob_active", lambda *g: 1 - expit(-to_open(*g)), "complement-cancels"),
    "log(1 - cdf)": (
        "normal.logccdf",
        lambda x, m, s: np.log(1 - ndtr(standard(x, m, s))),
        "log-of-complement",
    ),
    "log(cdf)": ("logistic.logcdf", lambda x, m, s: np.log(expit(standard(x, m, s))), "log-of-sigmoid"),
    "log(probability)": (
        "hard_concrete.log_prob_active",
        lambda *g: np.log(expit(to_open(*g))),
        "log-of-sigmoid",
    ),
    "log(normal cdf)": (
        "normal.logcdf",
        lambda x, m, s: np.log(ndtr(standard(x, m, s))),
        "log-of-underflow",
    ),
    "log(1 + exp)": ("bernoulli.log_prob_one", lambda a: -np.log(1 + np.exp(-a)), "log-of-sigmoid"),
    "log(1 - exp)": (
        "gumbel.logccdf",
        lambda x, m, s: np.log(1 - np.exp(-np.exp(-standard(x, m, s)))),
        "log-one-minus-exp",
    ),
    "log(1 - p)": ("gumbel.iccdf", lambda p, m, s: m - s * np.log(-np.log(1 - p)), "log-of-one-minus-p"),
    "E z^2 - (E z)^2": ("bernoulli.variance", lambda a: expit(a) - expit(a) ** 2, "sigmoid-slope"),
    "clamped probability": ("bernoulli.mean", lambda a: clamp(expit(a), 1e-6), "clamped-probability"),
    "exp overflows": ("bernoulli.mean", lambda a: 1 / (1 + np.exp(-a)), "underflow-not-gradual"),
    "1/2 - (p - 1/2)": (
        "logistic.cdf",
        lambda x, m, s: as_dtype(x, 0.5) - (expit((m - x) / s) - as_dtype(x, 0.5)),
        "complement-cancels",
    ),
    "log(1 + exp) on the right side": (
        "bernoulli.log_prob_one",
        lambda a: np.minimum(a, 0) - np.log(1 + np.exp(-abs(a))),
        "log1p-missing",
    ),
    "exp - 1": (
        "gumbel.grad_logpdf",
        lambda x, m, s: density_gradient(x, m, s, np.exp(-standard(x, m, s)) - 1),
        "expm1-missing",
    ),
    "1 - 2 sigmoid": (
        "logistic.grad_logpdf",
        lambda x, m, s: density_gradient(x, m, s, 1 - 2 * expit(standard(x, m, s))),
        "score-cancels",
    ),
    "s(1-s)(1-2s)": (
        "bernoulli.grad_variance",
        lambda a: {"logits": product(a) * (1 - 2 / (1 + np.exp(-a)))},
        "sigmoid-slope",
    ),
    "clamped logit": (
        "hard_concrete.prob_active",
        lambda a, *own: expit(to_open(np.clip(a, -20, 20), *own)),
        "logit-clamped",
    ),
    "clamped sample": (
        "binary_concrete.icdf",
        lambda p, a, t: clamp(expit((a + logit(p)) / t), 1e-6),
        "clamped-sample",
    ),
    "offset in float32": (
        "hard_concrete.prob_active",
        lambda a, t, l, u: expit(a - t * np.log(-l.astype("float32") / u.astype("float32"))),
        "offset-in-float32",
    ),
    # Known to be wrong, in no known way
    "log_ndtr of the wrong side": ("rectified_gaussian.log_prob_zero", lambda m, s: log_ndtr(m), None),
    "a constant with a slip": ("gumbel.mean", lambda m, s: m + as_dtype(s, 0.5727) * s, None),
    "tanh for sigmoid": ("bernoulli.mean", np.tanh, None),
    "a good deal of noise": (
        "normal.cdf",
        lambda x, m, s: ndtr(standard(x, m, s)) * as_dtype(x, 1.001),
        None,
    ),
}
