"""`Gumbel.survival_function` is 1 - cdf, and its logarithm log1p(-cdf).

Kind: defect
tfp: gumbel.ccdf.* gumbel.logccdf.* gumbel.grad_logccdf.*
distrax: gumbel.ccdf.* gumbel.logccdf.* gumbel.grad_logccdf.*

The upper tail cancels: in float32 the survival function is 0 from z = 17.4 on, its logarithm -inf, and the gradient of that 0 (TFP) or
-inf (distrax) instead of -1. distrax says of its default that it is not necessarily stable; neither has one for `Gumbel`.

Right: -expm1(-exp(-z)), and its logarithm.
"""

import jax
import jax.numpy as jnp
import mpmath
import tensorflow_probability.substrates.jax as tfp

law = tfp.distributions.Gumbel(0.0, 1.0)
z = jnp.float32(20)
print("survival_function(20)", law.survival_function(z), "mpmath", float(-mpmath.expm1(-mpmath.exp(-20))))
value, slope = jax.value_and_grad(law.log_survival_function)(z)
print(
    "log_survival_function(20)",
    value,
    "gradient",
    slope,
    "mpmath",
    float(mpmath.log(-mpmath.expm1(-mpmath.exp(-20)))),
)
