"""`gumbel_r.logsf` is -inf once exp(-z) underflows.

Kind: precision
jax: gumbel.logccdf.* gumbel.grad_logccdf.*

log(1 - exp(-exp(-z))) by way of exp(-z): beyond z = 87 in float32 (708 in float64) nothing is left of it, while the answer is
-z to the last digit. Its gradient is NaN there.

Right: -z where exp(-z) is below eps.
"""

import jax
import jax.numpy as jnp
import mpmath
from jax.scipy.stats import gumbel_r

z = jnp.float32(125)
print(
    "logsf(125)",
    gumbel_r.logsf(z),
    "gradient",
    jax.grad(gumbel_r.logsf)(z),
    "mpmath",
    float(mpmath.log(-mpmath.expm1(-mpmath.exp(-125)))),
)
