"""The gradient of a log density next to its mode is a difference of numbers near 1.

Kind: precision
jax: logistic.grad_logpdf.f64.extreme.3
numpyro: gumbel.grad_logpdf.* logistic.grad_logpdf.*
tfp: gumbel.grad_logpdf.* logistic.grad_logpdf.f64.extreme.3
distrax: gumbel.grad_logpdf.* logistic.grad_logpdf.f64.extreme.3

As in torch: exp(-z) - 1 for a Gumbel variable, 1 - 2 sigmoid(z) for a logistic one. The small gradient next to the mode has no
digits, or is 0.

Right: expm1(-z), and -tanh(z / 2).
"""

import jax
import mpmath
from jax.scipy.stats import logistic


def gumbel(z):
    """Return the log density."""
    return -(z + jax.numpy.exp(-z))


print("Gumbel at 1e-8  ", jax.grad(gumbel)(1e-8), "mpmath", float(mpmath.expm1(-1e-8)))
print("logistic at 1e-8", jax.grad(logistic.logpdf)(1e-8), "mpmath", float(-mpmath.tanh(0.5e-8)))
