"""`jax.scipy.stats.gumbel_r.logpdf` has no gradient by its scale, `ppf` none by its probability.

Kind: defect
Output: error
jax: gumbel.grad_logpdf.* gumbel.grad_icdf.*

`logpdf` makes -log(scale) of `xlogy(-1, scale)`, and `ppf` -log(p) of `xlogy(-1, p)`. The first argument is an integer, and the
derivative rule of `xlogy` multiplies by its float0 tangent: a TypeError. `gumbel_l` is written in the same way.

Right: `-jnp.log(scale)` and `-jnp.log(p)`; or a float -1.
"""

import jax
from jax.scipy.stats import gumbel_l, gumbel_r

for law in (gumbel_r, gumbel_l):
    for name, argument in (("logpdf", 2), ("pdf", 2), ("ppf", 0)):
        try:
            print(law.__name__, name, jax.grad(getattr(law, name), argument)(0.5, 0.0, 1.0))
        except TypeError as error:
            print(law.__name__, name, "TypeError:", str(error)[:70])
