"""The gradient of `Normal.log_cdf` around z = -20 in float64 has the error of a series of three terms.

Kind: precision
tfp: normal.grad_logcdf.* normal.grad_logccdf.*

TFP differentiates its asymptotic series of log_ndtr. With three terms it is right to 1 part in 1e11 at -20 and 1e14 at -40.

Right: sqrt(2/pi) / erfcx(-z / sqrt 2), or more terms.
"""

import jax
import mpmath
import tensorflow_probability.substrates.jax as tfp

jax.config.update("jax_enable_x64", True)
law = tfp.distributions.Normal(jax.numpy.float64(0), jax.numpy.float64(1))
got = float(jax.grad(law.log_cdf)(-20.5))
right = mpmath.npdf(-20.5) / mpmath.ncdf(-20.5)
print("gradient at -20.5", got, "mpmath", float(right), f"relative error {float(abs(got / right - 1)):.1e}")
