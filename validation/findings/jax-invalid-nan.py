"""Parameters outside the domain give NaN.

Kind: convention
Output: nan
jax: *.outside.*
scipy: *.outside.*
numpyro: *icdf.*.outside.* binary_concrete.*.outside.*
tfp: *.outside.*
distrax: *.outside.*

SciPy documents NaN, and jax.scipy follows it in many functions; where NaN comes of itself, as from the logarithm of a negative
scale or of a probability beyond 1, the others have it too. The vector sets want an error.
"""

import jax.numpy as jnp
import scipy.stats
from jax.scipy.stats import gumbel_r

print(
    "scale -1: SciPy", scipy.stats.norm.logpdf(0.0, 0.0, -1.0), "JAX", gumbel_r.logpdf(jnp.float32(0), 0, -1)
)
