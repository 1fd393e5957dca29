"""`log1p` in float64 is off by up to 127 ulp next to -0.41, on the CPU.

Kind: defect
tfp: binary_concrete.logcdf.f64.extreme.2 binary_concrete.grad_logcdf.f64.extreme.2 binary_concrete.logccdf.f64.bulk.4

On a grid, the error is 1 ulp below 1 - sqrt(2) = -0.4142, jumps to 127 ulp there, and falls to 1 at -0.3, as if a formula for small
arguments were used up to that point. JAX 0.4.35 and 0.10.2 are the same. log(x) - log1p(-x), the usual logit, is off for x around
0.4, and what is made of it.

Right: as in the C library: an error of 1 ulp.
"""

import jax
import mpmath
import numpy as np

jax.config.update("jax_enable_x64", True)
for x in (-0.42, -0.414, -0.41, -0.35):
    got, right = float(jax.numpy.log1p(x)), mpmath.log1p(mpmath.mpf(x))
    ulp = abs(float((got - right) / np.spacing(abs(got))))
    print(
        f"log1p({x}) {got!r} mpmath {float(right)!r} error {ulp:.1f} ulp, NumPy's {abs(float((np.log1p(x) - right) / np.spacing(abs(got)))):.1f}"
    )
