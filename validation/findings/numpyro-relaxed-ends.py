"""`RelaxedBernoulli.icdf(0)` is the smallest normal number, not 0.

Kind: precision
numpyro: binary_concrete.icdf.*

`SigmoidTransform` clips to [tiny, 1 - eps], so that samples stay inside the open interval. `icdf` inherits it: what is 0, or
smaller than tiny, is tiny.

Right: for `icdf`, the sigmoid as it is.
"""

import jax.numpy as jnp
from numpyro.distributions import RelaxedBernoulliLogits

print("icdf(0)", RelaxedBernoulliLogits(jnp.float32(1), jnp.float32(0)).icdf(jnp.float32(0)))
