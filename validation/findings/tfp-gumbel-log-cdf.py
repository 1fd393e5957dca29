"""`Gumbel.log_cdf` is log of a cdf that has underflowed, or rounded to 1.

Kind: defect
tfp: gumbel.logcdf.* gumbel.grad_logcdf.*

TFP's `Gumbel` is a transformed uniform and has no `_log_cdf` of its own: log(exp(-exp(-z))) is -inf from z = -4.5 down in float32
(-6.6 in float64), and 0 from z = 17 up. Its gradient is NaN or 0 there. The logarithm is known in closed form.

Right: -exp(-z).
"""

import jax
import jax.numpy as jnp
import mpmath
import tensorflow_probability.substrates.jax as tfp

law = tfp.distributions.Gumbel(0.0, 1.0)
for z in (-5.0, 18.0):
    value, slope = jax.value_and_grad(law.log_cdf)(jnp.float32(z))
    print(f"log_cdf({z})", value, "gradient", slope, "mpmath", float(-mpmath.exp(-z)), float(mpmath.exp(-z)))
