"""`log_ndtr` loses half of its digits between 2 and 8, and around -20, in float64.

Kind: defect
jax: normal.logcdf.* normal.logccdf.*
numpyro: normal.logcdf.*
distrax: normal.logcdf.* normal.logccdf.*
tfp: normal.logcdf.* normal.logccdf.*

Between 0 and 8 it is log(ndtr(x)), of a number that has been rounded next to 1: at x = 5.7 the result is off by 3e-9 of itself.
Below -20 it is an asymptotic series of three terms, which at -20 is off by 2e-11. `norm.logcdf` and `logsf` are made of it, and so
are NumPyro's, distrax' and TFP's (TFP has the original).

Right: log1p(-ndtr(-x)) for x > 0; below, log(erfcx(-x / sqrt 2) / 2) - x^2 / 2, or more terms of the series.
"""

import jax
import mpmath

jax.config.update("jax_enable_x64", True)
for x in (5.7, -20.0):
    got = float(jax.scipy.special.log_ndtr(x))
    right = mpmath.log1p(-mpmath.ncdf(-x)) if x > 0 else mpmath.log(mpmath.ncdf(x))
    print(f"log_ndtr({x}) {got!r} mpmath {float(right)!r} relative error {float(abs(got / right - 1)):.1e}")
print("log1p(-ndtr(-5.7))", float(jax.numpy.log1p(-jax.scipy.special.ndtr(-5.7))))
