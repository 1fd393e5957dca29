"""The gradient of `log_ndtr` is exp(of a difference of large numbers).

Kind: defect
jax: normal.grad_logcdf.* normal.grad_logccdf.*
numpyro: normal.grad_logcdf.*
distrax: normal.grad_logcdf.* normal.grad_logccdf.*

The rule is exp(-x^2/2 - log(2 pi)/2 - log_ndtr(x)). In the lower tail the exponents are large and nearly equal: at x = -160 in
float32 the gradient is off by 4 parts in 10 000; in float64, the error of `log_ndtr` itself (its series, see there) is
multiplied by x^2/2.

Right: sqrt(2/pi) / erfcx(-x / sqrt 2).
"""

import jax
import mpmath

for x in (-20.0, -160.38):
    print(f"float32, x = {x}:", jax.grad(jax.scipy.special.log_ndtr)(jax.numpy.float32(x)), end=" ")
    print("mpmath", float(mpmath.npdf(mpmath.mpf(x)) / mpmath.ncdf(mpmath.mpf(x))))
