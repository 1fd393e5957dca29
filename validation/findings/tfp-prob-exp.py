"""`RelaxedBernoulli.prob` is exp(`log_prob`), and loses the digits of its exponent.

Kind: precision
tfp: binary_concrete.pdf.f64.extreme.0

An exponent of 691 that is right to its last digit gives a density that is right to 13. That is the price of one formula for both.
"""

import jax
import mpmath
import tensorflow_probability.substrates.jax as tfp

jax.config.update("jax_enable_x64", True)
law = tfp.distributions.RelaxedBernoulli(jax.numpy.float64(0.001), logits=jax.numpy.float64(-1.0))
x, t = mpmath.mpf(1e-300), mpmath.mpf(0.001)
d = -1 - t * mpmath.log(x / (1 - x))
right = t * mpmath.exp(d) / (x * (1 - x) * (1 + mpmath.exp(d)) ** 2)
print("log_prob", float(law.log_prob(1e-300)), "prob", float(law.prob(1e-300)), "mpmath", float(right))
