"""The gradient of `RelaxedBernoulli`'s `log_prob` and `cdf` outside [0, 1] is NaN.

Kind: convention
Output: nan
numpyro: binary_concrete.grad_logpdf.*.edge.* binary_concrete.grad_cdf.*.edge.*

Outside the support the value is -inf, or 0 or 1, chosen by a `where`; the gradient is that of both branches, and NaN in the
other one. A caller that masks such values cannot get rid of the NaN.

Right: 0; the argument has to be moved into the support before the logarithms (the double `where`).
"""

import jax
import jax.numpy as jnp
from numpyro.distributions import RelaxedBernoulliLogits


def log_prob(x):
    """Return the log density as a function of one argument."""
    return RelaxedBernoulliLogits(jnp.float32(1), jnp.float32(0)).log_prob(x)


print("log_prob(1.5)", log_prob(jnp.float32(1.5)), "gradient", jax.grad(log_prob)(jnp.float32(1.5)))
