"""`norm.isf(q)` is `ppf(1 - q)`, without an upper tail.

Kind: defect
jax: normal.iccdf.*

The difference rounds q away, which is what `isf` is there to avoid: `isf(1e-20)` is inf.

Right: 2 loc - `ppf(q)`, that is loc - scale `ndtri(q)`.
"""

import jax.numpy as jnp
import mpmath
from jax.scipy.stats import norm

q = jnp.float32(1e-10)
print("isf(1e-10)", norm.isf(q), "-ppf(1e-10)", -norm.ppf(q), end=" ")
print("mpmath", float(-mpmath.findroot(lambda z: mpmath.log(mpmath.ncdf(z) / 1e-10), -6)))
