"""The gradient by the temperature of `RelaxedBernoulli` loses digits where logits / temperature is large.

Kind: precision
numpyro: binary_concrete.grad_logpdf.*.extreme.* binary_concrete.grad_cdf.f32.extreme.1
tfp: binary_concrete.grad_logccdf.f32.extreme.2

The law is made of `Logistic(logits / temperature, 1 / temperature)`. The derivative by the temperature is the sum of two, by the
location and by the scale, each larger than the sum by |logits| / temperature.

Right: in terms of d = logits - temperature * logit(x), log t + d - 2 softplus(d), of which each part depends on t once.
"""

import jax
import jax.numpy as jnp
import mpmath
from numpyro.distributions import RelaxedBernoulliLogits


def log_prob(temperature):
    """Return the log density as a function of one argument."""
    return RelaxedBernoulliLogits(temperature, jnp.float32(-745)).log_prob(jnp.float32(0.75))


t = jnp.float32(1)
d = -745 - mpmath.log(3)
right = 1 - mpmath.log(3) * (1 - 2 / (1 + mpmath.exp(-d)))
print("gradient", jax.grad(log_prob)(t), "mpmath", float(right))
