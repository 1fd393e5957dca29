"""`gumbel_r.sf` is 1 - exp(-exp(-z)), without an upper tail.

Kind: defect
jax: gumbel.ccdf.*

The survival function is there for the upper tail, where 1 - cdf cancels: in float32 it is off by half at z = 17, and 0 from 17.4 on.

Right: `-jnp.expm1(-jnp.exp(-z))`.
"""

import jax
import mpmath
from jax.scipy.stats import gumbel_r

z = jax.numpy.float32(17)
print(
    "sf(17)",
    gumbel_r.sf(z),
    "-expm1",
    -jax.numpy.expm1(-jax.numpy.exp(-z)),
    "mpmath",
    float(-mpmath.expm1(-mpmath.exp(-17))),
)
