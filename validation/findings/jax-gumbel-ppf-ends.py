"""`gumbel_r.ppf(0)` and `ppf(1)` are NaN.

Kind: defect
jax: gumbel.icdf.*.edge.*

SciPy's are -inf and inf, and so is `jax.scipy.stats.norm.ppf`: the test for 0 < p < 1 shuts out the ends of the support.

Right: `0 <= p <= 1`; the formula gives the infinities by itself.
"""

import jax.numpy as jnp
import scipy.stats
from jax.scipy.stats import gumbel_r, norm

for p in (0.0, 1.0):
    print(
        f"ppf({p}): gumbel_r",
        gumbel_r.ppf(jnp.float32(p)),
        "norm",
        norm.ppf(jnp.float32(p)),
        "SciPy",
        scipy.stats.gumbel_r.ppf(p),
    )
