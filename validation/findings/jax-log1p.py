"""`log1p` in float64 is off by up to 127 ulp next to -0.41, on the CPU.

Kind: defect
tfp: binary_concrete.logcdf.f64.extreme.2 binary_concrete.grad_logcdf.f64.extreme.2 binary_concrete.logccdf.f64.bulk.4

XLA's `log1p` changes its method at 1 - sqrt(1/2) and sqrt(2) - 1; just inside, between -0.4142 and -0.3, it loses two decimal digits.
JAX 0.4.35 and 0.10.2 are the same. log(x) - log1p(-x), the usual logit, is off for x in the middle, and every density of a
relaxed variable with it.

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
